"""One inbound message is one transaction: seen key, new dialog state, effects, reply and outbox rows, or nothing at all."""

from __future__ import annotations

import hashlib
import time
import uuid
from dataclasses import dataclass, replace

from sqlalchemy import bindparam, insert, update

from dialogs.masking import hide_documents
from dialogs.script import Ask
from dialogs.session import mask
from handlers import events, notices, outbox
from handlers.desk import Desk, open_desk, save_conversation
from handlers.effects import perform
from handlers.listening import hear
from handlers.ports import Inbound
from handlers.runtime import Runtime
from handlers.wording import join_replies, split_text
from models.conversations import InboundMessage
from models.database import insert_for, table_of
from models.followers import Follower
from models.hot import HotStatement
from models.sealing import Secret, hide

_FOLLOWER = table_of(Follower)
_KEPT = ("key", "openid", "kind", "text", "media_id", "script", "reply", "at")
_KEEP = HotStatement(insert(table_of(InboundMessage)).values({name: bindparam(name) for name in _KEPT}).inline())
_SPOKE = HotStatement(
    update(_FOLLOWER)
    .where(_FOLLOWER.c.openid == bindparam("asked"))
    .values(is_following=True, message_at=bindparam("at"), message_sent=0)
)
_CLICKED = HotStatement(
    update(_FOLLOWER)
    .where(_FOLLOWER.c.openid == bindparam("asked"))
    .values(is_following=True, click_at=bindparam("at"), click_sent=0)
)
SAID = "said"
PERSONAL_EVENTS = ("subscribe", "unsubscribe", "scan", "scancode_waitmsg", "click")  # she did it herself
CLICK_EVENTS = ("click", "scancode_push", "scancode_waitmsg", "subscribe", "scan")


@dataclass(frozen=True, slots=True)
class Answer:
    """What goes back at once: a text, or None for the platform's `success`."""

    text: str | None
    script: str = ""
    is_repeat: bool = False


def handle(runtime: Runtime, inbound: Inbound, *, is_late: bool = False) -> Answer:
    """Handle one message or event and return the passive answer.

    A key that was handled before has no second effect and gets its first answer again. A reply that comes later than
    the budget leaves by the outbox, in the same transaction, and the platform hears `success`. So does the reply to a
    message that was kept (`is_late`): its webhook call is long over.
    """
    started = time.monotonic()
    with runtime.transaction() as tx:
        desk = open_desk(runtime, tx, inbound.openid, inbound.key)
        if desk.stored[0]:
            runtime.meter.redelivered()
            return Answer(desk.stored[1], is_repeat=True)
        desk.perform = perform
        if (masked := hide_documents(inbound.text)) != inbound.text:
            inbound = replace(inbound, text=masked)
        before, is_secret = desk.state.script if desk.state else "", _asks_in_confidence(desk)
        replies = events.handle(desk, inbound) if inbound.kind == "event" else hear(desk, inbound)
        text = compose(desk, [*_introduce(desk, inbound, replies), *replies])
        if text and (is_late or time.monotonic() - started > runtime.options.reply_budget_seconds):
            runtime.meter.late()
            digest = hashlib.sha256(inbound.key.encode()).hexdigest()[:32]
            notices.notify(runtime, tx, inbound.openid, text, dedupe=f"late:{digest}")
            text = None
        _save(desk, _hide(desk, inbound, before, is_masked=is_secret), text)
    return Answer(text, (desk.state.script if desk.state else "") or before)


def _asks_in_confidence(desk: Desk) -> bool:
    """Tell whether the message answers a sensitive question: then its words are not kept whole (D06)."""
    script = desk.runtime.content.scripts.get(desk.state.script) if desk.state else None
    step = script.find_step(desk.state.step) if script and desk.state else None
    return isinstance(step, Ask) and step.sensitive


def _hide(desk: Desk, inbound: Inbound, before: str, *, is_masked: bool) -> Inbound:
    """Return the message as it is kept: masked after a sensitive question, sealed in talk about what is of level 2 (D06)."""
    text = mask(inbound.text) if is_masked and inbound.text else inbound.text
    holds = desk.runtime.content.holds_confidence
    is_secret = holds(before) or any(holds(script) for script, _ in desk.revisions)
    return replace(inbound, text=hide(is_secret, text, SAID)) if is_secret or is_masked else inbound


def say(runtime: Runtime, openid: str, text: str) -> str:
    """Feed a text through the same path as the webhook and return the reply text."""
    inbound = Inbound(key=f"say-{uuid.uuid4().hex}", openid=openid, kind="text", sent_at=runtime.now(), text=text)
    return handle(runtime, inbound).text or ""


def compose(desk: Desk, replies: list[str]) -> str | None:
    """Return replies as one text within the platform's limit; the rest is kept for 更多."""
    text = desk.runtime.content.forbidden.mask(join_replies(replies))
    head, rest = split_text(text)
    desk.rest = rest or None
    if rest:
        head = f"{head}\n{desk.say('host.more')}"
    return head or None


def _introduce(desk: Desk, inbound: Inbound, replies: list[str]) -> list[str]:
    """Return what somebody is told before the first question, who writes without having been welcomed (D02)."""
    is_welcomed = not desk.is_new or not replies or inbound.event or desk.person.staff_id is not None
    if is_welcomed or desk.runtime.content.words.hear(inbound.text) == "privacy":
        return []
    who = desk.runtime.content.consents
    return [desk.say("host.first_contact", name=who.name, contact=who.contact)]


def _save(desk: Desk, inbound: Inbound, reply: str | None) -> None:
    connection = desk.tx.connection
    desk.tx.flush()
    if desk.held and inbound.event != "unsubscribe":
        outbox.release_held(desk)
    if inbound.kind != "event" or inbound.event in PERSONAL_EVENTS:
        save_conversation(desk)
    if not desk.is_known:
        statement = insert_for(connection, Follower).values(
            openid=desk.openid, is_following=True, followed_at=desk.now, message_sent=0, click_sent=0
        )
        connection.execute(statement.on_conflict_do_nothing())
    if inbound.kind != "event" and not inbound.prompt and not desk.is_in_minute:
        _SPOKE.run(connection, {"asked": desk.openid, "at": desk.now})
    elif inbound.prompt or inbound.event in CLICK_EVENTS:
        _CLICKED.run(connection, {"asked": desk.openid, "at": desk.now})
    _KEEP.run(
        connection,
        {
            "key": inbound.key,
            "openid": "" if desk.is_nameless else desk.openid,
            "kind": inbound.event or inbound.kind,
            "text": None if desk.is_nameless else inbound.text or None,
            "media_id": inbound.media_id or None,
            "script": desk.state.script if desk.state else None,
            "reply": hide(isinstance(inbound.text, Secret), reply, SAID) if reply else reply,
            "at": desk.now,
        },
    )

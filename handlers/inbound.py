"""One inbound message is one transaction: seen key, new dialog state, effects, reply and outbox rows, or nothing at all."""

from __future__ import annotations

import re
import time
import uuid
from dataclasses import dataclass

from sqlalchemy import bindparam, insert, update

from dialogs.answers.base import Heard
from dialogs.effects import TakeBack
from dialogs.inputs import Said, Tapped
from dialogs.intents.decision import Act, Clarify, decide
from dialogs.outcome import Outcome
from dialogs.script import OnBusy, Script, ScriptKind
from dialogs.state import DialogState
from handlers import events, notices, outbox, relays
from handlers.desk import Desk, open_desk, save_conversation
from handlers.effects import perform
from handlers.ports import Inbound
from handlers.runtime import Runtime
from handlers.turns import (
    MENU_SCRIPT,
    PERSON_SCRIPT,
    begin,
    begin_intent,
    carry,
    find_script,
    render,
    repeat_question,
    set_aside,
    take_step,
    take_waiting,
)
from handlers.wording import join_replies, split_text
from models.conversations import InboundMessage
from models.database import insert_for, table_of
from models.followers import Follower

GLOBAL_SCRIPTS = {
    "home": MENU_SCRIPT,
    "handoff": PERSON_SCRIPT,
    "progress": "progress",
    "privacy": "privacy",
    "opt_out": "opt_out",
    "cancel": "cancel_order",
}
SHORTEST_WISH = 5
COMPLAINT = "complaint"
DIGRESSIONS = ("progress", "privacy", "opt_out")
TEXTUAL = ("text", "voice")
_MARK = re.compile(r"(?P<kind>[tw])(?P<round>\d+)-(?P<turn>\d+)(?:\.(?P<key>.+))?")
_UNSUPPORTED = "【收到不支持的消息类型"  # what the platform sends in place of a sticker (facts A4)

_FOLLOWER = table_of(Follower)
_KEEP = insert(table_of(InboundMessage))
_SPOKE = (
    update(_FOLLOWER)
    .where(_FOLLOWER.c.openid == bindparam("asked"))
    .values(is_following=True, message_at=bindparam("at"), message_sent=0)
)
_CLICKED = (
    update(_FOLLOWER)
    .where(_FOLLOWER.c.openid == bindparam("asked"))
    .values(is_following=True, click_at=bindparam("at"), click_sent=0)
)
CLICK_EVENTS = ("click", "scancode_push", "scancode_waitmsg", "subscribe", "scan")


@dataclass(frozen=True, slots=True)
class Answer:
    """What goes back at once: a text, or None for the platform's `success`."""

    text: str | None
    script: str = ""
    is_repeat: bool = False


def handle(runtime: Runtime, inbound: Inbound) -> Answer:
    """Handle one message or event and return the passive answer.

    A key that was handled before has no second effect and gets its first answer again. A reply that comes later than
    the budget leaves by the outbox, and the platform hears `success`.
    """
    started = time.monotonic()
    with runtime.transaction() as tx:
        desk = open_desk(runtime, tx, inbound.openid, inbound.key)
        if desk.stored[0]:
            runtime.meter.redelivered()
            return Answer(desk.stored[1], is_repeat=True)
        desk.perform = perform
        before = desk.state.script if desk.state else ""
        replies = events.handle(desk, inbound) if inbound.kind == "event" else hear(desk, inbound)
        text = compose(desk, replies)
        if text and time.monotonic() - started > runtime.options.reply_budget_seconds:
            runtime.meter.late()
            notices.notify(runtime, tx, inbound.openid, text, dedupe=f"late:{inbound.key}"[:120])
            text = None
        _save(desk, inbound, text)
    return Answer(text, (desk.state.script if desk.state else "") or before)


def say(runtime: Runtime, openid: str, text: str) -> str:
    """Feed a text through the same path as the webhook and return the reply text."""
    inbound = Inbound(key=f"say-{uuid.uuid4().hex}", openid=openid, kind="text", sent_at=runtime.now(), text=text)
    return handle(runtime, inbound).text or ""


def hold_reply(runtime: Runtime, inbound: Inbound, answer: Answer) -> None:
    """Send the reply to a message that was kept for later: its webhook call is long over."""
    if answer.text and not answer.is_repeat:
        with runtime.transaction() as tx:
            notices.notify(runtime, tx, inbound.openid, answer.text, dedupe=f"late:{inbound.key}"[:120])


def hear(desk: Desk, inbound: Inbound) -> list[str]:
    """Answer a message: a tap, a staff command, a word that works everywhere, the running script, or a new wish."""
    text = inbound.text.strip() if inbound.kind in TEXTUAL else ""
    if text.startswith(_UNSUPPORTED):
        return [desk.say("host.unsupported", kind="")]
    if inbound.prompt and (tapped := _MARK.fullmatch(inbound.prompt)):
        return _tap(desk, inbound, tapped)
    if desk.person.staff_id is not None and (command := _find_command(desk, text)):
        script_id, rest = command
        first, _, more = rest.partition(" ")
        desk.args = {"rest": rest, "first": first, "more": more.strip()}
        return begin(desk, script_id, {"args": desk.args})
    if desk.rest and desk.runtime.content.words.means("more", text):
        return [desk.rest]
    word = desk.runtime.content.words.hear(text) if text else ""
    if desk.handover_task_id is not None and word not in DIGRESSIONS:
        return _speak_to_person(desk, inbound, word)
    if desk.state is not None and (script := find_script(desk, desk.state)):
        return _converse(desk, inbound, script, text)
    desk.state = None
    return _listen(desk, inbound, text, word)


def _find_command(desk: Desk, text: str) -> tuple[str, str] | None:
    """Return (script, what follows) when a staff member's message starts with a command word."""
    said = text.replace("＋", "+").replace("－", "-").strip()
    for word, script_id in desk.runtime.content.by_command.items():
        rest = said.removeprefix(word)
        if said.startswith(word) and (not rest or rest[0].isascii() or rest[0].isspace()):
            return script_id, " ".join(rest.split())
    return None


def _tap(desk: Desk, inbound: Inbound, mark: re.Match[str]) -> list[str]:
    if mark["kind"] == "w":
        for item in desk.waiting:
            if item.get("mark") == inbound.prompt:
                desk.waiting.remove(item)
                set_aside(desk)
                return begin(desk, item["script"], item.get("vars"))
    script = find_script(desk, desk.state) if desk.state else None
    if mark["kind"] == "t" and int(mark["round"]) == desk.round and script is not None:
        given = Tapped(turn=int(mark["turn"]), key=mark["key"] or "", label=inbound.text)
        return carry(desk, script, take_step(desk, script, given))
    if script is not None:
        return [desk.say("host.old_prompt"), *repeat_question(desk, script)]
    return [desk.say("host.old_prompt"), *begin(desk, MENU_SCRIPT)]


def _speak_to_person(desk: Desk, inbound: Inbound, word: str) -> list[str]:
    if word in ("home", "back", "cancel"):
        desk.perform(desk, TakeBack())
        return [desk.say("host.handed_over_back"), *(take_waiting(desk) or begin(desk, MENU_SCRIPT))]
    return [relays.relay(desk, inbound)]


def _converse(desk: Desk, inbound: Inbound, script: Script, text: str) -> list[str]:
    if text and script.kind is ScriptKind.CHAT and (other := _find_urgent_wish(desk, script, text)) is not None:
        return other
    before = desk.state
    outcome = take_step(desk, script, Said(_heard(inbound)))
    if outcome.asked in GLOBAL_SCRIPTS and outcome.state is not None:
        return _digress(desk, script, outcome)
    if before is not None and text and _is_lost(before, outcome):
        other = _find_other_wish(desk, script, text)
        if other is not None:
            return other
    return carry(desk, script, outcome)


def _find_urgent_wish(desk: Desk, script: Script, text: str) -> list[str] | None:
    """Somebody who was only asked a question by us, and now clearly needs something else, is served first.

    A word about the very thing we asked about (还是漏水) is an answer, not a new wish.
    """
    if script.on_busy is not OnBusy.REPLACE or len(text) < SHORTEST_WISH or desk.state is None:
        return None
    decision = decide(desk.runtime.understander.understand(text))
    content = desk.runtime.content
    if not isinstance(decision, Act) or content.label(decision.intent) == desk.state.vars.get("service"):
        return None
    if decision.intent not in content.services and decision.intent != COMPLAINT:
        return None
    set_aside(desk)
    return begin_intent(desk, decision.intent, text)


def _is_lost(before: DialogState, outcome: Outcome) -> bool:
    """Tell whether the answer did not fit: the question stays and counts one more try, or gives up on it."""
    if outcome.state is None:
        return outcome.asked == "handoff"
    return outcome.state.step == before.step and outcome.state.tries > before.tries


def _digress(desk: Desk, script: Script, outcome: Outcome) -> list[str]:
    """Answer a word that works everywhere; a short one leads back to the same question."""
    said = render(desk, outcome.replies)
    desk.state = outcome.state
    name = GLOBAL_SCRIPTS[outcome.asked]
    if outcome.asked not in DIGRESSIONS:
        return said + begin(desk, name)
    kept, number = desk.state, desk.round
    said += begin(desk, name)
    if desk.state is None:
        desk.state, desk.round = kept, number + 1
        said += repeat_question(desk, script)
    return said


def _find_other_wish(desk: Desk, script: Script, text: str) -> list[str] | None:
    """Return what to say when the text clearly asks for something else; None when it does not."""
    decision = decide(desk.runtime.understander.understand(text))
    content = desk.runtime.content
    if isinstance(decision, Clarify) and script.kind is ScriptKind.MENU:
        return _clarify(desk, decision, text)
    if not isinstance(decision, Act) or content.by_intent.get(decision.intent, decision.intent) == script.id:
        return None
    if script.kind is ScriptKind.MENU or script.on_busy is OnBusy.REPLACE:
        return begin_intent(desk, decision.intent, text)
    if script.on_busy is OnBusy.IGNORE:
        return None
    title = script.title
    set_aside(desk)
    values = {"wish": decision.intent, "wish_label": content.label(decision.intent), "title": title}
    return begin(desk, "busy", values, text)


def _listen(desk: Desk, inbound: Inbound, text: str, word: str) -> list[str]:
    """Answer somebody who is in no conversation."""
    content = desk.runtime.content
    if not text:
        name = f"host.{inbound.kind}_unasked"
        if inbound.kind == "voice":
            return [desk.say("host.voice_unheard")]
        return [desk.say(name) if content.texts.has(name) else desk.say("host.unsupported", kind=inbound.kind)]
    if word in GLOBAL_SCRIPTS:
        return begin(desk, GLOBAL_SCRIPTS[word])
    if script_id := content.by_word.get(text):
        return begin(desk, script_id)
    decision = decide(desk.runtime.understander.understand(text))
    if isinstance(decision, Act):
        return begin_intent(desk, decision.intent, text)
    if isinstance(decision, Clarify):
        return _clarify(desk, decision, text)
    return [desk.say("host.stranger"), *begin(desk, MENU_SCRIPT, {"is_lost": True})]


def _clarify(desk: Desk, decision: Clarify, text: str) -> list[str]:
    values: dict[str, object] = {}
    for number, candidate in enumerate(decision.candidates[:3], 1):
        values[f"wish{number}"] = candidate.intent
        values[f"label{number}"] = desk.runtime.content.label(candidate.intent)
    return begin(desk, "clarify", values, text)


def _heard(inbound: Inbound) -> Heard:
    known = ("text", "image", "voice", "location", "video", "file")
    kind = "video" if inbound.kind == "shortvideo" else inbound.kind
    return Heard(
        kind=kind if kind in known else "file",  # type: ignore[arg-type]
        text=inbound.text,
        media_id=inbound.media_id,
        url=inbound.url,
        latitude=inbound.latitude,
        longitude=inbound.longitude,
        label=inbound.label,
    )


def compose(desk: Desk, replies: list[str]) -> str | None:
    """Return replies as one text within the platform's limit; the rest is kept for 更多."""
    text = desk.runtime.content.forbidden.mask(join_replies(replies))
    head, rest = split_text(text)
    desk.rest = rest or None
    if rest:
        head = f"{head}\n{desk.say('host.more')}"
    return head or None


def _save(desk: Desk, inbound: Inbound, reply: str | None) -> None:
    connection = desk.tx.connection
    desk.tx.flush()
    if desk.held and inbound.event != "unsubscribe":
        outbox.release_held(desk)
    save_conversation(desk)
    if not desk.is_known:
        statement = insert_for(connection, Follower).values(
            openid=desk.openid, is_following=True, followed_at=desk.now, message_sent=0, click_sent=0
        )
        connection.execute(statement.on_conflict_do_nothing())
    if inbound.kind != "event" and not inbound.prompt:
        connection.execute(_SPOKE, {"asked": desk.openid, "at": desk.now})
    elif inbound.prompt or inbound.event in CLICK_EVENTS:
        connection.execute(_CLICKED, {"asked": desk.openid, "at": desk.now})
    connection.execute(
        _KEEP,
        {
            "key": inbound.key,
            "openid": desk.openid,
            "kind": inbound.event or inbound.kind,
            "text": inbound.text or None,
            "media_id": inbound.media_id or None,
            "script": desk.state.script if desk.state else None,
            "reply": reply,
            "at": desk.now,
        },
    )

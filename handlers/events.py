"""What the platform tells without words: follow, leave, scan, menu click, and what became of a template message."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from handlers import consents, mirror_plan, reports
from handlers.binding import find_scene_room
from handlers.desk import Desk, ensure_follower
from handlers.ports import Inbound
from handlers.turns import MENU_SCRIPT, begin, begin_intent
from models.mirror import mark_openids

INTENT_KEY = "GO:"
BUTLER_KEY = "BUTLER:"


def handle(desk: Desk, inbound: Inbound) -> list[str]:
    """Answer an event; most of them the platform does not let one answer, and they only leave a trace."""
    handler = EVENTS.get(inbound.event)
    return handler(desk, inbound) if handler else []


def welcome(desk: Desk, inbound: Inbound) -> list[str]:
    """Greet a new follower; a room's QR code carries the room along."""
    follower = ensure_follower(desk)
    follower.is_following, follower.followed_at, follower.unfollowed_at = True, desk.now, None
    follower.scene = inbound.event_key or None
    mirror_plan.forget_states(desk.runtime, desk.tx, [desk.openid])
    mark_openids(desk.tx, [desk.openid])
    desk.waiting, desk.handover_task_id = [], None
    values = {"scene": inbound.event_key, "room": find_scene_room(desk, inbound.event_key) or ""}
    return begin(desk, desk.runtime.content.by_event.get("subscribe", MENU_SCRIPT), values)


def leave(desk: Desk, inbound: Inbound) -> list[str]:
    """Note that a follower has gone: nothing more is sent and her open dialog ends."""
    follower = ensure_follower(desk)
    follower.is_following, follower.unfollowed_at = False, desk.now
    follower.message_at = follower.click_at = None
    desk.state, desk.waiting, desk.rest = None, [], None
    consents.end_at_leaving(desk)
    mirror_plan.forget_states(desk.runtime, desk.tx, [desk.openid])
    mark_openids(desk.tx, [desk.openid])
    return []


def scan(desk: Desk, inbound: Inbound) -> list[str]:
    """Answer a scanned code: a room's leads to binding, any other to what it triggers or the menu."""
    scene = inbound.event_key or inbound.extra.get("ScanResult", "")
    room = find_scene_room(desk, scene)
    if room is not None and desk.person.owner_id is None:
        return begin(desk, "bind", {"room": room})
    if room is not None:
        return [desk.say("host.already_bound", name=desk.person.name, room=desk.person.room)]
    return _open(desk, scene)


def click(desk: Desk, inbound: Inbound) -> list[str]:
    """Answer a tap on the account's menu."""
    return _open(desk, inbound.event_key)


def _open(desk: Desk, key: str) -> list[str]:
    content = desk.runtime.content
    if key in content.by_click:
        return begin(desk, content.by_click[key])
    if key.startswith(INTENT_KEY):
        return begin_intent(desk, key.removeprefix(INTENT_KEY))
    if key.startswith(BUTLER_KEY):
        return begin(desk, MENU_SCRIPT, {"butler": key.removeprefix(BUTLER_KEY)})
    return begin(desk, MENU_SCRIPT)


def finish_template(desk: Desk, inbound: Inbound) -> list[str]:
    """Note what became of a template message: delivered, or failed with the platform's reason."""
    if message_id := inbound.extra.get("MsgID", ""):
        reports.note(desk.tx, message_id, desk.openid, inbound.extra.get("Status", ""), desk.now)
    return []


EVENTS: Mapping[str, Callable[[Desk, Inbound], list[str]]] = {
    "subscribe": welcome,
    "unsubscribe": leave,
    "scan": scan,
    "scancode_waitmsg": scan,
    "click": click,
    "templatesendjobfinish": finish_template,
}

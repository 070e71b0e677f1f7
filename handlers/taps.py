"""Options that are tapped: each link is marked with the prompt it belongs to, so that an old one is known as old."""

from __future__ import annotations

import re

from dialogs.inputs import Tapped
from handlers.desk import Desk
from handlers.drafts import set_aside
from handlers.ports import Inbound
from handlers.turns import MENU_SCRIPT, begin, carry, catch_up, repeat_question, take_step
from handlers.upgrades import find_course

_MARK = re.compile(r"(?P<kind>[tw])(?P<round>\d+)-(?P<turn>\d+)(?:\.(?P<key>.+))?")


def take_tap(desk: Desk, inbound: Inbound) -> list[str] | None:
    """Answer a tap: an option of the current prompt, of an older one, or something that waits; None when it is no tap."""
    mark = _MARK.fullmatch(inbound.prompt) if inbound.prompt else None
    if mark is None:
        return None
    if mark["kind"] == "w":
        for item in desk.waiting:
            if item.get("mark") == inbound.prompt:
                desk.waiting.remove(item)
                if item["script"] in desk.runtime.content.scripts:
                    set_aside(desk)
                    return begin(desk, item["script"], item.get("vars"))
    course = find_course(desk, desk.state) if desk.state else None
    if course is None:
        return [desk.say("host.old_prompt"), *begin(desk, MENU_SCRIPT)]
    if course.begin is not None or not course.is_same:
        return catch_up(desk, course)
    script, desk.state = course.script, course.state
    if mark["kind"] == "t" and int(mark["round"]) == desk.round:
        given = Tapped(turn=int(mark["turn"]), key=mark["key"] or "", label=inbound.text)
        return carry(desk, script, take_step(desk, script, given))
    return [desk.say("host.old_prompt"), *repeat_question(desk, script)]

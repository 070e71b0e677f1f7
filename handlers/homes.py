"""Which of her homes a conversation is about, for somebody who has several. The desk's one query brought them all.

The home stands among the conversation's own values (`home_id`), so that what was set aside goes on for the same home; the
desk remembers the last one while the talk goes on. The main home is the one of everybody who was never asked.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import Any

from dialogs import effects_register
from dialogs.inputs import Begin, Given, Ran, Refused
from dialogs.script import Script, ScriptKind
from handlers.desk import Desk, place
from models.owners import LivingHome

HOME_SCRIPT = "home"  # asks which of them
HOME = "home"  # what a wish waits for, like a binding
HOME_VAR = "home_id"
NAMES_HOME = (ScriptKind.SERVICE, ScriptKind.CHAT)
SHORTEST_WORD = 3


def must_ask(desk: Desk, script: Script, given: Mapping[str, Any]) -> bool:
    """Tell whether a script that needs a home must wait for the answer which one."""
    if len(desk.homes) < 2 or script.kind not in NAMES_HOME or HOME_VAR in given:
        return False
    return find_remembered(desk) is None


def find_remembered(desk: Desk) -> LivingHome | None:
    """Return the home she chose last, None without one, after a silence, or when she has left it since."""
    if desk.updated_at is not None and not desk.is_home_told and desk.now - desk.updated_at > desk.runtime.options.idle:
        return None
    return next((home for home in desk.homes if home.id == desk.home_id), None)


def take_home(desk: Desk, given: dict[str, Any]) -> list[str]:
    """Put the remembered home among the values of a script that needs one; says which, when she was not asked just now."""
    home = find_remembered(desk)
    if len(desk.homes) < 2 or HOME_VAR in given or home is None:
        return []
    given[HOME_VAR] = home.id
    if desk.is_home_told:
        return []
    desk.is_home_told = True
    return [desk.say("host.home_kept", room=name_home(desk, home))]


def settle_in(desk: Desk, given: Given | None = None) -> None:
    """Let the person stand in the home that the running conversation is about, the main one where it names none."""
    if len(desk.homes) < 2:
        return
    known = given.vars if isinstance(given, Begin) else desk.state.vars if desk.state else {}
    wanted = known.get(HOME_VAR)
    home = next((each for each in desk.homes if each.id == wanted), desk.homes[0])
    desk.person = place(desk.person, home)


def list_choices(desk: Desk) -> list[dict[str, Any]]:
    """Return her homes as options: key, label, and the words that mean only one of them."""
    words = {home.id: _list_words(home) for home in desk.homes}
    counts = Counter(word for each in words.values() for word in each)
    return [
        {
            "key": str(home.id),
            "label": name_home(desk, home),
            "words": [word for word in words[home.id] if counts[word] == 1],
        }
        for home in desk.homes
    ]


def name_home(desk: Desk, home: LivingHome) -> str:
    """Return what she calls a home: its label, with the estate when hers lie in several."""
    is_one = len({each.community_id for each in desk.homes}) == 1
    return home.room if is_one else f"{home.community} {home.room}"


def _list_words(home: LivingHome) -> set[str]:
    parts = home.room.split("-")
    said = {home.community, home.room, home.room.replace("-", ""), parts[0], parts[-1]}
    return {word for word in said if len(word) >= SHORTEST_WORD or not word.isdigit()} - {""}


def choose_home(desk: Desk, effect: effects_register.ChooseHome) -> Ran | Refused:
    """Remember which home is meant from now on, and move what waits for the answer there."""
    home = next((each for each in desk.homes if str(each.id) == effect.home), None)
    if home is None:
        return Refused("unknown")
    desk.home_id, desk.is_home_told = home.id, True
    desk.waiting = [_move(desk, item, home) for item in desk.waiting]
    return Ran({"room": name_home(desk, home), "community": home.community})


def _move(desk: Desk, item: dict[str, Any], home: LivingHome) -> dict[str, Any]:
    """Return what was set aside to change its home; in another estate it begins anew, for what it offered was offered here."""
    if not item.get("rehome"):
        return item
    state = item["resume"]
    before = next((each for each in desk.homes if each.id == state["vars"].get(HOME_VAR)), desk.homes[0])
    script = desk.runtime.content.scripts.get(state["script"])
    if before.community_id != home.community_id and script is not None:
        handed = {name: value for name, value in state["vars"].items() if name in script.vars}
        return {"script": script.id, "vars": handed, "sentence": str(state["vars"].get("sentence") or "")}
    kept = {name: value for name, value in item.items() if name != "rehome"}
    return {**kept, "resume": {**state, "vars": {**state["vars"], HOME_VAR: home.id}}}


def mark_to_move(desk: Desk) -> None:
    """Say of what was just set aside that it goes on in the home she chooses now."""
    if desk.waiting and "resume" in desk.waiting[0]:
        desk.waiting[0] = {**desk.waiting[0], "rehome": True}

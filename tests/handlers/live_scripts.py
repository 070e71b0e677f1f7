"""A small script, edits of it, and people who wait on it: what tests of live edits have in common."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace

from sqlalchemy import insert

from dialogs.parse import parse_script
from dialogs.script import Script, Upgrade
from dialogs.state import Answer, DialogState, dump_state
from models.conversations import Conversation, ScriptRevision
from tests.world import World

SOURCE = """\
id: {id}
kind: chat
title: 试办
steps:
  - id: kind
    ask: 哪一种？
    type: choice
    options:
      - {{key: a, label: 甲}}
      - {{key: b, label: 乙}}
  - {{id: day, ask: 哪天？, type: date}}
  - {{id: note, ask: 还有什么要说？, type: text}}
  - {{id: done, end: "好了。"}}
"""
DAY = "  - {id: day, ask: 哪天？, type: date}\n"
EDITS: Mapping[str, tuple[str, str]] = {
    "inserted": (DAY, "  - {id: floor, ask: 几楼？, type: number}\n" + DAY),
    "deleted": (DAY, ""),
    "renamed": (DAY, DAY.replace("id: day", "id: moment")),
    "type": (DAY, DAY.replace("type: date", "type: number").replace("哪天", "第几天")),
    "option": ("      - {key: b, label: 乙}\n", "      - {key: c, label: 丙}\n"),
}
ANSWERS = {"kind": Answer("b", "乙", "2"), "day": Answer("2026-11-22", "11月22日(周日)", "明天")}


def parse_old(script_id: str) -> Script:
    """Return the script before any edit."""
    return parse_script(SOURCE.format(id=script_id), "content/scripts/live.yaml")


def parse_new(script_id: str, edit: str, upgrade: Upgrade) -> Script:
    """Return the script after an edit, with a policy for running conversations."""
    before, after = EDITS[edit]
    text = SOURCE.format(id=script_id)
    assert before in text
    script = parse_script(text.replace(before, after), "content/scripts/live.yaml")
    return replace(script, upgrade=upgrade, aliases={"day": "moment"} if edit == "renamed" else {})


def stand_at(script: Script, step: str, turn: int = 2) -> DialogState:
    """Return a conversation that waits at a step, what comes before it answered."""
    path = ("kind", "day", "note")[: ("kind", "day", "note").index(step)]
    answers = {name: ANSWERS[name] for name in path}
    return DialogState(script.id, script.revision, step, turn, answers, {"sentence": ""}, path=path)


def publish(world: World, scripts: Iterable[Script], gone: Iterable[str] = ()) -> None:
    """Make these the current scripts, without those that are gone."""
    content = world.runtime.content
    current = {**content.scripts, **{script.id: script for script in scripts}}
    current = {script_id: script for script_id, script in current.items() if script_id not in set(gone)}
    world.runtime = replace(world.runtime, content=replace(content, scripts=current))


def keep(world: World, scripts: Iterable[Script]) -> None:
    """Keep the text of scripts before their edit, as a start of the product does."""
    now = world.clock.now()
    with world.runtime.transaction() as tx:
        for script in scripts:
            values = {"file": script.place.file, "source": SOURCE.format(id=script.id), "created_at": now}
            tx.session.add(ScriptRevision(script=script.id, revision=script.revision, **values))


def seat(world: World, people: Mapping[str, DialogState], waiting: tuple[dict[str, object], ...] = ()) -> None:
    """Let people wait in conversations, all written at once."""
    rows = [
        {
            "openid": openid,
            "state": dump_state(state),
            "script": state.script,
            "revision": state.revision,
            "round": 1,
            "waiting": list(waiting),
            "held": 0,
            "updated_at": world.clock.now(),
        }
        for openid, state in people.items()
    ]
    with world.runtime.transaction() as tx:
        tx.connection.execute(insert(Conversation), rows)

"""Wishes that came in the middle of something else: kept behind the running conversation, begun when it has ended."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from dialogs.script import Script
from handlers.desk import Desk
from handlers.turns import GENERAL_SCRIPT, repeat_question

MOST_WISHES = 5


def keep_wish(desk: Desk, script: Script, wish: str, sentence: str) -> list[str]:
    """Keep an intent or script for later, say so in one line and ask the open question again. The same wish is kept once."""
    content = desk.runtime.content
    item = _describe(desk, wish, sentence)
    label = content.label(wish) if wish in content.labels else content.scripts[item["script"]].title
    kept = [each for each in desk.waiting if "kept" in each]
    if any(_is_same(each, item) for each in kept):
        line = "host.wish_known"
    elif len(kept) >= MOST_WISHES:
        line = "host.wishes_full"
    else:
        line, desk.waiting = "host.wish_kept", [*desk.waiting, {**item, "kept": label}]
    return [desk.say(line, wish=label, title=script.title, number=len(kept)), *repeat_question(desk, script)]


def _describe(desk: Desk, wish: str, sentence: str) -> dict[str, Any]:
    content = desk.runtime.content
    script_id = content.by_intent.get(wish, wish)
    if script_id in content.scripts:
        return {"script": script_id, "vars": {}, "sentence": sentence}
    return {"script": GENERAL_SCRIPT, "vars": {"service": wish}, "sentence": sentence}


def _is_same(one: Mapping[str, Any], other: Mapping[str, Any]) -> bool:
    return (one["script"], one.get("vars")) == (other["script"], other.get("vars"))

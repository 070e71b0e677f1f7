"""A survey's own keys -> values: purpose, sources, sitting of the script, tag, why, consent … of a question. Runs nothing."""

from __future__ import annotations

from datetime import timedelta

from dialogs.fields import Fields, suggest
from dialogs.parse_conduct import read_duration
from dialogs.script import ScriptKind
from dialogs.survey import PURPOSES, Inquiry, Source, Survey

SURVEY_KEYS = ("purpose", "sources", "sitting")
ASK_KEYS = ("tag", "why", "consent", "fresh", "staff", "hint")
_MOST_AT_ONCE = 20
_LONGEST_FRESH = timedelta(days=1100)


def read_survey(fields: Fields, kind: ScriptKind) -> Survey | None:
    """Return a survey's head; None for another kind of script, where its keys are noted."""
    if kind is not ScriptKind.SURVEY:
        for key in SURVEY_KEYS:
            if fields.has(key):
                fields.note(fields.place_of(key), "survey_only", f"only a survey has '{key}'")
        return None
    return Survey(_read_purpose(fields, "purpose"), _read_sources(fields), fields.count("sitting", 0, 1, _MOST_AT_ONCE))


def _read_sources(fields: Fields) -> tuple[Source, ...]:
    known = tuple(Source)
    for node in fields.scalars("sources"):
        if node.text not in known:
            message = f"'{node.text}' is no source{suggest(node.text, known) or '; sources are ' + ', '.join(known)}"
            fields.note(node.place, "unknown_word", message)
    found = tuple(Source(node.text) for node in fields.scalars("sources") if node.text in known)
    return tuple(dict.fromkeys(found)) or (Source.BOT,)


def _read_purpose(fields: Fields, key: str) -> str:
    return fields.word(key, PURPOSES, "")


def read_inquiry(fields: Fields) -> Inquiry:
    """Return what a question says about itself."""
    return Inquiry(
        tag=fields.text("tag"),
        why=fields.text("why"),
        consent=_read_purpose(fields, "consent"),
        fresh=read_duration(fields, "fresh", longest=_LONGEST_FRESH),
        is_staff=fields.flag("staff", False),
        hint=fields.text("hint"),
    )

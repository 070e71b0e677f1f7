"""The rules of content/style.yaml as values: lengths, words we do not use, phrases that are parts. Reads, judges nothing."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from dialogs.fields import Fields
from dialogs.places import Problem, ScriptError
from dialogs.source import read_yaml

LIMITS = ("question", "label", "say", "hint")
GROUPS = ("officialese", "pushing", "promising", "familiar", "blaming")


@dataclass(frozen=True, slots=True)
class Word:
    """A word we do not use: why not, and what we say instead."""

    text: str
    group: str
    instead: str


@dataclass(frozen=True, slots=True)
class Style:
    """How texts must be.

    `limits` in characters by kind of text; `allowed` only look like one of the `words`; `sentences` and `fragments` are
    beginnings of keys of phrases.
    """

    limits: Mapping[str, int] = field(default_factory=dict)
    words: tuple[Word, ...] = ()
    allowed: tuple[str, ...] = ()
    sentences: tuple[str, ...] = ()
    fragments: tuple[str, ...] = ()

    def kind_of(self, key: str) -> str:
        """Return what kind of text a phrase is: say for a whole sentence, else fragment."""
        return "say" if key.startswith(self.sentences) and not key.startswith(self.fragments) else "fragment"


def parse_style(text: str, file: str) -> Style:
    """Read content/style.yaml. Raises ScriptError with every unknown key and limit that is no number."""
    problems: list[Problem] = []
    root = Fields(read_yaml(text, file), "the style", problems)
    root.check_keys(("limits", *GROUPS, "allowed", "sentences", "fragments"))
    found = root.node.get("limits")
    limits: dict[str, int] = {}
    if found is not None:
        inner = Fields(found, "the limits", problems)
        inner.check_keys(LIMITS)
        limits = {key: inner.count(key, 1, 1, 2000) for key in LIMITS if inner.has(key)}
    words = [Word(each, group, node.text) for group in GROUPS for each, node in root.mapping(group).items()]
    style = Style(limits, tuple(words), root.texts("allowed"), root.texts("sentences"), root.texts("fragments"))
    if problems:
        raise ScriptError(tuple(problems))
    return style

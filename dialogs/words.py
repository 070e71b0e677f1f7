"""Words that work everywhere: a whole message that means 返回, 取消 ... in one of its forms, never a part of one."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from dialogs.answers.base import plain
from dialogs.fields import Fields
from dialogs.places import Problem, ScriptError
from dialogs.source import read_yaml

COMMANDS = ("home", "back", "cancel", "skip", "repeat", "handoff", "opt_out", "privacy", "progress", "pause", "withdraw")
# heard only where the question knows them, `resume` where something half-filled lies by, `rehome` from one with several homes
SITUATIONAL = ("nothing", "more", "previous", "confirm", "change", "wrong", "resume", "rehome")
_AROUND = re.compile(r"^[\W_]+|[\W_]+$")
_MAX_LENGTH = 24


def normalise(text: str) -> str:
    """Return the text in its plain form, small letters, without white space and punctuation around it."""
    return _AROUND.sub("", plain(text)).casefold()


@dataclass(frozen=True, slots=True)
class GlobalWords:
    """Forms of each command; `before` and `after` are the small words a person may put around one."""

    forms: Mapping[str, tuple[str, ...]]
    before: tuple[str, ...] = ()
    after: tuple[str, ...] = ()
    _commands: Mapping[str, str] = field(init=False, repr=False, compare=False)
    _situational: Mapping[str, frozenset[str]] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        commands = {normalise(form): name for name in COMMANDS for form in self.forms.get(name, ())}
        situational = {name: frozenset(map(normalise, self.forms.get(name, ()))) for name in SITUATIONAL}
        object.__setattr__(self, "_commands", commands)
        object.__setattr__(self, "_situational", situational)

    def hear(self, text: str) -> str:
        """Return the command a whole message means, "" when it means none (R7: 取消阳台漏水的单子 is no 取消)."""
        if len(text) > _MAX_LENGTH:
            return ""
        return next((self._commands[form] for form in self.peel(text) if form in self._commands), "")

    def means(self, name: str, text: str) -> bool:
        """Say whether a whole message is a form of a situational word such as more or confirm."""
        known = self._situational[name]
        return len(text) <= _MAX_LENGTH and any(form in known for form in self.peel(text))

    def list_forms(self) -> Mapping[str, str]:
        """Return every normalised form with its command, for the check of options."""
        return self._commands

    def peel(self, text: str) -> list[str]:
        """Return the message as said, then with one small word after another taken off."""
        said = normalise(text)
        seen = [said]
        for form in seen:
            shorter: list[str] = []
            if form.startswith(self.before):  # one look in C; most messages wear none of these words
                shorter += [form.removeprefix(word) for word in self.before if form.startswith(word)]
            if form.endswith(self.after):
                shorter += [form.removesuffix(word) for word in self.after if form.endswith(word)]
            seen.extend(part for part in map(normalise, shorter) if part and part not in seen)
        return seen


def parse_words(text: str, file: str) -> GlobalWords:
    """Read content/words.yaml. Raises ScriptError with every unknown key, empty list and word that means two things."""
    problems: list[Problem] = []
    fields = Fields(read_yaml(text, file), "the words", problems)
    fields.check_keys((*COMMANDS, *SITUATIONAL, "before", "after"))
    seen: dict[str, str] = {}
    for name in (*COMMANDS, *SITUATIONAL):
        if not fields.scalars(name):
            fields.note(fields.place_of(name), "missing_words", f"'{name}' needs at least one word")
        for node in fields.scalars(name) if name in COMMANDS else ():
            earlier = seen.setdefault(normalise(node.text), name)
            if earlier != name:
                fields.note(node.place, "duplicate_word", f"'{node.text}' means {earlier} already")
    if problems:
        raise ScriptError(tuple(problems))
    forms = {name: fields.texts(name) for name in (*COMMANDS, *SITUATIONAL)}
    longest = {key: tuple(sorted(fields.texts(key), key=len, reverse=True)) for key in ("before", "after")}
    return GlobalWords(forms, longest["before"], longest["after"])

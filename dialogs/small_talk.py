"""Small talk: thanks, good night, who are you -- one friendly line that leads back, and nothing else happens. Pure."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from dialogs.fields import Fields
from dialogs.places import Problem, ScriptError
from dialogs.source import read_yaml
from dialogs.words import normalise

_KEYS = ("id", "say", "has", "reply")
_SHORT = 12  # characters: a longer message that only holds such a word says something else too


@dataclass(frozen=True, slots=True)
class Line:
    """One kind of small talk: whole messages `say`, parts `has` of short ones, and what is answered in turn."""

    id: str
    say: tuple[str, ...]
    has: tuple[str, ...]
    replies: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class SmallTalk:
    """All kinds of small talk, looked up by the whole message."""

    lines: tuple[Line, ...] = ()
    _by_form: Mapping[str, Line] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        forms = {normalise(form) or form: line for line in self.lines for form in line.say}
        object.__setattr__(self, "_by_form", forms)

    def find(self, text: str, peel: Callable[[str], list[str]]) -> Line | None:
        """Return the kind that a whole message is; `peel` gives its forms without small words around it."""
        return next((self._by_form[form] for form in (text.strip(), *peel(text)) if form in self._by_form), None)

    def find_in(self, text: str) -> Line | None:
        """Return the kind that a short message holds; to be asked only when nothing else was understood."""
        said = normalise(text)
        if len(said) > _SHORT:
            return None
        return next((line for line in self.lines if any(part in said for part in line.has)), None)


def parse_small_talk(text: str, file: str) -> SmallTalk:
    """Read content/small_talk.yaml. Raises ScriptError with every missing key and every form that stands twice."""
    problems: list[Problem] = []
    root = read_yaml(text, file)
    if root.kind != "list":
        raise ScriptError((Problem(root.place, "wrong_type", "small talk is a list of kinds"),))
    seen: dict[str, str] = {}
    lines: list[Line] = []
    for node in root.items:
        fields = Fields(node, "a kind of small talk", problems)
        fields.check_keys(_KEYS)
        line = Line(fields.text("id", required=True), fields.texts("say"), fields.texts("has"), fields.texts("reply"))
        if not line.replies:
            fields.note(node.place, "missing_key", f"the small talk '{line.id}' needs a 'reply'")
        for form in fields.scalars("say"):
            earlier = seen.setdefault(normalise(form.text) or form.text, line.id)
            if earlier != line.id:
                fields.note(form.place, "duplicate_word", f"'{form.text}' is {earlier} already")
        lines.append(line)
    if problems:
        raise ScriptError(tuple(problems))
    return SmallTalk(tuple(lines))

"""General phrases by key (engine.cancelled ...): read from content/texts.yaml, rendered with the moment's values."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from dialogs.expressions import HasNow, Scope
from dialogs.fields import Fields
from dialogs.places import Place, Problem, ScriptError
from dialogs.source import read_yaml
from dialogs.templates import Template

REQUIRED = tuple(
    f"engine.{key}"
    for key in (
        "busy",
        "cancelled",
        "expired",
        "first_page",
        "first_step",
        "handoff",
        "invalid.default",
        "lost_step",
        "media_kept",
        "media_not_now",
        "more",
        "no",
        "no_options",
        "no_way_back",
        "offer_handoff",
        "old_prompt",
        "option_gone",
        "rating",
        "refused",
        "reminder",
        "review.change",
        "review.computed",
        "review.confirm",
        "review.hint",
        "review.line",
        "review.nothing",
        "review.received",
        "skip_required",
        "timed_out",
        "too_long",
        "unrecognised.default",
        "voice_unheard",
        "yes",
    )
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class EngineTexts:
    """Phrases by key."""

    phrases: Mapping[str, Template]

    def has(self, key: str) -> bool:
        """Say whether there is such a phrase."""
        return key in self.phrases

    def render(self, key: str, scope: Scope, world: HasNow) -> str:
        """Return the phrase with its holes filled; KeyError when there is none (the engine's are complete)."""
        return self.phrases[key].render(scope, world)


def parse_texts(text: str, file: str) -> EngineTexts:
    """Read content/texts.yaml: flat keys with dots. Raises ScriptError with every mistake and missing engine text."""
    problems: list[Problem] = []
    node = read_yaml(text, file)
    fields = Fields(node, "the texts", problems)
    phrases: dict[str, Template] = {}
    for key, _ in node.entries:
        template = fields.template(key.text)
        if template is not None:
            phrases[key.text] = template
            if not template.source:
                fields.note(key.place, "empty_text", f"'{key.text}' says nothing")
    problems += [
        Problem(Place(file, 1, 1), "missing_text", f"the text '{key}' is missing") for key in REQUIRED if key not in phrases
    ]
    if problems:
        raise ScriptError(tuple(problems))
    return EngineTexts(phrases)

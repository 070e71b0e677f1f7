"""Checks what makes a survey lawful and usable: a purpose for every question, tags that take the answers. Runs nothing."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Protocol

from dialogs.answers.base import AnswerType
from dialogs.fields import suggest
from dialogs.outside import Names
from dialogs.places import Place, Problem
from dialogs.script import Ask, Script, ScriptKind
from dialogs.survey import NO_INQUIRY, Inquiry

MINORS, VOICE = "minors", "voice"
_CHILDREN = "child."
_LISTED = ("choice", "multi")
_CHOSEN = (AnswerType.CHOICE, AnswerType.MULTI, AnswerType.YESNO)
_FITTING: Mapping[str, tuple[AnswerType, ...]] = {
    "number": (AnswerType.NUMBER, AnswerType.AMOUNT, AnswerType.RATING, AnswerType.CHOICE),
    "text": (AnswerType.TEXT, AnswerType.TIMERANGE, AnswerType.CHOICE),
    "date": (AnswerType.DATE,),
    "month": (AnswerType.NUMBER, AnswerType.DATE, AnswerType.CHOICE, AnswerType.TEXT),
    "choice": (AnswerType.CHOICE, AnswerType.YESNO, AnswerType.NUMBER, AnswerType.RATING, AnswerType.TEXT),
    "multi": (AnswerType.CHOICE, AnswerType.MULTI, AnswerType.YESNO),
}


class TagRule(Protocol):
    """What the check needs to know of one key of the vocabulary."""

    @property
    def kind(self) -> str:
        """How its values are written: choice, multi, number, text, date, month."""

    @property
    def values(self) -> tuple[str, ...]:
        """The values of a listed key."""

    @property
    def level(self) -> int:
        """1 ordinary, 2 with a consent of its own."""

    @property
    def is_computed(self) -> bool:
        """Whether it is worked out and never written."""

    def read_value(self, text: str) -> str | None:
        """Return the value as it is stored, None when there is no such value."""


def check_survey(script: Script, names: Names) -> Iterator[Problem]:
    """Yield what is wrong with a survey's questions; in another script, keys that only a survey has."""
    for step in script.steps:
        if not isinstance(step, Ask):
            continue
        if script.kind not in (ScriptKind.SURVEY, ScriptKind.PART):
            yield from _check_elsewhere(step)
        elif script.kind is ScriptKind.SURVEY and not step.key and step.type is not AnswerType.REVIEW:
            yield from _check_why(step, names)
            yield from _check_consent(step)
        if step.inquiry.tag and names.tags:
            yield from _check_tag(step, names.tags)


def check_survey_names(script: Script) -> Iterator[Problem]:
    """Yield a survey's questions without a name: what is left out would be missing in the summary of a visit."""
    for step in script.steps if script.kind is ScriptKind.SURVEY else ():
        is_named = not isinstance(step, Ask) or step.name or step.key or step.type is AnswerType.REVIEW
        if not is_named:
            message = "this question needs 'name': summaries and what is known call the answer by it"
            yield Problem(step.place, "no_name", message)


def _check_elsewhere(step: Ask) -> Iterator[Problem]:
    if step.inquiry != NO_INQUIRY:
        keys = ", ".join(name for name in Inquiry.__slots__ if getattr(step.inquiry, name))
        yield Problem(step.place, "survey_only", f"only a survey has {keys}; '{step.id}' stands in no survey")


def _check_why(step: Ask, names: Names) -> Iterator[Problem]:
    if not step.inquiry.why.strip():
        yield Problem(step.place, "no_purpose", "this question needs 'why': what the answer is used for (D05)")
    for text in (step.text.source, step.inquiry.tag, *(option.label.source for option in step.options)):
        word = next((word for word in names.never if word in text), "")
        if word:
            yield Problem(step.place, "never_kept", f"'{step.id}' asks for {word}, which is never kept (D05)")


def _check_consent(step: Ask) -> Iterator[Problem]:
    if step.type is AnswerType.VOICE and step.inquiry.consent != VOICE:
        yield Problem(step.place, "needs_consent", f"'{step.id}' keeps a recording and needs `consent: voice` (D24)")
    if step.inquiry.fresh is not None and not step.inquiry.tag:
        yield Problem(step.place, "no_tag", f"'{step.id}' has 'fresh', but no 'tag' whose value could be fresh")


def _check_tag(step: Ask, tags: Mapping[str, TagRule]) -> Iterator[Problem]:
    key = step.inquiry.tag
    rule = tags.get(key)
    if rule is None:
        yield Problem(step.place, "unknown_tag", f"content/tags.yaml has no '{key}'{suggest(key, tags)}")
        return
    if rule.is_computed:
        yield Problem(step.place, "computed_tag", f"'{key}' is worked out and never asked")
    yield from _check_level(step, key, rule)
    if step.type not in _FITTING.get(str(rule.kind), ()):
        yield Problem(step.place, "tag_type", f"a {step.type} does not fit '{key}', which is a {rule.kind}")
    elif str(rule.kind) in _LISTED and step.type in _CHOSEN:
        yield from _check_values(step, key, rule)


def _check_level(step: Ask, key: str, rule: TagRule) -> Iterator[Problem]:
    wanted = getattr(rule, "purpose", "") or (MINORS if key.startswith(_CHILDREN) else "")
    if rule.level > 1 and not step.inquiry.consent:
        yield Problem(step.place, "needs_consent", f"'{key}' is sensitive: '{step.id}' needs 'consent' (D06)")
    elif rule.level > 1 and wanted and step.inquiry.consent != wanted:
        yield Problem(step.place, "needs_consent", f"'{key}' rests on `consent: {wanted}`, not {step.inquiry.consent}")


def _check_values(step: Ask, key: str, rule: TagRule) -> Iterator[Problem]:
    if step.type is AnswerType.YESNO and not step.options:
        yield Problem(step.place, "tag_value", f"'{key}' needs options with a 'value' each for yes and no")
    for option in step.options:
        value = option.value or option.label.source
        if value != "-" and rule.read_value(value) is None:
            known = ", ".join(rule.values)
            yield _tell(option.place, f"'{value}' is no value of '{key}' ({known}); `value: -` writes none")


def _tell(place: Place, message: str) -> Problem:
    return Problem(place, "tag_value", message)

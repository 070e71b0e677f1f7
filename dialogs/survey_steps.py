"""The steps that a survey gets by itself: the question for a consent before what rests on it, the summary for who leads.

They are plain steps with names of their own (care_consent, done_summary), so that nothing behind the parser knows of them.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace

from dialogs.answers.base import AnswerType
from dialogs.expressions import Expression, parse_expression
from dialogs.places import Place, Problem
from dialogs.script import Ask, Do, End, Retries, ScriptKind, Step, Template
from dialogs.source import Node
from dialogs.survey import Inquiry
from dialogs.tree import Binary

SUMMARY = "summary"
_EMPTY = Template("", ())
_ASKING = ("ask", "call", "repeat")
_WAYS = ("next", "goto", "start", "retries", "timeout", "on_refused")


@dataclass(slots=True)
class Additions:
    """What one survey gets while its steps are written out. `asked` lists the consent questions so far, by purpose."""

    purpose: str
    first: Node | None  # the first step that asks the owner anything
    has_review: bool
    problems: list[Problem]
    asked: dict[str, list[str]] = field(default_factory=dict)

    def find_entry(self, node: Node, prefix: str) -> str:
        """Return where a step of the file begins, "" where nothing stands before it."""
        step_id = prefix + node.text_of("id")
        if self.purpose and node is self.first:
            return name_consent(self.purpose)
        if node.get("ask") is not None and node.get("consent") is not None:
            return name_consent(step_id)
        return f"{step_id}_{SUMMARY}" if self._is_summed_up(node, prefix) else ""

    def list_before(self, node: Node) -> Iterator[Step]:
        """Yield what stands before a step of the file whatever it is: the survey's own consent before its first question."""
        if not self.purpose or node is not self.first:
            return
        earlier = self.asked.setdefault(self.purpose, [])
        yield from _guard_survey(node.place, self.purpose, earlier)
        earlier.append(name_consent(self.purpose))

    def surround(self, node: Node, step: Step, prefix: str) -> Iterator[Step]:
        """Yield a step with what belongs before it."""
        if isinstance(step, Ask):
            step = self._open_up(node, step)
            if step.inquiry.consent:
                earlier = self.asked.setdefault(step.inquiry.consent, [])
                yield from _guard_question(step, earlier)
                earlier.append(name_consent(step.id))
                return
        if isinstance(step, End) and self._is_summed_up(node, prefix):
            yield _build_summary(step)
        yield step

    def _open_up(self, node: Node, step: Ask) -> Ask:
        """Nobody has to answer a survey: every question may be skipped, and one that was not understood is."""
        if step.type is AnswerType.REVIEW:
            return step
        if (required := node.get("required")) is not None and required.value is True:
            message = "nobody has to answer a survey: every question of it may be skipped"
            self.problems.append(Problem(required.place, "survey_trap", message))
        retries = step.retries if node.get("retries") is not None else Retries(step.retries.limit, "skip", step.retries.place)
        return replace(step, required=False, retries=retries)

    def _is_summed_up(self, node: Node, prefix: str) -> bool:
        is_plain = node.get("result") is None or node.text_of("result") == "completed"
        return not self.has_review and not prefix and node.get("end") is not None and is_plain


def read_additions(root: Node, problems: list[Problem]) -> Additions | None:
    """Return what a script gets by itself, None when it is no survey."""
    if root.text_of("kind") != ScriptKind.SURVEY:
        return None
    steps = root.get("steps")
    nodes = () if steps is None else steps.items
    first = _find_first(nodes)
    has_review = any(node.text_of("type") == AnswerType.REVIEW for node in nodes)
    return Additions(root.text_of("purpose"), first, has_review, problems)


def _find_first(nodes: Sequence[Node]) -> Node | None:
    """Return the step that the survey's own consent stands before: the first one that the owner is asked.

    What only staff answer may come earlier, unless a way leads on from there: it could pass the consent by.
    """
    asking = [node for node in nodes if any(node.get(key) is not None for key in _ASKING)]
    for node in nodes:
        if node in asking and not _is_for_staff(node):
            return node
        if any(each.get(way) is not None for each in (node, *_options(node)) for way in _WAYS):
            break
    return asking[0] if asking else None


def _is_for_staff(node: Node) -> bool:
    staff = node.get("staff")
    return staff is not None and staff.value is True


def _options(node: Node) -> tuple[Node, ...]:
    found = node.get("options")
    return () if found is None else found.items


def name_consent(step_id: str) -> str:
    """Return how the consent question before a step is called."""
    return f"{step_id}_consent"


def _guard_survey(place: Place, purpose: str, earlier: Sequence[str]) -> Iterator[Step]:
    asked = name_consent(purpose)
    yield from _ask_consent(asked, place, purpose, earlier, None)
    refused = _read(f"not ({_granted(purpose, [*earlier, asked])})", place)
    yield End(f"{asked}_no", place, None, "refused", refused, key="engine.consent_refused")


def _guard_question(step: Ask, earlier: Sequence[str]) -> Iterator[Step]:
    """Yield the consent question and the question. `earlier` ask for the same purpose: nobody is asked twice."""
    purpose, asked = step.inquiry.consent, name_consent(step.id)
    yield from _ask_consent(asked, step.place, purpose, earlier, step.ask_if)
    yield replace(step, ask_if=_join(step.ask_if, _read(_granted(purpose, [*earlier, asked]), step.place)))


def _ask_consent(
    asked: str, place: Place, purpose: str, earlier: Sequence[str], condition: Expression | None
) -> Iterator[Step]:
    conditions = [f"not (consents.{purpose} == 'granted')", f"not (may_ask.{purpose} == false)"]
    conditions += [f"is_empty({each})" for each in earlier]
    yield Ask(
        asked,
        place,
        _EMPTY,
        AnswerType.YESNO,
        prefill=False,
        key=f"engine.consent.{purpose}",
        ask_if=_join(condition, _read(" and ".join(conditions), place)),
        inquiry=Inquiry(asks=purpose),
    )
    args = {"purpose": _read(f"'{purpose}'", place), "granted": _read(asked, place)}
    yield Do(f"{asked}_kept", place, "record_consent", args, ask_if=_read(f"not is_empty({asked})", place))


def _granted(purpose: str, asked: Sequence[str]) -> str:
    return " or ".join([f"consents.{purpose} == 'granted'", *(f"{each} == true" for each in asked)])


def _build_summary(step: End) -> Ask:
    """Return the summary that the staff member who leads corrects or confirms before the end."""
    inquiry, name = Inquiry(is_staff=True), f"{step.id}_{SUMMARY}"
    return Ask(name, step.place, _EMPTY, AnswerType.REVIEW, key="engine.survey_summary", ask_if=step.ask_if, inquiry=inquiry)


def _read(source: str, place: Place) -> Expression:
    return parse_expression(source, place)


def _join(first: Expression | None, second: Expression) -> Expression:
    if first is None:
        return second
    source = f"({first.source}) and ({second.source})"
    return Expression(source, Binary("and", first.node, second.node, 1), first.place)

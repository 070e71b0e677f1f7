"""Options read from a list: which items may be chosen now, what was chosen, and whether it is still there."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from dialogs.answers.base import AnswerType, Shown
from dialogs.expressions import MAPPINGS
from dialogs.functions import to_text
from dialogs.naming import ITEM
from dialogs.script import Ask, OptionsFrom
from dialogs.session import Session, to_plain
from dialogs.state import Answer

MAX_OPTIONS = 200
MAX_LABEL = 60


@dataclass(frozen=True, slots=True)
class Listed:
    """One item that may be chosen, and the option it is shown as, numbered from 1."""

    shown: Shown
    item: Mapping[str, Any]


def list_listed(session: Session, source: OptionsFrom) -> tuple[Listed, ...]:
    """Return the items of the list that may be chosen, in its order; what is no mapping or has no key is left out."""
    return session.make_once(source, lambda: _list(session, source))


def _list(session: Session, source: OptionsFrom) -> tuple[Listed, ...]:
    inner = dict(session.scope())
    items = source.items.evaluate(inner, session.world)
    found: dict[str, Listed] = {}
    for item in items if isinstance(items, list | tuple) else ():
        key = to_text(item.get(source.key)) if isinstance(item, MAPPINGS) else ""
        if not key or key.startswith("_") or key in found or len(found) >= MAX_OPTIONS:
            continue
        inner[ITEM] = item
        if source.condition is None or source.condition.holds(inner, session.world):
            label = source.label.render(inner, session.world)[:MAX_LABEL]
            found[key] = Listed(Shown(len(found) + 1, key, label or key, _read_sayings(item.get(source.say))), item)
    return tuple(found.values())


def _read_sayings(value: Any) -> tuple[str, ...]:
    words = value if isinstance(value, list | tuple) else [value]
    return tuple(word for word in words if isinstance(word, str) and word)


def keep_items(session: Session, step: Ask, answer: Answer) -> None:
    """Keep the chosen item, or the list of them, for expressions: goods_item, goods_items."""
    if step.options_from is None:
        return
    keys = _list_keys(answer)
    chosen = [to_plain(each.item) for each in list_listed(session, step.options_from) if each.shown.key in keys]
    is_many = step.type is AnswerType.MULTI
    session.set_var(name_item(step), chosen if is_many else next(iter(chosen), None))


def name_item(step: Ask) -> str:
    """Return the name under which expressions find what was chosen."""
    return f"{step.id}_items" if step.type is AnswerType.MULTI else f"{step.id}_item"


def is_gone(session: Session, step: Ask, answer: Answer) -> bool:
    """Say whether what was chosen has left the list meanwhile."""
    if step.options_from is None or answer.value is None:
        return False
    return not _list_keys(answer) <= {each.shown.key for each in list_listed(session, step.options_from)}


def find_gone(session: Session) -> Ask | None:
    """Return the first question on the way whose answer has left its list."""
    for step_id in session.path:
        step = session.script.peek_step(step_id)
        if isinstance(step, Ask) and step_id in session.answers and is_gone(session, step, session.answers[step_id]):
            return step
    return None


def _list_keys(answer: Answer) -> set[str]:
    value = answer.value
    return {each for each in (value if isinstance(value, list) else [value]) if isinstance(each, str)}

"""Work that is private to whoever holds it: a condition that lists and files of the staff pages put on every case and task.

Knows codes and columns; which kinds of work are private is content.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, exists, false, func, literal, or_

from models.cases import Complaint, Order
from models.tasks import Task


@dataclass(frozen=True, slots=True)
class Veil:
    """What one reader does not see unless she holds it (R17, R31): `private` codes, and those under them but `plain` ones."""

    private: frozenset[str]
    plain: frozenset[str]
    staff_id: int | None

    def lifts(self, model: type[Order] | type[Complaint] | type[Task]) -> ColumnElement[bool]:
        """Return the condition that a row is not private, or is the reader's own."""
        return ~self._is_private(_code_of(model)) | self._is_own(model)

    def covers(self, code: str) -> bool:
        """Tell whether a kind of work is private; the same as in SQL."""
        if code in self.private or code in self.plain:
            return code in self.private
        return code.split(".", maxsplit=1)[0] in self.private

    def _is_private(self, code: Any) -> ColumnElement[bool]:
        if not self.private:
            return false()
        heads = [code.startswith(f"{head}.", autoescape=True) for head in sorted(self.private) if "." not in head]
        under = or_(false(), *heads) & code.not_in(self.plain)
        found: ColumnElement[bool] = code.in_(self.private) | under
        return found

    def _is_own(self, model: type[Order] | type[Complaint] | type[Task]) -> ColumnElement[bool]:
        if self.staff_id is None:
            return false()
        if model is Task:
            mine: ColumnElement[bool] = func.coalesce(Task.assignee_id, 0) == self.staff_id
            return mine
        key = Task.order_id if model is Order else Task.complaint_id
        holds = exists().where(key == model.id, Task.assignee_id == self.staff_id)
        return (func.coalesce(model.assignee_id, 0) == self.staff_id) | holds


def _code_of(model: type[Order] | type[Complaint] | type[Task]) -> Any:
    if model is Order:
        return Order.service
    return literal("complaint.") + Complaint.category if model is Complaint else func.coalesce(Task.service, Task.kind)

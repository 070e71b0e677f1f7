"""Staff keep audiences under a name, for lists and pushes: valid when saved, unique by name, audited."""

from __future__ import annotations

from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError

from handlers.errors import ConflictError, ForbiddenError, InvalidInputError, NotFoundError
from handlers.pushes import read_audience
from handlers.runtime import Runtime
from models.audits import add_audit
from models.segments import MOST, Segment, find_named

LONGEST_NAME = 60


def save_segment(runtime: Runtime, by: str, name: str, expression: str) -> int:
    """Keep an audience and return its id.

    Raises AudienceError for an expression that cannot be read, InvalidInputError for an empty or long name, ConflictError
    for a name that is taken or when there are too many.
    """
    name = " ".join(name.replace("\x00", "").split())
    if not name or len(name) > LONGEST_NAME:
        raise InvalidInputError(f"a segment's name has 1 to {LONGEST_NAME} characters")
    read_audience(runtime, expression)
    try:
        with runtime.transaction() as tx:
            if find_named(tx.session, name) or (tx.session.scalar(select(func.count(Segment.id))) or 0) >= MOST:
                raise ConflictError(f"there is a segment {name}, or too many: take one out first")
            segment = Segment(name=name, expression=expression.strip(), by=by[:80], at=runtime.now())
            tx.session.add(segment)
            tx.session.flush()
            add_audit(tx.session, runtime.now(), by, "segment", f"segment:{segment.id}", what="save")
            return segment.id
    except IntegrityError as error:
        raise ConflictError(f"there is a segment {name}") from error


def remove_segment(runtime: Runtime, by: str, segment_id: int, *, is_in_charge: bool) -> None:
    """Take a segment out: one's own, or any for whom is in charge. Raises NotFoundError, ForbiddenError."""
    with runtime.transaction() as tx:
        segment = tx.session.get(Segment, segment_id)
        if segment is None:
            raise NotFoundError(f"there is no segment {segment_id}")
        if segment.by != by and not is_in_charge:
            raise ForbiddenError("this segment is somebody else's")
        tx.session.delete(segment)
        add_audit(tx.session, runtime.now(), by, "segment", f"segment:{segment_id}", what="remove")

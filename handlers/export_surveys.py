"""Answers of surveys and visits as rows of an export."""

from __future__ import annotations

from handlers.export_rows import Rows, find_staff_openids, page
from handlers.runtime import Runtime
from models.answers import SurveyAnswer
from models.database import Transaction
from models.visits import Visit

ANSWER = (
    "id",
    "owner_id",
    "survey",
    "revision",
    "question",
    "key",
    "label",
    "raw",
    "source",
    "asker",
    "at",
    "run_id",
    "visit_id",
)
VISIT = (
    *("id", "no", "owner_id", "room_id", "building_id", "kind", "survey", "status", "outcome", "opened_at", "ended_at"),
    *("coded_at", "note"),
)


def read_responses(tx: Transaction, _runtime: Runtime, after: int) -> Rows:
    """Return the answers that stand; what was taken back is left out."""
    rows = page(tx, SurveyAnswer, after)
    return [(row.id, {name: getattr(row, name) for name in ANSWER} if row.undone_at is None else {}) for row in rows]


def read_visits(tx: Transaction, _runtime: Runtime, after: int) -> Rows:
    """Return visits with the openids of those who asked, recorded and coded."""
    visits = page(tx, Visit, after)
    openids = find_staff_openids(tx, (each for visit in visits for each in (visit.host_id, visit.recorder_id, visit.coder_id)))
    return [
        (
            visit.id,
            {name: getattr(visit, name) for name in VISIT}
            | {"host_openid": openids.get(visit.host_id), "recorder_openid": openids.get(visit.recorder_id or 0)}
            | {"coder_openid": openids.get(visit.coder_id or 0), "is_one_person": visit.is_one_person},
        )
        for visit in visits
    ]

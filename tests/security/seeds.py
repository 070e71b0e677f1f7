"""Puts one row of every table there is into a database; every text in it is what the caller says. New tables come along.

Row `number` of a table belongs to house `number`: every key that points to a house's table points to the row of that number.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from sqlalchemy import JSON, Boolean, Column, Date, DateTime, Float, Integer, LargeBinary, String, Table, insert

from models.tables import METADATA
from tests.world import World

Write = Callable[[str], str]  # what a text column holds: from its name (table.column) to the text

# tables of the whole estate: nobody's house is in them
SHARED = {
    "account_pause": "a quota of the platform",
    "account_run": "a listing of followers as such",
    "account_tag": "a tag of the account, nobody's",
    "community": "the estate itself",
    "consent_text": "texts for everybody",
    "estate_service": "what an estate offers",
    "number_series": "a counter",
    "offer": "what everybody of an estate can book",
    "script_revision": "a text of ours",
    "segment": "an audience under a name, shared by all staff",
    "unheard": "sentences without their speaker",
}
# tables that cannot be written like that: guarded by triggers, or worked out from others
LEFT_OUT = dict.fromkeys(("tag_roll", "tag_roll_page", "tag_roll_mark"), "worked out from tags") | {"audit_chain": "sealed"}
# columns that hold a code of ours and never what somebody wrote: by name, or by table.column
CODES: dict[str, Any] = {
    "status": "open",
    "kind": "message",
    "purpose": "profile",
    "channel": "chat",
    "tag.key": "reach.hours",
    "tag_change.key": "reach.hours",
    "tag_conflict.key": "reach.hours",
    "action": "add",
    "phone_event.action": "state",
    "phone_state": "有效",
    "state": "有效",
    "survey": "survey.needs",
    "script": "complaint",
    "script_run.result": "completed",
    "job.kind": "import_owners",
    "job.state": "done",
    "job.error": "",
    "service": "housekeeping.utilities",
    "role": "butler",
    "source": "staff",
    "staff_code.digest": "digest",
    "order.status": "booked",
    "complaint.status": "booked",
    "feedback.status": "booked",
    "feedback.kind": "praise",
    "complaint.category": "noise",
    "task.kind": "order",
    "attachment.status": "kept",
    "attachment.kind": "image",
    "attachment.content_type": "image/png",
    "campaign.status": "running",
    "campaign.kind": "text",
    "delivery.status": "failed",
    "delivery.channel": "message",
    "outbox.status": "planned",
    "outbox.kind": "text",
    "outbox.channel": "message",
    "personal_export.status": "ready",
    "inbound_message.kind": "text",
    "visit.kind": "visit",
    "visit.outcome": "",
    "erasure.status": "open",
    "offer.kind": "event",
    "consent.channel": "chat",
}
SECRETS = {"password_hash", "totp_secret", "totp_pending", "session_key", "code_hash", "digest", "text_sealed", "sealed"}
SECRET = "never-on-a-page"


# what else a table holds a second row of, ten numbers later
ALSO: dict[str, dict[str, Any]] = {"job": {"kind": "export_owners"}}
LATER = 10


def plant(world: World, number: int, write: Write, *, is_shared: bool) -> None:
    """Insert row `number` of every table; those of the whole estate only where asked."""
    with world.runtime.transaction() as tx:
        for table in METADATA.sorted_tables:
            if table.name not in LEFT_OUT and (is_shared or table.name not in SHARED):
                row = make_row(world, table, number, write)
                tx.connection.execute(insert(table).values(row))
                if also := ALSO.get(table.name):
                    twin = {"id": number + LATER, "token": f"{row.get('token')}-also"}
                    tx.connection.execute(insert(table).values({**row, **twin, **also}))


def make_row(world: World, table: Table, number: int, write: Write) -> dict[str, Any]:
    """Return the values of a row."""
    return {column.name: _make_value(world, table, column, number, write) for column in table.columns}


def _make_value(world: World, table: Table, column: Column[Any], number: int, write: Write) -> Any:
    name, place = column.name, f"{table.name}.{column.name}"
    for key in column.foreign_keys:
        return 1 if key.column.table.name in SHARED else number
    if name == "openid":
        return staff_openid_of(number) if table.name == "staff" else openid_of(number)
    if name in SECRETS:
        return f"{SECRET}-{number}"
    if table.name == "audit" and name in ("place", "prev_hash", "hash"):
        return None  # not sealed yet
    for known in (place, name):
        if known in CODES and isinstance(column.type, String):
            return CODES[known]
    return _by_type(world, column, number, write, place)


def _by_type(world: World, column: Column[Any], number: int, write: Write, place: str) -> Any:
    kind = getattr(column.type, "impl_instance", column.type)
    if isinstance(kind, JSON):
        return SHAPES.get(place, _shape)(write(place))
    if isinstance(kind, Boolean):
        return not column.name.startswith(("is_locked", "must_"))
    if isinstance(kind, Integer | Float):
        return number
    if isinstance(kind, LargeBinary):
        return write(place).encode()
    if isinstance(kind, DateTime | Date):
        at = world.clock.now() - timedelta(hours=1, days=(number - 1) if column.name != "expires_at" else -9)
        return None if column.nullable else at if isinstance(kind, DateTime) else at.date()
    return _cut(write(place), column)


def _cut(text: str, column: Column[Any]) -> str:
    length = getattr(column.type, "length", None)
    return text[:length] if length else text


def _shape(text: str) -> Any:
    return {"words": text}


def _slots(text: str) -> Any:
    return {"what": {"label": text, "value": text, "raw": text}}


SHAPES: dict[str, Callable[[str], Any]] = {
    "order.slots": _slots,
    "complaint.slots": _slots,
    "feedback.slots": _slots,
    "outbox.body": lambda text: {"text": text},
    "conversation.state": lambda _text: None,
    "conversation.waiting": lambda _text: [],
    "campaign.counts": lambda _text: {},
    "unheard.candidates": lambda _text: [],
    "erasure.counts": lambda _text: {},
    "owner_merge.moved": lambda _text: {},
    "tag_change.before": lambda _text: {},
}


def openid_of(number: int) -> str:
    """Return the openid of a house, as long as a real one."""
    return f"oHOUSE{number:022d}"


def staff_openid_of(number: int) -> str:
    """Return the openid of somebody who works for a house."""
    return f"oSTAFF{number:022d}"

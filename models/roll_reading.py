"""Reads who has tags from their rolls, and from the rows themselves what a roll cannot know. Writes nothing."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import datetime

from sqlalchemy import (
    ColumnElement,
    Connection,
    Integer,
    LargeBinary,
    and_,
    case,
    literal,
    null,
    or_,
    select,
    type_coerce,
    union_all,
)

from models.crowds import gather_ids
from models.database import table_of
from models.rolls import PAGE, Roll, RollMark, RollPage
from models.tags import OwnerTag

MOST_TAGS = 500
MOST_STALE = 200  # pages worked out for one question; behind that the database is asked as a whole
MOST_LOOSE = 20_000  # people found without a roll
_ROLL, _PAGE, _MARK, _HELD = (table_of(model).c for model in (Roll, RollPage, RollMark, OwnerTag))
_Place = tuple[int, int]


def find_holders(connection: Connection, tag_ids: Collection[int], now: datetime) -> int | None:
    """Return the bits of the owners who have any of the tags alive; None where that would take long.

    What is read was true at one moment of this transaction, its own changes included: a page is believed only without a mark
    and between the instant it was made and the first death on it.
    """
    if not tag_ids:
        return 0
    if len(tag_ids) > MOST_TAGS:
        return None
    rolled, pages, stale = _read_pages(connection, tag_ids, now)
    if len(stale) > MOST_STALE:
        return None
    loose = [each for each in tag_ids if each not in rolled]
    ids = _list_loose(connection, loose, now) if loose else []
    if len(ids) > MOST_LOOSE:
        return None
    return _lay_out(pages) | gather_ids(ids + _list_on_pages(connection, stale, now))


def _read_pages(
    connection: Connection, tag_ids: Collection[int], now: datetime
) -> tuple[set[int], dict[int, list[bytes]], set[_Place]]:
    """Return which tags have rolls, the bits by page, and the (tag, page) to be worked out. One statement, one moment."""
    is_true = and_(_PAGE.made_at <= now, or_(_PAGE.dies_at.is_(None), _PAGE.dies_at > now))
    nothing = type_coerce(null(), LargeBinary)
    statement = union_all(
        select(_PAGE.tag_id, _PAGE.page, case((is_true, _PAGE.bits))).where(_PAGE.tag_id.in_(tag_ids)),
        select(_MARK.tag_id, _MARK.page, nothing).where(_MARK.tag_id.in_(tag_ids)),
        select(_ROLL.tag_id, literal(-1, Integer), nothing).where(_ROLL.tag_id.in_(tag_ids)),
    )
    rolled: set[int] = set()
    kept: dict[_Place, bytes] = {}
    stale: set[_Place] = set()
    for tag_id, page, bits in connection.execute(statement):
        if page < 0:
            rolled.add(tag_id)
        elif bits is None:
            stale.add((tag_id, page))
        else:
            kept[tag_id, page] = bits
    stale = {place for place in stale if place[0] in rolled}
    pages: dict[int, list[bytes]] = {}
    for place, bits in kept.items():
        if place[0] in rolled and place not in stale:
            pages.setdefault(place[1], []).append(bits)
    return rolled, pages, stale


def _lay_out(pages: dict[int, list[bytes]]) -> int:
    """Return the pages as one number."""
    whole = bytearray((max(pages, default=-1) + 1) * PAGE // 8)
    for page, parts in pages.items():
        bits = 0
        for part in parts:
            bits |= int.from_bytes(part, "little")
        start = page * PAGE // 8
        whole[start : start + PAGE // 8] = bits.to_bytes(PAGE // 8, "little")
    return int.from_bytes(whole, "little")


def _list_on_pages(connection: Connection, places: Iterable[_Place], now: datetime) -> list[int]:
    """Return who is on these pages, from the rows."""
    tags: dict[int, list[int]] = {}
    for tag_id, page in places:
        tags.setdefault(page, []).append(tag_id)
    found: list[int] = []
    for page, tag_ids in tags.items():
        inside = _HELD.owner_id.between(page * PAGE, page * PAGE + PAGE - 1)
        found += connection.scalars(select(_HELD.owner_id).where(_HELD.tag_id.in_(tag_ids), inside, _is_alive(now)))
    return found


def _list_loose(connection: Connection, tag_ids: Collection[int], now: datetime) -> list[int]:
    statement = select(_HELD.owner_id).where(_HELD.tag_id.in_(tag_ids), _is_alive(now)).limit(MOST_LOOSE + 1)
    return list(connection.scalars(statement))


def _is_alive(now: datetime) -> ColumnElement[bool]:
    return or_(_HELD.expires_at.is_(None), _HELD.expires_at > now)

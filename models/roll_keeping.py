"""Keeps the rolls true: opens one for a tag that many have, writes marked and dying pages anew. Runs behind everybody's back.

Short transactions, a few pages each. A mark is taken away only with the page that was made of the same view of the rows: on
SQLite the transaction is the only writer, on PostgreSQL it sees one moment, and of two at once one gives up.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import String, cast, delete, func, insert, literal, or_, select, text

from models.database import Database, Transaction, table_of
from models.joining import JoinTexts
from models.rolls import PAGE, Roll, RollMark, RollPage
from models.tags import OwnerTag

FEWEST = 2_000  # holders of a tag before it gets a roll; fewer are read from the rows as quickly
AT_ONCE = 16  # pages in one transaction
MOST_PLACES = 2_000  # pages looked up at once
LOCK = 7_204_113  # one keeper at a time on PostgreSQL
_ROLL, _PAGE, _MARK, _HELD = (table_of(model) for model in (Roll, RollPage, RollMark, OwnerTag))
_Place = tuple[int, int]


def keep_rolls(database: Database, now: datetime, most: int = 1_000_000) -> int:
    """Bring the rolls up to an instant, about `most` pages; returns how many were written. Again at once does nothing."""
    written = 0
    while written < most:
        with database.reading() as tx:
            pages = _list_untrue(tx, now, min(most, MOST_PLACES))
            rolled = set(tx.connection.scalars(select(_ROLL.c.tag_id)))
        new = [tag_id for tag_id in pages if tag_id not in rolled]
        opened = sum(_consider(database, tag_id, now) for tag_id in new)
        done = sum(_write_all(database, tag_id, pages[tag_id], now) for tag_id in pages if tag_id in rolled)
        written += done
        if not opened and not done:  # nothing is left, or another keeper has it
            break
    return written


def _list_untrue(tx: Transaction, now: datetime, most: int) -> dict[int, list[int]]:
    """Return tag -> its pages that are marked, or on which somebody's tag has died; each found by its own index."""
    marked = select(_MARK.c.tag_id, _MARK.c.page).distinct().limit(most)
    dying = select(_PAGE.c.tag_id, _PAGE.c.page).where(_PAGE.c.dies_at <= now).limit(most)
    places = {(tag_id, page) for statement in (marked, dying) for tag_id, page in tx.connection.execute(statement)}
    found: dict[int, list[int]] = {}
    for tag_id, page in sorted(places)[:most]:
        found.setdefault(tag_id, []).append(page)
    return found


def _consider(database: Database, tag_id: int, now: datetime) -> bool:
    """Open a roll, all of its pages marked, where many have the tag; else forget its marks; False if another is at it."""
    with database.transaction() as tx:
        if not _see_one_moment(tx):
            return False
        some = select(_HELD.c.owner_id).where(_HELD.c.tag_id == tag_id).limit(FEWEST).subquery()
        is_common = (tx.connection.scalar(select(func.count()).select_from(some)) or 0) >= FEWEST
        tx.connection.execute(delete(_MARK).where(_MARK.c.tag_id == tag_id))
        if is_common:
            tx.connection.execute(insert(_ROLL).values(tag_id=tag_id, at=now))
            last = tx.connection.scalar(select(func.max(_HELD.c.owner_id)).where(_HELD.c.tag_id == tag_id)) or 0
            tx.connection.execute(insert(_MARK), [{"tag_id": tag_id, "page": page} for page in range(last // PAGE + 1)])
    return True


def _see_one_moment(tx: Transaction) -> bool:
    """Let the transaction see one moment only; False when another keeper is at work."""
    if tx.is_sqlite:
        return True
    tx.connection.execute(text("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ"))
    return bool(tx.connection.scalar(select(func.pg_try_advisory_xact_lock(LOCK))))


def _write_all(database: Database, tag_id: int, pages: Sequence[int], now: datetime) -> int:
    return sum(_write(database, tag_id, pages[at : at + AT_ONCE], now) for at in range(0, len(pages), AT_ONCE))


def _write(database: Database, tag_id: int, pages: Sequence[int], now: datetime) -> int:
    """Make pages of a roll from the rows, in the place of what was there, and take their marks away."""
    with database.transaction() as tx:
        if not _see_one_moment(tx):
            return 0
        rows = [row for page in _join(pages) for row in _make(tx, tag_id, *page, now)]
        mine = (_PAGE.c.tag_id == tag_id, _PAGE.c.page.in_(pages))
        tx.connection.execute(delete(_PAGE).where(*mine))
        tx.connection.execute(insert(_PAGE), rows)
        tx.connection.execute(delete(_MARK).where(_MARK.c.tag_id == tag_id, _MARK.c.page.in_(pages)))
    return len(pages)


def _join(pages: Sequence[int]) -> list[_Place]:
    """Return neighbouring pages as spans, first and last."""
    spans: list[_Place] = []
    for page in sorted(pages):
        if spans and spans[-1][1] == page - 1:
            spans[-1] = (spans[-1][0], page)
        else:
            spans.append((page, page))
    return spans


def _make(tx: Transaction, tag_id: int, first: int, last: int, now: datetime) -> list[dict[str, object]]:
    """Return the rows of a span of pages, empty ones too: one statement reads all holders as texts, a page a row."""
    owner_id = _HELD.c.owner_id
    place = cast(owner_id % PAGE, String)
    statement = (
        select((owner_id // PAGE).label("page"), JoinTexts(place, literal(",")), func.min(_HELD.c.expires_at))
        .where(_HELD.c.tag_id == tag_id, owner_id.between(first * PAGE, last * PAGE + PAGE - 1))
        .where(or_(_HELD.c.expires_at.is_(None), _HELD.c.expires_at > now))
        .group_by(text("1"))
    )
    found = {page: (places, dies_at) for page, places, dies_at in tx.connection.execute(statement)}
    rows: list[dict[str, object]] = []
    for page in range(first, last + 1):
        places, dies_at = found.get(page, ("", None))
        rows.append({"tag_id": tag_id, "page": page, "bits": _set_bits(places), "made_at": now, "dies_at": dies_at})
    return rows


def _set_bits(places: str) -> bytes:
    bits = bytearray(PAGE // 8)
    for place in map(int, places.split(",") if places else ()):
        bits[place >> 3] |= 1 << (place & 7)
    return bytes(bits)

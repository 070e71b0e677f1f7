"""Seals the audit and looks whether it is whole. The only writer of the chain; reads nothing but the audit (D18)."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Row

from handlers.runtime import Runtime
from models.audits import (
    FIRST_HASH,
    SEALING,
    digest,
    find_half_sealed,
    find_head,
    has_unsealed,
    list_sealed,
    list_unsealed,
    lock_chain,
)

LOG = logging.getLogger(__name__)
BATCH = 1000


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a look at the chain found. `row_id` is the first row at fault (None: one is missing at the end)."""

    sealed: int
    head: str
    fault: str = ""
    row_id: int | None = None

    @property
    def is_whole(self) -> bool:
        """Tell whether every sealed row is there and says what it said."""
        return not self.fault


def seal(runtime: Runtime, batch: int = BATCH) -> int:
    """Give the oldest unsealed rows their place in the chain; returns how many.

    Rows are taken in the order of ids. One whose transaction ended late comes in a later round: the place, not the id,
    is the order of the chain, so that nobody who writes has to wait.
    """
    with runtime.database.reading() as tx:
        if not has_unsealed(tx):
            return 0
    with runtime.transaction() as tx:
        head = lock_chain(tx)
        rows = list_unsealed(tx, batch)
        values = []
        for row in rows:
            prev_hash, place = head.hash, head.place + 1
            head.place, head.hash = place, digest(prev_hash, place, row)
            values.append({"entry_id": row.id, "new_place": place, "new_prev": prev_hash, "new_hash": head.hash})
        if values:
            tx.connection.execute(SEALING, values)
    LOG.info("audit sealed rows=%s place=%s head=%s", len(rows), head.place, head.hash)  # a copy outside the database
    return len(rows)


def verify(runtime: Runtime, batch: int = BATCH) -> Verdict:
    """Walk the whole chain and tell the first row that was changed, put in, or is missing; a batch at a time."""
    place, prev_hash = 0, FIRST_HASH
    while True:
        with runtime.database.reading() as tx:
            end, end_hash = find_head(tx)  # first, so that every row up to it can be seen
            rows = list_sealed(tx, place, batch)
            stray = None if rows else find_half_sealed(tx)
        for row in rows:
            fault = _find_fault(row, place + 1, prev_hash)
            if fault:
                return Verdict(place, prev_hash, fault, row.id)
            place, prev_hash = place + 1, row.hash
        if not rows:
            break
    if stray is not None:
        return Verdict(place, prev_hash, "was sealed by somebody else", stray)
    if end != place:
        return Verdict(place, prev_hash, f"the chain should end at place {end} and ends at {place}: rows are missing or added")
    if end_hash != prev_hash:
        return Verdict(place, prev_hash, "the end of the chain is not the hash of its last row")
    return Verdict(place, prev_hash)


def _find_fault(row: Row[*tuple[Any, ...]], place: int, prev_hash: str) -> str:
    """Return what is wrong with a row that should stand at a place behind a hash; empty when nothing is."""
    if row.place != place:
        return f"stands at place {row.place} where {place} should be: a row before it is missing"
    if row.prev_hash != prev_hash:
        return "does not follow the row before it"
    if row.hash != digest(prev_hash, place, row):
        return "does not say what it said when it was sealed"
    return ""

"""One change of tags for all owners of an audience: counted first, then written in batches, undone as one."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field

from handlers.pushes import read_audience
from handlers.runtime import Runtime
from handlers.tag_book import TagBook, Wanted
from handlers.tag_rules import TagOrigin
from handlers.tag_words import TagWish
from models.audience.queries import list_audience
from models.audits import add_audit

BATCH = 500


@dataclass(slots=True)
class BulkReport:
    """How many owners were meant, what became of their tags, and the name to undo it all by."""

    matched: int = 0
    tags: Counter[str] = field(default_factory=Counter)
    batch: str | None = None


def tag_audience(
    runtime: Runtime, expression: str, wishes: Sequence[TagWish], origin: TagOrigin, *, is_dry: bool = False
) -> BulkReport:
    """Change tags of everybody an expression picks now. A dry run counts and writes nothing.

    Who is meant is fixed before the first change, because a change may take people out of the audience. One transaction a
    batch: others are not kept waiting, and a crash leaves whole batches, which the same command completes.
    """
    picked = read_audience(runtime, expression)
    with runtime.database.reading() as tx:
        ids = list_audience(tx.connection, picked, runtime.now(), runtime.today())
    report = BulkReport(len(ids), batch=None if is_dry else origin.batch)
    book = TagBook(runtime, origin, is_dry=is_dry)
    for start in range(0, len(ids), BATCH):
        part = [Wanted(owner_id, tuple(wishes)) for owner_id in ids[start : start + BATCH]]
        with runtime.database.reading() if is_dry else runtime.transaction() as tx:
            for done in book.write(tx, part):
                report.tags.update(done)
    if not is_dry:
        with runtime.transaction() as tx:
            detail = {"matched": len(ids), "keys": sorted({wish.key for wish in wishes}), "batch": origin.batch}
            add_audit(tx.session, runtime.now(), origin.by[:80], "tag", "audience", **detail)
    return report

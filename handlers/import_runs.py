"""What every import shares: a file is checked whole, then its good rows go in a batch at a time. Knows no kind of register."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol, TypeVar

from sqlalchemy import text

from handlers.errors import InvalidInputError
from handlers.import_files import Row, Table
from handlers.runtime import Runtime
from models.database import Transaction

BATCH = 1000
MOST_NOTES = 50
TOO_BAD = "too_bad"
MOST_CHANGES = 200
LOCK = 4_712_2026  # one import at a time on PostgreSQL, where two could make the same person at once


class HasLine(Protocol):
    """A good row, which knows the line it begins on."""

    @property
    def line(self) -> int:
        """Return the line, the header's is 1."""
        ...


ItemT = TypeVar("ItemT", bound=HasLine)
Tell = Callable[[str, int], None]  # told how many rows are checked, then written
Problems = dict[int, list[str]]  # line -> what is wrong with it


def tell_nobody(_what: str, _rows: int) -> None:
    """Keep progress to oneself."""


@dataclass(slots=True)
class ImportReport:
    """What became of a file: counts of rows, and every problem as `line N: what, what to do`; notes are no problems."""

    rows: int = 0
    created: int = 0
    updated: int = 0
    unchanged: int = 0
    rejected: int = 0
    problems: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    tags: dict[str, int] = field(default_factory=dict)  # of an import of tags: what became of them
    conflicts: int = 0  # of a preview: tags that contradict what is known
    fields: dict[str, int] = field(default_factory=dict)  # of a preview: how often each field would change
    changes: list[tuple[int, str, str, str, str]] = field(default_factory=list)  # line, name, field, before, after
    is_refused: bool = False
    rejected_file: Path | None = None

    def note(self, words: str) -> None:
        """Remember something to tell that is no problem; of very many only the first."""
        if len(self.notes) < MOST_NOTES:
            self.notes.append(words)

    def count_change(self, line: int, name: str, name_of_field: str, before: str, after: str) -> None:
        """Count a field that would change; of very many only the first are shown."""
        self.fields[name_of_field] = self.fields.get(name_of_field, 0) + 1
        if len(self.changes) < MOST_CHANGES:
            self.changes.append((line, name, name_of_field, before, after))


class Importer(Protocol[ItemT]):
    """One kind of register: cells -> item or problems, items against the database, items into it."""

    def parse(self, row: Row) -> ItemT | list[str]:
        """Return the item of a row, or what is wrong with it; remembers what a file may not say twice."""
        ...

    def find_conflicts(self, tx: Transaction, items: Sequence[ItemT]) -> Problems:
        """Return what the database has against items: line -> problems. Writes nothing."""
        ...

    def write(self, tx: Transaction, items: Sequence[ItemT], report: ImportReport) -> None:
        """Write items and count them."""
        ...


def check(
    runtime: Runtime,
    table: Table,
    checker: Importer[ItemT],
    report: ImportReport,
    tell: Tell,
    most_bad: int | None = None,
) -> Problems:
    """Look at every row, first by itself and then against the database; count the rows and return line -> problems.

    Raises InvalidInputError(TOO_BAD) for more bad rows than `most_bad`: such a file is no register, and fills no memory.
    """
    bad: Problems = {}

    def parse_all() -> Iterator[ItemT]:
        for row in table:
            report.rows += 1
            found = [row.problem] if row.problem else checker.parse(row)
            if isinstance(found, list):
                bad[row.line] = found
                if most_bad is not None and len(bad) > most_bad:
                    raise InvalidInputError(TOO_BAD)
            else:
                yield found

    for items in take_batches(parse_all()):
        with runtime.database.reading() as tx:
            for line, problems in checker.find_conflicts(tx, items).items():
                bad.setdefault(line, []).extend(problems)
        tell("checked", report.rows)
    return bad


def parse_good(table: Table, writer: Importer[ItemT], bad: Mapping[int, object], after: int = 0) -> Iterator[ItemT]:
    """Give the good rows below a line."""
    for row in table:
        if row.line > after and row.line not in bad:
            found = writer.parse(row)
            if not isinstance(found, list):
                yield found


def take_batches(items: Iterable[ItemT], size: int = BATCH) -> Iterator[list[ItemT]]:
    """Give items in lists of at most `size`."""
    batch: list[ItemT] = []
    for item in items:
        batch.append(item)
        if len(batch) == size:
            yield batch
            batch = []
    if batch:
        yield batch


def lock_imports(tx: Transaction) -> None:
    """Wait for other imports and hold them up until the transaction ends."""
    if not tx.is_sqlite:
        tx.connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": LOCK})


def list_problems(bad: Problems) -> list[str]:
    """Return all problems as lines, in the order of the file."""
    return [f"line {line}: {words}" for line in sorted(bad) for words in bad[line]]

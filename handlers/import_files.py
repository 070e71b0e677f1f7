"""CSV files of registers: encodings and headers as people's spreadsheets write them, one row at a time.

Knows lines and columns, not meanings; never holds a whole file.
"""

from __future__ import annotations

import codecs
import csv
import re
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from typing import Any

from handlers.errors import InvalidInputError
from handlers.import_words import Said

REASON = "reason"  # the column that a file of rejected rows has more; ignored when such a file comes back
ENCODINGS = ("utf-8-sig", "gb18030")  # with or without the mark, and what older spreadsheets write here
CHUNK = 1 << 16
TOO_LONG = "too_long"
FORMULA = ("=", "+", "-", "@", "\t", "\r")  # a spreadsheet would run a cell that begins so
WRAPPED = re.compile(r'="(.*)"')


@dataclass(frozen=True, slots=True)
class Row:
    """One row: the line it begins on, its cells by column, and what is wrong with its shape."""

    line: int
    cells: Mapping[str, str] = field(default_factory=dict)
    problem: str = ""


class Table:
    """A CSV file whose header holds `columns` in any order, and any of `extras`. InvalidInputError has every problem.

    The header is the first line that says something.
    """

    def __init__(self, path: Path, columns: Sequence[str], extras: Sequence[str] = (), *, most_rows: int | None = None) -> None:
        self.path, self.most_rows = path, most_rows
        self.columns = tuple(columns)
        self.encoding = _find_encoding(path)
        with path.open(encoding=self.encoding, newline="") as file:
            self.header, self.header_line = _read_header(csv.reader(file))
        self.columns += tuple(name for name in extras if name in self.header)
        problems = _check_header(self.header, self.columns, self.header_line)
        if problems:
            raise InvalidInputError(f"{path.name} is not such a register", tuple(problems))

    def __iter__(self) -> Iterator[Row]:
        """Give the rows below the header; empty lines are passed over."""
        with self.path.open(encoding=self.encoding, newline="") as file:
            reader = csv.reader(file, strict=True)
            while reader.line_num < self.header_line:
                next(reader)
            for number in count():
                line = reader.line_num + 1
                if self.most_rows is not None and number > self.most_rows:
                    raise InvalidInputError(TOO_LONG)
                try:
                    cells = next(reader)
                except StopIteration:
                    return
                except csv.Error as error:
                    words = f"is not CSV ({error}), look for a quotation mark too many or too few"
                    yield Row(line, problem=Said(words, "not_csv"))
                    continue
                if any(cell.strip() for cell in cells):
                    yield self._shape(line, cells)

    def _shape(self, line: int, cells: Sequence[str]) -> Row:
        named = {name: read_cell(cell) for name, cell in zip(self.header, cells, strict=False)}
        if len(cells) == len(self.header):
            return Row(line, named)
        words = f"has {len(cells)} cells and the header has {len(self.header)}, look for a comma too many or too few"
        return Row(line, named, Said(words, "shape", cells=len(cells), header=len(self.header)))

    def write_rejected(self, bad: Mapping[int, Sequence[str]], target: Path, tell: Callable[[Sequence[str]], str]) -> None:
        """Write the rows of these lines and why, to be mended and to come again. `tell` makes one text of reasons."""
        with target.open("w", encoding="utf-8-sig", newline="") as file:
            writer = csv.writer(file)
            writer.writerow([*self.columns, REASON])
            for row in self:
                if row.line in bad:
                    cells = (guard_cell(row.cells.get(name, "")) for name in self.columns)
                    writer.writerow([*cells, guard_cell(tell(bad[row.line]))])

    def find_rejected_file(self) -> Path:
        """Return where the rejected rows of a file go: beside it."""
        stem = self.path.name[:-4] if self.path.suffix.lower() == ".csv" else self.path.name
        return self.path.with_name(f"{stem}.rejected.csv")


def read_cell(cell: str) -> str:
    """Return a cell's text: what spreadsheets write around a text (`="0571"`, `'=1+1`) is taken off, nothing is worked out."""
    text = cell.strip()
    if text[:1] == "=" and (found := WRAPPED.fullmatch(text)):
        return found[1].replace('""', '"').strip()
    return text[1:] if text[:1] == "'" and text[1:].lstrip().startswith(FORMULA) else text


def guard_cell(cell: str) -> str:
    """Return a cell that a spreadsheet shows and does not run."""
    return f"'{cell}" if cell.lstrip().startswith(FORMULA) or cell.startswith(FORMULA) else cell


def _find_encoding(path: Path) -> str:
    for encoding in ENCODINGS:
        if _can_decode(path, encoding):
            return encoding
    raise InvalidInputError(f"{path.name} is neither UTF-8 nor GBK text: save it as CSV UTF-8")


def _can_decode(path: Path, encoding: str) -> bool:
    decoder = codecs.getincrementaldecoder(encoding)()
    try:
        with path.open("rb") as file:
            while chunk := file.read(CHUNK):
                if b"\0" in chunk:
                    return False  # a workbook or UTF-16, not text that we read
                decoder.decode(chunk)
            decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return False
    return True


def _read_header(reader: Any) -> tuple[list[str], int]:
    """Return the names of the columns and the line on which they end."""
    try:
        for cells in reader:
            if any(cell.strip() for cell in cells):
                return [name.strip().lower() for name in cells], reader.line_num
    except csv.Error:
        pass
    return [], 1


def _check_header(header: Sequence[str], columns: Sequence[str], line: int) -> list[str]:
    if not any(header):
        return [Said(f"line 1: the header is missing, write {','.join(columns)}", "no_header", columns=",".join(columns))]
    problems: list[str] = [
        Said(f"line {line}: the column {name} is missing, add it", "no_column", name=name)
        for name in columns
        if name not in header
    ]
    unknown = [name for name in dict.fromkeys(header) if name not in columns and name != REASON]
    problems += [
        Said(f"line {line}: the column {name or '(empty)'} is unknown, take it out", "column_unknown", name=name)
        for name in unknown
    ]
    twice = [name for name, number in Counter(header).items() if number > 1]
    words = "the column {} is there twice, take one out"
    return problems + [Said(f"line {line}: {words.format(name)}", "column_twice", name=name) for name in twice]

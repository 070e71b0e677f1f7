"""A runtime with no more than registers need, and files of rows; for tests of imports and exports."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast
from zoneinfo import ZoneInfo

import yaml

from bot.clock import FixedClock
from bot.queue import NullQueue
from handlers.import_owners import OWNER_COLUMNS
from handlers.mirror_rules import MirrorBook
from handlers.runtime import Options, Runtime
from models.database import Database
from models.vocabulary import Vocabulary, parse_vocabulary

NOW = datetime(2026, 11, 21, 4, tzinfo=UTC)
PERSON = {"community": "阳光", "building": "1栋", "unit": "1单元", "room": "101", "name": "王伟"}


@cache
def read_vocabulary() -> Vocabulary:
    path = Path(__file__).parents[2] / "content" / "tags.yaml"
    return parse_vocabulary(yaml.safe_load(path.read_text(encoding="utf-8")))


def make_runtime(database: Database, tmp_path: Path) -> Runtime:
    return Runtime(
        database=database,
        content=cast(Any, SimpleNamespace(vocabulary=read_vocabulary(), mirror=MirrorBook())),
        understander=cast(Any, None),
        clock=FixedClock(NOW),
        queue=NullQueue(),
        sender=cast(Any, None),
        gateway=cast(Any, None),
        meter=cast(Any, None),
        options=Options(zone=ZoneInfo("Asia/Shanghai"), data_dir=tmp_path),
    )


def write_rows(path: Path, *rows: dict[str, str], columns: Sequence[str] = OWNER_COLUMNS, encoding: str = "utf-8") -> Path:
    """Write a CSV file; what a row does not say is an empty cell."""
    with path.open("w", encoding=encoding, newline="") as file:
        writer = csv.DictWriter(file, columns, restval="")
        writer.writeheader()
        writer.writerows(rows)
    return path

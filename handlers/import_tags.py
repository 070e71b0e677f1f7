"""Tags from registers: many owners at once, only what differs is written."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from sqlalchemy import delete, insert, select, tuple_

from handlers.runtime import Runtime
from handlers.tag_rules import DAYS_A_MONTH
from models.database import Transaction
from models.tags import OwnerTag, Tag, get_or_create_tag
from models.vocabulary import TagKind

SOURCE = "import"
Pairs = tuple[tuple[str, str], ...]
Held = dict[int, dict[str, list[Any]]]  # owner id -> key -> rows that are there


@dataclass(frozen=True, slots=True)
class News:
    """What a batch changes, by (owner id, tag id)."""

    new: dict[tuple[int, int], dict[str, Any]]
    gone: set[tuple[int, int]]

    def count(self) -> int:
        """Return how many changes there are."""
        return len(self.new) + len(self.gone)


class TagBook:
    """Writes tags; the ids of tags are looked up once."""

    def __init__(self, runtime: Runtime) -> None:
        self.runtime = runtime
        self._ids: dict[tuple[str, str], int] = {}

    def write(self, tx: Transaction, wanted: Sequence[tuple[int, Pairs]]) -> list[int]:
        """Give owners their tags and return the positions that changed something.

        A key that a register names gets the register's values: other values go when the key has one value only, or
        when an import brought them. A living tag that is there already stays as it is.
        """
        held = self._read(tx, [owner_id for owner_id, pairs in wanted if pairs])
        news = News({}, set())
        changed = []
        for at, (owner_id, pairs) in enumerate(wanted):
            before = news.count()
            for key in dict.fromkeys(key for key, _ in pairs):
                ids = {self._get_id(tx, *pair) for pair in pairs if pair[0] == key}
                self._compare(owner_id, key, ids, held.get(owner_id, {}).get(key, []), news)
            if news.count() > before:
                changed.append(at)
        if news.gone:
            tx.connection.execute(delete(OwnerTag).where(tuple_(OwnerTag.owner_id, OwnerTag.tag_id).in_(news.gone)))
        if news.new:
            tx.connection.execute(insert(OwnerTag), list(news.new.values()))
        return changed

    def _compare(self, owner_id: int, key: str, ids: set[int], held: list[Any], news: News) -> None:
        """Note what must come and go for one key of one owner."""
        now, rule = self.runtime.now(), self.runtime.content.vocabulary.keys[key]
        living = {row.tag_id for row in held if row.expires_at is None or row.expires_at > now}
        for row in held:
            is_replaced = rule.kind is not TagKind.MULTI or row.source == SOURCE
            if row.tag_id not in living or (row.tag_id not in ids and is_replaced):
                news.gone.add((owner_id, row.tag_id))
        months = rule.expires_months
        expires_at = now + timedelta(days=months * DAYS_A_MONTH) if months else None
        fresh = {"owner_id": owner_id, "source": SOURCE, "at": now, "expires_at": expires_at}
        for tag_id in ids - living:
            news.new[owner_id, tag_id] = {**fresh, "tag_id": tag_id}

    def _read(self, tx: Transaction, owner_ids: Sequence[int]) -> Held:
        if not owner_ids:
            return {}
        statement = (
            select(OwnerTag.owner_id, OwnerTag.tag_id, OwnerTag.source, OwnerTag.expires_at, Tag.key)
            .join(Tag, Tag.id == OwnerTag.tag_id)
            .where(OwnerTag.owner_id.in_(owner_ids))
        )
        held: Held = {}
        for row in tx.connection.execute(statement):
            held.setdefault(row.owner_id, {}).setdefault(row.key, []).append(row)
        return held

    def _get_id(self, tx: Transaction, key: str, value: str) -> int:
        if (key, value) not in self._ids:
            self._ids[key, value] = get_or_create_tag(tx.connection, key, value)
        return self._ids[key, value]

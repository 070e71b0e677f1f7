"""Thousands of rows at once are the same rows as one at a time, on both databases."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from models.bulk import insert_many
from models.database import Database, table_of
from models.owners import Owner, PhoneState, reserve_ids
from models.tag_changes import TagChange
from models.tags import OwnerTag, get_or_create_tag

AT = datetime(2026, 11, 21, 2, 3, 4, 567890, tzinfo=UTC)


def owners(ids: list[int]) -> list[dict[str, object]]:
    state = {"phone_state": PhoneState.UNCHECKED.value, "phone_failures": 0, "created_at": AT}
    return [
        {"id": each, "name": f'业主"{each}', "phone": None if each % 2 else "138", "birthday": None, **state} for each in ids
    ]


@pytest.mark.parametrize("number", [3, 300])
def test_values_of_every_kind_come_back_as_they_went_in(database: Database, number: int) -> None:
    with database.transaction() as tx:
        ids = list(reserve_ids(tx, number))
        insert_many(tx, table_of(Owner), owners(ids))
        before = [{"value": "犬", "at": None}]
        values = {"key": "pet.kind", "value": "猫", "action": "add", "source": "import", "by": "cli", "at": AT}
        insert_many(tx, table_of(TagChange), [{"owner_id": each, "before": before, **values} for each in ids])
    with database.reading() as tx:
        rows = tx.session.scalars(select(Owner).order_by(Owner.id)).all()
        assert [(row.id, row.name) for row in rows] == [(each, f'业主"{each}') for each in ids]
        assert {row.created_at for row in rows} == {AT}
        assert {row.phone for row in rows} == {None, "138"}
        assert all(change.before == before for change in tx.session.scalars(select(TagChange)))


@pytest.mark.parametrize("number", [3, 300])
def test_a_row_that_is_there_stays_where_that_is_wanted(database: Database, number: int) -> None:
    with database.transaction() as tx:
        ids = list(reserve_ids(tx, number))
        insert_many(tx, table_of(Owner), owners(ids))
        tag_id = get_or_create_tag(tx.connection, "pet.kind", "犬")
        rows = [{"owner_id": each, "tag_id": tag_id, "source": "a", "at": AT} for each in ids]
        insert_many(tx, table_of(OwnerTag), rows[:1])
        insert_many(tx, table_of(OwnerTag), [{**row, "source": "b"} for row in rows], skips_known=True)
    with database.reading() as tx:
        sources = [row.source for row in tx.session.scalars(select(OwnerTag).order_by(OwnerTag.owner_id))]
        assert sources == ["a"] + ["b"] * (number - 1)
    with pytest.raises(IntegrityError), database.transaction() as tx:
        insert_many(tx, table_of(OwnerTag), rows)


def test_reserved_ids_are_never_given_twice(database: Database) -> None:
    with database.transaction() as tx:
        first = list(reserve_ids(tx, 2))
        insert_many(tx, table_of(Owner), owners(first))
        tx.session.delete(tx.session.get_one(Owner, first[-1]))
        tx.flush()
        assert set(reserve_ids(tx, 2)).isdisjoint(first)

"""The register of who is known where: no table may be added and a person forgotten in it."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from models.personal import HOLDINGS, NO_RESIDENT, Fate, Person, list_holdings
from models.tables import METADATA

EVERYBODY = Person(("hers",), 1)
NAMING = {"openid", "owner_id", "phone", "birthday"}


def test_every_table_is_in_the_register_or_holds_nobody() -> None:
    unknown = set(METADATA.tables) - set(HOLDINGS) - set(NO_RESIDENT)
    assert unknown == set(), "say in models/personal.py how a person's rows are found and what becomes of them"


def test_no_table_is_both() -> None:
    assert set(HOLDINGS) & set(NO_RESIDENT) == set()
    assert set(NO_RESIDENT) - set(METADATA.tables) == set()


@pytest.mark.parametrize("name", sorted(NO_RESIDENT))
def test_a_table_that_holds_nobody_has_no_column_that_names_somebody(name: str) -> None:
    if not name.startswith("staff"):
        assert {column.name for column in METADATA.tables[name].columns} & NAMING == set()


@pytest.mark.parametrize("holding", list_holdings(), ids=lambda each: each.table)
def test_a_holding_finds_rows_hides_and_blanks_columns_that_there_are(holding) -> None:
    names = {column.name for column in holding.source.columns}
    assert str(select(holding.source).where(holding.find(EVERYBODY)))
    assert {*holding.hidden, *holding.blank} <= names
    assert holding.reason


@pytest.mark.parametrize("holding", list_holdings(), ids=lambda each: each.table)
def test_what_is_kept_without_her_loses_every_column_that_names_her(holding) -> None:
    names = {column.name for column in holding.source.columns}
    if holding.fate is Fate.ANONYMISE:
        assert names & {"openid", "owner_id", "text", "note", "slots", "summary"} <= set(holding.blank)


def test_what_points_to_a_row_is_forgotten_before_it() -> None:
    order = [each.table for each in list_holdings() if each.fate is not Fate.KEEP]
    erased = [each.table for each in list_holdings() if each.fate is Fate.ERASE]
    wrong = []
    for name in order:
        for key in METADATA.tables[name].foreign_keys:
            target = key.column.table.name
            if target in erased and order.index(target) < order.index(name):
                wrong.append(f"{name} -> {target}")
    assert wrong == []

"""The people of the owners' benchmark are made by SQL that both databases read alike, and everything is asked of them."""

from __future__ import annotations

import pytest
from sqlalchemy import func, select

from bench import owners
from bench.people import NOW, SPREAD, open_people
from models.audience.parse import parse_audience
from models.audience.queries import count_audience
from models.owners import Owner
from models.places import Room
from models.tags import OwnerTag
from tests.databases import Postgres


@pytest.mark.parametrize("name", ["sqlite", "postgresql"])
def test_everybody_has_a_home_and_eight_tags_on_both_databases(
    name: str, request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch, tmp_path
) -> None:
    monkeypatch.setattr(owners, "CHANGED", 10)
    monkeypatch.setattr(owners, "PEOPLE", 400)
    url = f"sqlite:///{tmp_path}/few.sqlite"
    if name == "postgresql":
        server: Postgres = request.getfixturevalue("postgres_server")
        url = server.create(has_schema=False)
    with open_people(url, 400) as database:
        with database.reading() as tx:
            people = tx.session.scalar(select(func.count()).select_from(Owner))
            tags = tx.session.scalar(select(func.count()).select_from(OwnerTag))
            assert (people, tags) == (400, 400 * len(SPREAD))
            assert tx.session.scalars(select(Room.label).order_by(Room.id).limit(1)).one() == "1栋-1单元-101"
            found = count_audience(tx.connection, parse_audience("养犬", owners.read_vocabulary()), NOW, NOW.date())
            assert 0.1 < found / 400 < 0.25
        figures = owners.measure(name, database, 1)
    assert {each.what for each in figures} >= {"card of an owner", "coverage of every key", "pages of rolls written anew"}
    assert all(len(each.row) == 6 for each in figures)
    if name == "postgresql":
        server.drop(url)

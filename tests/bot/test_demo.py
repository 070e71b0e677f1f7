"""The demo community: what a newcomer finds in it fits together."""

from __future__ import annotations

from collections import Counter

import pytest
from sqlalchemy import select

from bot.demo import load_demo
from models.cases import CaseEvent, Complaint, Order
from models.staff import Staff
from models.tasks import Task
from tests.world import World

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
STANDS = {"confirmed": "done", "accepted": "accepted"}


def test_every_case_of_the_demo_has_its_task_and_its_story_and_the_first_butler_begins_with_empty_hands(world: World) -> None:
    assert load_demo(world.runtime)
    with world.runtime.database.reading() as tx:
        cases = {row.no: row for table in (Order, Complaint) for row in tx.session.scalars(select(table))}
        works = {row.no: row for row in tx.session.scalars(select(Task))}
        events = Counter(tx.session.scalars(select(CaseEvent.event)))
        butler = tx.session.scalar(select(Staff.id).where(Staff.openid == "oDEMO_wang"))
    assert cases.keys() == works.keys()
    assert {no: STANDS[row.status] for no, row in cases.items()} == {no: row.status for no, row in works.items()}
    assert all(row.updated_at <= world.runtime.now() for row in cases.values())
    assert events["booked"] == events["accepted"] == len(cases)
    assert events["done"] == events["confirmed"] == sum(row.status == "done" for row in works.values())
    assert butler is not None
    assert not [row for row in works.values() if row.assignee_id == butler and row.status != "done"]
    assert not load_demo(world.runtime), "a second start adds nothing"

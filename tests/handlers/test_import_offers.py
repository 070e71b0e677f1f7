from __future__ import annotations

import re
from datetime import UTC, date, datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from sqlalchemy import select

from handlers.import_bills import BILL_COLUMNS
from handlers.import_offers import OFFER_COLUMNS, OFFER_EXTRAS
from handlers.import_points import POINT_COLUMNS
from handlers.imports import import_bills, import_offers, import_owners, import_points
from handlers.mirror_rules import MirrorBook
from models.bills import Bill
from models.offers import Offer
from models.points import PointEntry
from tests.handlers.registers import PERSON, make_runtime, read_vocabulary, write_rows

COURSE = {"code": "tea-1", "kind": "course", "community": "阳光", "title": "茶艺", "price": "12.5", "stock": "8"} | {
    "starts_at": "2026-12-01 09:30",
    "deadline_at": "2026-11-30",
}
BILL = (
    {key: PERSON[key] for key in ("community", "building", "unit", "room")}
    | {"item": "物业费", "period": "2026-10"}
    | {
        "amount": "180.50",
        "due_on": "2026-11-10",
    }
)
POINTS = {"phone": "13812345678", "points": "5", "reason": "投稿", "on": "2026-11-20"}


@pytest.fixture
def runtime(database, tmp_path) -> Any:
    runtime = make_runtime(database, tmp_path)
    content = SimpleNamespace(vocabulary=read_vocabulary(), services={"elderly.senior_college": None}, mirror=MirrorBook())
    object.__setattr__(runtime, "content", content)
    person = PERSON | {"phone": "13812345678", "openid": "o_wang"}
    import_owners(runtime, write_rows(tmp_path / "owners.csv", person))
    return runtime


def load(importing, runtime, tmp_path, columns, *rows, **options):
    report = importing(runtime, write_rows(tmp_path / "rows.csv", *rows, columns=columns), **options)
    return (report.created, report.updated, report.unchanged), report.problems


def every(runtime, model):
    with runtime.database.reading() as tx:
        return tx.session.scalars(select(model).order_by(model.id)).unique().all()


def test_offers_come_in_once_and_the_second_time_say_what_is_new(runtime, tmp_path):
    assert load(import_offers, runtime, tmp_path, OFFER_COLUMNS, COURSE) == ((1, 0, 0), [])
    assert load(import_offers, runtime, tmp_path, OFFER_COLUMNS, COURSE) == ((0, 0, 1), [])
    assert load(import_offers, runtime, tmp_path, OFFER_COLUMNS, COURSE | {"stock": "10"}) == ((0, 1, 0), [])
    (offer,) = every(runtime, Offer)
    assert (offer.price_fen, offer.stock, offer.status) == (1250, 10, "open")
    assert offer.starts_at == datetime(2026, 12, 1, 1, 30, tzinfo=UTC)
    assert offer.deadline_at == datetime(2026, 11, 30, 15, 59, tzinfo=UTC)


def test_an_offer_may_name_its_service_and_its_age(runtime, tmp_path):
    columns = (*OFFER_COLUMNS, *OFFER_EXTRAS)
    row = COURSE | {"service": "elderly.senior_college", "ages": "adult"}
    assert load(import_offers, runtime, tmp_path, columns, row)[0] == (1, 0, 0)
    assert every(runtime, Offer)[0].ages == "adult"


def test_how_a_round_ended_is_not_overwritten(runtime, tmp_path):
    row = COURSE | {"kind": "group_buy", "min_count": "2", "status": "open"}
    load(import_offers, runtime, tmp_path, OFFER_COLUMNS, row)
    with runtime.transaction() as tx:
        tx.session.scalars(select(Offer)).one().status = "cancelled"
    assert load(import_offers, runtime, tmp_path, OFFER_COLUMNS, row) == ((0, 0, 1), [])


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"code": "茶艺"}, "code '茶艺' is no code"),
        ({"kind": "class"}, "kind 'class' is unknown, write one of course, activity, goods, group_buy, loan"),
        ({"price": "12.555"}, "price '12.555' is no amount in yuan, write it like 180 or 180.50"),
        ({"stock": "-1"}, "stock '-1' is no whole number"),
        ({"starts_at": "2026-12-01 25:00"}, "starts_at '2026-12-01 25:00' is no time"),
        ({"deadline_at": "2026-12-02"}, "deadline_at lies after starts_at, correct one"),
        ({"kind": "group_buy", "deadline_at": ""}, "deadline_at is empty, a group_buy needs one"),
        ({"kind": "loan"}, "loan_days is empty, a loan needs it"),
        ({"min_count": "9"}, "min_count is more than stock"),
        ({"community": "别处"}, "community '别处' is unknown, import its owners first"),
        ({"title": ""}, "title is empty"),
    ],
)
def test_a_bad_offer_is_named_with_its_line_and_nothing_comes_in(runtime, tmp_path, change, said):
    counts, problems = load(import_offers, runtime, tmp_path, OFFER_COLUMNS, COURSE | {"code": "ok"}, COURSE | change)
    assert counts == (0, 0, 0)
    assert any(problem.startswith(f"line 3: {said}") for problem in problems), problems
    assert every(runtime, Offer) == []


def test_bills_come_in_once_and_a_payment_is_kept(runtime, tmp_path):
    assert load(import_bills, runtime, tmp_path, BILL_COLUMNS, BILL) == ((1, 0, 0), [])
    assert load(import_bills, runtime, tmp_path, BILL_COLUMNS, BILL | {"paid_on": "2026-11-05"}) == ((0, 1, 0), [])
    assert load(import_bills, runtime, tmp_path, BILL_COLUMNS, BILL) == ((0, 0, 1), [])
    (bill,) = every(runtime, Bill)
    assert (bill.amount_fen, bill.paid_on) == (18050, date(2026, 11, 5))


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"amount": "1.234"}, "amount '1.234' is no amount"),
        ({"amount": ""}, "amount is empty"),
        ({"room": "999"}, "room 阳光-1栋-1单元-999 is in no register of owners"),
        ({"paid_on": "2027-01-01"}, "paid_on '2027-01-01' lies in the future"),
        ({}, "room, item and period are also those of line 2"),
    ],
)
def test_a_bad_bill_is_named_with_its_line(runtime, tmp_path, change, said):
    rows = (BILL | ({"period": "2026-09"} if change else {}), BILL | change)
    counts, problems = load(import_bills, runtime, tmp_path, BILL_COLUMNS, *rows)
    assert counts == (0, 0, 0)
    assert any(problem.startswith(f"line 3: {said}") for problem in problems), problems


def test_good_rows_come_in_beside_bad_ones_when_asked(runtime, tmp_path):
    rows = (BILL, BILL | {"room": "999"})
    counts, problems = load(import_bills, runtime, tmp_path, BILL_COLUMNS, *rows, skip_bad=True)
    assert (counts, len(problems)) == ((1, 0, 0), 1)
    assert (tmp_path / "rows.rejected.csv").exists()


def test_points_come_in_once_by_phone_or_openid(runtime, tmp_path):
    by_openid = {"openid": "o_wang", "points": "-2", "reason": "换雨伞", "on": "2026-11-21"}
    assert load(import_points, runtime, tmp_path, POINT_COLUMNS, POINTS, by_openid) == ((2, 0, 0), [])
    assert load(import_points, runtime, tmp_path, POINT_COLUMNS, POINTS, by_openid) == ((0, 0, 2), [])
    assert [entry.points for entry in every(runtime, PointEntry)] == [5, -2]


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"points": "0"}, "points '0' is no number of points"),
        ({"phone": "13900000000"}, "names nobody of the register"),
        ({"phone": ""}, "phone and openid are empty"),
        ({}, "says the same as line 2"),
    ],
)
def test_a_bad_row_of_points_is_named_with_its_line(runtime, tmp_path, change, said):
    rows = (POINTS | ({"reason": "别的"} if change else {}), POINTS | change)
    counts, problems = load(import_points, runtime, tmp_path, POINT_COLUMNS, *rows)
    assert counts == (0, 0, 0)
    assert any(problem.startswith(f"line 3: {said}") for problem in problems), problems


def test_the_tables_of_the_guide_go_in(world, tmp_path):
    guide = (Path(__file__).parents[2] / "docs" / "上架与账单.md").read_text(encoding="utf-8")
    world.owner("张阿姨", phone="13800000001")
    for kind, importing, rows in (("offers", import_offers, 7), ("bills", import_bills, 2), ("points", import_points, 2)):
        table = re.findall(rf"^```csv {kind}\n(.*?)^```", guide, re.MULTILINE | re.DOTALL)[0]
        (tmp_path / f"{kind}.csv").write_text(table, encoding="utf-8")
        report = importing(world.runtime, tmp_path / f"{kind}.csv")
        assert (report.problems, report.created) == ([], rows)

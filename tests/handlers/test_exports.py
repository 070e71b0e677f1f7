from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from handlers import export_rows, exports
from handlers.errors import InvalidInputError
from handlers.exports import READERS, export, mask_phone
from handlers.import_staff import STAFF_COLUMNS
from handlers.imports import import_owners, import_staff
from handlers.runtime import Runtime
from models.audits import AuditEntry
from models.campaigns import Campaign, Delivery
from models.cases import CaseEvent, Complaint, Order
from models.owners import Owner
from models.staff import Staff
from models.tasks import Task
from tests.handlers.registers import NOW, PERSON, make_runtime, write_rows

AT = "2026-11-21T12:00:00+08:00"
WHEN = {"created_at": NOW, "updated_at": NOW}


@pytest.fixture
def runtime(database, tmp_path) -> Runtime:
    runtime = make_runtime(database, tmp_path)
    owner = PERSON | {"phone": "13812345678", "openid": "o_wang", "moved_in_on": "2026-01-01", "tags": "pet.kind=犬"}
    import_owners(runtime, write_rows(tmp_path / "owners.csv", owner, PERSON | {"name": "李娜", "phone": "057188888888"}))
    rows = [
        {"name": "赵敏", "phone": "13700000001", "role": "butler", "openid": "o_zhao", "buildings": "阳光/1栋"},
        {"name": "好修", "role": "supplier"},
    ]
    import_staff(runtime, write_rows(tmp_path / "staff.csv", *rows, columns=STAFF_COLUMNS))
    return runtime


def rows(runtime: Runtime, kind: str, **options: Any) -> list[dict[str, Any]]:
    found = list(export(runtime, kind, **options))
    json.dumps(found)
    return found


def add(runtime: Runtime, *things: Any) -> None:
    with runtime.transaction() as tx:
        tx.session.add_all(things)


def id_of(runtime: Runtime, model: Any, name: str) -> int:
    with runtime.database.reading() as tx:
        return tx.session.scalars(select(model.id).where(model.name == name)).one()


def test_owners_have_the_fields_of_the_contract(runtime):
    first, second = rows(runtime, "owners")
    assert first == {
        "id": first["id"],
        "name": "王伟",
        "phone": "138****5678",
        "community": "阳光",
        "building": "1栋",
        "unit": "1单元",
        "room": "101",
        "relation": "业主",
        "moved_in_on": "2026-01-01",
        "stage": "磨合期",
        "openid": "o_wang",
        "birthday": None,
        "tags": {"pet.kind": ["犬"]},
    }
    assert (second["phone"], second["openid"], second["stage"], second["tags"]) == ("********8888", None, "准业主", {})


def test_phones_in_full_are_audited_with_the_count(runtime):
    assert [row["phone"] for row in rows(runtime, "owners", unmask=True, by="cli:me")] == ["13812345678", "057188888888"]
    with runtime.database.reading() as tx:
        entry = tx.session.scalars(select(AuditEntry).where(AuditEntry.action == "export")).one()
    assert (entry.by, entry.subject, entry.detail) == ("cli:me", "export:owners", {"count": 2, "unmask": True})


def test_masked_exports_are_audited_too_because_alarms_count_them(runtime):
    assert len(rows(runtime, "owners", by="cli:me")) == 2
    with runtime.database.reading() as tx:
        entry = tx.session.scalars(select(AuditEntry).where(AuditEntry.action == "export")).one()
    assert (entry.by, entry.detail) == ("cli:me", {"count": 2, "unmask": False})


def test_a_reader_who_stops_early_is_audited_too(runtime):
    reading = export(runtime, "owners", unmask=True)
    next(reading)
    reading.close()
    assert rows(runtime, "audit")[-1]["detail"] == {"count": 1, "unmask": True}


def test_staff_and_suppliers(runtime):
    butler, supplier = rows(runtime, "staff")
    assert (butler["name"], butler["role"], butler["openid"]) == ("赵敏", "butler", "o_zhao")
    assert (butler["buildings"], butler["phone"]) == (["阳光/1栋"], "137****0001")
    assert rows(runtime, "suppliers") == [supplier]


def test_orders_and_tasks(runtime):
    staff_id, owner_id = id_of(runtime, Staff, "赵敏"), id_of(runtime, Owner, "王伟")
    slots = {"phone": {"value": "13812345678", "label": "138 1234 5678"}, "when": {"value": "2026-11-22", "label": "明天"}}
    order = Order(no="D2611210001", service="base.repair", owner_id=owner_id, openid="o_wang", slots=slots, amount_fen=500)
    order.assignee_id, order.created_at, order.updated_at = staff_id, NOW, NOW
    add(runtime, order)
    (row,) = rows(runtime, "orders")
    assert row["slots"] == {"phone": "138****5678", "when": "2026-11-22"}
    expected = {"no": "D2611210001", "service": "base.repair", "status": "booked", "owner_id": owner_id}
    expected |= {"openid": "o_wang", "assignee_openid": "o_zhao", "amount_fen": 500, "created_at": AT}
    assert expected.items() <= row.items()
    due = NOW + timedelta(hours=1)
    add(runtime, Task(no="R1", kind="order", order_id=row["id"], assignee_id=staff_id, due_at=due, created_at=NOW))
    (task,) = rows(runtime, "tasks")
    expected = {"no": "R1", "kind": "order", "status": "open", "assignee_openid": "o_zhao", "order_id": row["id"]}
    assert (expected | {"complaint_id": None, "due_at": "2026-11-21T13:00:00+08:00"}).items() <= task.items()


def test_complaints_have_their_history_in_order(runtime):
    complaint = Complaint(no="T1", category="noise", text="请打 13812345678", **WHEN)
    add(runtime, complaint)
    for hours, event in ((2, "accepted"), (0, "booked")):
        add(runtime, CaseEvent(complaint_id=complaint.id, event=event, by="o", at=NOW + timedelta(hours=hours)))
    (row,) = rows(runtime, "complaints")
    assert row["text"] == "请打 138****5678"
    assert [each["event"] for each in row["history"]] == ["booked", "accepted"]
    assert row["history"][0] == {"at": AT, "event": "booked", "by": "o"}


def test_campaigns_and_deliveries(runtime):
    owner_id = id_of(runtime, Owner, "王伟")
    campaign = Campaign(name="中秋", audience="全部", text="好", due_at=NOW, by="cli", created_at=NOW, matched=1)
    add(runtime, campaign)
    add(runtime, Delivery(campaign_id=campaign.id, owner_id=owner_id, status="skipped", reason="quiet", due_at=NOW))
    (row,) = rows(runtime, "campaigns")
    assert {"name": "中秋", "audience": "全部", "status": "running", "counts": {"skipped": 1}}.items() <= row.items()
    (row,) = rows(runtime, "deliveries")
    expected = {"campaign": campaign.id, "owner_id": owner_id, "openid": None, "channel": None, "status": "skipped"}
    assert (expected | {"reason": "quiet", "attempts": 0, "sent_at": None}).items() <= row.items()


@pytest.mark.parametrize("kind", ["visits", "responses", "payments", "consents"])
def test_a_kind_without_rows_is_empty(runtime, kind):
    assert rows(runtime, kind) == []


def test_every_page_is_read_once(runtime, monkeypatch):
    monkeypatch.setattr(export_rows, "BATCH", 1)
    monkeypatch.setattr(exports, "BATCH", 1)
    assert [row["name"] for row in rows(runtime, "owners")] == ["王伟", "李娜"]
    assert [row["name"] for row in rows(runtime, "suppliers")] == ["好修"]


def test_an_unknown_kind_is_refused_at_once(runtime):
    with pytest.raises(InvalidInputError, match="there is no export cats"):
        export(runtime, "cats")


def test_the_command_line_offers_every_kind():
    from bot.commands.registers import KINDS

    assert tuple(READERS) == KINDS


@pytest.mark.parametrize(("phone", "masked"), [("13812345678", "138****5678"), ("057188888888", "********8888"), ("1", "1")])
def test_masks(phone, masked):
    assert mask_phone(phone) == masked

"""Rows for the staff pages: orders, complaints, pictures, tasks, pushes. Each function writes and returns what it made."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

from models.campaigns import Campaign, Delivery
from models.cases import Attachment, CaseEvent, Complaint, Order
from models.tasks import Task
from tests.world import World

PNG = bytes.fromhex(
    "89504e470d0a1a0a0000000d49484452000000010000000108060000001f15c4890000000d49444154789c6360f8cf50"
    "0f0003860180015aa8b50000000049454e44ae426082"
)


def add_order(world: World, number: int = 1, **values: object) -> Order:
    now = world.clock.now()
    given = {
        "no": f"D261121{number:04d}",
        "service": "housekeeping.utilities",
        "status": "booked",
        "openid": "o1",
        "slots": {},
        "note": "",
        "created_at": now,
        "updated_at": now,
        **values,
    }
    with world.runtime.transaction() as tx:
        order = Order(**given)
        tx.session.add(order)
        tx.session.flush()
        tx.session.add(CaseEvent(order_id=order.id, event="booked", by="张阿姨", at=now))
        return order


def add_complaint(world: World, number: int = 1, **values: object) -> Complaint:
    now = world.clock.now()
    given = {
        "no": f"T261121{number:04d}",
        "category": "noise",
        "text": "楼上半夜装修",
        "status": "booked",
        "openid": "o1",
        "slots": {},
        "created_at": now,
        "updated_at": now,
        **values,
    }
    with world.runtime.transaction() as tx:
        complaint = Complaint(**given)
        tx.session.add(complaint)
        tx.session.flush()
        tx.session.add(CaseEvent(complaint_id=complaint.id, event="booked", by="张阿姨", at=now))
        return complaint


def add_task(world: World, no: str, **values: object) -> Task:
    given = {"no": no, "kind": "order", "status": "open", "created_at": world.clock.now(), **values}
    with world.runtime.transaction() as tx:
        task = Task(**given)
        tx.session.add(task)
        return task


def add_picture(world: World, *, path: str | None, content_type: str = "image/png", **values: object) -> int:
    """Add an attachment row; a file is written only for a path inside the media folder."""
    now = world.clock.now()
    with world.runtime.transaction() as tx:
        row = Attachment(
            openid="o1",
            kind="image",
            media_id="m",
            path=path,
            content_type=content_type,
            status="kept",
            due_at=now,
            created_at=now,
            **values,
        )
        tx.session.add(row)
        tx.session.flush()
        return row.id


def write_file(world: World, path: str, content: bytes = PNG) -> Path:
    file = world.runtime.options.data_dir / path
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(content)
    return file


def add_campaign(world: World, deliveries: list[tuple[int, str, str | None]], **values: object) -> Campaign:
    """Add a push with deliveries as (owner id, status, reason)."""
    now = world.clock.now()
    given = {
        "name": "停水通知",
        "audience": "building = 1栋",
        "text": "明早八点到十点停水",
        "due_at": now,
        "created_at": now,
        "by": "cli",
        "matched": len(deliveries),
        "counts": {},
        **values,
    }
    with world.runtime.transaction() as tx:
        campaign = Campaign(**given)
        tx.session.add(campaign)
        tx.session.flush()
        for owner_id, status, reason in deliveries:
            is_sent = status in {"sent", "delivered"}
            tx.session.add(
                Delivery(
                    campaign_id=campaign.id,
                    owner_id=owner_id,
                    status=status,
                    reason=reason,
                    due_at=now - timedelta(hours=1),
                    channel="message" if is_sent else None,
                    sent_at=now if is_sent else None,
                )
            )
        return campaign

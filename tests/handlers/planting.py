"""A person planted in every table that knows people, so that a copy and an erasure can be held against all of them."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from sqlalchemy import insert, select

from handlers import consents, pushes
from handlers.ports import Inbound
from models.base import Base
from models.consents import PersonIds
from models.database import Transaction
from models.owners import Owner
from models.personal import find_person, list_holdings
from models.tags import get_or_create_tag
from tests.world import World

OPENID, NAME, PHONE = "oABCDEFGHIJKLMNOPQRSTUVWXYZ1", "欧阳桂兰", "13812345678"
OLD_PHONE = "13987654321"
TRACES = (OPENID, NAME, PHONE, OLD_PHONE)


class FakeLinks:
    """Makes addresses that tell what they are for."""

    def link(self, name: str, until: object) -> str:
        return f"https://example.test/files/{name}"


class FakeTraces:
    """Remembers whom it was told to forget."""

    def __init__(self) -> None:
        self.forgotten: list[str] = []

    def forget(self, openids: Any) -> int:
        self.forgotten += openids
        return len(openids)


def talk(world: World) -> str:
    """Let her speak, staff speak of her, and push to her; returns the number of her order, which is open."""
    world.say(OPENID, "我家厨房水管漏水了")
    world.say(OPENID, "明天下午三点")
    world.picture(OPENID, "leak-1")
    world.say(OPENID, "确认")
    world.tick()
    with world.runtime.database.reading() as tx:
        no = tx.connection.execute(select(Base.metadata.tables["order"].c.no)).scalars().one()
    world.say("wang", f"接单 {no}")
    world.tick()
    world.say("wang", "任务")
    world.say("wang", f"标签 {NAME} +养犬")
    world.say(OPENID, f"我是{NAME}，电话{PHONE}，你们这个事情怎么弄来着")
    world.say(OPENID, "退订")
    world.say(OPENID, "恢复推送")
    pushes.create(world.runtime, audience="养犬", text="周六打疫苗。", topic="service")
    world.tick()
    return str(no)


def plant(world: World) -> str:
    """Plant her everywhere; returns the number of her open order."""
    owner_id = world.owner(NAME, openid=OPENID, phone=PHONE)
    world.staff("王管家", "wang")
    world.staff("赵主管", "zhao", role="supervisor", buildings=())
    no = talk(world)
    with world.runtime.transaction() as tx:
        fill(world, tx, owner_id)
    return no


def fill(world: World, tx: Transaction, owner_id: int) -> None:
    """Write rows into the tables that talking has not reached."""
    now = world.runtime.now()
    consents.record(world.runtime, tx, PersonIds(owner_id, OPENID), "profile", True, "chat", "k", "owner")
    owner = tx.session.get_one(Owner, owner_id)
    owner.birthday = now.date()
    tx.flush()
    orders = Base.metadata.tables["order"]
    order_id = tx.connection.scalar(select(orders.c.id).where(orders.c.owner_id == owner_id))
    run_id = _put(tx, "script_run", openid=OPENID, owner_id=owner_id, script="survey.owner", revision="r", started_at=now)
    who = {"owner_id": owner_id, "openid": OPENID}
    said = {"source": "bot", "by": f"owner:{owner_id}", "at": now}
    staff_id = tx.connection.scalar(select(Base.metadata.tables["staff"].c.id))
    rows: dict[str, dict[str, Any]] = {
        "complaint": {
            **who,
            "no": "T1",
            "category": "noise",
            "text": f"{NAME}被吵醒了",
            "status": "confirmed",
            "room_label": "",
            "slots": {"who": {"value": NAME, "label": NAME}},
            "created_at": now,
            "updated_at": now,
        },
        "feedback": {
            **who,
            "no": "F1",
            "kind": "praise",
            "text": f"{NAME}：谢谢",
            "status": "booked",
            "room_label": "",
            "slots": {},
            "created_at": now,
            "updated_at": now,
        },
        "push_stop": {"openid": OPENID, "topic": "car", "at": now},
        "account_mark": {"openid": OPENID},
        "account_change": {"openid": OPENID, "what": "remark", "ours": NAME, "theirs": NAME, "at": now},
        "bind_attempt": {"openid": OPENID, "at": now},
        "early_report": {"message_id": "m-early", "outcome": "success", "at": now},
        "order_secret": {"order_id": order_id, "text": "取件码 8-8-8", "created_at": now},
        "point_entry": {"owner_id": owner_id, "points": 2, "reason": "打分", "key": "rating:1", "at": now},
        "phone_event": {
            "owner_id": owner_id,
            "phone": OLD_PHONE,
            "action": "replaced",
            "state": "空号",
            "by": "staff:1",
            "at": now,
        },
        "tag_change": {"owner_id": owner_id, "key": "pet.kind", "value": "犬", "action": "add", "before": [], **said},
        "tag_conflict": {"owner_id": owner_id, "key": "car.count", "kept": "1", "other": "0", **said},
        "personal_export": {
            **who,
            "name": "n" * 30,
            "status": "ready",
            "requested_at": now,
            "expires_at": now + timedelta(days=1),
        },
        "answer": {
            **who,
            "run_id": run_id,
            "survey": "survey.owner",
            "revision": "r",
            "question": "q",
            "label": NAME,
            "raw": NAME,
            "source": "bot",
            "asker": "bot",
            "at": now,
        },
        "survey_invitation": {**who, "survey": "survey.owner", "status": "asked", "by": "cli", "at": now},
        "visit": {
            "owner_id": owner_id,
            "no": "V1",
            "kind": "visit",
            "survey": "survey.visit",
            "host_id": staff_id,
            "status": "coded",
            "outcome": "done",
            "opened_at": now,
            "note": f"{NAME}在家",
        },
        "owner_distinct": {"first_id": owner_id, "second_id": 999, "by": "cli", "at": now},
        "owner_merge": {"dropped_id": 999, "owner_id": owner_id, "dropped_name": NAME, "by": "cli", "moved": {}, "at": now},
    }
    for table, values in rows.items():
        if table in Base.metadata.tables:
            _put(tx, table, **values)
    tag_id = get_or_create_tag(tx.connection, "hobby", "太极")
    _put(tx, "owner_tag", owner_id=owner_id, tag_id=tag_id, source="bot", evidence=f"{NAME}说的", at=now)
    _put(tx, "offer", code="ladder", kind="loan", title="人字梯", status="open", unit="", note="", service="", ages="")
    offer_id = tx.connection.scalar(select(Base.metadata.tables["offer"].c.id))
    _put(tx, "booking", **who, offer_id=offer_id, quantity=1, status="returned", reminders=0, created_at=now)
    outbox = Base.metadata.tables["outbox"]
    newest = select(outbox.c.id).where(outbox.c.openid == OPENID).order_by(outbox.c.id.desc()).limit(1).scalar_subquery()
    tx.connection.execute(outbox.update().where(outbox.c.id == newest).values(message_id="m-early"))
    exports = world.runtime.options.data_dir / "exports"
    exports.mkdir(exist_ok=True)
    (exports / f"{'n' * 30}.json").write_text(NAME, encoding="utf-8")


def _put(tx: Transaction, table: str, **values: Any) -> int:
    made = tx.connection.execute(insert(Base.metadata.tables[table]).values(**values)).inserted_primary_key
    return int(made[0]) if made is not None and str(made[0]).isdigit() else 0


def list_empty_holdings(world: World) -> list[str]:
    """Return the tables that should know her and do not."""
    with world.runtime.database.reading() as tx:
        person = find_person(tx.session, OPENID)
        return [
            each.table
            for each in list_holdings()
            if not tx.connection.execute(select(1).select_from(each.source).where(each.find(person)).limit(1)).first()
        ]


def dump(world: World) -> str:
    """Return everything the database holds, as text."""
    with world.runtime.database.reading() as tx:
        rows = [
            f"{table.name} {tuple(row)}"
            for table in Base.metadata.sorted_tables
            for row in tx.connection.execute(select(table))
        ]
    return "\n".join(rows)


def receive(world: World, text: str) -> Inbound:
    """Return a message of hers as the edges hand it in."""
    return Inbound(key="k", openid=OPENID, kind="text", sent_at=world.clock.now(), text=text)

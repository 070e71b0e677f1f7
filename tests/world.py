"""A whole runtime for tests: real content, real database, a clock that stands, and the platform as a fake in the open."""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from sqlalchemy import func, select

from bot.clock import FixedClock
from bot.rules import next_time
from bot.sealing import SealingCipher
from dialogs.intents.understander import Understander
from handlers import inbound as door
from handlers import ticks
from handlers.content import Content
from handlers.ports import Inbound, Media, Outgoing, SendResult, TemplateMessage, TextMessage
from handlers.runtime import Options, Runtime
from models.database import Database
from models.followers import Follower
from models.owners import Owner, Residence
from models.staff import Staff, StaffBuilding
from models.tags import OwnerTag, get_or_create_tag
from tests.account import FakeAccount
from tests.places import give_building, give_room

CIPHER = SealingCipher("a key of tests, long enough for one")
SHANGHAI = ZoneInfo("Asia/Shanghai")
SATURDAY_TEN = datetime(2026, 11, 21, 10, 0, tzinfo=SHANGHAI).astimezone(UTC)


class FakeSender:
    """Takes every message; `answers` queues other results, `sent` is what arrived."""

    def __init__(self) -> None:
        self.sent: list[tuple[str, Outgoing]] = []
        self.answers: list[SendResult] = []

    def send_many(self, messages: Sequence[tuple[str, Outgoing]]) -> list[SendResult]:
        results = []
        for openid, message in messages:
            result = self.answers.pop(0) if self.answers else SendResult("sent", message_id=f"m{len(self.sent) + 1}")
            if result.status == "sent":
                self.sent.append((openid, message))
            results.append(result)
        return results

    def texts(self, openid: str) -> list[str]:
        """Return the texts a person got, templates as their values in a line."""
        return [_read(message) for to, message in self.sent if to == openid]


def _read(message: Outgoing) -> str:
    if isinstance(message, TextMessage):
        return message.text
    return " ".join(message.data.values()) if isinstance(message, TemplateMessage) else repr(message)


class FakeGateway(FakeAccount):
    """Gives one picture for every media_id, remembers the menu, and is the account with its followers and tags."""

    def __init__(self) -> None:
        super().__init__()
        self.menu: Sequence[Mapping[str, object]] | None = None
        self.conditional: dict[str, tuple[int, Sequence[Mapping[str, object]]]] = {}
        self.menuids = itertools.count(400)

    def publish_menu(self, buttons: Sequence[Mapping[str, object]]) -> None:
        self.menu = buttons

    def show_menu(self) -> Mapping[str, object] | None:
        variants = [{"menuid": int(menuid), "button": buttons} for menuid, (_, buttons) in self.conditional.items()]
        return {"menu": {"button": self.menu}, **({"conditionalmenu": variants} if variants else {})} if self.menu else None

    def publish_conditional_menu(self, buttons: Sequence[Mapping[str, object]], tag_id: int) -> str:
        menuid = str(next(self.menuids))
        self.conditional[menuid] = (tag_id, buttons)
        return menuid

    def remove_conditional_menu(self, menuid: str) -> None:
        del self.conditional[menuid]

    def create_qr_code(self, scene: str, expire_seconds: int | None = None) -> Mapping[str, str]:
        return {"ticket": scene, "url": scene, "image_url": scene}

    def download_media(self, media_id: str) -> Media:
        return Media(media_id.encode(), "image/jpeg")


class FakeQueue:
    """Remembers what it was asked to wake."""

    def __init__(self) -> None:
        self.woken: list[str] = []

    def wake(self, job: str, *ids: int) -> None:
        self.woken.append(job)


class FakeMeter:
    """Counts."""

    def __init__(self) -> None:
        self.counts: dict[str, int] = {}

    def redelivered(self) -> None:
        self.counts["redelivered"] = self.counts.get("redelivered", 0) + 1

    def late(self) -> None:
        self.counts["late"] = self.counts.get("late", 0) + 1

    def api_error(self, code: int | None, reason: str) -> None:
        self.counts[reason] = self.counts.get(reason, 0) + 1


@dataclass
class World:
    """A small estate one can talk to."""

    runtime: Runtime
    clock: FixedClock
    sender: FakeSender
    gateway: FakeGateway
    queue: FakeQueue
    meter: FakeMeter
    numbers: itertools.count[int] = field(default_factory=lambda: itertools.count(1))

    def receive(self, openid: str, **values: object) -> str:
        """Hand one message or event in and return the passive reply ("" is success)."""
        given = {"kind": "text", "key": f"k{next(self.numbers)}", "sent_at": self.clock.now(), **values}
        return door.handle(self.runtime, Inbound(openid=openid, **given)).text or ""  # type: ignore[arg-type]

    def say(self, openid: str, text: str) -> str:
        return self.receive(openid, text=text)

    def picture(self, openid: str, media_id: str = "media-1") -> str:
        return self.receive(openid, kind="image", media_id=media_id, url="http://example.test/p.jpg")

    def event(self, openid: str, event: str, key: str = "", **extra: str) -> str:
        return self.receive(openid, kind="event", event=event, event_key=key, extra=extra)

    def tick(self, after: timedelta = timedelta()) -> dict[str, int]:
        """Let time pass, then run everything that is due."""
        self.clock.advance(after)
        return ticks.tick(self.runtime, self.clock.now(), next_time)

    def texts(self, openid: str) -> list[str]:
        """Send what is due and return the texts the person got so far."""
        self.tick()
        return self.sender.texts(openid)

    def count(self, table: type) -> int:
        with self.runtime.database.reading() as tx:
            return tx.session.scalar(select(func.count()).select_from(table)) or 0

    def owner(
        self,
        name: str,
        *,
        openid: str | None = None,
        phone: str | None = None,
        room: str = "1栋-2单元-301",
        community: str = "阳光花园",
        relation: str = "业主",
        tags: Mapping[str, str] | None = None,
    ) -> int:
        """Add an owner to the register; with an openid she follows the account."""
        building, unit, number = room.split("-")
        now = self.clock.now()
        with self.runtime.transaction() as tx:
            room_id = give_room(tx.connection, community, building, unit, number)
            owner = Owner(name=name, phone=phone, created_at=now)
            tx.session.add(owner)
            tx.session.flush()
            tx.session.add(Residence(owner_id=owner.id, room_id=room_id, relation=relation))
            if openid:
                tx.session.add(Follower(openid=openid, owner_id=owner.id, is_following=True, message_sent=0, click_sent=0))
            tx.session.flush()
            for key, value in (tags or {}).items():
                rule = self.runtime.content.vocabulary.keys.get(key)
                tag_id = get_or_create_tag(tx.connection, key, rule.mark(value) if rule else value)
                tx.session.add(OwnerTag(owner_id=owner.id, tag_id=tag_id, source="test", at=now))
            return owner.id

    def staff(
        self,
        name: str,
        openid: str | None = None,
        *,
        role: str = "butler",
        buildings: Sequence[str] = ("1栋",),
        community: str = "阳光花园",
    ) -> int:
        """Add a staff member whose scope is these buildings; none of them means everywhere."""
        with self.runtime.transaction() as tx:
            staff = Staff(name=name, role=role, openid=openid, is_active=True)
            tx.session.add(staff)
            if openid:
                tx.session.add(
                    Follower(openid=openid, is_following=True, message_at=self.clock.now(), message_sent=0, click_sent=0)
                )
            tx.session.flush()
            places = {give_building(tx.connection, community, building) for building in buildings}
            tx.session.add_all(StaffBuilding(staff_id=staff.id, building_id=place) for place in sorted(places))
            return staff.id


def build_world(database: Database, content: Content, understander: Understander, folder: Path) -> World:
    """Return a World over a database."""
    clock, sender, gateway, queue, meter = FixedClock(SATURDAY_TEN), FakeSender(), FakeGateway(), FakeQueue(), FakeMeter()
    options = Options(zone=SHANGHAI, data_dir=folder, window_messages=20, templates={"task": "T1", "notice": "T2"})
    runtime = Runtime(database, content, understander, clock, queue, sender, gateway, meter, options)
    return World(runtime, clock, sender, gateway, queue, meter)

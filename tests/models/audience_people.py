"""A small random community for audience tests: several homes, ended ones, expired tags, missing dates, odd letters."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from random import Random

from sqlalchemy.orm import Session

from models.audience.people import Contact, HeldTag, Home, Person
from models.database import Database, Transaction
from models.followers import Follower
from models.owners import Owner, Residence
from models.tags import OwnerTag, get_or_create_tag
from models.vocabulary import parse_vocabulary
from tests.places import give_room

NOW = datetime(2026, 3, 15, 1, 30, tzinfo=UTC)
TODAY = date(2026, 3, 15)

VOCABULARY = parse_vocabulary(
    {
        "tags": {
            "pet.kind": {"label": "宠物", "kind": "multi", "values": ["无", "犬", "猫"], "aliases": {"狗": "犬"}},
            "car.count": {"label": "车辆数", "kind": "choice", "values": ["0", "1", "2+"], "aliases": {"没有车": "0"}},
            "house.use": {"label": "房屋用途", "kind": "choice", "values": ["自住", "出租", "空置"]},
            "house.stage": {"label": "业主阶段", "kind": "choice", "values": ["准业主", "老业主"], "is_computed": True},
            "family.role": {"label": "身份", "kind": "choice", "values": ["业主", "家人", "租客", "代办"]},
            "family.members": {"label": "常住人数", "kind": "number"},
            "car.inspect_month": {"label": "年检月份", "kind": "month"},
            "warranty.end": {"label": "保修到期", "kind": "date"},
            "reach.hours": {"label": "方便联系的时间", "kind": "text"},
            "hobby": {"label": "爱好", "kind": "multi", "values": ["广场舞", "太极"], "aliases": {"太极拳": "太极"}},
            "rel.vip": {"label": "重点关照", "kind": "multi", "values": ["无", "社团"]},
            "child.counsel": {
                "label": "孩子辅导",
                "kind": "choice",
                "values": ["在辅导"],
                "level": 2,
                "purpose": "minors",
                "is_in_audiences": False,
            },
        },
        "aliases": {
            "养犬": {"key": "pet.kind", "values": ["犬"]},
            "有车": {"key": "car.count", "values": ["1", "2+"]},
            "出租": {"key": "house.use", "values": ["出租"]},
            "租客": {"key": "family.role", "values": ["租客"]},
            "老业主": {"key": "house.stage", "values": ["老业主"]},
            "大家庭": {"key": "family.members", "min": 5},
        },
        "forbidden": ["收入", "宗教"],
    }
)

TAG_VALUES = {
    "pet.kind": ["无", "犬", "猫"],
    "car.count": ["0", "1", "2+"],
    "house.use": ["自住", "出租", "空置"],
    "family.role": ["业主", "租客"],
    "family.members": ["2", "3.5", "10"],
    "car.inspect_month": ["3", "03", "4月", "2026-03", "2026-12", "常"],
    "warranty.end": ["2026-03-14", "2026-03-15", "2027-01-01", "不详"],
    "reach.hours": ["19点后", "Weekend", "weekend", "50%_off", "o'clock", "7\\9"],
    "hobby": ["广场舞", "太极"],
    "rel.vip": ["无", "社团"],
}
WRITTEN = {  # the same houses, as each estate writes them
    "翠湖花园": (["1栋", "2幢", "3"], ["1单元", "2"], ["301", "12A"]),
    "和平里": (["一号楼", "02栋", "东3栋"], ["一单元", "2门"], ["0301", "12A室"]),
    "A%区": (["1", "二栋", "A座"], ["1", "2单元"], ["三零一", "12a"]),
}
BIRTHDAYS = [None, date(1950, 3, 15), date(1950, 3, 16), date(1966, 2, 28), date(2000, 2, 29), date(2026, 12, 1)]
MOVED_IN = [None, TODAY + timedelta(1), *(TODAY - timedelta(days) for days in (0, 364, 365, 730, 731, 2000))]
CREATED = [datetime(2026, 1, 1, hour, tzinfo=UTC) + timedelta(days=day) for hour in (0, 15, 16) for day in (0, 1, 30)]
EXPIRES = [None, None, NOW + timedelta(days=1), NOW, NOW - timedelta(seconds=1)]
MESSAGES = [None, NOW, NOW - timedelta(days=30), NOW - timedelta(days=30, seconds=1), NOW - timedelta(days=90)]


def make_people(seed: int, count: int) -> list[Person]:
    """Return people with everything that may be odd about them, ended homes left out."""
    random = Random(seed)
    return [_make_person(random, number) for number in range(1, count + 1)]


def _make_person(random: Random, number: int) -> Person:
    held = {(key, random.choice(values)) for key, values in TAG_VALUES.items() for _ in range(random.choice([0, 1, 1, 2]))}
    homes = {home.label + home.community: home for home in (_make_home(random) for _ in range(random.choice([0, 1, 1, 3])))}
    return Person(
        id=number * 37,
        created_at=random.choice(CREATED),
        birthday=random.choice(BIRTHDAYS),
        homes=tuple(homes.values()),
        tags=tuple(HeldTag(key, value, random.choice(EXPIRES)) for key, value in sorted(held)),
        followers=tuple(Contact(random.random() < 0.6, random.choice(MESSAGES)) for _ in range(random.choice([0, 0, 1, 1, 2]))),
    )


def _make_home(random: Random) -> Home:
    community = random.choice(list(WRITTEN))
    building, unit, room = (random.choice(names) for names in WRITTEN[community])
    relation = random.choice(["业主", "家人", "租客"])
    return Home(community, building, unit, room, f"{building}-{unit}-{room}", relation, random.choice(MOVED_IN))


def save_people(database: Database, people: Sequence[Person]) -> None:
    """Write people into an empty database, and for some an ended home that must never count."""
    gone = Home("拆了的小区", "1栋", "1单元", "301", "1栋-1单元-301", "业主", TODAY)
    with database.transaction() as tx:
        owners = [Owner(id=each.id, name="某人", birthday=each.birthday, created_at=each.created_at) for each in people]
        tx.session.add_all(owners)
        tx.session.flush()
        homes = [(each.id, home, None) for each in people for home in each.homes]
        _save_homes(tx.session, homes + [(each.id, gone, TODAY) for each in people if each.id % 2])
        _save_tags(tx, people)
        contacts = [(f"o{each.id}-{at}", each.id, contact) for each in people for at, contact in enumerate(each.followers)]
        for openid, owner_id, contact in [*contacts, ("nobody", None, Contact(True, NOW))]:
            known = {"is_following": contact.is_following, "message_at": contact.message_at}
            tx.session.add(Follower(openid=openid, owner_id=owner_id, **known))


def _save_homes(session: Session, homes: Sequence[tuple[int, Home, date | None]]) -> None:
    rooms: dict[tuple[str, ...], int] = {}
    for owner_id, home, ended_on in homes:
        place = (home.community, home.building, home.unit, home.room)
        rooms[place] = rooms.get(place) or give_room(session.connection(), *place)
        lived = {"relation": home.relation, "moved_in_on": home.moved_in_on, "ended_on": ended_on}
        session.add(Residence(owner_id=owner_id, room_id=rooms[place], **lived))


def _save_tags(tx: Transaction, people: Sequence[Person]) -> None:
    ids: dict[tuple[str, str], int] = {}
    for person in people:
        for tag in person.tags:
            place = (tag.key, tag.value)
            ids[place] = ids.get(place) or get_or_create_tag(tx.connection, *place)
            tx.session.add(OwnerTag(owner_id=person.id, tag_id=ids[place], source="test", at=NOW, expires_at=tag.expires_at))

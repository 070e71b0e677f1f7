"""Makes the registers of the demo community and its past, the same every time; it reads and asks nothing.

`python -m sandbox.demo.generate [FOLDER]`. Every phone is in 1380000xxxx or 1380001xxxx, which belong to nobody here.
"""

import csv
import io
import json
import sys
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from random import Random
from typing import Any

from sandbox.demo.history import make_history
from sandbox.demo.household import TODAY, Home, Tags, make_home, personal_tags
from sandbox.demo.life import BILL_FIELDS, OFFER_FIELDS, POINT_FIELDS, make_bills, make_offers, make_points
from sandbox.demo.names import ELDER_MEN, ELDER_WOMEN, ESTATES, MEN, SUPPLIERS, SURNAMES, WOMEN, Estate

SEED = 20261101
FOLLOWING = 0.75
ZHANG = {
    "community": "阳光花园",
    "building": "1栋",
    "unit": "2单元",
    "room": "301",
    "name": "张阿姨",
    "phone": "13800000001",
    "relation": "业主",
    "moved_in_on": "2016-05-20",
    "birthday": "1961-03-12",
    "openid": "oDEMO_zhang",
    "tags": "pet.kind=犬;car.count=1;house.use=自住",
}
OWNER_FIELDS = list(ZHANG)
STAFF_FIELDS = ["name", "phone", "role", "openid", "buildings"]
OF_THE_FLAT = {"house.use", "reno.state", "reno.plan", "warranty.end"}
Row = dict[str, str]


@dataclass
class Town:
    """The random source and what must not be given out twice."""

    random: Random
    names: set[str] = field(default_factory=lambda: {"张阿姨", "王管家"})
    phones: int = 1
    staff_phones: int = 0

    def name(self, given: tuple[str, ...], surname: str = "") -> str:
        """Give a name nobody has yet, with this surname if one is named."""
        while True:
            name = (surname or self.random.choice(SURNAMES)) + self.random.choice(given)
            if name not in self.names:
                self.names.add(name)
                return name
            surname = surname if self.random.random() < 0.8 else ""

    def phone(self) -> str:
        """Give the next resident's phone."""
        self.phones += 1
        return f"1380000{self.phones:04d}"

    def staff_phone(self) -> str:
        """Give the next staff member's phone."""
        self.staff_phones += 1
        return f"1380001{self.staff_phones:04d}"


def make_owners(town: Town) -> list[Row]:
    """Make up everyone in the register, estate by estate, home by home; 张阿姨 comes first."""
    rows = [dict(ZHANG)]
    for number, estate in enumerate(ESTATES, start=1):
        wanted, taken = estate.people, {("1栋", "2单元", "301")} if number == 1 else set()
        made: list[Row] = []
        while len(made) < wanted:
            place = _place(town.random, estate)
            if place not in taken:
                taken.add(place)
                made += _residents(town, estate, place)[: wanted - len(made)]
        made.sort(key=lambda row: (row["building"], row["unit"], int(row["room"])))
        rows += made
    for index, row in enumerate(rows[1:], start=2):
        if town.random.random() < FOLLOWING:
            row["openid"] = f"oDEMO_{index:04d}"
    return rows


def _place(random: Random, estate: Estate) -> tuple[str, str, str]:
    building, units, storeys = random.choice(estate.buildings)
    doors = 12 if "公寓" in estate.name else 3
    room = f"{random.randrange(1, storeys + 1)}{random.randrange(1, doors + 1):02d}"
    return building, f"{random.randrange(1, units + 1)}单元", room


def _residents(town: Town, estate: Estate, place: tuple[str, str, str]) -> list[Row]:
    random, home = town.random, make_home(town.random, estate)
    at = dict(zip(("community", "building", "unit", "room"), (estate.name, *place), strict=True))
    old = home.has_elder and (home.structure in {"单身", "夫妻"} or random.random() < 0.3)
    age = random.randrange(60, 82) if old else random.randrange(27, 58)
    woman = random.random() < 0.5
    owner = at | _person(town, home, "业主", age, woman=woman)
    if home.use == "出租":  # the owner lives elsewhere: what was made up about the home is the tenant's
        kept = [tag for tag in home.tags if tag[0] in OF_THE_FLAT]
        owner["tags"] = _written(kept + personal_tags(random, age, "业主"))
        return [owner, at | _person(town, home, "租客", random.randrange(22, 45), woman=random.random() < 0.5)]
    if home.members > 1 and random.random() < 0.3:
        return [owner, at | _person(town, home, "家人", max(24, age - random.randrange(-3, 4)), woman=not woman)]
    return [owner]


def _person(town: Town, home: Home, relation: str, age: int, *, woman: bool) -> Row:
    random, moved_in_on = town.random, home.moved_in_on
    given = (ELDER_WOMEN if woman else ELDER_MEN) if age >= 58 else (WOMEN if woman else MEN)
    born = date(TODAY.year - age, random.randrange(1, 13), random.randrange(1, 29))
    if relation == "租客":
        moved_in_on = date(random.choice((2024, 2025, 2026)), random.randrange(1, 11), 1)
    hidden = OF_THE_FLAT - {"house.use"} if relation == "租客" else set()
    known = [tag for tag in home.tags if tag[0] not in hidden]
    return {
        "name": town.name(given),
        "phone": town.phone(),
        "relation": relation,
        "moved_in_on": moved_in_on.isoformat() if moved_in_on else "",
        "birthday": born.isoformat() if random.random() < 0.8 else "",
        "openid": "",
        "tags": _written(known + personal_tags(random, age, relation)),
    }


def _written(tags: Tags) -> str:
    return ";".join(f"{key}={value}" for key, value in dict.fromkeys(tags))


def make_staff(town: Town) -> list[Row]:
    """Make up a butler per building, a desk, two technicians and a supervisor per estate, and the company's own."""
    rows = [_staff("王管家", town, "butler", "oDEMO_wang", ["阳光花园/1栋"])]
    for number, estate in enumerate(ESTATES, start=1):
        places = [f"{estate.name}/{building}" for building, _, _ in estate.buildings]
        rows += [
            _staff(town.name(WOMEN), town, "butler", f"oDEMO_butler_{number}_{index}", [place])
            for index, place in enumerate(places, start=1)
            if place != "阳光花园/1栋"
        ]
        rows.append(_staff(town.name(WOMEN), town, "service_desk", f"oDEMO_desk_{number}", places))
        for index in (1, 2):
            rows.append(_staff(town.name(MEN), town, "technician", f"oDEMO_tech_{number}_{index}", places))
        rows.append(_staff(town.name(MEN), town, "supervisor", f"oDEMO_lead_{number}", places))
    everywhere = [f"{estate.name}/{building}" for estate in ESTATES for building, _, _ in estate.buildings]
    for role, openid in (("operations", "ops_1"), ("operations", "ops_2"), ("finance", "fin_1"), ("finance", "fin_2")):
        rows.append(_staff(town.name(WOMEN), town, role, f"oDEMO_{openid}", everywhere))
    rows += [_staff(name, town, "supplier", f"oDEMO_{openid}", everywhere) for name, openid in SUPPLIERS]
    return rows


def _staff(name: str, town: Town, role: str, openid: str, places: list[str]) -> Row:
    return {"name": name, "phone": town.staff_phone(), "role": role, "openid": openid, "buildings": ";".join(places)}


def make_strangers(owners: list[Row]) -> list[dict[str, str]]:
    """Make people who do not follow yet: some nobody knows, some in the register without an openid."""
    unknown = [
        {"openid": "oDEMO_new_1", "name": "路过的小吴", "detail": "不在业主名册里"},
        {"openid": "oDEMO_new_2", "name": "想租房的小郑", "detail": "不在业主名册里"},
        {"openid": "oDEMO_new_3", "name": "隔壁小区的老何", "detail": "不在业主名册里"},
    ]
    registered = [row for row in owners if not row["openid"] and row["relation"] == "业主"]
    known = [
        {
            "openid": f"oDEMO_first_{index}",
            "name": row["name"],
            "detail": f"{row['phone']} 名册上是{row['community']} {row['building']} {row['unit']} {row['room']}",
        }
        for index, row in enumerate(registered[::17][:4], start=1)
    ]
    return known + unknown


def _table(fields: list[str], rows: list[Row]) -> str:
    text = io.StringIO(newline="")
    writer = csv.DictWriter(text, fields, lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue()


def _json_lines(rows: list[dict[str, Any]]) -> str:
    return "[\n" + ",\n".join(json.dumps(row, ensure_ascii=False) for row in rows) + "\n]\n"


def generate() -> dict[str, str]:
    """Return every file's text by its name."""
    town = Town(Random(SEED))  # noqa: S311 - a demo must come out the same, not be hard to guess
    owners = make_owners(town)
    staff = make_staff(town)
    return {
        "owners.csv": _table(OWNER_FIELDS, owners),
        "staff.csv": _table(STAFF_FIELDS, staff),
        "offers.csv": _table(OFFER_FIELDS, make_offers()),
        "bills.csv": _table(BILL_FIELDS, make_bills(owners)),
        "points.csv": _table(POINT_FIELDS, make_points(owners)),
        "strangers.json": _json_lines(make_strangers(owners)),
        "history.json": _json_lines(make_history(town.random, owners)),
    }


def main() -> None:
    """Write the files beside this one, or into the folder named."""
    folder = Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).parent
    for name, text in generate().items():
        (folder / name).write_text(text, encoding="utf-8", newline="")


if __name__ == "__main__":
    main()

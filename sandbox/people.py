"""The people as WeChat knows them: an openid, whether it follows, and what the sandbox's phone book says of it.

The phone book comes from the demo registers; the bot never sees it.
"""

import csv
import json
import time
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sandbox.errors import ApiError
from sandbox.store import Store

if TYPE_CHECKING:
    from sandbox.world import World

ROLES = {
    "butler": "管家",
    "service_desk": "客服",
    "technician": "维修",
    "supervisor": "主管",
    "operations": "运营",
    "finance": "财务",
    "supplier": "商家",
}


def seed_people(store: Store, folder: Path) -> None:
    """Fill an empty phone book from owners.csv, staff.csv and strangers.json, as far as they exist."""
    if store.value("SELECT count(*) FROM people"):
        return
    now = int(time.time())
    with store.writing():
        people = [
            *_staff(folder / "staff.csv"),
            *_owners(folder / "owners.csv"),
            *_strangers(folder / "strangers.json"),
        ]
        for position, person in enumerate(people):
            add_person(store, **person, position=position, subscribed_at=now if person["following"] else None)


def add_person(store: Store, openid: str, name: str, role: str, grouping: str, **more: Any) -> None:
    """Write one person into the phone book; an openid that is there already stays as it is."""
    person = {"detail": "", "following": 0, "position": 9999, "subscribed_at": None} | more
    store.run(
        "INSERT OR IGNORE INTO people (openid, name, role, grouping, detail, following, position, subscribed_at)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
        *(openid, name, role, grouping, person["detail"], person["following"]),
        *(person["position"], person["subscribed_at"]),
    )


def _table(path: Path) -> list[dict[str, str]]:
    if not path.exists():
        return []
    with path.open(encoding="utf-8-sig", newline="") as file:
        return [row for row in csv.DictReader(file) if row.get("openid")]


def _owners(path: Path) -> Iterator[dict[str, Any]]:
    for row in _table(path):
        yield {
            "openid": row["openid"],
            "name": row["name"],
            "role": row["relation"] or "业主",
            "grouping": row["community"],
            "detail": f"{row['building']} {row['unit']} {row['room']}",
            "following": 1,
        }


def _staff(path: Path) -> Iterator[dict[str, Any]]:
    for row in _table(path):
        places = row["buildings"].split(";")
        community = places[0].split("/")[0]
        buildings = "、".join(place.split("/")[-1] for place in places[:4]) + ("…" if len(places) > 4 else "")
        everywhere = len({place.split("/")[0] for place in places}) > 1
        yield {
            "openid": row["openid"],
            "name": row["name"],
            "role": ROLES.get(row["role"], row["role"]),
            "grouping": community if community and not everywhere else "公司与商家",
            "detail": "各小区" if everywhere else buildings,
            "following": 1,
        }


def _strangers(path: Path) -> Iterator[dict[str, Any]]:
    if path.exists():
        for row in json.loads(path.read_text(encoding="utf-8")):
            yield {**row, "role": "路人", "grouping": "陌生人", "following": 0}


def find_person(world: "World", openid: Any) -> dict[str, Any] | None:
    """Return the person with this openid, or None."""
    return world.store.row("SELECT * FROM people WHERE openid = ?", str(openid))


def get_person(world: "World", openid: Any) -> dict[str, Any]:
    """Return the person, or refuse with 40003 as the platform does for an openid it does not know."""
    person = find_person(world, openid) if isinstance(openid, str) else None
    if person is None:
        raise ApiError(40003)
    return person


def get_follower(world: "World", openid: Any, otherwise: int = 43004) -> dict[str, Any]:
    """Return the person if following now; else refuse with `otherwise` (which error depends on the API)."""
    person = get_person(world, openid)
    if not person["following"]:
        raise ApiError(otherwise)
    return person


def tag_ids(world: "World", openid: str) -> list[int]:
    """Return the fan tags of one person, first applied first."""
    found = world.store.rows("SELECT tag_id FROM tagged WHERE openid = ? ORDER BY id", openid)
    return [row["tag_id"] for row in found]

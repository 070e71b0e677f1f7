"""Files that somebody brings: rows of another house change nothing there, and what wants to be more is refused in words."""

from __future__ import annotations

import csv
import io
from pathlib import Path

import pytest
from flask import Flask

from handlers.job_imports import REGISTERS
from handlers.jobs import carry_due
from models.jobs import Job
from tests.console.conftest import Visitor
from tests.security.conftest import enter as sign_in
from tests.security.conftest import read_rows
from tests.security.hostile import FORMULAS, NASTY, find_faults
from tests.security.test_scope import LEAK, strip_typed, touching
from tests.world import World

BRING = "/console/imports"
KINDS = list(REGISTERS)


def write_csv(kind: str, rows: list[dict[str, str]]) -> bytes:
    """Return a register with the columns of its kind."""
    file = io.StringIO()
    writer = csv.DictWriter(file, REGISTERS[kind].columns, restval="", extrasaction="ignore")
    writer.writeheader()
    writer.writerows(rows)
    return file.getvalue().encode()


def bring(visitor: Visitor, world: World, kind: str, content: bytes, name: str = "名册.csv") -> tuple[list[bytes], list[str]]:
    """Bring a file, say yes to whatever is offered, and return the pages on the way and what is wrong with them."""
    token = visitor.token(BRING)
    pages, faults = [], []
    ticket = visitor.read(BRING).partition('name="ticket" value="')[2].partition('"')[0]
    fields = {"csrf_token": token, "ticket": ticket, "kind": kind, "file": (io.BytesIO(content), name)}
    answer = visitor.client.post(BRING, data=fields, buffered=True)
    faults += find_faults(answer)
    page = answer.headers.get("Location", BRING)
    while carry_due(world.runtime):
        pass
    for mode in ("all", "good"):
        if page != BRING and "?" not in page:
            visitor.client.post(f"{page}/confirm", data={"csrf_token": token, "mode": mode}, buffered=True)
            while carry_due(world.runtime):
                pass
        for path in (page, BRING, f"{page}/rejected"):
            answer = visitor.get(path)
            faults += [] if "?" in path and answer.status_code == 404 else find_faults(answer)
            pages.append(strip_typed(answer))
    return pages, faults


@pytest.mark.parametrize("kind", KINDS)
def test_a_file_with_rows_of_another_house_changes_nothing_there(app: Flask, houses: World, kind: str) -> None:
    visitor, rows = sign_in(app, houses, "supervisor"), read_rows(houses)
    before = touching(rows, 2, by_words=False)
    by_id = {name: {row["id"]: row for row in of_table if "id" in row} for name, of_table in rows.items()}
    theirs = {
        "community": by_id["community"][1]["name"],
        "building": by_id["building"][2]["name"],
        "unit": by_id["unit"][2]["name"],
        "room": by_id["room"][2]["name"],
        "name": by_id["owner"][2]["name"],
        "phone": by_id["owner"][2]["phone"],
        "openid": rows["follower"][1]["openid"],
        "owner_id": "2",
        "relation": "业主",
        "tags": "pet.kind=犬",
        "add": "pet.kind=犬",
        "key": "pet.kind",
        "value": "犬",
    }
    own = {**theirs, **{name: by_id[name][1]["name"] for name in ("building", "unit", "room")}}
    for row in (theirs, own, {**own, "openid": "", "phone": ""}, {"owner_id": "2", "tags": "pet.kind=犬"}):
        pages, faults = bring(visitor, houses, kind, write_csv(kind, [row]))
        typed = [value.encode() for value in row.values() if value]
        for page in pages:
            for value in typed:
                page = page.replace(value, b"")  # noqa: PLW2901
            assert not LEAK.search(page), row
        assert faults == []
    after = touching(read_rows(houses), 2, by_words=False)
    assert {name: rows for name, rows in after.items() if rows != before[name]} == {}
    assert [row["owner_id"] for row in read_rows(houses)["follower"]] == [1, 2]
    assert houses.count(Job) > len(KINDS)


HOSTILE_FILES = {
    "nothing": b"",
    "zeros": b"\x00" * 5000,
    "bytes": bytes(range(256)) * 20,
    "utf-16": "community,building".encode("utf-16"),
    "one endless line": b"a," * 200_000,
    "quotes that never close": b'community,building,unit,room,name,phone\n"' + b"x\n" * 5000,
    "a zip": b"PK\x03\x04" + b"\x00" * 100,
    "html": NASTY.encode() * 10,
}


def list_files(folder: Path) -> set[Path]:
    """Return all a folder holds but what belongs to jobs."""
    return {path for path in folder.rglob("*") if "jobs" not in path.parts}


def test_a_hostile_file_is_refused_in_words_and_leaves_nothing_behind(app: Flask, houses: World) -> None:
    visitor, folder = sign_in(app, houses, "supervisor", house=None), houses.runtime.options.data_dir
    kept = list_files(folder)
    for number, content in enumerate(HOSTILE_FILES.values()):
        name = ("../../x7.csv", "/etc/x7.csv", f"{NASTY}.csv", "..\\x7.csv")[number % 4]
        assert bring(visitor, houses, KINDS[number % len(KINDS)], content, name)[1] == []
    cells = {name: f"{FORMULAS[number % 6]}{NASTY}" for number, name in enumerate(REGISTERS[KINDS[0]].columns)}
    for kind in KINDS:
        assert bring(visitor, houses, kind, write_csv(kind, [cells]))[1] == []
    assert list_files(folder) == kept
    assert list(folder.parent.rglob("*x7*")) == []
    assert not any(Path(path).exists() for path in ("/etc/x7.csv", "x7.csv"))

from __future__ import annotations

import csv
import json
import re
from collections import Counter
from datetime import date

import pytest
import yaml

from bot.demo import put_days_in
from sandbox.demo.generate import OWNER_FIELDS, STAFF_FIELDS, generate
from sandbox.demo.names import ESTATES
from sandbox.people import seed_people
from sandbox.settings import DEMO_DIR
from sandbox.store import Store

CONTENT = DEMO_DIR.parent.parent / "content"


def table(name):
    with (DEMO_DIR / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def tags_of(row):
    return [tuple(pair.split("=", 1)) for pair in row["tags"].split(";") if pair]


@pytest.fixture(scope="module")
def owners():
    return table("owners.csv")


@pytest.fixture(scope="module")
def staff():
    return table("staff.csv")


def test_the_files_are_what_the_generator_makes():
    for name, text in generate().items():
        assert (DEMO_DIR / name).read_text(encoding="utf-8") == text, name


def test_the_headers_are_those_of_the_imports(owners, staff):
    assert list(owners[0]) == OWNER_FIELDS
    assert list(staff[0]) == STAFF_FIELDS


def test_what_goes_on_is_of_every_kind_and_its_days_move_with_the_first_run():
    assert {row["kind"] for row in table("offers.csv")} == {"course", "activity", "goods", "group_buy", "loan"}
    assert {row["room"] for row in table("bills.csv") if not row["paid_on"]} > {"301"}
    assert "oDEMO_zhang" in {row["openid"] for row in table("points.csv")}
    assert put_days_in("@+3 14:00,@-1m,@-12m", date(2027, 1, 30)) == "2027-02-02 14:00,2026-12,2026-01"


def test_the_community_has_its_size(owners):
    assert 290 <= len(owners) <= 320
    assert set(Counter(row["community"] for row in owners)) == {estate.name for estate in ESTATES}
    assert 0.7 <= sum(bool(row["openid"]) for row in owners) / len(owners) <= 0.8


def test_phones_openids_and_names_are_nobody_elses(owners, staff):
    everyone = [*owners, *staff]
    strangers = json.loads((DEMO_DIR / "strangers.json").read_text(encoding="utf-8"))
    phones = [row["phone"] for row in everyone]
    openids = [row["openid"] for row in [*everyone, *strangers] if row["openid"]]
    assert len(set(phones)) == len(phones)
    assert all(re.fullmatch(r"138000[01]\d{4}", phone) for phone in phones)
    assert len(set(openids)) == len(openids)
    assert all(openid.startswith("oDEMO_") for openid in openids)
    assert len({row["name"] for row in everyone}) == len(everyone)


def test_zhang_and_wang_are_as_everyone_knows_them(owners, staff):
    assert owners[0] | {"moved_in_on": "", "birthday": "", "phone": ""} == {
        "community": ESTATES[0].name,
        "building": "1栋",
        "unit": "2单元",
        "room": "301",
        "name": "张阿姨",
        "phone": "",
        "relation": "业主",
        "moved_in_on": "",
        "birthday": "",
        "openid": "oDEMO_zhang",
        "tags": "pet.kind=犬;car.count=1;house.use=自住",
    }
    assert staff[0]["name"] == "王管家"
    assert (staff[0]["role"], staff[0]["openid"]) == ("butler", "oDEMO_wang")
    assert staff[0]["buildings"] == f"{ESTATES[0].name}/1栋"


def test_every_building_has_one_butler_and_every_estate_its_team(staff):
    places = {f"{estate.name}/{building}" for estate in ESTATES for building, _, _ in estate.buildings}
    butlers = [row["buildings"] for row in staff if row["role"] == "butler"]
    assert sorted(butlers) == sorted(places)
    for role in ("service_desk", "technician", "supervisor"):
        served = {place for row in staff if row["role"] == role for place in row["buildings"].split(";")}
        assert served == places
    roles = Counter(row["role"] for row in staff)
    assert roles["operations"] >= 1
    assert roles["finance"] >= 1
    assert roles["supplier"] >= 4


def test_every_tag_is_in_the_vocabulary_and_may_be_kept_without_a_separate_consent(owners):
    words = yaml.safe_load((CONTENT / "tags.yaml").read_text(encoding="utf-8"))["tags"]
    for row in owners:
        for key, value in tags_of(row):
            assert key in words, key
            assert not words[key].get("is_computed"), key
            assert value in words[key].get("values", [value]), (key, value)
            assert words[key]["level"] == 1 or key == "child.stage"


def test_tags_of_one_person_do_not_contradict_each_other(owners):
    for row in owners:
        tags = tags_of(row)
        assert len(set(tags)) == len(tags)
        known = dict(tags)
        if known.get("car.count") == "0":
            assert not {"car.power", "car.space", "car.plate_tail"} & set(known)
        if known.get("pet.kind") != "犬":
            assert "pet.size" not in known
        if known.get("elder.has") == "无":
            assert "elder.living" not in known
        if row["relation"] == "租客":
            assert known["house.use"] == "出租"


def test_the_example_audience_finds_enough_people(owners):
    dog, car, lives = 0, 0, 0
    for row in owners:
        tags = set(tags_of(row))
        has = [("pet.kind", "犬") in tags, bool({("car.count", "1"), ("car.count", "2+")} & tags)]
        has.append(("house.use", "出租") not in tags)
        dog, car, lives = dog + (sum(has) == 3), car + (sum(has) == 2), lives + has[2]
    assert dog >= 8
    assert car >= 50


def test_people_are_at_every_stage(owners):
    today, stages = date(2026, 11, 1), Counter()
    for row in owners:
        moved = date.fromisoformat(row["moved_in_on"]) if row["moved_in_on"] else date.max
        years = (today - moved).days / 365
        stages["准业主" if years < 0 else "磨合期" if years <= 1 else "稳定期" if years <= 2 else "老业主"] += 1
    assert all(stages[stage] >= 12 for stage in ("准业主", "磨合期", "稳定期", "老业主")), stages


def test_the_past_uses_known_services_and_known_people(owners):
    catalogue = (CONTENT / "catalogue.yaml").read_text(encoding="utf-8")
    history = json.loads((DEMO_DIR / "history.json").read_text(encoding="utf-8"))
    openids = {row["openid"] for row in owners}
    assert 75 <= len(history) <= 90
    for row in history:
        assert row["openid"] in openids
        assert (row["service"] is None) != (row["category"] is None)
        assert row["service"] is None or row["service"] in catalogue
        assert row["status"] in {"done", "open", "closed"}
        assert row.get("rating") is None or (row["status"] != "open" and 1 <= row["rating"] <= 5)


def test_the_phone_book_is_filled_once_from_the_registers(tmp_path, owners, staff):
    store = Store(tmp_path / "sandbox.db")
    seed_people(store, DEMO_DIR)
    following = sum(bool(row["openid"]) for row in owners) + len(staff)
    assert store.value("SELECT count(*) FROM people WHERE following = 1") == following
    assert store.value("SELECT count(*) FROM people WHERE grouping = '陌生人' AND following = 0") >= 4
    store.run("DELETE FROM people WHERE openid != 'oDEMO_zhang'")
    seed_people(store, DEMO_DIR)
    assert store.value("SELECT count(*) FROM people") == 1
    store.close()

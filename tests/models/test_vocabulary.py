"""The tag vocabulary: what it refuses, and what a word means."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from models.vocabulary import Alias, TagKind, VocabularyError, parse_vocabulary, read_month
from tests.models.audience_people import VOCABULARY


def test_the_vocabulary_staff_write_is_sound() -> None:
    content = Path(__file__).parents[2] / "content" / "tags.yaml"
    vocabulary = parse_vocabulary(yaml.safe_load(content.read_text(encoding="utf-8")))
    assert vocabulary.aliases["有车"] == Alias("有车", "car.count", ("1", "2+"))
    assert vocabulary.keys["child.stage"].level == 2
    assert not vocabulary.keys["child.counsel"].is_in_audiences
    assert vocabulary.is_forbidden("年收入")


def test_every_problem_is_told_at_once() -> None:
    broken: dict[str, Any] = {
        "tags": {
            "a": {"label": "甲", "kind": "choice"},
            "b": {"label": "收入", "kind": "number", "values": ["1"], "level": 3},
            "c": {"kind": "colour", "colour": "red"},
            "d": {"label": "丁", "kind": "multi", "values": ["1", "1"], "aliases": {"一": "2"}},
            "e": "nothing",
        },
        "aliases": {
            "x": {"key": "nowhere", "values": ["1"]},
            "y": {"key": "d", "values": ["3"]},
            "z": {"key": "d", "valeus": ["1"]},
        },
        "forbidden": ["收入"],
        "colours": {},
    }
    with pytest.raises(VocabularyError) as caught:
        parse_vocabulary(broken)
    assert caught.value.problems == (
        "colours: unknown section",
        "tags.e: must be a mapping",
        "a.values: a choice needs values",
        "b.values: a number has no values",
        "b.level: must be 1 or 2",
        "c.colour: unknown",
        "c.kind: must be one of choice, multi, number, text, date, month",
        "c.label: is missing",
        "d.values: one is there twice",
        "d.aliases.一: no value 2",
        "aliases.x: no key nowhere",
        "aliases.y: d has no value 3",
        "aliases.z.valeus: unknown",
        "aliases.z: needs either values or min",
        "b: 收入 is forbidden",
    )


@pytest.mark.parametrize(
    ("key", "text", "value"),
    [
        ("pet.kind", " 狗 ", "犬"),
        ("pet.kind", "鸟", None),
        ("family.members", "3", "3"),
        ("family.members", "三", None),
        ("car.inspect_month", "03月", "3"),
        ("car.inspect_month", "13", None),
        ("warranty.end", "2027-01-31", "2027-01-31"),
        ("warranty.end", "2027-02-30", None),
        ("warranty.end", "20270131", None),
        ("reach.hours", "晚上八点后", "晚上八点后"),
        ("reach.hours", "晚" * 121, None),
        ("reach.hours", "  ", None),
    ],
)
def test_a_value_is_stored_in_one_spelling_or_refused(key: str, text: str, value: str | None) -> None:
    assert VOCABULARY.keys[key].read_value(text) == value


def test_a_word_finds_its_key_and_its_tags() -> None:
    pets = VOCABULARY.find_key("宠物")
    assert pets is VOCABULARY.find_key("pet.kind")
    assert pets is not None
    assert pets.kind is TagKind.MULTI
    assert VOCABULARY.find_key("鸟") is None
    assert VOCABULARY.find_tags("养犬") == (("pet.kind", "犬"),)
    assert VOCABULARY.find_tags("太极拳") == (("hobby", "太极"),)
    assert VOCABULARY.find_tags("无") == (("pet.kind", "无"), ("rel.vip", "无"))
    assert VOCABULARY.find_tags("有车") == ()


def test_a_month_is_read_in_four_spellings_and_no_other() -> None:
    assert [read_month(text) for text in ("3", "03", "3月", "2026-03")] == [3, 3, 3, 3]
    assert [read_month(text) for text in ("0", "13", "三", "", "2026-3", "202-03", "２")] == [None] * 7

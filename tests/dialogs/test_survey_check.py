"""What makes a survey lawful is checked before anybody is asked: purposes, consents, tags and the values they take."""

from __future__ import annotations

import pytest

from dialogs.check import Names, check_script
from dialogs.check_survey import check_survey_names
from dialogs.parse import parse_script
from dialogs.places import ScriptError
from tests.loaded import CONTENT

NAMES = Names(tags=CONTENT.vocabulary.keys, never=tuple(CONTENT.vocabulary.forbidden))
HEAD = "id: survey.x\nkind: {kind}\ntitle: 小调研\n{more}steps:\n"
END = "  - {id: bye, end: 谢谢您。}\n"
PET = "{key: dog, label: 狗, value: 犬}, {key: cat, label: 猫}"


def find(question: str, kind: str = "survey", more: str = "") -> set[str]:
    script = parse_script(HEAD.format(kind=kind, more=more) + f"  - {{id: q, {question}}}\n" + END, "x.yaml")
    return {problem.code for problem in (*check_script(script, NAMES), *check_survey_names(script))}


@pytest.mark.parametrize(
    ("question", "codes"),
    [
        ("ask: 养宠物吗？, type: yesno, name: 宠物", {"no_purpose"}),
        ("ask: 养宠物吗？, type: yesno, why: 宠物服务", {"no_name"}),
        ("ask: 您家收入多少？, type: number, name: 收入, why: 推荐", {"never_kept"}),
        ("ask: 几月年检？, type: text, name: 年检, why: 提醒, fresh: 365d", {"no_tag"}),
        ("ask: 几辆车？, type: text, name: 车, why: 车位, tag: car.cuont", {"unknown_tag"}),
        ("ask: 住多久了？, type: text, name: 阶段, why: 服务, tag: house.stage", {"computed_tag", "tag_type"} - {"tag_type"}),
        ("ask: 哪天到期？, type: yesno, name: 保修, why: 提醒, tag: warranty.end", {"tag_type"}),
        (f"ask: 养什么？, type: multi, name: 宠物, why: 服务, tag: pet.kind, options: [{PET}]", set()),
        ("ask: 养狗吗？, type: yesno, name: 宠物, why: 服务, tag: pet.kind", {"tag_value"}),
        ("ask: 护理？, type: text, name: 护理, why: 照应, tag: health.care", {"needs_consent"}),
        ("ask: 护理？, type: text, name: 护理, why: 照应, tag: health.care, consent: minors", {"needs_consent"}),
        ("ask: 护理？, type: text, name: 护理, why: 照应, tag: health.care, consent: health", set()),
        ("ask: 录一段？, type: voice, name: 录音, why: 记准", {"needs_consent"}),
    ],
)
def test_a_question_that_may_not_be_asked_so_is_found(question: str, codes: set[str]) -> None:
    assert find(question) == codes


def test_an_option_must_be_a_value_of_the_tag_or_say_that_it_is_none() -> None:
    options = "[{key: a, label: 鹦鹉}, {key: b, label: 不说, value: '-'}]"
    listed = f"ask: 养什么？, type: choice, name: 宠物, why: 服务, tag: pet.kind, options: {options}"
    assert find(listed) == {"tag_value"}


def test_keys_of_surveys_are_for_surveys_only() -> None:
    assert find("ask: 养宠物吗？, type: yesno, why: 服务", kind="chat") == {"survey_only"}
    with pytest.raises(ScriptError, match="only a survey has 'sitting'"):
        find("ask: 养宠物吗？, type: yesno", kind="chat", more="sitting: 3\n")


def test_nobody_has_to_answer_a_survey() -> None:
    with pytest.raises(ScriptError, match="every question of it may be skipped"):
        find("ask: 养宠物吗？, type: yesno, name: 宠物, why: 服务, required: true")


def test_every_shipped_survey_can_be_led_or_asked_and_maps_its_answers() -> None:
    surveys = [script for script in CONTENT.scripts.values() if script.survey is not None]
    assert len(surveys) >= 17
    assert all(script.survey.sources for script in surveys if script.survey is not None)

"""Results of surveys in numbers and pictures: counted within the scope, without pointing at anybody."""

from __future__ import annotations

import re

from console.surveys import CoverageRow, cover
from dialogs.script import Ask, ScriptKind
from models import coverage
from models.answers import SurveyAnswer
from models.coverage import BuildingCoverage, WholeCoverage
from models.runs import ScriptRun
from models.vocabulary import Vocabulary
from tests.console.conftest import give_account
from tests.world import World


def find_question(world: World, *, is_sensitive: bool) -> tuple[str, str, list[str]]:
    """Return (survey, question, labels) of a question with options; of level 2 or not."""
    keys = world.runtime.content.vocabulary.keys
    for script in world.runtime.content.scripts.values():
        for step in script.steps if script.kind is ScriptKind.SURVEY else ():
            if not isinstance(step, Ask) or len(step.options) < 2:
                continue
            tag = keys.get(step.inquiry.tag)
            if (bool(step.inquiry.consent) or (tag is not None and tag.level > 1)) == is_sensitive:
                return script.id, step.id, [option.label.source for option in step.options]
    raise AssertionError("no survey asks this")


def answer(world: World, owner_id: int, survey: str, question: str, label: str, **values: object) -> None:
    now = world.clock.now()
    with world.runtime.transaction() as tx:
        run = ScriptRun(
            openid=f"o{owner_id}", owner_id=owner_id, building_id=owner_id, script=survey, revision="1", started_at=now
        )
        tx.session.add(run)
        tx.session.flush()
        given = {"key": "k", "raw": label, "source": "bot", "asker": "bot", "at": now, **values}
        row = SurveyAnswer(
            run_id=run.id, owner_id=owner_id, survey=survey, revision="1", question=question, label=label, **given
        )
        tx.session.add(row)


def read_bars(page: str) -> dict[str, str]:
    return dict(re.findall(r"<dt>([^<]+)</dt>\s*<dd>.*?<span>(\d+)<", page, re.DOTALL))


def test_answers_are_counted_per_option_and_what_was_taken_back_is_not(staff, estate):
    survey, question, labels = find_question(estate, is_sensitive=False)
    for number in range(3):
        estate.owner(f"业主{number}", room=f"{number + 1}栋-1单元-101")
    answer(estate, 1, survey, question, labels[0])
    answer(estate, 2, survey, question, labels[0])
    answer(estate, 3, survey, question, labels[1])
    answer(estate, 3, survey, question, labels[1], undone_at=estate.clock.now())
    answer(estate, 3, survey, question, "<script>我想说", key=None)
    page = staff.read(f"/console/surveys/{survey}")
    bars = read_bars(page)
    assert (bars[labels[0]], bars[labels[1]]) == ("2", "1")
    assert "4 个回答，其中 1 个是写的字" in page
    assert "我想说" not in page
    assert "5 人次" in staff.read("/console/surveys")
    assert staff.get("/console/surveys/nothing").status_code == 404


def test_a_butler_sees_the_numbers_of_her_houses(visitor, estate):
    survey, question, labels = find_question(estate, is_sensitive=False)
    for number in range(2):
        estate.owner(f"业主{number}", room=f"{number + 1}栋-1单元-101", tags={"pet.kind": "犬"})
        answer(estate, number + 1, survey, question, labels[0])
    give_account(estate, "wang", "butler", ("1栋",))
    visitor.sign_in("wang")
    assert read_bars(visitor.read(f"/console/surveys/{survey}"))[labels[0]] == "1"
    page = visitor.read("/console/surveys/coverage")
    assert "宠物，1栋：100%" in page
    assert "2栋" not in page


def test_small_numbers_of_a_sensitive_question_are_not_told_to_everybody(visitor, staff, other, estate):
    survey, question, labels = find_question(estate, is_sensitive=True)
    estate.owner("张秀英")
    answer(estate, 1, survey, question, labels[0])
    give_account(estate, "yun", "operations", has_factor=True)
    other.enter(estate, "yun")
    assert read_bars(staff.read(f"/console/surveys/{survey}"))[labels[0]] == "1"
    page = other.read(f"/console/surveys/{survey}")
    assert "不到 5 人" in page
    assert read_bars(page).get(labels[0]) is None


def test_coverage_is_a_picture_with_a_cell_for_every_key_and_building(staff, estate):
    estate.owner("张秀英", tags={"pet.kind": "犬"})
    estate.owner("李雷", tags={"pet.kind": "猫", "car.count": "1"})
    estate.owner("王芳", room="2栋-1单元-101")
    page = staff.read("/console/surveys/coverage")
    assert "<svg" in page
    assert "宠物，1栋：100%" in page
    assert "宠物，2栋：0%" in page
    assert "宠物，全部：67%" in page
    assert "车辆数，1栋：50%" in page


def test_many_buildings_are_shown_a_page_at_a_time_and_all_of_them_counted(staff, other, estate, monkeypatch):
    monkeypatch.setattr(coverage, "MOST_BUILDINGS", 2)
    for number in range(1, 4):
        estate.owner(f"业主{number}", room=f"{number}栋-1单元-101", tags={"pet.kind": "犬"} if number < 3 else {})
    first, second = staff.read("/console/surveys/coverage"), staff.read("/console/surveys/coverage?from=2")
    assert "宠物，2栋：100%" in first
    assert "宠物，3栋" not in first
    assert "宠物，3栋：0%" in second
    assert "from=2" in first
    assert "第 3 到 3 栋，一共 3 栋" in second
    assert "宠物，全部：67%" in first
    assert "宠物，全部：67%" in second
    give_account(estate, "wang", "butler", ("1栋", "2栋", "3栋"))
    other.sign_in("wang")
    assert "宠物，全部：67%" in other.read("/console/surveys/coverage")
    assert staff.get("/console/surveys/coverage?from=99999999999999999999").status_code == 200


def test_nobody_lives_in_an_empty_register(staff):
    assert "还没有住户" in staff.read("/console/surveys/coverage")
    assert cover(Vocabulary({}, {}, frozenset()), [BuildingCoverage(1, "", "1栋", 0, {})], WholeCoverage(0, {})) == []
    assert CoverageRow("宠物", 0, [0]).total == 0

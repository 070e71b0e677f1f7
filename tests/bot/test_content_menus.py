"""What `check` says about content/menus: rules that cannot be read, that nobody fits, that leave somebody with nothing."""

from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from bot.content import CONTENT_DIR, ORDINARY_DAY, Library
from bot.content_menus import check_menu_rules, read_menus
from tests.loaded import CONTENT


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    shutil.copytree(CONTENT_DIR / "menus", tmp_path / "content" / "menus")
    return tmp_path / "content"


def check(folder: Path, *rules: str) -> list[str]:
    """Return the problems of these rules, without their file."""
    (folder / "menus" / "rules.yaml").write_text("rules:\n" + "".join(f"  - {{{rule}}}\n" for rule in rules), encoding="utf-8")
    library = Library(folder)
    read = read_menus(library, CONTENT.vocabulary, CONTENT.services, CONTENT.butlers)
    if read["menus"] is not None:
        check_menu_rules(library, replace(CONTENT, menus=read["menus"]), ORDINARY_DAY)
    return [f"{problem.place.line} {problem.code} {problem.message}" for problem in library.problems]


@pytest.mark.parametrize(
    ("rule", "said"),
    [
        ("service: car.nothing, then: hide, when: 无车, why: 没有车", "there is no service 'car.nothing'"),
        ("butler: car.repair, then: hide, when: 无车, why: 没有车", "there is no butler 'car.repair'"),
        ("service: car, then: hide, when: 无车, why: 没有车", "there is no service 'car'"),
        ("service: car.repair, butler: car, then: hide, when: 无车, why: 没有车", "either a service or a butler"),
        ("service: car.repair, then: lose, when: 无车, why: 没有车", "'lose' is not one of show, hide, first"),
        ("service: car.repair, then: hide, when: 没车子, why: 没有车", "when: "),
        ("service: car.repair, then: hide, why: 没有车", "when: "),
        ("service: car.repair, then: hide, when: 无车", "why: "),
        ("service: car.repair, then: hide, when: 无车, why: 没有车, colour: red", "a rule is a mapping with"),
        ("service: car.repair, then: hide, when: 欠费, why: 没有车", "pay.fee is for staff only"),
        ("service: car.repair, then: hide, when: seen(30d), why: 没有车", "seen()"),
        ("service: car.repair, then: hide, when: 'sample(10%)', why: 没有车", "sample()"),
    ],
)
def test_a_rule_that_cannot_be_used_is_named_with_its_line(folder: Path, rule: str, said: str) -> None:
    (problem,) = check(folder, "butler: car, then: first, when: 有车, why: 家里有车", rule)
    assert problem.startswith("3 menu rule 2: ")
    assert said in problem


@pytest.mark.parametrize(
    "when",
    [
        "养犬 且 非 养犬",
        "自住 且 出租",
        "年龄 > 70 且 年龄 < 60",
        "有车 且 无车",
        "关系 = 业主 且 关系 = 租客",
        "车辆数 >= 9",
        "非 全部业主",
        "小区 = 甲 且 小区 = 乙",
        "准业主 且 老业主",
        "生日月 = 3 且 生日月 = 4",
        "入住 >= 2026年1月1日 且 入住 < 2025年1月1日",
    ],
)
def test_a_rule_that_nobody_can_fit_is_a_problem(folder: Path, when: str) -> None:
    (problem,) = check(folder, f"butler: car, then: first, when: {when}, why: 家里有车")
    assert problem.startswith("2 menu_never ")


@pytest.mark.parametrize(
    "when",
    [
        "养犬 且 养猫 且 非 无车",
        "年龄 >= 60 且 年龄 < 61 且 业主",
        "生日月 = 本月 或 年检月份 = 下月",
        "小区 = 甲 且 楼栋 != 1栋 且 老业主",
        "family.members >= 5 且 保修到期 <= today+30d",
        "未绑定 且 有老人",
        "标签 不在 (养犬, 有车)",
        "has(宠物) 且 empty(生日)",
        "建档 < 2026年3月1日 且 自住",
        "（有老人 或 独居老人）且 有孩子 且 有车 且 养犬 且 爱跳舞 且 常出游 且 打算装修 且 老业主",
    ],
)
def test_a_rule_that_somebody_fits_is_none(folder: Path, when: str) -> None:
    assert check(folder, f'butler: car, then: first, when: "{when}", why: 家里有车') == []


def test_what_is_put_away_for_everybody_is_a_switch_and_no_rule(folder: Path) -> None:
    hide = "butler: car, then: hide, when: 有车 或 非 有车, why: 大家都坐地铁"
    (problem,) = check(folder, hide)
    assert problem.startswith("2 menu_everybody ")
    assert check(folder, hide, "service: car.repair, then: show, when: 有车, why: 家里有车") == []


def test_rules_that_leave_a_household_with_nothing_are_a_problem(folder: Path) -> None:
    butlers = [*CONTENT.butlers, "base"]
    when = ("养犬", "有车")
    rules = [f"butler: {butler}, then: hide, when: {when[at % 2]}, why: 试试" for at, butler in enumerate(butlers)]
    (problem,) = check(folder, *rules)
    assert "menu_empty" in problem
    assert check(folder, *rules[:-1]) == []


def test_the_names_in_the_menu_are_checked(folder: Path) -> None:
    path = folder / "menus" / "words.yaml"
    written = path.read_text(encoding="utf-8")
    for change, said in (
        (written.replace("  car.insurance:", "  car.assurance:"), "there is no 'car.assurance'"),
        (written.replace("  travel: {label: 旅行管家·旅行出游, ", "  travel: {"), "butlers: travel has no label"),
        (written.replace("{say: [保险]}", "{says: [保险]}"), "services.car.insurance"),
    ):
        path.write_text(change, encoding="utf-8")
        (problem,) = check(folder, "butler: car, then: first, when: 有车, why: 家里有车")
        assert said in problem


ACCOUNT = """\
button:
  - {type: view, name: 首页, url: "https://a.example.com/"}
conditional:
  - {for: WHO, button: [{type: view, name: 养狗, url: "https://b.example.com/"}]}
"""


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"WHO": "养犬"}, "'养犬' is no key=value"),
        ({"WHO": "pet.kind=龙"}, "'pet.kind=龙' is no key=value"),
        ({"WHO": "pay.fee=欠费"}, "pay.fee must not leave the house"),
        ({"WHO": "child.stage=小"}, "child.stage must not leave the house"),
        ({"WHO": "pet.kind=犬", "养狗": "一二三四五六"}, "pet.kind=犬: button[0].name: 18 bytes"),
        ({"WHO": "pet.kind=犬", "首页": "一二三四五六"}, "button[0].name: 18 bytes"),
        ({"WHO": "pet.kind=犬"}, ""),
    ],
)
def test_the_accounts_menus_are_held_to_the_platforms_limits(folder: Path, change: dict[str, str], said: str) -> None:
    text = ACCOUNT
    for before, after in change.items():
        text = text.replace(before, after)
    (folder / "menus" / "account.yaml").write_text(text, encoding="utf-8")
    found = check(folder, "butler: car, then: first, when: 有车, why: 家里有车")
    assert [said in problem for problem in found] == ([True] if said else [])


def test_the_menus_of_an_account_lead_to_three_hosts_at_most(folder: Path) -> None:
    more = [
        '  - {type: view, name: 一, url: "https://c.example.com/"}',
        '  - {type: view, name: 二, url: "https://d.example.com/"}',
    ]
    text = ACCOUNT.replace("WHO", "pet.kind=犬").replace("conditional:", "\n".join([*more, "conditional:"]))
    (folder / "menus" / "account.yaml").write_text(text, encoding="utf-8")
    (problem,) = check(folder, "butler: car, then: first, when: 有车, why: 家里有车")
    assert "lead to 4 hosts" in problem

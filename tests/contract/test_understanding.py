"""`understand` and `audience`: what a sentence and an expression mean."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.contract.program import Program

SENTENCES = {
    "厨房水管漏水了": "housekeeping.utilities",
    "空调不制冷了，找人来修": "housekeeping.appliances",
    "明天想找个钟点工打扫卫生": "housekeeping.hourly",
    "车子发动不了，要修车": "car.repair",
    "快递能帮我送到家门口吗": "delivery.last_mile",
    "老人一个人在家，想找人陪聊": "elderly.companionship",
    "孩子数学不好想补课": "education.tutoring",
    "想报个国内旅游团": "travel.domestic",
    "楼道的灯坏了": "base.public_repair",
    "装修手续怎么办": "base.decoration_permit",
    "我要投诉，楼上半夜装修太吵": "complaint",
    "建议小区多装几个充电桩": "suggestion",
    "表扬一下保安小李": "praise",
    "我的物业费还欠多少": "fee_query",
    "我报修的单子到哪一步了": "order_status",
    "转人工": "human",
    "菜单": "menu",
    "退订": "opt_out",
    "家里的废品有人来收吗": "housekeeping.recycling",
    "驾驶证想学车": "car.driving_school",
    "车险快到期了": "car.insurance",
    "房子想出租": "housing.agency",
    "体检怎么预约": "elderly.checkup",
    "帮我叫辆出租车": "base.taxi",
    "asdfgh": "none",
    "今天天气真好": "none",
}


def test_sentences_are_understood_in_the_order_of_the_file(tmp_path: Path) -> None:
    (tmp_path / "texts.txt").write_text("\n".join(SENTENCES) + "\n", "utf-8")
    rows = Program(tmp_path / "data", {}).run("understand", "--file", str(tmp_path / "texts.txt")).rows
    assert len(rows) == len(SENTENCES)
    for row in rows:
        assert 0 <= row["confidence"] <= 1
        assert isinstance(row["slots"], dict)
        assert all(set(c) >= {"intent", "confidence"} for c in row["candidates"])
    found = {text: row["intent"] for text, row in zip(SENTENCES, rows, strict=True)}
    assert found == SENTENCES


def test_one_text_is_one_line_and_an_empty_line_keeps_its_place(tmp_path: Path) -> None:
    fresh = Program(tmp_path / "data", {})
    assert fresh.run("understand", "水管爆了").json["intent"] == "housekeeping.utilities"
    (tmp_path / "t.txt").write_text("水管爆了\n\n菜单", "utf-8")
    rows = fresh.run("understand", "--file", str(tmp_path / "t.txt")).rows
    assert [row["intent"] for row in rows] == ["housekeeping.utilities", "none", "menu"]
    fresh.run("understand", code=2)


@pytest.mark.parametrize(("expression", "count"), [("楼栋 = “2”", 20), ("building in ('1', '2') and not room = '0101'", 39)])
def test_an_audience_is_counted(template: Program, expression: str, count: int) -> None:
    found = template.run("audience", expression, "--ids").json
    assert found["count"] == count
    assert len(found["ids"]) == count


@pytest.mark.parametrize("wrong", ["building = ", "（bilding = '1'）"])
def test_a_wrong_expression_is_one_line_with_its_position(template: Program, wrong: str) -> None:
    told = template.run("audience", wrong, code=1).err.strip()
    assert len(told.splitlines()) == 1, told
    assert any(c.isdigit() for c in told)

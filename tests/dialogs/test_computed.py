"""Values that are worked out: never asked, kept as answers, listed under a name, worked out anew on every way."""

from dialogs.check import Names, check_script
from dialogs.script import Compute
from tests.dialogs.talk import Talk, chat

STEPS = """\
  - {id: count, ask: 几份？, type: number, name: 份数}
  - {id: total, set: count * 45, name: 合计, label: "{{ total }}元"}
  - {id: dear, set: total > 100, ask_if: count > 1}
  - {id: gift, ask: 要礼盒吗？, type: yesno, name: 礼盒, ask_if: dear}
  - {id: review, ask: 核对, type: review}
  - {id: done, end: "{{ total }}"}
"""


def test_a_value_is_worked_out_and_listed_by_its_label():
    run = Talk(chat(STEPS)).say("2")
    assert run.said.startswith("核对\n1. 份数：2\n2. 合计：90元\n没问题")
    assert (run.value("total"), run.value("dear")) == (90, False)
    assert run.say("确认").said == "90元"


def test_a_value_follows_the_answers_it_comes_from():
    run = Talk(chat(STEPS)).say("2", "改 1", "3")
    assert (run.step, run.value("total"), run.value("dear")) == ("gift", 135, True)
    run.say("要", "改 1", "1")
    assert "2. 合计：45元" in run.said
    assert "dear" not in run.state.answers


def test_a_value_cannot_be_changed_itself():
    run = Talk(chat(STEPS)).say("2", "改 2")
    assert run.said.startswith("这一项是照您说的算出来的")
    assert run.step == "review"
    assert run.say("合计改成 10").step == "review"


def test_going_back_passes_over_values():
    run = Talk(chat(STEPS)).say("3")
    assert run.say("返回").step == "count"
    assert set(run.state.answers) == set()
    assert "要礼盒" in run.say("3").said


def test_a_value_without_a_label_is_read_like_the_answer_it_names():
    steps = """\
  - {id: kind, ask: 哪样？, type: choice, options: [{key: a, label: 甲样}, {key: b, label: 乙样}]}
  - {id: same, set: kind}
  - {id: parts, set: "[kind, 3]"}
  - {id: done, end: "{{ same }}{{ parts }}"}
"""
    assert Talk(chat(steps)).say("乙样").said == "乙样b、3"


def test_a_value_is_checked_like_any_other_expression():
    found = check_script(chat(STEPS.replace("count * 45", "cuont * 45")), Names())
    assert [problem.code for problem in found] == ["unknown_name"]
    assert check_script(chat(STEPS), Names()) == []
    assert isinstance(chat(STEPS).steps[1], Compute)

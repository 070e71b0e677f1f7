"""Calls of parts and repeats: written out when a script is read, so that everything else works across them."""

import pytest

from dialogs.bundles import bundle_source
from dialogs.calendar import Calendar
from dialogs.check import Names, check_script
from dialogs.diagram import draw_script
from dialogs.explorer import Kit, explore
from dialogs.outcome import render_plain
from dialogs.parse import parse_node, parse_script
from dialogs.places import ScriptError
from dialogs.source import read_yaml
from dialogs.transcript import run_test
from tests.dialogs.talk import TEXTS, WORDS, Talk

VISIT = """\
id: parts.visit
kind: part
title: 上门
vars: [what]
steps:
  - {id: when, ask: "{{ what }}哪天方便？", type: datetime, name: 时间}
  - {id: ring, ask: 要先打电话吗？, type: yesno, next: [{if: ring, goto: tel}, {else: noted}]}
  - {id: tel, ask: 电话？, type: phone}
  - {id: noted, end: 记下了。}
tests:
  - name: 只问时间
    vars: {what: 师傅}
    start: menu
    turns:
      - bot: 师傅哪天方便
      - owner: 明天下午三点
      - owner: 不用
      - bot: 记下了
      - ended: completed
"""
SCRIPT = """\
id: small
kind: chat
title: t
steps:
  - {id: fault, ask: 哪样？, type: choice, name: 问题, options: [{key: lamp, label: 灯不亮}, {key: leak, label: 漏水了}]}
  - {id: visit, call: parts.visit, with: {what: fault}, save: visit}
  - {id: review, ask: 核对, type: review}
  - {id: done, end: "{{ fault }}，{{ visit_when }}，{{ if(is_empty(visit.tel), '不打电话', visit.tel) }}"}
"""
MEMBERS = """\
  - {id: n, ask: 几位？, type: number, min: 1, max: 3, whole: true, name: 人数}
  - id: members
    repeat:
      max: 3
      count: n
      steps:
        - {id: who, ask: "第{{ item.number }}位怎么称呼？", type: text, max: 9, name: 称呼}
        - {id: age, ask: "{{ who }}多大？", type: number, name: 年龄, ask_if: n > 1}
  - {id: total, set: count(members) * 10, name: 合计, label: "{{ total }}元"}
  - {id: review, ask: 核对, type: review}
  - {id: book, do: book_order, args: {service: "'x'", note: members_1_who}}
  - {id: done, end: 好。}
"""


def parts(*texts):
    nodes = [read_yaml(text, "part.yaml") for text in texts or (VISIT,)]
    return {node.text_of("id"): node for node in nodes}


def problems_of(text, known=None):
    with pytest.raises(ScriptError) as error:
        parse_script(text, "a.yaml", known or {})
    return [f"{each.place.line} {each.code}" for each in error.value.problems]


def script_of(steps, known=()):
    return parse_script(f"id: small\nkind: chat\ntitle: t\nsteps:\n{steps}", "small.yaml", dict(known))


def test_a_part_is_written_out_under_the_name_of_its_call():
    script = parse_script(SCRIPT, "a.yaml", parts())
    assert [step.id for step in script.steps] == [
        "fault", "visit_what", "visit_when", "visit_ring", "visit_tel", "visit_noted", "visit", "review", "done",
    ]  # fmt: skip
    assert check_script(script, Names()) == []


def test_a_call_is_handed_values_with_their_labels_and_saves_its_answers():
    talk = Talk(parse_script(SCRIPT, "a.yaml", parts())).say("漏水了")
    assert talk.said == "漏水了哪天方便？"
    talk.say("明天下午三点", "不用")
    assert talk.said.startswith("记下了。\n核对\n1. 问题：漏水了\n2. 时间：11月22日(周日) 15:00")
    assert talk.value("visit") == {"when": talk.value("visit_when"), "ring": False, "tel": None}
    assert talk.say("确认").said == "漏水了，11月22日(周日) 15:00，不打电话"


def test_going_back_leads_out_of_a_part_and_correcting_leads_into_it():
    talk = Talk(parse_script(SCRIPT, "a.yaml", parts())).say("漏水了")
    assert talk.say("返回").step == "fault"
    talk.say("灯不亮", "明天下午三点", "不用", "时间改成后天下午四点")
    assert (talk.step, talk.value("visit_when")["on"], talk.value("visit")["when"]["on"]) == ("review", *["2026-11-23"] * 2)
    assert talk.say("改 1").step == "fault"
    assert talk.say("漏水了").value("visit_what") == "leak"


def test_the_first_sentence_answers_questions_of_a_part():
    talk = Talk(parse_script(SCRIPT, "a.yaml", parts()), "灯不亮，明天下午三点来")
    assert talk.step == "visit_ring"


def test_a_refusing_end_of_a_part_ends_the_conversation():
    text = VISIT.replace("{id: noted, end: 记下了。}", "{id: noted, end: 不行。, result: refused}")
    talk = Talk(parse_script(SCRIPT, "a.yaml", parts(text))).say("漏水了", "明天下午三点", "不用")
    assert (talk.said, talk.outcome.ended) == ("不行。", "refused")


def test_a_call_that_is_not_wanted_is_passed_over_as_a_whole():
    steps = """\
  - {id: q, ask: 要吗, type: yesno}
  - {id: visit, call: parts.visit, ask_if: q, save: seen}
  - {id: done, end: "好{{ text(seen) }}"}
"""
    script = script_of(steps, parts())
    assert script.steps[1].id == "visit_0"
    talk = Talk(script).say("不要")
    assert (talk.said, talk.outcome.ended) == ("好", "completed")
    assert Talk(script).say("要").step == "visit_when"


def test_ways_lead_to_the_beginning_of_a_block_and_on_behind_it():
    steps = """\
  - {id: q, ask: 要吗, type: yesno, next: [{if: q, goto: visit}, {else: group}]}
  - {id: visit, call: parts.visit, next: done}
  - {id: group, repeat: {max: 2, until: more == false, steps: [{id: more, ask: 还有吗, type: yesno}]}, next: visit}
  - {id: done, end: 好。}
"""
    talk = Talk(script_of(steps, parts())).say("不要")
    assert talk.step == "group_1_more"
    assert talk.say("没有").step == "visit_when"
    assert talk.say("明天", "不用").said == "记下了。\n好。"


def test_a_part_may_call_another_one():
    outer = "id: parts.outer\nkind: part\ntitle: o\nsteps:\n  - {id: inn, call: parts.visit, with: {what: \"'人'\"}}\n"
    outer += "  - {id: over2, end: '{{ inn_when }}'}\n"
    script = script_of("  - {id: a, call: parts.outer}\n  - {id: done, end: 好。}\n", parts(VISIT, outer))
    talk = Talk(script)
    assert (talk.step, talk.said) == ("a_inn_when", "人哪天方便？")
    assert talk.say("明天下午三点", "不用").said == "记下了。\n11月22日(周日) 15:00\n好。"


def test_a_part_that_calls_itself_is_an_error():
    one = "id: parts.one\nkind: part\ntitle: o\nsteps:\n  - {id: a, call: parts.two}\n"
    two = one.replace("parts.two", "parts.three").replace("parts.one", "parts.two").replace("three", "one")
    assert problems_of(SCRIPT.replace("parts.visit, with: {what: fault}", "parts.one"), parts(one, two)) == ["5 recursion"]


@pytest.mark.parametrize(
    ("step", "code"),
    [
        ("{id: a, call: parts.visti}", "unknown_part"),
        ("{id: a, call: parts.visit, with: {waht: 1}}", "unknown_argument"),
        ("{id: a, call: parts.visit, save: owner}", "bad_id"),
        ("{id: a, call: parts.visit, args: {}}", "unknown_key"),
        ("{id: a, call: parts.visit, with: {what: '1 +'}}", "expression"),
        ("{id: a, repeat: {max: 2, steps: [{id: q, ask: 吗, type: text}]}}", "missing_key"),
        ("{id: a, repeat: {count: 2, steps: [{id: q, ask: 吗, type: text}]}}", "missing_key"),
        ("{id: a, repeat: {count: 2, max: 2}}", "missing_key"),
        ("{id: a, repeat: {count: 2, max: 99, steps: [{id: q, ask: 吗, type: text}]}}", "out_of_range"),
        ("{id: a, repeat: 3}", "wrong_type"),
        ("{id: a, repeat: {count: 2, max: 2, steps: [{id: q, ask: 吗, type: text}], name: a}}", "unknown_key"),
        ("{id: a, repeat: {count: 2, max: 3, steps: [{id: q, ask: 吗, type: texts}]}}", "unknown_word"),
        ("{id: a, repeat: {until: q ==, max: 3, steps: [{id: q, ask: 吗, type: text}]}}", "expression"),
    ],
)
def test_a_mistake_in_a_block_is_told_once_at_its_line(step, code):
    found = problems_of(f"id: small\nkind: chat\ntitle: t\nsteps:\n  - {step}\n", parts())
    assert set(found) == {f"5 {code}"}
    assert code == "missing_key" or len(found) == 1


def test_what_is_near_is_suggested():
    with pytest.raises(ScriptError, match=r"did you mean 'parts\.visit'"):
        script_of("  - {id: a, call: parts.visti}\n", parts())


def test_a_script_has_at_most_200_steps_and_five_levels():
    deep = "{id: q, ask: 吗, type: yesno}"
    for level in range(6):
        deep = f"{{id: r{level}, repeat: {{max: 1, count: 1, steps: [{deep}]}}}}"
    assert problems_of(f"id: small\nkind: chat\ntitle: t\nsteps:\n  - {deep}\n") == ["5 too_deep"]
    inner = "{id: r, repeat: {max: 20, count: 1, steps: [{id: q, ask: 吗, type: yesno}]}}"
    many = f"{{id: s, repeat: {{max: 20, count: 1, steps: [{inner}]}}}}"
    assert problems_of(f"id: small\nkind: chat\ntitle: t\nsteps:\n  - {many}\n") == ["5 too_many_steps"]


def test_a_repeat_asks_as_often_as_the_count_says():
    talk = Talk(script_of(MEMBERS)).say("2")
    assert talk.said == "第1位怎么称呼？"
    assert talk.say("张三").said == "张三多大？"
    talk.say("30", "李四", "40")
    assert talk.value("members") == [{"who": "张三", "age": 30}, {"who": "李四", "age": 40}]
    assert "3. 年龄1：30\n4. 称呼2：李四\n5. 年龄2：40\n6. 合计：20元" in talk.said


def test_after_the_count_is_corrected_the_rest_is_laid_aside_and_comes_back():
    talk = Talk(script_of(MEMBERS)).say("2", "张三", "30", "李四", "40", "改 1", "1")
    assert (talk.step, talk.value("members"), "李四" in talk.said) == ("review", [{"who": "张三", "age": None}], False)
    talk.say("改 1", "2")
    assert (talk.step, len(talk.value("members")), "称呼2：李四" in talk.said) == ("review", 2, True)


def test_a_named_value_goes_along_with_an_effect_and_the_workings_do_not():
    talk = Talk(script_of(MEMBERS)).say("1", "张三", "确认")
    assert set(talk.effects[0].answers) == {"n", "members_1_who", "total"}
    assert talk.effects[0].note == "张三"


def test_a_repeat_ends_when_its_until_holds_or_at_its_most():
    steps = """\
  - id: goods
    repeat:
      max: 3
      until: more == false
      steps:
        - {id: what, ask: "第{{ item.number }}样要什么？", type: text}
        - {id: more, ask: 还要别的吗？, type: yesno}
  - {id: done, end: "{{ count(goods) }}样"}
"""
    script = script_of(steps)
    assert Talk(script).say("米", "是", "油", "不是").said == "2样"
    assert Talk(script).say("米", "是", "油", "是", "盐", "是").said == "3样"


def test_what_the_first_sentence_says_is_said_of_the_first_round():
    steps = """\
  - id: cars
    repeat:
      max: 2
      count: 2
      steps: [{id: kind, ask: 哪种？, type: choice, options: [{key: a, label: 轿车}, {key: b, label: 货车}]}]
  - {id: done, end: 好。}
"""
    talk = Talk(script_of(steps), "我要登记轿车")
    assert (talk.step, talk.value("cars_1_kind")) == ("cars_2_kind", "a")


def test_inside_a_round_bare_names_mean_its_own_answers_first():
    steps = """\
  - {id: who, ask: 您贵姓, type: text}
  - id: g
    repeat: {max: 1, count: 1, steps: [{id: who, ask: "{{ who }}", type: text}, {id: says, say: "{{ who }}{{ sentence }}"}]}
  - {id: done, end: "{{ who }}"}
"""
    talk = Talk(script_of(steps.replace('ask: "{{ who }}"', "ask: 谁")))
    assert talk.say("张", "李").said == "李\n张"


def test_the_revision_changes_with_a_part_and_not_with_the_parts_tests():
    before = parse_script(SCRIPT, "a.yaml", parts()).revision
    assert parse_script(SCRIPT, "a.yaml", parts(VISIT.replace("只问时间", "别的"))).revision == before
    assert parse_script(SCRIPT, "a.yaml", parts(VISIT.replace("记下了", "好的"))).revision != before
    plain = "id: a\nkind: chat\ntitle: t\nsteps: [{id: done, end: 好。}]\n"
    assert parse_script(plain, "a.yaml", parts()).revision == parse_script(plain, "a.yaml").revision


def test_a_kept_revision_is_read_with_the_parts_it_was_kept_with():
    script = parse_script(SCRIPT, "a.yaml", parts())
    source = bundle_source(SCRIPT, read_yaml(SCRIPT, "a.yaml"), parts(), {"parts.visit": VISIT})
    kept = parse_script(source, "a.yaml", parts(VISIT.replace("记下了", "好的")))
    assert (kept.revision, kept.find_step("visit_noted").text.source) == (script.revision, "记下了。")
    assert bundle_source("id: a\n", read_yaml("id: a\n", "a.yaml"), parts(), {"parts.visit": VISIT}) == "id: a\n"
    again = parse_script("---\n" + source, "a.yaml")
    assert again.revision == script.revision


def test_behind_a_script_stand_only_parts():
    assert problems_of(SCRIPT + "---\nid: x\nkind: chat\n", parts()) == ["10 not_a_part"]


def test_a_part_passes_its_own_tests_and_knows_only_its_own_keys():
    part = parse_node(read_yaml(VISIT, "part.yaml"))
    assert [run_test(part, test, TEXTS, WORDS, Calendar()) for test in part.tests] == [[]]
    assert check_script(part, Names()) == []
    assert problems_of(VISIT + "triggers: {words: [上门]}\n") == ["20 unknown_key"]
    assert problems_of(VISIT.replace("[what]", "[owner]").replace("{{ what }}", "")) == ["4 bad_id"]


def test_a_mistake_of_the_check_is_told_where_it_stands_in_the_part():
    text = VISIT.replace("{{ what }}", "{{ waht }}")
    (problem,) = check_script(parse_script(SCRIPT, "a.yaml", parts(text)), Names())
    assert (problem.place.file, problem.place.line, problem.code) == ("part.yaml", 6, "unknown_name")


def test_every_way_through_written_out_blocks_is_sound():
    kit = Kit(TEXTS, WORDS, Calendar(), render_plain)
    for script in (parse_script(SCRIPT, "a.yaml", parts()), script_of(MEMBERS)):
        report = explore(script, kit)
        assert (report.faults, report.unreached) == ((), ()), str(report)


def test_blocks_are_drawn_as_the_steps_they_become():
    drawn = draw_script(script_of(MEMBERS))
    assert 's_members_2("members_2 if not (n #gt;= 2)")' in drawn
    assert 's_members[/"members<br>= [{who, age}]"/]' in drawn

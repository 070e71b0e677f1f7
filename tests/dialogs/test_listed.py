"""Options read from a list: they are shown, heard, paged and reviewed like written ones, and may be gone by tomorrow."""

from dataclasses import replace

from hypothesis import given, settings
from hypothesis import strategies as st

from dialogs.calendar import Calendar
from dialogs.check import Names, check_script
from dialogs.explorer import Kit, explore
from dialogs.inputs import Ran
from dialogs.outcome import render_plain
from tests.dialogs.talk import TEXTS, WORDS, WORLD, Talk, chat

GOODS = [
    {"key": "rice", "label": "大米", "price": 45, "place": "east", "words": ["米", "稻米"]},
    {"key": "oil", "label": "菜油", "price": 60, "place": "east", "words": "食用油"},
    {"key": "salt", "label": "细盐", "price": 3, "place": "west"},
]
STEPS = """\
  - id: place
    ask: 哪个点？
    type: choice
    name: 地点
    options: [{key: east, label: 东门店}, {key: west, label: 西门店}]
  - id: goods
    ask: 要什么？
    type: choice
    name: 货品
    options_from:
      list: lists.goods
      where: item.place == place
      key: key
      label: "{{ item.label }} {{ item.price }}元"
      say: words
  - {id: many, ask: 几份？, type: number, name: 份数}
  - {id: total, set: many * goods_item.price, name: 合计, label: "{{ total }}元"}
  - {id: review, ask: 核对, type: review}
  - {id: book, do: book_order, args: {service: "'x'", note: goods_item.label}, save: order}
  - {id: done, end: "{{ goods }}，{{ total }}，{{ order.no }}"}
  - {id: none, end: 改天再来。}
"""


def world(goods=GOODS):
    return replace(WORLD, facts={**WORLD.facts, "lists": {"goods": goods}})


def talk(steps=STEPS, goods=GOODS, sentence="", **given):
    return Talk(chat(steps), sentence, world(goods), **given)


def test_options_are_those_items_that_fit_earlier_answers():
    run = talk().say("东门店")
    assert run.said == "要什么？\n1. 大米 45元\n2. 菜油 60元"
    assert [option["key"] for option in run.awaiting().options] == ["rice", "oil"]
    assert talk().say("西门店").said == "要什么？\n1. 细盐 3元"


def test_an_item_is_chosen_by_number_label_other_words_or_tap():
    for said in ("2", "菜油 60元", "菜油", "食用油"):
        assert talk().say("东门店", said).value("goods") == "oil"
    assert talk().say("东门店", "稻米").value("goods") == "rice"
    assert talk().say("东门店").tap("rice").value("goods") == "rice"
    assert talk().say("东门店").tap("salt").step == "goods"


def test_the_chosen_item_is_known_to_expressions_and_the_answer_keeps_key_and_label():
    run = talk().say("东门店", "菜油", "2")
    assert "4. 合计：120元" in run.said
    assert (run.value("goods"), run.state.answers["goods"].label) == ("oil", "菜油 60元")
    run.say("改 2", "大米")
    assert "4. 合计：90元" in run.said
    assert run.say("确认").said == "大米 45元，90元，D1"
    assert run.effects[0].note == "大米"


def test_going_back_forgets_the_chosen_item():
    run = talk().say("东门店", "菜油", "返回")
    assert (run.step, "goods_item" in run.state.vars, "total" in run.state.answers) == ("goods", False, False)


def test_a_changed_answer_asks_again_for_what_the_new_list_does_not_have():
    run = talk().say("东门店", "菜油", "2", "改 1", "西门店")
    assert run.said == "您选的「菜油 60元」刚刚没有了，麻烦您另选一个。\n要什么？\n1. 细盐 3元"
    assert "4. 合计：6元" in run.say("细盐").said


def test_what_has_left_the_list_meanwhile_is_asked_again_before_anything_is_done():
    run = talk().say("东门店", "菜油", "2")
    run.world = world(GOODS[:1])
    run.say("确认")
    assert run.said == "您选的「菜油 60元」刚刚没有了，麻烦您另选一个。\n要什么？\n1. 大米 45元"
    assert (run.step, run.effects) == ("goods", [])
    assert run.say("大米").step == "review"
    assert run.say("确认").outcome.ended == "completed"


def test_an_option_is_found_in_the_first_sentence_when_its_list_is_there():
    run = talk(sentence="东门店来点食用油")
    assert (run.step, run.value("goods")) == ("many", "oil")
    assert run.say("返回").step == "goods"
    assert run.say("大米").value("goods") == "rice"


def test_an_option_is_handed_in_by_name():
    run = Talk(chat(STEPS, "vars: [goods]\n"), "西门店", world(), goods="salt")
    assert (run.step, run.value("goods")) == ("many", "salt")


def test_long_lists_are_paged_and_heard_on_every_page():
    many = [{"key": f"k{number}", "label": f"第{number}号货"} for number in range(1, 31)]
    steps = "  - {id: g, ask: 哪样？, type: choice, page: 9, options_from: {list: lists.goods, label: '{{ item.label }}'}}\n"
    run = talk(steps + "  - {id: done, end: '{{ g }}'}\n", many)
    assert len(run.awaiting().options) == 10
    assert run.say("下一页", "1").said == "第10号货"
    assert talk(steps + "  - {id: done, end: '{{ g }}'}\n", many).say("第25号货").said == "第25号货"


def test_several_items_are_chosen_and_kept_as_a_list():
    steps = """\
  - {id: g, ask: 哪些？, type: multi, options_from: {list: lists.goods, label: "{{ item.label }}"}}
  - {id: done, end: "{{ g }}：{{ count(g_items) }}样"}
"""
    assert talk(steps).say("1 3").said == "大米、细盐：2样"


def test_items_come_from_what_an_effect_saved():
    steps = """\
  - {id: find, do: list_progress, save: found}
  - {id: g, ask: 哪样？, type: choice, options_from: {list: found.goods, label: "{{ item.label }}"}}
  - {id: done, end: "{{ g_item.price }}"}
"""
    run = Talk(chat(steps))
    assert run.outcome.ended == "refused"
    run = Talk(chat(steps), results=[Ran({"goods": GOODS})])
    assert run.say("细盐").said == "3"


def test_a_list_without_options_goes_the_way_of_answers_that_never_fit():
    run = talk(goods=[]).say("东门店")
    assert (run.said, run.outcome.ended, run.outcome.asked) == ("这一项现在没有可以选的，不好意思。", "refused", "handoff")
    ways = {
        "{then: goto:none}": ("改天再来。", "completed"),
        "{then: cancel}": ("好的，已经取消了。需要时随时叫我。", "cancelled"),
        "{then: skip}": ("几份？", None),
    }
    for then, (said, ended) in ways.items():
        run = talk(STEPS.replace("name: 货品", f"name: 货品\n    retries: {then}"), None).say("东门店")
        assert (run.said.splitlines()[-1], run.outcome.ended) == (said, ended)


def test_a_list_that_has_run_dry_while_the_person_thought_goes_that_way_too():
    run = talk().say("东门店")
    run.world = world([])
    assert run.say("大米").outcome.asked == "handoff"


def test_a_list_of_strange_things_is_no_fault():
    strange = [
        None,
        3,
        {"key": None},
        {"label": "没有键"},
        {"key": "_more", "label": "x"},
        {"key": "a"},
        {"key": "a", "label": "b"},
    ]
    steps = "  - {id: g, ask: 哪样？, type: choice, options_from: {list: lists.goods, label: '{{ item.label }}'}}\n"
    assert talk(steps + "  - {id: done, end: 好。}\n", strange).said == "哪样？\n1. a"


def test_names_of_the_list_are_checked():
    names = Names(facts=frozenset({"lists.goods"}))
    steps = STEPS.replace("name: 货品", "name: 货品\n    retries: {then: goto:none}")
    assert check_script(chat(steps), names) == []
    found = check_script(chat(steps.replace("item.place", "itme.place")), names)
    assert [problem.code for problem in found] == ["unknown_name"]
    found = check_script(chat(steps.replace("many * goods_item", "many * good_item")), names)
    assert [problem.code for problem in found] == ["unknown_name"]


def test_a_script_with_a_list_is_walked_through_with_and_without_options():
    tests = """\
tests:
  - name: 有货
    facts: {lists: {goods: [{key: salt, label: 盐, price: 3, place: west}, {key: oil, label: 油, price: 3, place: east}]}}
    turns: [{owner: 西门店}, {bot: 盐}, {owner: 盐}, {bot: 几份}]
"""
    steps = STEPS.replace("name: 货品", "name: 货品\n    retries: {then: goto:none}")
    report = explore(chat(steps + tests), Kit(TEXTS, WORDS, Calendar(), render_plain))
    assert (report.faults, report.unreached) == ((), ()), str(report)


def test_a_circle_over_an_empty_list_is_found_by_the_check():
    steps = """\
  - {id: look, say: 我看看。}
  - {id: g, ask: 哪样？, type: choice, retries: {then: goto:look}, options_from: {list: lists.goods, label: "{{ item.label }}"}}
  - {id: done, end: 好。}
"""
    found = check_script(chat(steps), Names(facts=frozenset({"lists.goods"})))
    assert [problem.code for problem in found] == ["endless"]
    assert talk(steps, []).outcome.ended == "too_many_steps"


SAID = ("东门店", "西门店", "1", "2", "返回", "跳过", "改 1", "改 2", "改 4", "确认", "菜油", "[swap]", "[dry]")


@settings(max_examples=60, derandomize=True)
@given(
    st.lists(
        st.one_of(
            st.sampled_from(SAID),
            st.text(max_size=12),
        ),
        max_size=14,
    )
)
def test_whatever_is_said_while_the_list_changes_it_goes_on(messages):
    run = talk()
    for message in messages:
        if run.state is None:
            return
        if message in ("[swap]", "[dry]"):
            run.world = world([] if message == "[dry]" else GOODS[1:] if run.world == world() else GOODS)
        else:
            run.say(message)
            assert run.replies or run.outcome.asked

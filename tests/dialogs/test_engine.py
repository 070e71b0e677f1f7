"""The engine, turn by turn: answers, global words, prompts and taps, retries, effects, ends."""

import dataclasses

import pytest

from dialogs.effects import BookOrder
from dialogs.inputs import Ran
from dialogs.state import load_state
from tests.dialogs.talk import TEXTS, WORLD, Talk, chat, refused

END = "  - {id: done, end: 好了}\n"
PHONE = "13800138000"


def text(key):
    return TEXTS.phrases[key].source


def test_a_whole_service_from_the_first_question_to_the_order():
    talk = Talk()
    assert talk.said == "哪儿坏了？\n1. 漏水\n2. 爆管\n3. 其他情况"
    assert talk.say("1").said == "哪天方便？"
    assert talk.say("明天下午三点").said == "手机号？"
    assert talk.say(PHONE).said == "拍张照片？"
    assert "上门时间：11月22日(周日) 15:00" in talk.send("image", media_id="m1").said
    assert talk.say("确认").said.startswith("打个分？")
    (effect,) = talk.effects
    assert isinstance(effect, BookOrder)
    assert (effect.service, effect.urgent) == ("housekeeping.utilities", False)
    assert list(effect.answers) == ["fault", "when", "phone", "photo"]
    assert effect.answers["photo"].value["media_id"] == "m1"
    assert talk.say("5").said == "单号 D1，漏水，138****8000。"
    assert (talk.outcome.ended, talk.state) == ("completed", None)


def test_options_are_not_written_into_the_text():
    reply = Talk().replies[0]
    assert reply.text == "哪儿坏了？"
    assert [(each.number, each.key, each.label) for each in reply.options][:2] == [(1, "leak", "漏水"), (2, "burst", "爆管")]
    assert (reply.step, reply.turn) == ("fault", 0)


def test_an_option_goes_where_it_says_and_the_effect_runs_at_once():
    talk = Talk().say("爆管")
    assert talk.said.startswith("先关总阀。\n打个分？")
    assert talk.effects[0].urgent is True


@pytest.mark.parametrize(
    "said", ["取消", "算了", "不办了", "取消吧", "那算了吧", "「取消」", "取消。", "我要取消", "ＣＡＮＣＥＬ"]
)
def test_cancel_is_heard_as_a_whole_message_in_its_forms(said):
    talk = Talk().say(said)
    assert (talk.outcome.ended, talk.said, talk.state) == ("cancelled", text("engine.cancelled"), None)


@pytest.mark.parametrize("said", ["取消阳台漏水的单子", "不想取消", "算了算我家的", "取消订单怎么弄"])
def test_a_longer_message_is_no_cancel(said):
    assert Talk().say("3", said).step in ("detail", "when")


@pytest.mark.parametrize(
    ("said", "asked"),
    [("菜单", "home"), ("转人工", "handoff"), ("人工吧", "handoff"), ("退订", "opt_out"), ("TD", "opt_out"),
     ("隐私", "privacy"), ("查一下进度", "progress"), ("进度", "progress"), ("回首页", "home")],
)  # fmt: skip
def test_words_of_the_host_come_back_with_the_state_unchanged(said, asked):
    talk = Talk().say("1")
    before = talk.state
    talk.say(said)
    assert (talk.outcome.asked, talk.state, talk.replies) == (asked, before, ())
    assert talk.repeat().text == "哪天方便？"


def test_words_of_the_host_win_over_a_free_text_question():
    assert Talk().say("3", "人工").outcome.asked == "handoff"


def test_repeat_shows_the_question_again_without_counting_a_turn():
    talk = Talk().say("1")
    turn = talk.state.turn
    assert (talk.say("再说一遍").said, talk.state.turn) == ("哪天方便？", turn)


def test_skip_is_taken_only_where_the_question_may_stay_open():
    talk = Talk().say("跳过")
    assert talk.said.startswith(text("engine.skip_required") + "\n哪儿坏了？")
    talk.say("1", "明天下午三点", PHONE, "跳过")
    assert (talk.step, talk.value("photo")) == ("review", None)
    assert "照片：没有" in talk.said


@pytest.mark.parametrize("said", ["没有", "不用了", "不方便"])
def test_nothing_is_a_skip_where_the_question_may_stay_open(said):
    assert Talk().say("1", "明天下午三点", PHONE, said).step == "review"


def test_an_open_answer_is_no_part_of_the_effect():
    talk = Talk().say("1", "明天下午三点", PHONE, "跳过", "确认")
    assert "photo" not in talk.effects[0].answers


def test_back_asks_the_previous_answered_question_again():
    talk = Talk().say("1", "明天下午三点", "返回")
    assert (talk.said, "when" in talk.state.answers) == ("哪天方便？", False)
    assert talk.say("上一步").said.startswith("哪儿坏了？")
    assert talk.say("返回").said.startswith(text("engine.first_step"))
    assert talk.say("漏水").step == "when"


def test_back_does_not_cross_an_effect_that_has_run():
    talk = Talk().say("爆管", "返回")
    assert talk.said.startswith(text("engine.no_way_back") + "\n打个分？")


def test_an_old_prompts_option_is_not_taken_as_an_answer():
    talk = Talk().say("1")
    talk.tap("other", turn=0)
    assert talk.said == text("engine.old_prompt") + "\n哪天方便？"
    assert talk.value("fault") == "leak"


def test_a_tap_on_the_current_prompt_is_taken_by_its_key():
    talk = Talk().tap("leak", label="漏水")
    assert (talk.step, talk.value("fault")) == ("when", "leak")
    assert talk.say("明天下午三点", PHONE, "跳过").tap("confirm").said.startswith("打个分？")
    assert talk.tap("4").outcome.ended == "completed"


def test_a_second_tap_of_the_same_prompt_is_an_old_one():
    talk = Talk().tap("leak")
    assert talk.tap("leak", turn=0).said.startswith(text("engine.old_prompt"))


def test_an_unknown_key_is_not_understood():
    assert Talk().tap("nothing").said.startswith(text("engine.unrecognised.choice"))


def test_a_number_beyond_the_options_is_told():
    assert "1 到 3" in Talk().say("9").said


def test_an_answer_that_breaks_a_rule_gets_its_reason_and_one_not_understood_another_text():
    talk = Talk().say("1")
    assert talk.say("昨天下午三点").said.startswith(text("engine.invalid.past"))
    assert Talk().say("1").say("明年六月一号上午九点").said.startswith("一个月内的都可以。")
    assert Talk().say("1").say("呃呃").said.startswith(text("engine.unrecognised.datetime"))


def test_a_steps_own_texts_win():
    steps = "  - {id: n, ask: 几个？, type: number, max: 5, invalid: '最多 {{ max }} 个。', unrecognised: 说个数。}\n" + END
    talk = Talk(chat(steps))
    assert talk.say("9").said == "最多 5 个。\n几个？"
    assert talk.say("好多").said.startswith("说个数。")


def test_the_last_try_offers_a_person_and_then_one_is_called():
    talk = Talk().say("呃呃")
    assert text("engine.offer_handoff") not in talk.said
    assert text("engine.offer_handoff") in talk.say("啊啊啊").said
    talk.say("唔唔唔")
    assert (talk.outcome.asked, talk.said, talk.step, talk.state.tries) == ("handoff", text("engine.handoff"), "fault", 0)


@pytest.mark.parametrize(
    ("then", "ended", "asked"), [("cancel", "cancelled", ""), ("skip", "completed", ""), ("goto:other", "refused", "")]
)
def test_after_too_many_tries_the_script_decides(then, ended, asked):
    steps = f"  - {{id: n, ask: 几个？, type: number, retries: {{limit: 1, then: '{then}'}}}}\n" + END
    talk = Talk(chat(steps + "  - {id: other, end: 别的, result: refused}\n")).say("呃呃")
    assert (talk.outcome.ended, talk.outcome.asked) == (ended, asked)


def test_tries_are_counted_per_question():
    talk = Talk().say("呃呃", "啊啊啊", "1", "呃呃")
    assert (talk.step, talk.state.tries) == ("when", 1)


def test_a_refused_effect_goes_where_the_script_says_and_tells_the_reason():
    talk = Talk(results=[refused("closed")]).say("爆管")
    assert (talk.said, talk.outcome.ended) == ("先关总阀。\n没办成：closed", "refused")


def test_a_refused_effect_without_a_way_on_ends_kindly():
    talk = Talk(chat("  - {id: b, do: take_back}\n" + END), results=[refused("no")])
    assert (talk.said, talk.outcome.ended) == (text("engine.refused"), "refused")


def test_the_refusals_numbers_can_be_told():
    steps = (
        "  - {id: p, ask: 手机号？, type: phone}\n  - {id: r, ask: 房号？, type: text}\n"
        "  - {id: b, do: bind_room, args: {phone: p, room: r}, save: home, on_refused: no_match}\n"
        + END
        + "  - {id: no_match, say: '还可以试 {{ home.tries_left }} 次。', next: p}\n"
    )
    talk = Talk(chat(steps), results=[refused("mismatch", tries_left=4)]).say(PHONE, "301")
    assert talk.said == "还可以试 4 次。\n手机号？"
    assert talk.say(PHONE, "301").outcome.ended == "completed"
    assert talk.effects[1].phone == PHONE


def test_a_person_who_speaks_while_an_effect_runs_is_asked_to_wait():
    talk = Talk()
    waiting = dataclasses.replace(talk.state, step="book", waiting_effect=True)
    talk.outcome = dataclasses.replace(talk.outcome, state=waiting)
    assert talk.say("好了吗").said == text("engine.busy")
    assert talk.state == waiting


def test_a_result_nobody_waits_for_is_ignored():
    assert Talk().feed(Ran({"no": "X"})).step == "fault"


def test_steps_that_never_wait_end_with_a_person_instead_of_running_on():
    talk = Talk(chat("  - {id: a, say: 一}\n  - {id: b, say: 二, next: a}\n" + END))
    assert (talk.outcome.ended, talk.outcome.asked, talk.state) == ("too_many_steps", "handoff", None)


def test_a_conversation_that_does_not_end_is_given_to_a_person():
    talk = Talk(chat("  - {id: a, ask: 吗, type: text, next: a}\n" + END, "max_turns: 3\n")).say("一", "二", "三", "四")
    assert (talk.outcome.ended, talk.outcome.asked) == ("too_many_turns", "handoff")


def test_a_step_that_is_gone_begins_again_politely():
    talk = Talk()
    talk.outcome = dataclasses.replace(talk.outcome, state=dataclasses.replace(talk.state, step="gone"))
    assert talk.say("1").said.startswith(text("engine.lost_step") + "\n哪儿坏了？")


def test_a_renamed_step_is_found_by_its_alias():
    talk = Talk(chat("  - {id: new, ask: 几个？, type: number}\n" + END, "aliases: {old: new}\n"))
    talk.outcome = dataclasses.replace(talk.outcome, state=dataclasses.replace(talk.state, step="old"))
    assert talk.say("3").outcome.ended == "completed"


def test_a_state_of_a_newer_version_loses_what_is_unknown():
    assert load_state({"script": "a", "revision": "b", "step": "c", "colour": "red"}).step == "c"


def test_an_option_may_start_another_script_with_values_and_the_first_sentence():
    options = "options: [{key: go, label: 国内游, start: travel, args: {days: 1 + 2, chosen: m}}]"
    talk = Talk(chat("  - {id: m, ask: 吗, type: choice, prefill: false, " + options + "}\n"), "想出去玩").say("1")
    start = talk.outcome.start
    assert (start.script, start.vars, start.sentence) == ("travel", {"days": 3, "chosen": "go"}, "想出去玩")
    assert (talk.outcome.ended, talk.state) == ("completed", None)


def test_a_start_step_renders_the_scripts_name():
    talk = Talk(chat("  - {id: go, start: '{{ wanted }}'}\n", "vars: [wanted]\n"), wanted="travel.domestic")
    assert talk.outcome.start.script == "travel.domestic"


def test_a_script_that_runs_out_is_completed():
    assert Talk(chat("  - {id: a, say: 一}\n")).outcome.ended == "completed"


MANY = "  - {id: m, ask: 哪个？, type: %s, page: 4, options: [%s]}\n" + END
ITEMS = ", ".join(f"{{key: k{n}, label: 第{name}家}}" for n, name in enumerate("甲乙丙丁戊己庚辛壬", 1))


def test_many_options_come_in_pages_numbered_from_one():
    talk = Talk(chat(MANY % ("choice", ITEMS)))
    assert talk.said == "哪个？\n1. 第甲家\n2. 第乙家\n3. 第丙家\n4. 第丁家\n5. 下一页"
    assert talk.say("5").said == "哪个？\n1. 第戊家\n2. 第己家\n3. 第庚家\n4. 第辛家\n5. 下一页"
    assert talk.say("更多").said == "哪个？\n1. 第壬家\n2. 回到第一页"
    assert talk.say("2").said.startswith("哪个？\n1. 第甲家")
    assert talk.tap("_more").said.startswith("哪个？\n1. 第戊家")
    assert talk.say("2").outcome.ended == "completed"


def test_a_number_means_the_page_that_is_shown():
    talk = Talk(chat(MANY.replace(END, "  - {id: n, ask: 几个？, type: number}\n") % ("choice", ITEMS))).say("下一页", "1")
    assert talk.value("m") == "k5"


def test_a_name_is_heard_on_every_page():
    talk = Talk(chat(MANY.replace(END, "  - {id: n, ask: 几个？, type: number}\n") % ("choice", ITEMS))).say("第壬家")
    assert talk.value("m") == "k9"


def test_options_show_only_where_their_condition_holds():
    options = "options: [{key: a, label: 甲, when: owner.bound}, {key: b, label: 乙, when: not owner.bound}]"
    talk = Talk(chat("  - {id: m, ask: 哪个？, type: choice, " + options + "}\n" + END))
    assert talk.said == "哪个？\n1. 甲"


def test_several_options_are_bounded():
    options = "min: 1, max: 2, options: [{key: a, label: 甲店}, {key: b, label: 乙店}, {key: c, label: 丙店}]"
    script = chat("  - {id: m, ask: 哪些？, type: multi, " + options + "}\n  - {id: n, ask: 几个？, type: number}\n" + END)
    talk = Talk(script)
    assert talk.say("1 2 3").said.startswith("最多选 2 项。")
    assert talk.say("1 3").value("m") == ["a", "c"]
    assert Talk(script).tap("b").value("m") == ["b"]


def test_a_yes_or_no_may_have_labels_and_ways_of_its_own():
    options = "options: [{key: 'yes', label: 要上门, goto: done}, {key: 'no', label: 自己送, goto: shop}]"
    script = chat("  - {id: y, ask: 哪样？, type: yesno, " + options + "}\n" + END + "  - {id: shop, end: 店里见}\n")
    assert Talk(script).said == "哪样？\n1. 要上门\n2. 自己送"
    assert Talk(script).say("2").said == "店里见"
    assert Talk(script).tap("yes").said == "好了"


def test_a_yes_or_no_is_tapped_to_a_truth():
    talk = Talk(chat("  - {id: y, ask: 要吗？, type: yesno}\n  - {id: n, ask: 几个？, type: number}\n" + END)).tap("no")
    assert talk.value("y") is False


def test_money_is_bounded_in_yuan():
    talk = Talk(chat("  - {id: a, ask: 多少钱？, type: amount, min: 10, max: 500, unit: 元}\n" + END))
    assert "10 到 500元" in talk.say("900元").said
    assert talk.say("200").outcome.ended == "completed"


def test_a_recognised_voice_message_counts_as_text():
    assert Talk().send("voice", text="漏水。", media_id="v").step == "when"
    assert Talk().send("voice", text="取消", media_id="v").outcome.ended == "cancelled"


def test_a_voice_message_nobody_understood_is_asked_for_again():
    assert Talk().send("voice", media_id="v").said.startswith(text("engine.voice_unheard") + "\n哪儿坏了？")


def test_a_picture_that_comes_early_is_kept_for_its_question():
    talk = Talk().send("image", media_id="m7")
    assert talk.said.startswith(text("engine.media_kept") + "\n哪儿坏了？")
    talk.say("1", "明天下午三点", PHONE)
    assert (talk.step, talk.value("photo")["media_id"]) == ("review", "m7")
    assert "照片：已收到" in talk.said


def test_a_picture_no_question_wants_is_thanked_for_and_the_question_repeated():
    talk = Talk().say("1", "明天下午三点", PHONE, "跳过").send("image", media_id="m")
    assert talk.said.startswith(text("engine.media_not_now") + "\n核对一下。")
    assert talk.state.tries == 0


def test_a_text_at_a_picture_question_asks_for_a_picture():
    assert Talk().say("1", "明天下午三点", PHONE, "厨房那边").said.startswith(text("engine.unrecognised.image"))


def test_a_sensitive_answer_leaves_no_words_and_is_shown_masked():
    talk = Talk().say("1", "明天下午三点", PHONE, "跳过")
    answer = talk.state.answers["phone"]
    assert (answer.value, answer.label, answer.raw) == (PHONE, "138****8000", "")
    assert "电话：138****8000" in talk.said
    assert PHONE not in talk.said
    assert talk.say("确认").effects[0].answers["phone"].value == PHONE


def test_what_is_awaited_can_be_read_from_outside():
    talk = Talk()
    waiting = talk.awaiting()
    assert (waiting.type, waiting.required) == ("choice", True)
    assert waiting.options[2] == {"key": "other", "label": "其他情况", "number": 3}
    assert talk.say("1").awaiting().options == ()
    assert talk.say("明天下午三点", PHONE).awaiting().required is False
    assert talk.say("跳过").awaiting().options == ({"key": "confirm", "label": "确认", "number": 5},)


def test_the_world_outside_is_seen_by_expressions():
    talk = Talk(
        chat("  - {id: d, end: '{{ owner.name }} {{ now.hour }} {{ now.date }} {{ args.rest }}'}\n"), args={"rest": "D1"}
    )
    assert talk.said == "张阿姨 10 2026-11-21 D1"


def test_a_word_handed_in_does_not_hide_the_parts_of_the_fact_of_that_name():
    world = dataclasses.replace(WORLD, facts={"service": {"label": "出境游"}})
    talk = Talk(chat("  - {id: d, end: '{{ service }} {{ service.label }}'}\n", "vars: [service]\n"), "", world, service="x.y")
    assert talk.said == "x.y 出境游"


def test_a_menu_asks_its_question_again_when_the_way_leads_back():
    steps = "  - {id: m, ask: 哪样？, type: choice, options: [{key: a, label: 电话, goto: tell}]}\n"
    talk = Talk(chat(steps + "  - {id: tell, say: 一一零, next: m}\n"))
    assert talk.say("1").said == "一一零\n哪样？\n1. 电话"
    assert talk.say("1").said == "一一零\n哪样？\n1. 电话"

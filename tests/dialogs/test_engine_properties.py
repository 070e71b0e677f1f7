"""Whatever comes in: the engine answers, never raises, and its state survives a restart between any two turns."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dialogs import engine
from dialogs.answers.base import Heard
from dialogs.inputs import Begin, Ran, Refused, Said, Tapped
from dialogs.parse import parse_script
from dialogs.state import Answer, DialogState, dump_state, load_state
from dialogs.words import COMMANDS, GlobalWords, normalise, parse_words
from tests.dialogs.talk import CONTENT, REPAIR, TEXTS, WORDS, WORLD, Talk

USUAL = [
    "1", "2", "3", "4", "9", "0", "漏水", "爆管", "其他情况", "明天下午三点", "13800138000", "跳过", "返回", "取消", "重复",
    "确认", "改 1", "改 2", "时间不对", "菜单", "人工", "更多", "没有", "", " ", "5", "时间改成后天", "🙂", "改", "不对",
]  # fmt: skip
TEXT = st.sampled_from(USUAL) | st.text(max_size=30)
HEARD = st.one_of(
    TEXT.map(lambda text: Said(Heard("text", text))),
    st.sampled_from(["image", "video", "file"]).map(lambda kind: Said(Heard(kind, media_id="m"))),
    st.tuples(st.floats(), st.floats()).map(lambda p: Said(Heard("location", latitude=p[0], longitude=p[1]))),
    TEXT.map(lambda text: Said(Heard("voice", text, media_id="v"))),
    st.builds(Tapped, st.integers(-1, 6), st.sampled_from(["leak", "confirm", "_more", "5", "yes", ""]) | st.text(max_size=5)),
    st.just(Ran({"no": "D1"})),
    st.just(Refused("closed")),
)
SCRIPT = parse_script(REPAIR, "repair.yaml")


def run(state, given_, *, restarts):
    outcome = engine.step(SCRIPT, state, given_, WORLD, TEXTS, WORDS)
    if restarts and outcome.state is not None:
        assert load_state(dump_state(outcome.state)) == outcome.state
    return outcome


def transcribe(sentence, inputs, *, restarts):
    """Return everything a conversation brought, effects answered."""
    lines, waiting = [], [Begin(sentence=sentence), *inputs]
    state = None
    while waiting:
        outcome = run(state, waiting.pop(0), restarts=restarts)
        lines.append((outcome.replies, outcome.effects, outcome.ended, outcome.asked))
        state = outcome.state
        if state is None:
            break
        if restarts:
            state = load_state(dump_state(state))
        if outcome.effects:
            waiting.insert(0, Ran({"no": "D1"}))
    return lines


@settings(max_examples=150)
@given(TEXT, st.lists(HEARD, max_size=15))
def test_random_messages_never_raise_and_a_restart_between_turns_changes_nothing(sentence, inputs):
    assert transcribe(sentence, inputs, restarts=True) == transcribe(sentence, inputs, restarts=False)


@settings(max_examples=100)
@given(st.lists(HEARD, max_size=12))
def test_an_unfinished_conversation_always_says_or_wants_something(inputs):
    for replies, effects, ended, asked in transcribe("", inputs, restarts=False):
        assert replies or effects or ended or asked


@settings(max_examples=100)
@given(st.lists(HEARD, max_size=10))
def test_the_home_word_and_cancel_work_at_every_step(inputs):
    talk = Talk()
    for each in inputs:
        if talk.state is None:
            return
        talk.feed(each)
    if talk.state is not None:
        assert talk.say("菜单").outcome.asked == "home"
        assert talk.say("取消").outcome.ended == "cancelled"


ANSWERS = st.builds(Answer, st.none() | st.text() | st.booleans() | st.integers() | st.lists(st.text()), st.text(), st.text())


@given(
    st.builds(
        DialogState,
        script=st.text(),
        revision=st.text(),
        step=st.sampled_from(["fault", "when", "review", "book", "done", "gone", ""]),
        turn=st.integers(0, 300),
        answers=st.dictionaries(st.text(max_size=5), ANSWERS, max_size=3),
        vars=st.dictionaries(st.text(max_size=5), st.text() | st.integers(), max_size=3),
        tries=st.integers(0, 5),
        page=st.integers(0, 9),
        path=st.lists(st.sampled_from(["fault", "when"]), unique=True).map(tuple),
        waiting_effect=st.booleans(),
        reviewing=st.booleans(),
    ),
    HEARD,
)
@settings(max_examples=150)
def test_any_state_round_trips_and_can_be_spoken_to(state, given_):
    assert load_state(dump_state(state)) == state
    run(state, given_, restarts=True)


@pytest.mark.parametrize("command", COMMANDS)
def test_every_form_of_a_global_word_is_heard_with_signs_and_small_words_around(command):
    for form in WORDS.forms[command]:
        assert WORDS.hear(form) == command
        assert WORDS.hear(f" {form}。") == command
        assert WORDS.hear(f"{form}吧") == command


@pytest.mark.parametrize(
    "text",
    ["取消阳台漏水的单子", "进度款怎么付", "菜单上的菜", "返回的快递", "人工湖漏水", "退订的报纸", "", "吧", "了", "好的", "是",
     "我想退订单", "不", "1", "取消" * 20],
)  # fmt: skip
def test_other_messages_are_no_global_word(text):
    assert WORDS.hear(text) == ""


@given(st.text(max_size=40))
def test_hearing_never_raises(text):
    assert WORDS.hear(text) in {*COMMANDS, ""}
    assert normalise(normalise(text)) == normalise(text)


def test_a_word_may_not_mean_two_things():
    source = (CONTENT / "words.yaml").read_text(encoding="utf-8").replace("skip: [", "skip: [菜单, ")
    with pytest.raises(Exception, match="菜单"):
        parse_words(source, "words.yaml")


def test_words_are_compared_without_width_case_and_signs():
    words = GlobalWords({"cancel": ("Cancel",)})
    assert words.hear("ｃａｎｃｅｌ！") == "cancel"

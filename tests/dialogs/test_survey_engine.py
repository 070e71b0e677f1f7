"""A survey in the engine alone: what is compared and recorded, what is confirmed, how consents and ways hang together."""

from __future__ import annotations

from dialogs import engine
from dialogs.answers.base import Heard
from dialogs.inputs import Begin, Ran, Said, World
from dialogs.outcome import Outcome
from dialogs.parse import parse_script
from dialogs.script import Ask, Script
from dialogs.survey import LED
from dialogs.survey_diff import compare, list_answers, list_tag_values
from dialogs.transcript import NOW, complete_facts
from tests.handlers.test_surveys import SURVEY
from tests.loaded import CONTENT

SCRIPT = parse_script(SURVEY, "try.yaml")


def talk(script: Script, *texts: str, led: bool = False, **facts: object) -> Outcome:
    world = World(NOW, CONTENT.calendar, complete_facts(facts, {}))
    outcome = engine.step(script, None, Begin({LED: True} if led else {}), world, CONTENT.texts, CONTENT.words)
    for text in texts:
        outcome = engine.step(script, outcome.state, Said(Heard("text", text)), world, CONTENT.texts, CONTENT.words)
        while outcome.effects and outcome.state is not None:
            outcome = engine.step(script, outcome.state, Ran({}), world, CONTENT.texts, CONTENT.words)
    return outcome


def test_what_comes_by_itself_stands_before_what_needs_it() -> None:
    assert [step.id for step in SCRIPT.steps] == [
        *("hello", "profile_consent", "profile_consent_kept", "profile_consent_no", "use", "pet"),
        *("kid_consent", "kid_consent_kept", "kid", "state", "wish", "bye_summary", "bye"),
    ]


STAFF_FIRST = """  - id: seen
    ask: 谁在家？
    type: choice
    name: 在家的
    staff: true
    why: 记一笔
    options: [{key: one, label: 一位}, {key: none, label: 没人%s}]
  - id: use
"""


def test_what_only_staff_answer_comes_before_the_consent_unless_it_could_lead_past_it() -> None:
    ids = [step.id for step in parse_script(SURVEY.replace("  - id: use\n", STAFF_FIRST % ""), "t").steps]
    assert ids[:5] == ["hello", "seen", "profile_consent", "profile_consent_kept", "profile_consent_no"]
    ids = [step.id for step in parse_script(SURVEY.replace("  - id: use\n", STAFF_FIRST % ", goto: pet"), "t").steps]
    assert ids[:5] == ["hello", "profile_consent", "profile_consent_kept", "profile_consent_no", "seen"]


def test_a_way_to_a_question_leads_to_the_consent_before_it() -> None:
    script = parse_script(
        SURVEY.replace("label: 没养, value: 无}", "label: 没养, value: 无, goto: kid}").replace("type: multi", "type: choice"),
        "t",
    )
    outcome = talk(script, "同意", "1", "没养")
    assert outcome.state is not None
    assert outcome.state.step == "kid_consent"


def test_who_has_agreed_already_is_not_asked_again_and_who_refused_is_passed_over() -> None:
    said = talk(SCRIPT, consents={"profile": "granted", "minors": "granted"})
    assert "房子现在" in said.replies[-1].text
    outcome = talk(SCRIPT, "1", "没养", consents={"profile": "granted"}, may_ask={"minors": False})
    assert outcome.state is not None
    assert outcome.state.step == "wish"


def test_a_correction_keeps_what_was_recorded_until_it_is_given_up() -> None:
    state = talk(
        SCRIPT, "1", "狗", "小学", "通的", "挺好", led=True, consents={"profile": "granted", "minors": "granted"}
    ).state
    assert state is not None
    recorded = {
        "use": ("own", "自己住"),
        "pet": ("dog", "狗"),
        "kid": ("small", "小学"),
        "state": ("ok", "通的"),
        "wish": (None, "挺好"),
    }
    assert compare(SCRIPT, recorded, state).undone == ()
    reopened = talk(
        SCRIPT, "1", "狗", "小学", "通的", "挺好", "改 2", led=True, consents={"profile": "granted", "minors": "granted"}
    ).state
    assert reopened is not None
    changes = compare(SCRIPT, recorded, reopened)
    assert (changes.undone, changes.given) == (("pet",), ())


def test_an_answer_stands_for_the_values_of_its_tag() -> None:
    state = talk(SCRIPT, "1", "狗 猫", consents={"profile": "granted"}).state
    assert state is not None
    values = {step.id: list_tag_values(step, answer) for step, answer in list_answers(SCRIPT, state.answers)}
    assert values == {"use": ("自住",), "pet": ("犬", "猫")}


def test_a_known_answer_may_be_corrected_at_once_and_an_old_one_is_asked() -> None:
    known = {"consents": {"profile": "granted"}, "knows": {"house.use": "自住"}}
    outcome = talk(SCRIPT, "租出去了", **known)
    assert outcome.state is not None
    assert (outcome.state.answers["use"].value, outcome.state.step) == ("let", "pet")
    old = {"house": {"use": {"values": ["自住"], "at": "2020-01-01T00:00:00+08:00"}}}
    assert "房子现在" in talk(SCRIPT, consents={"profile": "granted"}, tags=old).replies[-1].text


def test_hints_and_observations_are_for_the_one_who_leads() -> None:
    script = parse_script(SURVEY.replace("    why: 上门服务\n", "    why: 上门服务\n    hint: 看看门口\n"), "t")
    granted = {"profile": "granted", "minors": "granted"}
    assert "看看门口" in talk(script, led=True, consents=granted).replies[-1].text
    assert "看看门口" not in talk(script, consents=granted).replies[-1].text


def test_a_sensitive_choice_writes_its_tag_though_its_words_are_kept_masked() -> None:
    text = SURVEY.replace("name: 孩子\n", "name: 孩子\n    sensitive: true\n")
    assert text != SURVEY
    script = parse_script(text, "try.yaml")
    state = talk(script, "1", "没养", "小学", consents={"profile": "granted", "minors": "granted"}).state
    assert state is not None
    step = script.peek_step("kid")
    assert isinstance(step, Ask)
    assert state.answers["kid"].label != "小学"
    assert list_tag_values(step, state.answers["kid"]) == ("小",)

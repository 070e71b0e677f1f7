"""What a message means and what is said to it: a tap, a command, a word that works everywhere, an answer, a new wish."""

from __future__ import annotations

from dialogs.answers.base import AnswerType, Heard
from dialogs.effects import TakeBack
from dialogs.inputs import Said
from dialogs.intents.decision import Act, Clarify, Stranger, decide
from dialogs.outcome import Outcome
from dialogs.script import Ask, Interrupt, OnBusy, Script, ScriptKind
from dialogs.state import DialogState
from dialogs.words import normalise
from handlers import relays, resting, surveys, unheard
from handlers.between import answer_idle_word, answer_small_talk, find_interrupt, find_small_talk
from handlers.commands import find_command
from handlers.desk import Desk
from handlers.drafts import set_aside
from handlers.heard import read_heard
from handlers.ports import Inbound
from handlers.taps import take_tap
from handlers.turns import (
    CLARIFY_SCRIPT,
    MENU_SCRIPT,
    PERSON_SCRIPT,
    begin,
    begin_intent,
    carry,
    catch_up,
    change_home,
    render,
    repeat_question,
    take_step,
    take_waiting,
)
from handlers.upgrades import Course, find_course
from handlers.wishes import keep_wish

GLOBAL_SCRIPTS = {
    "home": MENU_SCRIPT,
    "handoff": PERSON_SCRIPT,
    **{word: word for word in ("progress", "privacy", "opt_out", "withdraw")},
    "cancel": "cancel_order",
}
SHORTEST_WISH = 5
LONGEST_ROOM = 16  # 3号楼2单元1201室 answers the question for a room, whatever else it may sound like
COMPLAINT = "complaint"
DIGRESSIONS = ("progress", "privacy", "opt_out")
ASIDES = ("opt_in", "personal_off", "personal_on")  # named by pushes and the answer to 退订
GREETING = "menu"
ALWAYS = ("home", "cancel", "handoff", "repeat", "withdraw", *DIGRESSIONS)  # heard whatever has become of the question
WORD_OF_INTENT = {"cancel": "cancel", "human": "handoff", "order_status": "progress", "opt_out": "opt_out"}
TEXTUAL = ("text", "voice")
UNSUPPORTED = "unsupported"  # what the platform could not pass on: stickers and the like


def hear(desk: Desk, inbound: Inbound) -> list[str]:
    """Answer a message: a tap, a staff command, a word that works everywhere, the running script, or a new wish."""
    said = _hear(desk, inbound)
    if text := desk.afresh:
        desk.afresh = ""
        said += _listen(desk, inbound, text, "")
    return said


def _hear(desk: Desk, inbound: Inbound) -> list[str]:
    text = inbound.text.strip() if inbound.kind in TEXTUAL else ""
    if inbound.kind == UNSUPPORTED:
        return [desk.say("host.unsupported", kind="")]
    if (answered := take_tap(desk, inbound)) is not None:
        return answered
    if (command := find_command(desk, text)) is not None:
        script_id, rest = command
        first, _, more = rest.partition(" ")
        desk.args = {"rest": rest, "first": first, "more": more.strip()}
        surveys.lay_by(desk)
        return begin(desk, script_id, {"args": desk.args})
    if desk.rest and desk.runtime.content.words.means("more", text):
        return [desk.rest]
    word = desk.runtime.content.words.hear(text) if text else ""
    if desk.handover_task_id is not None and word not in DIGRESSIONS and _find_named(desk, text) not in ASIDES:
        return _speak_to_person(desk, inbound, word)
    if len(desk.homes) > 1 and desk.runtime.content.words.means("rehome", text):
        return change_home(desk)
    if desk.state is None:
        return resting.resume_newest(desk, text) or _listen(desk, inbound, text, word)
    return _find_course(desk, inbound, text, word)


def _find_course(desk: Desk, inbound: Inbound, text: str, word: str) -> list[str]:
    """Take a message in a conversation: it goes on, unless its script is gone or it has rested and she is asked first."""
    course = find_course(desk, desk.state) if desk.state else None
    if course is None:
        return _leave(desk, inbound, text, word)
    if (asked := resting.come_back(desk, course, Said(read_heard(inbound)), text)) is not None:
        return asked
    return _go_on(desk, inbound, course, word) if desk.state is not None else _listen(desk, inbound, text, word)


def _leave(desk: Desk, inbound: Inbound, text: str, word: str) -> list[str]:
    """Let a conversation go whose script is there no more; what was said is heard as if nothing were open."""
    desk.state = None
    gone = desk.say("host.script_gone")
    return [gone, *((not word and take_waiting(desk, "cancelled")) or _listen(desk, inbound, text, word))]


def _go_on(desk: Desk, inbound: Inbound, course: Course, word: str) -> list[str]:
    """Take a message in a conversation; in one that was changed meanwhile only what works everywhere is heard at once."""
    before = desk.state
    script, text = course.script, inbound.text.strip() if inbound.kind in TEXTUAL else ""
    desk.state = course.state
    if (course.begin is None and course.is_same) or word in ALWAYS:
        return _converse(desk, inbound, script, text)
    if text and not course.is_same and (other := _find_other_wish(desk, script, text)) is not None:
        return other
    said = catch_up(desk, course)
    if course.is_same and before is not None and desk.state is not None and desk.state.step == course.state.step:
        return [said[0], *_converse(desk, inbound, script, text)]  # it begins again where she stood: this is the answer
    return said


def _speak_to_person(desk: Desk, inbound: Inbound, word: str) -> list[str]:
    if word in ("home", "back", "cancel"):
        desk.perform(desk, TakeBack())
        return [desk.say("host.handed_over_back"), *((word != "home" and take_waiting(desk)) or begin(desk, MENU_SCRIPT))]
    return [relays.relay(desk, inbound)]


def _converse(desk: Desk, inbound: Inbound, script: Script, text: str) -> list[str]:
    if text and script.kind is ScriptKind.CHAT and (other := _find_urgent_wish(desk, script, text)) is not None:
        return other
    if (aside := _find_named(desk, text)) in ASIDES:
        return _answer_aside(desk, script, aside)
    before = desk.state
    outcome = take_step(desk, script, Said(read_heard(inbound)))
    if outcome.asked in GLOBAL_SCRIPTS and outcome.state is not None:
        return _digress(desk, script, outcome)
    if before is not None and text and _is_lost(before, outcome):
        other = answer_small_talk(desk, script, text) or _find_other_wish(desk, script, text)
        if other is not None:
            return other
    return carry(desk, script, outcome)


def _find_urgent_wish(desk: Desk, script: Script, text: str) -> list[str] | None:
    """Somebody who was only asked a question by us, and now clearly needs something else, is served first.

    A word about the very thing we asked about (还是漏水) is an answer, not a new wish.
    """
    if script.on_busy is not OnBusy.REPLACE or len(text) < SHORTEST_WISH or desk.state is None:
        return None
    if find_interrupt(desk, script) is not Interrupt.ALLOW or _is_room(desk, script, text):
        return None
    decision = decide(desk.runtime.understander.understand(text))
    content = desk.runtime.content
    if not isinstance(decision, Act) or content.label(decision.intent) == desk.state.vars.get("service"):
        return None
    if decision.intent not in content.services and decision.intent != COMPLAINT:
        return None
    set_aside(desk)
    return begin_intent(desk, decision.intent, text)


def _is_room(desk: Desk, script: Script, text: str) -> bool:
    """Tell whether a short message answers the open question for a room."""
    step = script.find_step(desk.state.step) if desk.state else None
    if not isinstance(step, Ask) or step.type is not AnswerType.ROOM or len(text) > LONGEST_ROOM or desk.state is None:
        return False
    return not _is_lost(desk.state, take_step(desk, script, Said(Heard(kind="text", text=text))))


def _is_lost(before: DialogState, outcome: Outcome) -> bool:
    """Tell whether the answer did not fit: the question stays and counts one more try, or gives up on it."""
    if outcome.state is None:
        return outcome.asked == "handoff"
    return outcome.state.step == before.step and outcome.state.tries > before.tries


def _digress(desk: Desk, script: Script, outcome: Outcome) -> list[str]:
    """Answer a word that works everywhere; a short answer leads back to the same question."""
    said = render(desk, outcome.replies)
    desk.state = outcome.state
    if outcome.asked == "handoff":
        set_aside(desk)
        return said + begin(desk, PERSON_SCRIPT, {"reason": script.title})
    if outcome.asked == "withdraw" and script.kind in (ScriptKind.SERVICE, ScriptKind.SURVEY):
        set_aside(desk)
    if outcome.asked not in DIGRESSIONS:
        surveys.lay_by(desk)
        return said + begin(desk, GLOBAL_SCRIPTS[outcome.asked])
    return said + _answer_aside(desk, script, GLOBAL_SCRIPTS[outcome.asked])


def _answer_aside(desk: Desk, script: Script, script_id: str) -> list[str]:
    """Run a short script and, when it asks nothing, come back to the question that is open."""
    kept, number, waiting, desk.waiting = desk.state, desk.round, desk.waiting, []
    said = begin(desk, script_id)
    desk.waiting = waiting
    if desk.state is None and script.kind is not ScriptKind.MENU:
        desk.state, desk.round = kept, number + 1
        said += repeat_question(desk, script)
    return said


def _find_other_wish(desk: Desk, script: Script, text: str) -> list[str] | None:
    """Return what to say when the text clearly asks for something else; None when it does not, or may not here."""
    interrupt = find_interrupt(desk, script)
    if interrupt is Interrupt.NEVER:
        return None
    gives_way = interrupt is Interrupt.ALLOW and (script.kind is ScriptKind.MENU or script.on_busy is OnBusy.REPLACE)
    named = _find_named(desk, text)
    if named and gives_way:
        return begin(desk, named)
    decision = decide(desk.runtime.understander.understand(text))
    if isinstance(decision, Clarify) and script.kind is ScriptKind.MENU and gives_way:
        return _clarify(desk, decision, text)
    wish = decision.intent if isinstance(decision, Act) else ""
    if not wish or desk.runtime.content.by_intent.get(wish, wish) == script.id:
        return None
    if gives_way:
        return begin_intent(desk, wish, text)
    return _turn_to(desk, script, wish, text)


def _turn_to(desk: Desk, script: Script, wish: str, text: str) -> list[str] | None:
    """Return what a wish brings in the middle of something that does not give way to it."""
    content, interrupt = desk.runtime.content, find_interrupt(desk, script)
    if wish in WORD_OF_INTENT:
        return _obey(desk, script, WORD_OF_INTENT[wish])
    if interrupt is Interrupt.ANSWERS and content.texts.has(f"host.aside.{wish}"):
        return [desk.say(f"host.aside.{wish}"), *repeat_question(desk, script)]
    if script.on_busy is OnBusy.IGNORE or wish == GREETING:
        return None
    if interrupt is Interrupt.ANSWERS or script.on_busy is OnBusy.STACK:
        return keep_wish(desk, script, wish, text)
    values = {"wish": wish, "wish_label": content.label(wish), "title": script.title}
    set_aside(desk)
    return begin(desk, "busy", values, text)


def _obey(desk: Desk, script: Script, word: str) -> list[str]:
    """Do what a sentence means as if its short word had been said: 不想修了 is 取消."""
    outcome = take_step(desk, script, Said(Heard(kind="text", text=desk.runtime.content.words.forms[word][0])))
    return _digress(desk, script, outcome) if outcome.asked in GLOBAL_SCRIPTS else carry(desk, script, outcome)


def _listen(desk: Desk, inbound: Inbound, text: str, word: str) -> list[str]:
    """Answer somebody who is in no conversation."""
    content = desk.runtime.content
    if not text:
        name = f"host.{inbound.kind}_unasked"
        if inbound.kind == "voice":
            return [desk.say("host.voice_unheard")]
        return [desk.say(name) if content.texts.has(name) else desk.say("host.unsupported", kind=inbound.kind)]
    if word in GLOBAL_SCRIPTS:
        return begin(desk, GLOBAL_SCRIPTS[word])
    if (idle := answer_idle_word(desk, word)) is not None:
        return idle
    if named := _find_named(desk, text):
        return begin(desk, named)
    friendly = find_small_talk(desk, text)
    return [friendly] if friendly else _guess(desk, text)


def _guess(desk: Desk, text: str) -> list[str]:
    """Begin what a sentence is taken for; ask back where two wishes are close, say so where nothing was understood."""
    found = desk.runtime.understander.understand(text)
    decision = decide(found)
    if isinstance(decision, Act):
        return begin_intent(desk, decision.intent, text)
    if isinstance(decision, Stranger) and (friendly := find_small_talk(desk, text, is_part=True)):
        return [friendly]
    unheard.note(desk, text, found)
    if isinstance(decision, Clarify):
        return _clarify(desk, decision, text)
    return [desk.say("host.stranger"), *begin(desk, MENU_SCRIPT, {"is_lost": True})]


def _find_named(desk: Desk, text: str) -> str | None:
    """Return the script whose own word this is, like 绑定; it needs no guess."""
    return desk.runtime.content.by_word.get(normalise(text))


def _clarify(desk: Desk, decision: Clarify, text: str) -> list[str]:
    values: dict[str, object] = {}
    for number, candidate in enumerate(decision.candidates[:3], 1):
        values[f"wish{number}"] = candidate.intent
        values[f"label{number}"] = desk.runtime.content.label(candidate.intent)
    return begin(desk, CLARIFY_SCRIPT, values, text)

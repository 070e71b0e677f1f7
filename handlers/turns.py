"""Runs a conversation's script on a desk: engine step, effects in the same transaction, step again, until it waits."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from dialogs import engine
from dialogs.inputs import Begin, Given
from dialogs.outcome import Outcome, Reply
from dialogs.script import Resume, Script
from dialogs.sittings import wake
from dialogs.state import DialogState, load_state
from handlers import estate_services, homes, runs, surveys, unheard
from handlers.desk import Desk
from handlers.drafts import RESUME_SCRIPT, find_draft, is_left, is_stale, set_aside
from handlers.upgrades import Course, find_course, find_script
from handlers.wording import render_reply

MAX_EFFECTS = 20
MAX_CHAIN = 5
CLARIFY_SCRIPT = "clarify"  # asks back which of two or three wishes was meant
BOUND = "bound"
BIND_SCRIPT, GENERAL_SCRIPT, MENU_SCRIPT, PERSON_SCRIPT = "bind", "booking.general", "menu.main", "handover"
WISH_SCRIPT = "menu.wish"  # for a service that the estate does not offer
COMPLETED = "completed"


class RunawayError(RuntimeError):
    """A conversation asks for one effect after another without end: a fault of the script."""


def begin(
    desk: Desk,
    script_id: str,
    values: Mapping[str, Any] | None = None,
    sentence: str = "",
    depth: int = 0,
    *,
    is_afresh: bool = False,
) -> list[str]:
    """Start a script in place of whatever runs; returns what is said.

    What is half-filled from an earlier run is offered first, unless `is_afresh`; a script that needs a room binds first;
    one that she has done, or that is full, is refused; a service that her estate has not becomes a wish.
    """
    script, given = desk.runtime.content.scripts[script_id], dict(values or {})
    if (closed := estate_services.find_closed(desk, script, given)) is not None:
        return begin(desk, WISH_SCRIPT, {"service": closed}, "", depth + 1, is_afresh=True)
    subject = surveys.find_subject(desk, given)
    is_led = subject.visit is not None
    if not (is_afresh or is_led) and (offered := _offer_draft(desk, script, given, sentence, depth)) is not None:
        return offered
    needs_home = BOUND in script.needs and not is_led
    if needs_home and desk.person.owner_id is None:
        wish = {"script": script_id, "vars": given, "sentence": sentence, "needs": BOUND}
        desk.waiting = [wish, *(item for item in desk.waiting if item.get("needs") != BOUND)]
        return [desk.say("host.need_binding"), *begin(desk, BIND_SCRIPT, {}, "", depth + 1)]
    if needs_home and not desk.homes:
        return [desk.say("host.no_home"), *begin(desk, PERSON_SCRIPT, {"reason": script.title}, "", depth + 1)]
    if needs_home and homes.must_ask(desk, script, given):
        wish = {"script": script_id, "vars": given, "sentence": sentence, "needs": homes.HOME}
        desk.waiting = [wish, *(item for item in desk.waiting if item.get("needs") != homes.HOME)]
        return ask_home(desk, sentence, depth + 1)
    if refusal := runs.find_refusal(desk, script, subject.counted):
        said = [desk.say(refusal, title=script.title)]
        return said + (take_waiting(desk, "refused", depth) if desk.state is None and depth < MAX_CHAIN else [])
    if is_left(desk):
        set_aside(desk)
    desk.round += 1
    desk.state = None
    desk.service = str(given.get("service") or script_id)
    told = homes.take_home(desk, given) if needs_home else []
    if script.survey is not None:
        given = surveys.begin_run(desk, script, given, subject)
    return told + carry(desk, script, take_step(desk, script, Begin(vars=given, sentence=sentence)), depth)


def ask_home(desk: Desk, sentence: str = "", depth: int = 0) -> list[str]:
    """Ask somebody with several homes which one is meant; what waits for the answer goes on by itself."""
    return begin(desk, homes.HOME_SCRIPT, {"homes": homes.list_choices(desk)}, sentence, depth, is_afresh=True)


def change_home(desk: Desk) -> list[str]:
    """Let her choose another home for what runs, or for what she will ask next; what rests goes on for its own."""
    if desk.state is not None and desk.state.script != homes.HOME_SCRIPT:
        is_running = not is_left(desk)
        set_aside(desk)
        if is_running:
            homes.mark_to_move(desk)
    return ask_home(desk)


def _offer_draft(desk: Desk, script: Script, given: Mapping[str, Any], sentence: str, depth: int) -> list[str] | None:
    """Bring up what is half-filled from an earlier run of the same script; None when there is nothing to bring up."""
    if desk.state is not None and desk.state.script == script.id and is_left(desk):
        set_aside(desk)
    draft = find_draft(desk, script, given.get("service"))
    if draft is None:
        return None
    desk.waiting.remove(draft)
    if script.sitting.resume is Resume.NEVER or "instead" in draft:  # asked before, and the wish was said once more
        return None
    if script.sitting.resume is Resume.AUTO:
        return resume(desk, load_state(draft["resume"]))
    instead = {"script": script.id, "vars": dict(given), "sentence": sentence}
    return ask_to_resume(desk, script, {**draft, "instead": instead}, depth)


def ask_to_resume(desk: Desk, script: Script, draft: Mapping[str, Any], depth: int = 0) -> list[str]:
    """Ask whether a draft goes on; it waits behind the question, with what comes `instead` when she says no."""
    service = draft["resume"]["vars"].get("service")
    title = desk.runtime.content.label(service) if isinstance(service, str) else script.title
    desk.waiting = [dict(draft), *desk.waiting]
    return begin(desk, RESUME_SCRIPT, {"title": title}, "", depth + 1, is_afresh=True)


def begin_intent(desk: Desk, intent: str, sentence: str = "", depth: int = 0) -> list[str]:
    """Start the script of an intent; a service without one of its own is booked by the general script."""
    content = desk.runtime.content
    script_id = content.by_intent.get(intent)
    if script_id is not None:
        return begin(desk, script_id, {}, sentence, depth)
    if intent in content.services:
        return begin(desk, GENERAL_SCRIPT, {"service": intent}, sentence, depth)
    return begin(desk, MENU_SCRIPT, {}, "", depth)


def take_step(desk: Desk, script: Script, given: Given) -> Outcome:
    """Take one engine step from where the desk stands."""
    content = desk.runtime.content
    desk.revisions[script.id, script.revision] = script
    homes.settle_in(desk, given)
    return engine.step(script, desk.state, given, desk.world(), content.texts, content.words)


def carry(desk: Desk, script: Script, outcome: Outcome, depth: int = 0) -> list[str]:
    """Carry an outcome on: run its effects, follow where it leads, return what is said."""
    said, started_at = render(desk, outcome.replies), desk.state.started_at if desk.state else ""
    desk.state = outcome.state
    for _ in range(MAX_EFFECTS):
        if not outcome.effects:
            break
        outcome = take_step(desk, script, surveys.perform(desk, outcome.effects[0]))
        desk.state = outcome.state
        said += render(desk, outcome.replies)
    else:
        raise RunawayError(script.id)
    said += surveys.note_step(desk, script, outcome)
    if outcome.ended is not None:
        runs.note_end(desk, script, outcome.ended, started_at)
    if depth < MAX_CHAIN:
        said += _follow(desk, script, outcome, depth + 1)
    return said


def _follow(desk: Desk, script: Script, outcome: Outcome, depth: int) -> list[str]:
    if outcome.start is not None:
        start, content = outcome.start, desk.runtime.content
        if (handed := surveys.hand_on(desk, outcome)) is None:
            return []
        if script.id == CLARIFY_SCRIPT and start.script != MENU_SCRIPT:
            unheard.note_choice(desk, start.sentence, start.script)
        if start.script in content.scripts:
            return begin(desk, start.script, {**start.vars, **handed}, start.sentence, depth)
        return begin_intent(desk, start.script, start.sentence, depth)
    if outcome.asked == "handoff":
        set_aside(desk)
        return begin(desk, PERSON_SCRIPT, {"reason": script.title}, "", depth)
    if outcome.ended is not None and desk.handover_task_id is None:
        return take_waiting(desk, outcome.ended, depth, by=script.id)
    return []


def take_waiting(desk: Desk, ended: str = COMPLETED, depth: int = 0, by: str = "") -> list[str]:
    """After a script (`by`) has ended: what waited for its turn. A wish that needed a binding dies with a failed one."""
    while desk.waiting:
        item = desk.waiting.pop(0)
        if item.get("needs") == BOUND and (ended != COMPLETED or desk.person.owner_id is None):
            continue
        if item.get("needs") == homes.HOME and ended != COMPLETED:
            continue
        if "resume" in item:
            if by == RESUME_SCRIPT and ended != COMPLETED:
                return _begin_instead(desk, item.get("instead", {}), ended, depth)
            state = load_state(item["resume"])
            script = find_script(desk, state)
            if script is not None and not is_stale(desk, script, item):
                return resume(desk, state, depth, is_asked=not state.is_resting or by == RESUME_SCRIPT)
        elif item["script"] in desk.runtime.content.scripts:  # else it waited so long that its script is gone
            told = [desk.say("host.wish_begun", wish=item["kept"])] if "kept" in item else []
            return [*told, *begin(desk, item["script"], item.get("vars"), item.get("sentence", ""), depth)]
    return []


def _begin_instead(desk: Desk, instead: Mapping[str, Any], ended: str, depth: int) -> list[str]:
    """Let a draft go and do what she came with: begin that script anew, or hear her sentence (`desk.afresh`)."""
    if ended != "refused":
        return []
    if "script" in instead:
        return begin(desk, instead["script"], instead["vars"], instead["sentence"], depth, is_afresh=True)
    if not instead.get("hear"):
        return begin(desk, MENU_SCRIPT, {}, "", depth)
    desk.afresh = instead["hear"]
    return []


def resume(desk: Desk, state: DialogState, depth: int = 0, *, is_asked: bool = True) -> list[str]:
    """Go on with what was set aside; without being asked to, a conversation that rested only rests on, unmentioned."""
    if not is_asked:
        desk.state = replace(state, is_resting=True)
        desk.round += 1
        return []
    course = find_course(desk, state)
    if course is None:
        return []
    back = desk.say("host.back_to", title=course.script.title)
    if course.begin is not None or not course.is_same:
        return [back, *catch_up(desk, course, depth)]
    desk.state = wake(course.state)
    desk.round += 1
    return [back, *repeat_question(desk, course.script)]


def catch_up(desk: Desk, course: Course, depth: int = 0) -> list[str]:
    """Go on with a script that was changed meanwhile: a line that says so, then what is asked now."""
    if course.begin is None:
        desk.state = wake(course.state)
        return [desk.say("host.upgraded"), *repeat_question(desk, course.script)]
    desk.state = None
    desk.round += 1
    desk.service = str(course.state.vars.get("service") or course.script.id)
    said = carry(desk, course.script, take_step(desk, course.script, course.begin), depth)
    return [desk.say("host.restarted", title=course.script.title), *said]


def repeat_question(desk: Desk, script: Script) -> list[str]:
    """Ask the current question again, in its own words."""
    if desk.state is None:
        return []
    content = desk.runtime.content
    desk.revisions[script.id, script.revision] = script
    homes.settle_in(desk)
    return render(desk, (engine.repeat(script, desk.state, desk.world(), content.texts, content.words),))


def render(desk: Desk, replies: tuple[Reply, ...]) -> list[str]:
    """Return replies as texts whose options are marked with this round and turn."""
    return [render_reply(reply, f"t{desk.round}-{reply.turn}") for reply in replies]

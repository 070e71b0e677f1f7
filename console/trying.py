"""Trying a script out in the browser: the pure engine answers, effects are told and never run, no row is written.

What was typed so far travels in the form and the talk is run anew from its beginning each time. Nothing of it is trusted:
it is only what the reader might type again, so there is nothing to sign and nothing to keep.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields
from datetime import datetime
from typing import Any

from flask import Blueprint, render_template, request

from console.content import get_script
from console.owners import read_text
from console.permissions import Permission, needs
from console.room import runtime
from console.script_words import name_effect, name_given
from dialogs.answers.base import Shown
from dialogs.effects import EFFECTS
from dialogs.inputs import Begin, Tapped
from dialogs.probes import build_world
from dialogs.script import Script, ScriptKind
from dialogs.state import Answer
from dialogs.survey import LED
from dialogs.transcript import MAX_EFFECTS, Rehearsal, read_line, split_command
from handlers.content import Content

ROLES = ("owner", "stranger", "staff")
TEXT, TAP = "t", "k"
MOST_LINES, LONGEST_LINE = 80, 500
NAMES = {kind: name for name, kind in EFFECTS.items()}
OWNER = {"bound": True, "room": "1栋-2单元-301", "rooms": ["1栋-2单元-301"], "name": "张阿姨", "relation": "业主"}
blueprint = Blueprint("trying", __name__, url_prefix="/content/scripts")


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the talk: `who` is bot, you, does, ended, asked or starts."""

    who: str
    text: str
    given: Sequence[tuple[str, str]] = ()


@dataclass(slots=True)
class Talk:
    """A talk so far; `options` are those of the question that waits, None of them when it is over."""

    lines: list[Line] = field(default_factory=list)
    options: Sequence[Shown] = ()
    is_over: bool = False


@blueprint.get("/<script_id>/try")
@needs(Permission.SEE_CONTENT)
def begin(script_id: str) -> str:
    """Begin to talk to a script."""
    return _render(get_script(script_id), [])


@blueprint.post("/<script_id>/try")
@needs(Permission.SEE_CONTENT)
def go_on(script_id: str) -> str:
    """Say the next thing, take the last one back, or begin again."""
    said = [line[:LONGEST_LINE] for line in request.form.getlist("said")][:MOST_LINES]
    tapped, typed = read_text("tap")[:200], read_text("text")[:LONGEST_LINE]
    if request.form.get("do") == "reset":
        said = []
    elif request.form.get("do") == "back":
        said = said[:-1]
    elif len(said) < MOST_LINES and (tapped or typed):
        said.append(f"{TAP}{tapped}" if tapped else f"{TEXT}{typed}")
    return _render(get_script(script_id), said)


def _render(script: Script, said: list[str]) -> str:
    role = request.values.get("as", "")
    role = role if role in ROLES else "staff" if script.kind is ScriptKind.STAFF else "owner"
    sentence, begun = read_text("sentence")[:LONGEST_LINE], _read_begun()
    talk = rehearse(runtime().content, script, role, sentence, said, begun=begun)
    shown = {"script": script, "talk": talk, "role": role, "roles": ROLES, "sentence": sentence, "said": said}
    return render_template("console/try.html", **shown, begun=begun.isoformat(), is_full=len(said) >= MOST_LINES)


def _read_begun() -> datetime:
    """Return when the talk began, so that a time that was fine then is not past when it is run anew."""
    now = runtime().local(runtime().now())
    try:
        begun = datetime.fromisoformat(request.form.get("begun", ""))
    except ValueError:
        return now
    return begun if begun.tzinfo is not None and begun.year in (now.year - 1, now.year, now.year + 1) else now


def rehearse(content: Content, script: Script, role: str, sentence: str, said: Sequence[str], *, begun: datetime) -> Talk:
    """Run a talk from its beginning: `sentence` first, then each of `said` (`t` and words, or `k` and an option's key)."""
    args, spoken = split_command(script, sentence)
    facts = _build_facts(content, script, role)
    world = build_world({**facts, "args": args}, content.calendar, begun)
    run, talk = Rehearsal(script, content.texts, content.words, world), Talk()
    if sentence:
        talk.lines.append(Line("you", sentence))
    run.feed(Begin({**_hand_in(content, script, role), **({"args": args} if args else {})}, spoken))
    _tell(content, run, talk)
    for line in said:
        state = run.outcome.state
        if state is None:
            break
        kind, words = line[:1], line[1:]
        talk.lines.append(Line("you", next((o.label for o in talk.options if kind == TAP and o.key == words), words)))
        run.feed(Tapped(state.turn, words) if kind == TAP else read_line(words, state.turn))
        _tell(content, run, talk)
    return talk


def _build_facts(content: Content, script: Script, role: str) -> dict[str, Mapping[str, Any]]:
    is_led = role == "staff" and script.survey is not None
    facts: dict[str, Mapping[str, Any]] = {"owner": OWNER if role == "owner" or is_led else {"bound": False}}
    if role == "staff":
        facts["staff"] = {"name": "王管家", "role": "butler"}
    service = content.services.get(_find_service(content, script))
    if service is not None:
        butler = content.butlers.get(service.butler, "")
        facts["service"] = {"code": service.code, "label": service.label, "butler": butler}
    return facts


def _hand_in(content: Content, script: Script, role: str) -> dict[str, Any]:
    """Return what the host would hand in: for the general booking a service, for a colleague that he leads."""
    handed: dict[str, Any] = {LED: True} if role == "staff" and script.survey is not None else {}
    return handed | ({"service": _find_service(content, script)} if "service" in script.vars else {})


def _find_service(content: Content, script: Script) -> str:
    if script.id in content.services:
        return script.id
    return next((code for code, each in content.services.items() if code not in content.by_intent and each.is_enabled), "")


def _tell(content: Content, run: Rehearsal, talk: Talk) -> None:
    """Write down what a turn brought, effects answered with their usual results."""
    for _ in range(MAX_EFFECTS):
        outcome = run.outcome
        for reply in outcome.replies:
            options = [f"{option.number}. {option.label}" for option in reply.options]
            talk.lines.append(Line("bot", "\n".join([reply.text, *options] if reply.text else options)))
            talk.options = reply.options
        talk.lines += [_describe(content, effect) for effect in outcome.effects]
        if not run.settle_one():
            break
    outcome = run.outcome
    if outcome.asked:
        talk.lines.append(Line("asked", outcome.asked))
    if outcome.start is not None:
        started = content.scripts.get(outcome.start.script)
        talk.lines.append(Line("starts", started.title if started else content.label(outcome.start.script)))
    if outcome.state is None:
        talk.is_over, talk.options = True, ()
        talk.lines.append(Line("ended", outcome.ended or ""))
    elif outcome.replies:
        talk.options = outcome.replies[-1].options


def _describe(content: Content, effect: Any) -> Line:
    """Return an effect in plain words, with what it would have been given."""
    name = NAMES[type(effect)]
    given = [(name_given(content, each.name), getattr(effect, each.name)) for each in fields(effect)]
    told = [(label, _plain(content, value)) for label, value in given if label and value not in (None, "", (), [], False, 1)]
    answers: Mapping[str, Answer] = getattr(effect, "answers", {})
    told += [("填好的", "、".join(answer.label for answer in answers.values() if answer.label))] if answers else []
    return Line("does", name_effect(content, name), [(label, words) for label, words in told if words])


def _plain(content: Content, value: Any) -> str:
    if isinstance(value, bool):
        return "是" if value else "否"
    return content.labels.get(value, value) if isinstance(value, str) else str(value)

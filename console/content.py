"""The content browser: every script with what it says, how it is used, its picture, its tests and its text. Reads only."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import timedelta

from flask import Blueprint, abort, render_template, request
from markupsafe import Markup

from console.permissions import Permission, needs
from console.room import runtime
from console.script_steps import count_turns, list_picture_words, list_problems, list_steps, list_tags, list_tests
from dialogs.picture import Manner, draw_picture
from dialogs.script import Ask, Do, Script, ScriptKind
from handlers.content import Content
from models.script_usage import (
    COMPLAINT,
    FEEDBACK,
    FINISHED,
    Activity,
    Usage,
    count_last_answers,
    count_left_steps,
    measure_usage,
)

KINDS = (*(ScriptKind.SERVICE, ScriptKind.SURVEY, ScriptKind.MENU, ScriptKind.PART), ScriptKind.CHAT, ScriptKind.STAFF)
DAYS = 30
blueprint = Blueprint("content", __name__, url_prefix="/content")


@dataclass(frozen=True, slots=True)
class Row:
    """One script of the list: `finished` is None where nothing is kept of an end; `stop` is where most people left it."""

    script: Script
    questions: int
    turns: int | None
    talking: int
    left: int
    finished: int | None
    stop: str
    runs: int = 0

    @property
    def started(self) -> int:
        """Return how many began it, of those that left a trace: of a survey each does."""
        return max(self.runs, self.talking + self.left + (self.finished or 0))


@blueprint.get("")
@needs(Permission.SEE_CONTENT)
def show_list() -> str:
    """Show the scripts of a kind with how they were used in the last days."""
    content, asked = runtime().content, request.args.get("kind", "")
    kind = ScriptKind(asked) if asked in list(ScriptKind) else ScriptKind.SERVICE
    activity = _measure()
    scripts = sorted(_list_scripts(content, kind), key=lambda each: (each.title, each.id))
    rows = [_count(content, script, activity) for script in scripts]
    counts = {each.value: len(_list_scripts(content, each)) for each in KINDS}
    return render_template("console/content.html", rows=rows, kind=kind.value, counts=counts, days=DAYS)


@blueprint.get("/scripts/<script_id>")
@needs(Permission.SEE_CONTENT)
def show(script_id: str) -> str:
    """Show one script: numbers, picture, questions, tests, text."""
    content, script = runtime().content, get_script(script_id)
    row = _count(content, script, activity := _measure())
    left = _count_left(script)
    words, marks = list_picture_words(content, script), {step: f"× {number}" for step, number in left.items()}
    file, text = _find_source(content, script)
    return render_template(
        "console/script.html",
        row=row,
        script=script,
        steps=list_steps(content, script),
        tags=list_tags(content, script),
        left=_name_steps(script, left),
        last=_list_last(script) if script.kind is ScriptKind.SURVEY else [],
        runs=activity.find(script.id).runs,
        picture=Markup(draw_picture(script, Manner(words, marks, "#step-"))),  # noqa: S704 - every text in it is escaped
        tests=list_tests(content, script),
        problems=list_problems(content, script),
        file=file,
        text=text,
        days=DAYS,
    )


def get_script(script_id: str) -> Script:
    """Return a script or part; 404 when there is none."""
    content = runtime().content
    script = content.scripts.get(script_id) or content.parts.get(script_id)
    if script is None:
        abort(404)
    return script


def _list_scripts(content: Content, kind: ScriptKind) -> list[Script]:
    found = content.parts if kind is ScriptKind.PART else content.scripts
    return [script for script in found.values() if script.kind is kind]


def _find_source(content: Content, script: Script) -> tuple[str, str]:
    if script.id in content.sources:
        return content.sources[script.id]
    return script.place.file, content.part_texts.get(script.id, "")


def _measure() -> Activity:
    now = runtime().now()
    with runtime().database.reading() as tx:
        return measure_usage(tx.session, now - timedelta(days=DAYS), now - runtime().options.idle)


def _count_left(script: Script) -> Counter[str]:
    now = runtime().now()
    with runtime().database.reading() as tx:
        return count_left_steps(tx.session, script.id, now - timedelta(days=DAYS), now - runtime().options.idle)


def _list_last(script: Script) -> list[tuple[str, int]]:
    since = runtime().now() - timedelta(days=DAYS)
    with runtime().database.reading() as tx:
        return _name_steps(script, Counter(dict(count_last_answers(tx.session, script.id, since))))


def _count(content: Content, script: Script, activity: Activity) -> Row:
    usage = activity.find(script.id)
    left = usage.left.most_common(1)
    return Row(
        script,
        questions=sum(isinstance(step, Ask) for step in script.steps),
        turns=count_turns(script),
        talking=usage.talking,
        left=sum(usage.left.values()),
        finished=_count_finished(content, script, usage, activity.booked),
        stop=_name_steps(script, usage.left)[0][0] if left else "",
        runs=sum(usage.runs.values()),
    )


def _count_finished(content: Content, script: Script, usage: Usage, booked: Counter[str]) -> int | None:
    """Return what came of a script: orders of its service, complaints, suggestions, finished runs."""
    effects = {step.effect for step in script.steps if isinstance(step, Do)}
    if script.survey is not None or usage.runs:
        return sum(usage.runs[result] for result in FINISHED)
    if "file_complaint" in effects:
        return booked[COMPLAINT]
    if "leave_feedback" in effects:
        return booked[FEEDBACK]
    if script.kind is not ScriptKind.SERVICE or "book_order" not in effects:
        return None
    if script.id in content.services:
        return booked[script.id]
    return sum(booked[code] for code in content.services if content.by_intent.get(code) in (None, script.id))


def _name_steps(script: Script, counts: Counter[str]) -> list[tuple[str, int]]:
    """Return (what the step asks, number), most first."""
    return [(_name_step(script, step_id), number) for step_id, number in counts.most_common()]


def _name_step(script: Script, step_id: str) -> str:
    step = script.find_step(step_id)
    if not isinstance(step, Ask):
        return step_id
    return step.name or " ".join(step.text.source.split())[:30] or step_id

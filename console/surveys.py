"""Surveys: how many took part, what they answered, and how much is known of each building. Charts are drawn on the server."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from flask import Blueprint, abort, render_template

from console.permissions import Permission, needs
from console.room import LARGEST_ID, read_id, reader, runtime, scope
from dialogs.script import Ask, Script, ScriptKind
from models.coverage import MOST_BUILDINGS, BuildingCoverage, WholeCoverage, measure_buildings, measure_whole
from models.survey_counts import QuestionCount, count_answers, count_runs
from models.vocabulary import Vocabulary

FEW = 5  # of a sensitive question smaller numbers are not told: they would point at people
blueprint = Blueprint("surveys", __name__, url_prefix="/surveys")


@dataclass(frozen=True, slots=True)
class Chart:
    """One question as a chart: what it asks, its answers, bars as (label, number); a number of None is too small to tell."""

    title: str
    answers: int
    written: int
    bars: Sequence[tuple[str, int | None]]


@dataclass(frozen=True, slots=True)
class CoverageRow:
    """One key of the vocabulary: its label, the share known over all, and per building (0 to 100)."""

    label: str
    total: int
    shares: Sequence[int]


@blueprint.get("")
@needs(Permission.SEE_SURVEYS)
def show_list() -> str:
    """Show every survey with how many began and finished it."""
    with runtime().database.reading() as tx:
        runs = count_runs(tx.session, scope())
    return render_template("console/surveys.html", surveys=list_surveys(), runs=runs)


@blueprint.get("/<survey>")
@needs(Permission.SEE_SURVEYS)
def show(survey: str) -> str:
    """Show what was answered, question by question."""
    script = next((each for each in list_surveys() if each.id == survey), None)
    if script is None:
        abort(404)
    with runtime().database.reading() as tx:
        counts = count_answers(tx.session, script.id, scope())
        runs = count_runs(tx.session, scope()).get(script.id, {})
    return render_template("console/survey.html", script=script, charts=draw_charts(script, counts), runs=runs, few=FEW)


@blueprint.get("/coverage")
@needs(Permission.SEE_SURVEYS)
def show_coverage() -> str:
    """Show of how many people in each building something is known, key by key."""
    start = min(read_id("from") or 0, LARGEST_ID)
    with runtime().database.reading() as tx:
        page = measure_buildings(tx.session, scope(), runtime().now(), start)
        whole = measure_whole(tx.session, scope(), runtime().now())
    rows = cover(runtime().content.vocabulary, page.buildings, whole)
    known, unknown = [row for row in rows if row.total], [row.label for row in rows if not row.total]
    earlier = max(0, start - MOST_BUILDINGS) if start else None
    return render_template("console/coverage.html", page=page, earlier=earlier, rows=known, unknown=unknown)


def list_surveys() -> list[Script]:
    """Return the scripts that are surveys, by title."""
    scripts = runtime().content.scripts.values()
    return sorted((each for each in scripts if each.kind is ScriptKind.SURVEY), key=lambda each: (each.title, each.id))


def draw_charts(script: Script, counts: dict[str, QuestionCount]) -> list[Chart]:
    """Return the charts of a survey in the order of its questions; those an edit took out come last."""
    asked = {step.id: step for step in script.steps if isinstance(step, Ask)}
    order = [*(name for name in asked if name in counts), *sorted(name for name in counts if name not in asked)]
    return [_draw(name, asked.get(name), counts[name]) for name in order]


def _draw(name: str, step: Ask | None, count: QuestionCount) -> Chart:
    """Return one chart: options in the order of the script, then what else was said, most frequent first."""
    listed = [option.label.source for option in step.options] if step else []
    bars = [(label, count.options.get(label, 0)) for label in listed]
    bars += [(label, number) for label, number in count.options.most_common() if label not in listed]
    told: list[tuple[str, int | None]] = list(bars)
    if step is not None and _is_sensitive(step) and not reader().may(Permission.SEE_SENSITIVE):
        told = [(label, number if number == 0 or number >= FEW else None) for label, number in bars]
    title = (step.name or " ".join(step.text.source.split())) if step else name
    return Chart(title, count.answers, count.written, told)


def _is_sensitive(step: Ask) -> bool:
    key = runtime().content.vocabulary.keys.get(step.inquiry.tag)
    return bool(step.inquiry.consent) or (key is not None and key.level > 1)


def cover(vocabulary: Vocabulary, buildings: Sequence[BuildingCoverage], whole: WholeCoverage) -> list[CoverageRow]:
    """Return the keys of the vocabulary that can be known, in its order, as whole per cents."""
    rows = []
    for key in vocabulary.keys.values():
        if key.is_computed:
            continue
        shares = [_share(each.known.get(key.key, 0), each.people) for each in buildings]
        rows.append(CoverageRow(key.label, _share(whole.known.get(key.key, 0), whole.people), shares))
    return rows


def _share(number: int, people: int) -> int:
    return round(100 * number / people) if people else 0

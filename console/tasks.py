"""Tasks of staff: the list."""

from __future__ import annotations

from flask import Blueprint, render_template, request

from console.permissions import Permission, needs
from console.room import read_cursor, runtime, scope
from models.listings import TaskFilter, list_tasks
from models.tasks import LIVING, TaskKind, TaskStatus

STATES = {"living": LIVING, "all": (), **{status.value: (status.value,) for status in TaskStatus}}
blueprint = Blueprint("tasks", __name__, url_prefix="/tasks")


@blueprint.get("")
@needs(Permission.SEE_TASKS)
def show_list() -> str:
    """Show a page of tasks; those that are still to be done unless asked otherwise."""
    state = request.args.get("state", "living")
    state = state if state in STATES else "living"
    kind = request.args.get("kind", "")
    kind = kind if kind in list(TaskKind) else ""
    with runtime().database.reading() as tx:
        page = list_tasks(tx.session, scope(), TaskFilter(STATES[state], kind), read_cursor())
        return render_template(
            "console/tasks.html", page=page, state=state, states=list(STATES), kind=kind, kinds=list(TaskKind)
        )

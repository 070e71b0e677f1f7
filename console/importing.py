"""Registers come in: a file is brought, what it would change is shown, and only then is it carried out."""

from __future__ import annotations

import secrets
from contextlib import suppress

from flask import Blueprint, Response, abort, redirect, render_template, request, send_file, url_for
from flask.typing import ResponseReturnValue

from console.owners import read_text
from console.permissions import Permission, needs
from console.room import LARGEST_ID, reader, runtime
from handlers import job_files, jobs
from handlers.errors import ConflictError, InvalidInputError, NotFoundError
from handlers.import_words import explain, name_column
from handlers.job_imports import REGISTERS
from handlers.jobs import JobHand, JobView
from models.jobs import CARRIED, JobKind
from models.staff import Role

MEGABYTE = 1024 * 1024
LIST = "console.importing.show_list"
REFRESH_SECONDS = 2
blueprint = Blueprint("importing", __name__, url_prefix="/imports")


@blueprint.get("")
@needs(Permission.IMPORT)
def show_list() -> str:
    """Show where a file is brought, and one's own imports."""
    mine = jobs.list_mine(runtime(), hand(), list(REGISTERS))
    return _render_list(mine, read_text("said"))


def _render_list(mine: list[jobs.Job], fault: str) -> str:
    columns = {kind: ",".join(register.columns) for kind, register in REGISTERS.items()}
    return render_template(
        "console/imports.html",
        mine=mine,
        fault=fault,
        ticket=make_ticket(),
        columns=columns,
        most=job_files.MOST_BYTES // MEGABYTE,
    )


@blueprint.post("")
@needs(Permission.IMPORT)
def bring() -> ResponseReturnValue:
    """Take a file and have it looked at."""
    file, kind = request.files.get("file"), read_text("kind")
    if file is None or not file.filename or kind not in REGISTERS:
        return redirect(url_for(LIST, said="no_file"), 303)
    name = file.filename.replace("\\", "/").rpartition("/")[2].replace("\x00", "")
    try:
        job_id = jobs.bring_file(runtime(), hand(), JobKind(kind), read_text("ticket"), name, file.stream)
    except InvalidInputError as error:
        return redirect(url_for(LIST, said=str(error)), 303)
    except ConflictError:
        return redirect(url_for(LIST, said="too_many"), 303)
    return redirect(url_for("console.importing.show", job_id=job_id), 303)


@blueprint.get("/<int:job_id>")
@needs(Permission.IMPORT)
def show(job_id: int) -> str:
    """Show what a file would change, how far it is, or what has become of it."""
    return render_job(find(job_id, *REGISTERS))


@blueprint.post("/<int:job_id>/confirm")
@needs(Permission.IMPORT)
def confirm(job_id: int) -> ResponseReturnValue:
    """Say yes; a second click does nothing."""
    find(job_id, *REGISTERS)
    with suppress(InvalidInputError):  # the page offers what can be done
        jobs.confirm(runtime(), hand(), job_id, skips_bad=request.form.get("mode") == "good")
    return redirect(url_for("console.importing.show", job_id=job_id), 303)


@blueprint.post("/<int:job_id>/stop")
@needs(Permission.IMPORT)
def stop(job_id: int) -> ResponseReturnValue:
    """Let it be, or stop it where it is."""
    find(job_id, *REGISTERS)
    jobs.stop(runtime(), hand(), job_id)
    return redirect(url_for("console.importing.show", job_id=job_id), 303)


@blueprint.get("/<int:job_id>/rejected")
@needs(Permission.IMPORT)
def give_rejected(job_id: int) -> Response:
    """Give the rows that were left out, each with its reasons."""
    return give_result(find(job_id, *REGISTERS), "rejected")


def hand() -> JobHand:
    """Return the reader as one who asks for jobs."""
    account = reader()
    is_in_charge = account.is_built_in or account.role == Role.SUPERVISOR.value
    may_approve = account.scope.building_ids is None and is_in_charge
    return JobHand(account.audit_name, account.scope.building_ids, may_approve, is_in_charge)


def make_ticket() -> str:
    """Return what makes two clicks of one form one job."""
    return secrets.token_urlsafe(18)


def find(job_id: int, *kinds: str) -> JobView:
    """Return the reader's own job of one of some kinds; 404 for everything else."""
    try:
        found = jobs.view(runtime(), hand(), min(job_id, LARGEST_ID))
    except NotFoundError:
        abort(404)
    if found.job.kind not in kinds:
        abort(404)
    return found


def render_job(found: JobView) -> str:
    """Return the page of a job; while somebody carries it, it loads itself again."""
    job, preview = found.job, found.preview
    problems = {
        line: [explain(runtime(), each) for each in job_files.load_problems(dumped)]
        for line, dumped in preview.get("problems", {}).items()
    }
    faults = [explain(runtime(), each) for each in job_files.load_problems(preview.get("faults", []))]
    return render_template(
        "console/job.html",
        job=job,
        preview=preview,
        problems=problems,
        faults=faults,
        refresh=REFRESH_SECONDS if job.state in CARRIED else 0,
        name_column=lambda name: name_column(runtime(), name),
    )


def give_result(found: JobView, name: str) -> Response:
    """Give the file that came out of a job; 404 when it is gone."""
    try:
        path = jobs.take_result(runtime(), hand(), found.job.id)
    except NotFoundError:
        abort(404)
    return send_file(path, mimetype="text/csv", as_attachment=True, download_name=f"{name}-{runtime().today():%Y%m%d}.csv")

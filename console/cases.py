"""What the pages of orders and complaints share: reading the filter, finding the file, its answers in the script's order."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar

from flask import abort, request

from console.room import note_reading, read_id, runtime, scope
from models.cases import CaseStatus, Complaint, Order
from models.listings import CaseFile, CaseFilter, find_case

CaseT = TypeVar("CaseT", Order, Complaint)
LONGEST_NO = 20


def read_filter(kind: str) -> CaseFilter:
    """Return what the address line narrows a list to; an unknown status is no filter."""
    status = request.args.get("status", "")
    return CaseFilter(
        status=status if status in list(CaseStatus) else "",
        kind=request.args.get(kind, "").replace("\x00", "")[:60],
        community_id=read_id("community"),
    )


def open_file(model: type[CaseT], no: str, kind: str) -> CaseFile[CaseT]:
    """Return a case for its page and write down that it was read; 404 outside the reader's scope."""
    no = no.strip().upper().replace("\x00", "")[:LONGEST_NO]
    with runtime().transaction() as tx:
        file = find_case(tx.session, model, scope(), no)
        if file is None:
            abort(404)
        note_reading(tx, f"{kind}:{no}")
    return file


def list_answers(script_id: str, slots: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Return (name, words) of a case's answers in the order of its script; what the script no longer asks comes last."""
    script = runtime().content.scripts.get(script_id)
    names = {step.id: getattr(step, "name", "") for step in script.steps} if script else {}
    order = [*(step for step in names if step in slots), *sorted(step for step in slots if step not in names)]
    answers = []
    for step in order:
        slot = slots[step] if isinstance(slots[step], dict) else {"value": slots[step]}
        words = slot.get("label") or slot.get("value")
        if words and not isinstance(words, dict):
            answers.append((names.get(step) or step, str(words)))
    return answers

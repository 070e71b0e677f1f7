"""Writes the answers of a survey and the tags they stand for, and takes both back when an answer no longer stands."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from dialogs.answers.base import AnswerType
from dialogs.script import Ask, Script
from dialogs.state import Answer, DialogState
from dialogs.survey import LED
from dialogs.survey_diff import compare, find_media, is_refused, list_tag_values, name_key
from handlers import consents, phone_states, tag_writes
from handlers.desk import Desk
from handlers.errors import InvalidInputError
from handlers.tag_rules import TagOrigin
from models.answers import SurveyAnswer, list_standing, undo_answers
from models.cases import Attachment
from models.sealing import hide
from models.tags import read_rows
from models.vocabulary import TagKind

PHONE_STATE = "phone.state"  # kept with the number itself (R95), not as a tag
OWNER, STAFF = "owner", "staff"


def record(desk: Desk, script: Script, run: Mapping[str, Any], state: DialogState) -> None:
    """Bring the recorded answers of a run to what its state says; who refused the survey leaves nothing."""
    standing = list_standing(desk.session, run["run"])
    if is_refused(script, state):
        _take_back(desk, standing)
        return
    changes = compare(script, {row.question: (row.key, row.label) for row in standing}, state)
    _take_back(desk, [row for row in standing if row.question in changes.undone])
    for step, answer in changes.given:
        if _may_keep(desk, run, step):
            _write(desk, script, run, step, answer, is_led=LED in state.vars)


def _may_keep(desk: Desk, run: Mapping[str, Any], step: Ask) -> bool:
    """Tell whether the consent an answer rests on is granted at this instant (D06)."""
    purpose = step.inquiry.consent
    return not purpose or consents.is_granted(desk.session, run["owner"], purpose, desk.now, run.get("openid"))


def _take_back(desk: Desk, rows: Sequence[SurveyAnswer]) -> None:
    for row in reversed(rows):
        tag_writes.undo_answer(desk.runtime, desk.tx, row.id, row.asker)
    if rows:
        undo_answers(desk.session, [row.id for row in rows], desk.now)


def _write(desk: Desk, script: Script, run: Mapping[str, Any], step: Ask, answer: Answer, *, is_led: bool) -> None:
    media_id, is_secret = find_media(answer), desk.runtime.content.is_confidential(step)
    row = SurveyAnswer(
        run_id=run["run"],
        visit_id=run["visit"],
        owner_id=run["owner"],
        openid=run.get("openid"),
        survey=script.id,
        revision=script.revision,
        question=step.id,
        key=_hide(is_secret, name_key(step, answer), step),
        label=_hide(is_secret, answer.label, step),
        raw=_hide(is_secret and not media_id, media_id or answer.raw, step),
        source=run["source"],
        asker=f"{STAFF}:{desk.person.staff_id}" if is_led else "bot",
        at=desk.now,
    )
    desk.session.add(row)
    desk.session.flush()
    if media_id and step.type in (AnswerType.VOICE, AnswerType.IMAGE):
        _keep_media(desk, step.type.value, media_id, str(answer.value.get("url", "")), run.get("openid") or "")
    if step.inquiry.tag and run["owner"] is not None:
        _write_tags(desk, script, run, step, answer, row)


def _hide(is_secret: bool, text: str | None, step: Ask) -> str | None:
    return hide(is_secret, text, f"answer {step.id}") if text else text


def _keep_media(desk: Desk, kind: str, media_id: str, url: str, openid: str) -> None:
    """Have a recording or picture fetched before the platform drops it; a recording is kept for thirty days (D24)."""
    due = {"status": "planned", "attempts": 0, "due_at": desk.now, "created_at": desk.now}
    desk.session.add(Attachment(openid=openid, kind=kind, media_id=media_id, url=url, **due))
    desk.tx.wake("keep_media")


def _write_tags(desk: Desk, script: Script, run: Mapping[str, Any], step: Ask, answer: Answer, row: SurveyAnswer) -> None:
    owner_id, key, values = run["owner"], step.inquiry.tag, list_tag_values(step, answer)
    evidence = run["no"] or desk.key or f"run:{run['run']}"
    if key == PHONE_STATE:
        _note_phone(desk, owner_id, values, row.asker, evidence)
        return
    by = row.asker if step.inquiry.is_staff else f"{OWNER}:{owner_id}"
    purpose = step.inquiry.consent or (script.survey.purpose if script.survey else "") or None
    origin = TagOrigin(run["source"], by, evidence, purpose, row.id, desk.now)
    if step.type is AnswerType.MULTI and desk.runtime.content.vocabulary.keys[key].kind is TagKind.MULTI:
        for held in read_rows(desk.tx.connection, owner_id, key):
            if held["value"] not in values:  # all that holds was said at once: what she left out holds no more
                tag_writes.remove_tag(desk.runtime, desk.tx, owner_id, key, held["value"], origin)
    for value in values:
        tag_writes.write_tag(desk.runtime, desk.tx, owner_id, key, value, origin)


def _note_phone(desk: Desk, owner_id: int, values: Sequence[str], by: str, evidence: str) -> None:
    for value in values:
        try:
            phone_states.set_phone_state(desk.runtime, desk.tx, owner_id, value, by, evidence)
        except InvalidInputError:
            return  # she has no number that could be dead

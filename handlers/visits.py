"""Visits that staff lead in their own chat: found, begun, broken off, recorded and coded. Nothing is sent to the owner.

The owner only answers; what she says is typed by the one who asks (R84). Three people have three parts in it (R83).
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import select

from dialogs import effects_surveys
from dialogs.inputs import Ran, Refused
from dialogs.script import Ask, Script
from dialogs.survey import RUN, Source
from handlers import consents, phone_states, register, runs, surveys, tasks
from handlers.desk import Desk
from handlers.errors import InvalidInputError
from handlers.survey_records import PHONE_STATE
from handlers.visit_tasks import give_to
from models.answers import SurveyAnswer
from models.audits import add_audit
from models.cases import take_number
from models.followers import find_openid
from models.owners import Owner, PhoneState, find_home
from models.staff import Role, Staff
from models.tasks import Task, TaskKind
from models.visits import Visit, VisitStatus, find_visit

MAY_VISIT = tuple(role.value for role in Role if role not in (Role.FINANCE, Role.SUPPLIER))
NOBODY = "0"  # the key of nobody in particular
ABOUT_NOBODY = (Source.GROUP, Source.SUPPLIER)
LETTER = "V"
CALLED = (Source.PHONE, Source.VISIT)
MOST_SHOWN = 30
CASE_NO = re.compile(r"[A-Z]\d{10,}")
POSTPONED = "postponed"


def find_visit_to_begin(desk: Desk, effect: effects_surveys.FindVisit) -> Ran | Refused:
    """Find whom a staff member means, which surveys he may lead and in which way (R68 to R72)."""
    if desk.person.staff_role not in MAY_VISIT:
        return Refused("forbidden")
    apart = next((way for way in ABOUT_NOBODY if _name(desk, None, way) == effect.who.strip()), None)
    people = [] if apart else register.find_people(desk.session, effect.who, desk.person.staff_id)
    if not people and not apart:
        return Refused("unknown", {"who": effect.who})
    keys = [{"key": str(each.id), "label": register.render_person(desk.session, each)} for each in people]
    keys = keys or [{"key": NOBODY, "label": effect.who.strip()}]
    surveys_found = [_describe(desk, script) for script in _list_led(desk, apart)]
    ways = [{"key": way, "label": desk.say(f"visit.way.{way}")} for way in Source if way is not Source.BOT]
    named = _pick(surveys_found, effect.more)
    case = CASE_NO.search(effect.more.upper())
    way = _pick(ways, effect.more) or (named[0]["ways"] if named and len(named[0]["ways"]) == 1 else [])
    return Ran(
        {
            "count": len(keys),
            "people": keys,
            "first": keys[0]["key"] if len(keys) == 1 else "",
            "surveys": surveys_found,
            "survey": named[0]["key"] if len(named) == 1 else "",
            "ways": ways,
            "way": (way[0]["key"] if isinstance(way[0], Mapping) else way[0]) if len(way) == 1 else "",
            "no": case[0] if case else "",
        }
    )


def _list_led(desk: Desk, apart: Source | None) -> list[Script]:
    """Return the surveys that staff may lead: those of a group or a supplier (`apart`), or those for one person."""
    return [script for script in desk.runtime.content.scripts.values() if _list_ways(script) and _find_apart(script) == apart]


def _find_apart(script: Script) -> Source | None:
    """Return in which way a survey is asked that is about no owner, None where it is about one."""
    ways = _list_ways(script)
    return ways[0] if len(ways) == 1 and ways[0] in ABOUT_NOBODY else None


def _name(desk: Desk, owner: Owner | None, way: str) -> str:
    """Return whom a visit is paid to, in words."""
    return owner.name if owner is not None else desk.say(f"visit.way.{way}")


def _list_ways(script: Script) -> list[Source]:
    return [source for source in script.survey.sources if source is not Source.BOT] if script.survey is not None else []


def _describe(desk: Desk, script: Script) -> dict[str, Any]:
    """Return a survey as it is chosen; `is_calling` ones ask themselves what became of the call."""
    asks = [step.inquiry.tag for step in script.steps if isinstance(step, Ask)]
    ways = [way.value for way in _list_ways(script)]
    return {"key": script.id.replace(".", "_"), "label": script.title, "ways": ways, "is_calling": PHONE_STATE in asks}


def _pick(items: Sequence[Mapping[str, Any]], said: str) -> list[Mapping[str, Any]]:
    """Return the items whose label is named, the longest name first: 「业主调研 上门」 names one of each list."""
    named = [item for item in items if str(item["label"]) in said]
    longest = max((len(str(item["label"])) for item in named), default=0)
    return [item for item in named if len(str(item["label"])) == longest] or (list(items) if len(items) == 1 else [])


def open_visit(desk: Desk, effect: effects_surveys.OpenVisit) -> Ran | Refused:
    """Begin a visit; a dead call is noted with the number and ends it at once (R95)."""
    by_key = {script_id.replace(".", "_"): script for script_id, script in desk.runtime.content.scripts.items()}
    script, owner = by_key.get(effect.survey), _find_owner(desk, effect.owner)
    if (
        script is None
        or script.survey is None
        or effect.way not in _list_ways(script)
        or (owner is None) != (_find_apart(script) is not None)
        or (owner is None and effect.owner != NOBODY)
    ):
        return Refused("unknown")
    if owner is not None and (refused := _may_not_ask(desk, script, owner)) is not None:
        return refused
    visit = _build(desk, script, owner, effect.way)
    desk.session.add(visit)
    desk.session.flush()
    state = ""
    if effect.outcome:
        visit.status, visit.outcome, visit.ended_at = VisitStatus.CLOSED.value, effect.outcome[:20], desk.now
        state = _note_call(desk, visit, owner, effect.outcome)
    add_audit(desk.session, desk.now, f"staff:{visit.host_id}", "visit", f"visit:{visit.no}", survey=script.id, kind=visit.kind)
    name = _name(desk, owner, visit.kind)
    return Ran({"no": visit.no, "visit": visit.id, "script": script.id, "name": name, "state": state})


def _find_owner(desk: Desk, key: str) -> Owner | None:
    """Return the owner of an id inside the staff member's buildings."""
    owner = desk.session.get(Owner, int(key)) if key.isdigit() and key != NOBODY else None
    home = find_home(desk.session, owner.id) if owner is not None else None
    staff = desk.session.get(Staff, desk.person.staff_id)
    is_in_scope = home is not None and staff is not None and staff.covers(home.room.building_id)
    return owner if is_in_scope else None


def _may_not_ask(desk: Desk, script: Script, owner: Owner) -> Refused | None:
    purpose = script.survey.purpose if script.survey is not None else ""
    openid = find_openid(desk.session, owner.id)
    if purpose and not consents.may_ask(desk.session, owner.id, purpose, desk.now, openid):
        return Refused("refused", {"name": owner.name})
    whose = runs.Counted(openid or f"owner:{owner.id}", owner.id, None)
    if script.once is not None and runs.is_done(desk, script, script.once, whose):
        return Refused("done", {"name": owner.name})
    return None


def _build(desk: Desk, script: Script, owner: Owner | None, way: str) -> Visit:
    home = find_home(desk.session, owner.id) if owner is not None else None
    staff_id = desk.person.staff_id or 0
    return Visit(
        no=take_number(desk.tx.connection, LETTER, desk.runtime.day(desk.now)),
        owner_id=owner.id if owner is not None else None,
        room_id=home.room_id if home is not None else None,
        building_id=home.room.building_id if home is not None else None,
        kind=way,
        survey=script.id,
        host_id=staff_id,
        recorder_id=staff_id,
        status=VisitStatus.OPEN.value,
        opened_at=desk.now,
    )


def _note_call(desk: Desk, visit: Visit, owner: Owner | None, outcome: str) -> str:
    """Note what a call says of the number; nobody at home says nothing of it."""
    if owner is None or outcome not in set(PhoneState):
        return ""
    try:
        by = f"staff:{visit.host_id}"
        return phone_states.set_phone_state(desk.runtime, desk.tx, owner.id, outcome, by, visit.no).state
    except InvalidInputError:
        return ""


def put_off_visit(desk: Desk, effect: effects_surveys.PutOffVisit) -> Ran | Refused:
    """Break a visit off: what was said stays, she is apologised to, and another day is the host's task."""
    visit = find_visit(desk.session, effect.no) if effect.no else _find_running(desk)
    if visit is None:
        return Refused("unknown", {"no": effect.no})
    if visit.host_id != desk.person.staff_id:
        return Refused("not_yours", {"no": visit.no})
    if visit.status != VisitStatus.OPEN.value or visit.outcome:
        return Refused("closed", {"no": visit.no})
    owner = desk.session.get(Owner, visit.owner_id) if visit.owner_id is not None else None
    name = _name(desk, owner, visit.kind)
    _drop_draft(desk, visit)
    visit.outcome, visit.ended_at = POSTPONED, desk.now
    summary = desk.say("visit.task", name=name, when=effect.when)
    task = Task(
        no=take_number(desk.tx.connection, "C", desk.runtime.day(desk.now)),
        kind=TaskKind.VISIT.value,
        summary=summary,
        owner_id=visit.owner_id,
        building_id=visit.building_id,
    )
    give_to(desk.runtime, desk.tx, task, visit.host_id)
    return Ran({"no": visit.no, "name": name, "task": task.no})


def _find_running(desk: Desk) -> Visit | None:
    """Return the visit whose survey was laid by just now, for the command that breaks it off."""
    for item in desk.waiting:
        run = ((item.get("resume") or {}).get("vars") or {}).get(RUN) or {}
        if run.get("visit"):
            return desk.session.get(Visit, run["visit"])
    return None


def _drop_draft(desk: Desk, visit: Visit) -> None:
    for item in list(desk.waiting):
        run = ((item.get("resume") or {}).get("vars") or {}).get(RUN) or {}
        if run.get("visit") == visit.id:
            desk.waiting.remove(item)
            surveys.end_run(desk, run, POSTPONED)


def note_recorder(desk: Desk, effect: effects_surveys.NoteRecorder) -> Ran | Refused:
    """Let the one who writes say that he, not the one who asks, kept the record."""
    visit = find_visit(desk.session, effect.no)
    if visit is None or not _covers(desk, visit):
        return Refused("unknown", {"no": effect.no})
    if visit.status != VisitStatus.OPEN.value:
        return Refused("closed", {"no": visit.no})
    visit.recorder_id = desk.person.staff_id
    return Ran({"no": visit.no, "name": desk.person.staff_name})


def code_visit(desk: Desk, effect: effects_surveys.CodeVisit) -> Ran | Refused:
    """Mark a visit's records as put in order; one person in all three parts is flagged and audited (R83)."""
    visit = find_visit(desk.session, effect.no)
    if visit is None or not _covers(desk, visit):
        return Refused("unknown", {"no": effect.no})
    if visit.status != VisitStatus.OPEN.value:
        coder = desk.session.get(Staff, visit.coder_id) if visit.coder_id else None
        return Refused("coded", {"no": visit.no, "by": coder.name if coder else ""})
    if visit.ended_at is None:
        return Refused("open", {"no": visit.no})
    visit.coder_id, visit.coded_at, visit.status = desk.person.staff_id, desk.now, VisitStatus.CODED.value
    by = f"staff:{desk.person.staff_id}"
    add_audit(desk.session, desk.now, by, "visit_coded", f"visit:{visit.no}", one_person=visit.is_one_person)
    owner = desk.session.get(Owner, visit.owner_id) if visit.owner_id is not None else None
    name = _name(desk, owner, visit.kind)
    return Ran({"no": visit.no, "name": name, "text": _list_said(desk, visit), "is_one": visit.is_one_person})


def _covers(desk: Desk, visit: Visit) -> bool:
    staff = desk.session.get(Staff, desk.person.staff_id)
    return staff is not None and (visit.host_id == staff.id or staff.covers(visit.building_id))


def _list_said(desk: Desk, visit: Visit) -> str:
    """Return a visit's answers, a line each, by the names of their questions."""
    names = {
        (script.id, step.id): step.name
        for script in desk.runtime.content.scripts.values()
        if script.survey is not None
        for step in script.steps
        if isinstance(step, Ask)
    }
    standing = (SurveyAnswer.visit_id == visit.id, SurveyAnswer.undone_at.is_(None))
    rows = desk.session.scalars(select(SurveyAnswer).where(*standing).order_by(SurveyAnswer.id).limit(MOST_SHOWN))
    return "\n".join(f"{names.get((row.survey, row.question)) or row.question}：{row.label}" for row in rows)


def book_return_visit(desk: Desk, effect: effects_surveys.BookReturnVisit) -> Ran | Refused:
    """Give the butler the task to come to the door because a mark was low (R59)."""
    summary = desk.say("visit.return", about=effect.about, reason=effect.reason)
    person = desk.person
    task = Task(
        no=take_number(desk.tx.connection, "C", desk.runtime.day(desk.now)),
        kind=TaskKind.VISIT.value,
        summary=summary,
        owner_id=person.owner_id,
        openid=desk.openid or None,
        building_id=person.building_id,
    )
    values = {"no": task.no, "summary": summary, "owner": person.name, "room": person.room}
    assignee = tasks.give_task(desk, task, TaskKind.VISIT.value, desk.say("visit.new_task", **values))
    return Ran({"no": task.no, "assignee": assignee.name if assignee else ""})

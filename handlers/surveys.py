"""A survey's run: whom it is about, what it is handed, what every step records and takes back, how it ends. Says little.

Runs in the turn's transaction: an answer, its tags and the conversation's state are stored together or not at all.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import update

from dialogs.effects import Effect
from dialogs.effects_rights import RecordConsent
from dialogs.inputs import Ran, Refused
from dialogs.outcome import Outcome
from dialogs.script import Script
from dialogs.state import DialogState
from dialogs.survey import LED, RUN, TEXTS
from handlers import consents, runs, survey_facts, survey_records
from handlers.desk import Desk, Person
from handlers.drafts import set_aside
from models.answers import note_asked
from models.consents import ConsentChannel, PersonIds
from models.followers import find_openid
from models.owners import Owner, find_home
from models.runs import ScriptRun
from models.visits import Visit, VisitStatus

VISIT = "visit"  # the variable by which a staff member's script hands a visit to the survey it starts
INVITED = "invited"  # the same of an invitation
BOT = "bot"
DONE = "done"


@dataclass(frozen=True, slots=True)
class Subject:
    """Whom a survey is about: the person who writes, or the owner a visit is paid to (nobody, in a group)."""

    person: PersonIds
    building_id: int | None
    visit: Visit | None = None

    @property
    def counted(self) -> runs.Counted:
        """Return how the run is counted; a person without an openid by her place in the register."""
        owner_id, openid = self.person
        stand_in = f"owner:{owner_id}" if owner_id is not None else f"visit:{self.visit.id if self.visit else 0}"
        return runs.Counted(openid or stand_in, owner_id, self.building_id)


def find_subject(desk: Desk, given: Mapping[str, Any]) -> Subject:
    """Return whom a survey that begins now is about."""
    visit = desk.session.get(Visit, given[VISIT]) if given.get(VISIT) and desk.person.staff_id is not None else None
    if visit is None or visit.host_id != desk.person.staff_id or visit.status != VisitStatus.OPEN.value:
        return Subject(PersonIds(desk.person.owner_id, desk.openid), desk.person.building_id)
    openid = find_openid(desk.session, visit.owner_id) if visit.owner_id is not None else None
    return Subject(PersonIds(visit.owner_id, openid), visit.building_id, visit)


def begin_run(desk: Desk, script: Script, given: Mapping[str, Any], subject: Subject) -> dict[str, Any]:
    """Write down that a survey begins and return the values it begins with."""
    visit, is_own_wish = subject.visit, not given.get(INVITED) and subject.visit is None
    case = survey_facts.find_case(desk.runtime, desk.session, script, subject.person.owner_id, str(given.get("no") or ""))
    values = {name: value for name, value in given.items() if name not in (VISIT, INVITED, "no")} | case
    values |= survey_facts.find_facts(desk.runtime, desk.session, script, subject.person, is_own_wish=is_own_wish)
    values[TEXTS] = survey_facts.find_texts(desk.runtime, script)
    values[RUN] = {
        "run": runs.open_run(desk, script, subject.counted),
        "visit": visit.id if visit else None,
        "no": visit.no if visit else "",
        "owner": subject.person.owner_id,
        "openid": subject.person.openid,
        "source": visit.kind if visit else BOT,
    }
    if given.get(INVITED):
        note_asked(desk.session, desk.openid, script.id)
    if visit is not None:
        visit.ended_at, visit.outcome = None, ""  # one survey may lead to the next
        values[LED] = True
        if visit.owner_id is not None:
            values["owner"] = survey_facts.describe_owner(desk.session, visit.owner_id)
    return values


def find_run(state: DialogState | None) -> Mapping[str, Any]:
    """Return what a survey's answers are written to; empty for any other conversation."""
    return state.vars.get(RUN, {}) if state is not None else {}


def is_led(state: DialogState | None) -> bool:
    """Tell whether a staff member asks and answers for an owner."""
    return state is not None and LED in state.vars


def lay_by(desk: Desk) -> None:
    """Keep a survey that a staff member leads while a command of his comes between; it goes on behind it."""
    if is_led(desk.state):
        set_aside(desk)


def perform(desk: Desk, effect: Effect) -> Ran | Refused:
    """Run an effect; what a led survey does is done for the owner, not for the staff member who types."""
    run = find_run(desk.state)
    if not run or not is_led(desk.state):
        return desk.perform(desk, effect)
    if isinstance(effect, RecordConsent):
        return _record_consent(desk, run, effect)
    openid = run.get("openid") or ""
    return desk.perform(replace(desk, openid=openid, person=_stand_in(desk, run["owner"])), effect)


def _record_consent(desk: Desk, run: Mapping[str, Any], effect: RecordConsent) -> Ran | Refused:
    book = desk.runtime.content.consents.purposes
    if effect.purpose not in book:
        return Refused("unknown")
    person = PersonIds(run["owner"], run.get("openid"))
    if effect.granted and not consents.may_agree(desk.tx, person, effect.purpose):
        return Refused("not_guardian")
    if person != PersonIds():
        said = (effect.purpose, effect.granted, ConsentChannel.STAFF.value, run["no"], f"staff:{desk.person.staff_id}")
        consents.record(desk.runtime, desk.tx, person, *said)
    return Ran({"purpose": effect.purpose, "title": book[effect.purpose].title})


def _stand_in(desk: Desk, owner_id: int | None) -> Person:
    """Return the owner as the person at the desk, led by the staff member who is."""
    staff = desk.person
    person = Person(staff_id=staff.staff_id, staff_name=staff.staff_name, staff_role=staff.staff_role)
    owner = desk.session.get(Owner, owner_id) if owner_id is not None else None
    if owner is None:
        return person
    home = find_home(desk.session, owner.id)
    person = replace(person, owner_id=owner.id, name=owner.name, phone=owner.phone or "")
    if home is None:
        return person
    room = home.room
    return replace(
        person,
        room=room.label,
        relation=home.relation,
        room_id=room.id,
        building_id=room.building_id,
        community_id=room.community_id,
    )


def note_step(desk: Desk, script: Script, outcome: Outcome) -> list[str]:
    """Record what a survey's step brought and how it ended; returns what the one who leads it is told at its end."""
    state = outcome.state or outcome.last
    run = find_run(state)
    if script.survey is None or state is None or not run:
        return []
    survey_records.record(desk, script, run, state)
    if outcome.ended is None:
        return []
    end_run(desk, run, outcome.ended)
    visit = desk.session.get(Visit, run["visit"]) if run.get("visit") else None
    if visit is None or visit.status != VisitStatus.OPEN.value:
        return []
    told = _end_visit(desk, visit, outcome.ended)
    return [] if outcome.start is not None and is_survey(desk, outcome.start.script) else [told]


def is_survey(desk: Desk, script_id: str) -> bool:
    """Tell whether an id is that of a survey."""
    script = desk.runtime.content.scripts.get(script_id)
    return script is not None and script.survey is not None


def hand_on(desk: Desk, outcome: Outcome) -> dict[str, Any] | None:
    """Return what a script started out of another is handed besides its `vars`: the visit, where a survey is led.

    None when it must not begin: nothing but a survey can be asked in somebody else's name.
    """
    state = outcome.state or outcome.last
    if outcome.start is None or not is_led(state):
        return {}
    return {VISIT: find_run(state).get("visit")} if is_survey(desk, outcome.start.script) else None


def end_run(desk: Desk, run: Mapping[str, Any], result: str) -> None:
    """Write down how a run ended."""
    ended = update(ScriptRun).where(ScriptRun.id == run["run"], ScriptRun.result.is_(None))
    desk.session.execute(ended.values(result=result[:40], ended_at=desk.now))


def _end_visit(desk: Desk, visit: Visit, ended: str) -> str:
    visit.ended_at, visit.outcome = desk.now, DONE if ended == runs.COMPLETED else ended[:20]
    return desk.say("visit.ended", no=visit.no)

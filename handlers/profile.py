"""What we hold about a person, shown to her (D13); her name corrected by herself (D14). Other data is corrected by a person."""

from __future__ import annotations

import re

from sqlalchemy import select

from dialogs import effects, effects_rights
from dialogs.inputs import Ran, Refused
from handlers.confirmations import list_progress
from handlers.desk import Desk, reload_person
from models.audits import add_audit
from models.mirror import mark_openids
from models.owners import Owner, Residence

LONGEST = 20
_NAME = re.compile(r"[\u3400-\u9fff·A-Za-z][\u3400-\u9fff·A-Za-z .]*")


def show_profile(desk: Desk, effect: effects_rights.ShowProfile) -> Ran | Refused:
    """Tell a person her name, phone tail, homes with relation, and what she has under way."""
    person = desk.person
    if person.owner_id is None:
        return Refused("unbound")
    statement = select(Residence).where(Residence.owner_id == person.owner_id, Residence.ended_on.is_(None))
    homes = desk.session.scalars(statement.order_by(Residence.id)).unique().all()
    lines = [desk.say("profile.home", room=home.room.label, relation=home.relation) for home in homes]
    progress = list_progress(desk, effects.ListProgress())
    busy = progress.result["text"] if isinstance(progress, Ran) else ""
    values = {"name": person.name, "phone_tail": person.phone[-4:], "homes": "、".join(lines)}
    return Ran(values | {"text": desk.say("profile.busy", text=busy)})


def correct_name(desk: Desk, effect: effects_rights.CorrectName) -> Ran | Refused:
    """Change the name she is called by; the audit keeps that it was changed, not what it was."""
    name = " ".join(effect.name.split())
    owner = desk.session.get(Owner, desk.person.owner_id) if desk.person.owner_id else None
    if owner is None:
        return Refused("unbound")
    if not 1 <= len(name) <= LONGEST or not _NAME.fullmatch(name) or desk.runtime.content.forbidden.find(name):
        return Refused("bad_name")
    if name == owner.name:
        return Refused("same", {"name": name})
    owner.name = name
    mark_openids(desk.tx, [desk.openid])
    add_audit(desk.session, desk.now, "owner", "correct", f"owner:{owner.id}", field="name")
    reload_person(desk)
    return Ran({"name": name})

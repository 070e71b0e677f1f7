"""Staff tell in the chat what a call to an owner brought, or her new number (R95)."""

from __future__ import annotations

from dialogs import effects_register
from dialogs.answers.phone import find_phones
from dialogs.inputs import Ran, Refused
from handlers.desk import Desk
from handlers.phone_states import STATES, replace_phone, set_phone_state
from handlers.register import find_people, render_person
from models.staff import Role

MAY_SET = tuple(role.value for role in Role if role is not Role.SUPPLIER)


def set_phone(desk: Desk, effect: effects_register.SetPhone) -> Ran | Refused:
    """Note a number's state or replace the number of the resident found by name, room or phone tail."""
    if desk.person.staff_role not in MAY_SET:
        return Refused("forbidden")
    found = find_people(desk.session, effect.who, desk.person.staff_id)
    if len(found) != 1:
        text = "\n".join(render_person(desk.session, each) for each in found[:9])
        return Refused("ambiguous" if found else "unknown", {"text": text})
    owner, by = found[0], f"staff:{desk.person.staff_id}"
    what = effect.what.strip()
    if what in STATES:
        if not owner.phone:
            return Refused("no_phone", {"owner": owner.name})
        outcome = set_phone_state(desk.runtime, desk.tx, owner.id, what, by)
        values = {"owner": owner.name, "state": outcome.state, "no": outcome.task_no or ""}
        return Ran({"owner": owner.name, "text": desk.say("register.phone_state", **values)})
    phones = [each.replace("-", "") for each in find_phones(what)]
    if len(phones) != 1:
        return Refused("bad_state", {"text": what})
    if not replace_phone(desk.runtime, desk.tx, owner.id, phones[0], by):
        return Refused("same", {"owner": owner.name})
    values = {"owner": owner.name, "tail": phones[0][-4:]}
    return Ran({"owner": owner.name, "text": desk.say("register.phone_replaced", **values)})

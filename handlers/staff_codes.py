"""A new colleague's openid: a supervisor has a one-time code printed, the colleague writes it to the account."""

from __future__ import annotations

import re
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from dialogs import effects_register
from dialogs.inputs import Ran, Refused
from handlers.accounts import Hand
from handlers.binding import count_tries_left, note_wrong_try
from handlers.desk import Desk, reload_person
from handlers.errors import ConflictError, NotFoundError
from handlers.runtime import Runtime
from models.audits import add_audit
from models.database import Transaction
from models.staff import Staff
from models.staff_codes import StaffCode, digest_code, end_codes, find_colleague, find_living

LIFE = timedelta(hours=24)
DIGITS = 6


@dataclass(frozen=True, slots=True)
class IssuedCode:
    """A code to be told to a colleague once: it is readable nowhere afterwards."""

    staff_id: int
    name: str
    code: str
    expires_at: datetime


def issue_code(runtime: Runtime, who: str, by: str) -> IssuedCode:
    """Make the one-time code of a working colleague, found by name, phone or id; an older one of his ends.

    Raises NotFoundError, or ConflictError when several have the name.
    """
    now = runtime.now()
    with runtime.transaction() as tx:
        found = _find_staff(tx.session, who)
        if not found:
            raise NotFoundError(f"no working staff member is {who}: give his name, phone or id")
        if len(found) > 1:
            raise ConflictError(f"several are called {who}: give an id, {', '.join(str(each.id) for each in found)}")
        return _issue(tx, found[0], by, now)


def issue_code_to(runtime: Runtime, hand: Hand, staff_id: int) -> IssuedCode:
    """Make the one-time code of a colleague whom this hand is in charge of. Raises NotFoundError outside the scope."""
    with runtime.transaction() as tx:
        return _issue(tx, _get_colleague(tx, hand, staff_id, runtime.now()), hand.by, runtime.now())


def revoke_code(runtime: Runtime, hand: Hand, staff_id: int) -> None:
    """End a colleague's code before it was used. Raises NotFoundError outside the scope."""
    with runtime.transaction() as tx:
        staff = _get_colleague(tx, hand, staff_id, runtime.now())
        end_codes(tx.session, staff.id, runtime.now())
        add_audit(tx.session, runtime.now(), hand.by, "staff_code_end", f"staff:{staff.id}")


def _get_colleague(tx: Transaction, hand: Hand, staff_id: int, now: datetime) -> Staff:
    row = find_colleague(tx.session, hand.scope, staff_id, now)
    if row is None:
        raise NotFoundError(f"there is no colleague {staff_id}")
    return row.staff


def _issue(tx: Transaction, staff: Staff, by: str, now: datetime) -> IssuedCode:
    end_codes(tx.session, staff.id, now)
    code = _draw(tx.session, now)
    row = StaffCode(staff_id=staff.id, digest=digest_code(code), by=by, created_at=now, expires_at=now + LIFE)
    tx.session.add(row)
    add_audit(tx.session, now, by, "staff_code", f"staff:{staff.id}")
    return IssuedCode(staff.id, staff.name, code, row.expires_at)


def _find_staff(session: Session, who: str) -> Sequence[Staff]:
    working = select(Staff).where(Staff.is_active.is_(True)).order_by(Staff.id)
    found = session.scalars(working.where(or_(Staff.name == who, Staff.phone == who))).unique().all()
    if found or not who.isdigit():
        return found
    return session.scalars(working.where(Staff.id == int(who))).unique().all()


def _draw(session: Session, now: datetime) -> str:
    while True:
        code = f"{secrets.randbelow(10**DIGITS):0{DIGITS}d}"
        if find_living(session, code, now) is None:
            return code


def take_code(desk: Desk, effect: effects_register.TakeStaffCode) -> Ran | Refused:
    """Bind the follower to the colleague whose code she wrote; five wrong tries an hour, as with a room."""
    if desk.person.staff_id is not None:
        return Refused("already_staff", {"name": desk.person.staff_name})
    if desk.person.owner_id is not None:  # as in `import staff`: what a resident and what a colleague hears must not mix
        return Refused("is_owner")
    left = count_tries_left(desk)
    if left <= 0:
        return Refused("locked")
    code = find_living(desk.session, re.sub(r"\D", "", effect.code), desk.now)
    staff = desk.session.get(Staff, code.staff_id) if code is not None else None
    if code is None or staff is None or not staff.is_active:
        note_wrong_try(desk)
        return Refused("wrong" if left > 1 else "locked", {"tries_left": left - 1})
    code.ended_at, staff.openid = desk.now, desk.openid
    add_audit(desk.session, desk.now, f"staff:{staff.id}", "bind", f"staff:{staff.id}", code_by=code.by)
    reload_person(desk)
    return Ran({"name": staff.name, "role": staff.role})

"""Logins of the staff pages: whose, locked or not, the second factor, and lists of them within a scope.

Holds hashes and a second factor's secret; makes and checks none of them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from sqlalchemy import ColumnElement, ForeignKey, String, delete, exists, func, or_, select, true, update
from sqlalchemy.orm import Mapped, Session, mapped_column

from models.base import Base, BigId
from models.listings import Cursor, Page, Scope, turn_page
from models.sealing import Sealed
from models.staff import Role, Staff, StaffBuilding

OUTSIDERS = (Role.SUPPLIER.value,)  # roles that the staff pages are not for
BUILT_IN = "@"  # begins the login of the account of the settings; no other login may hold it
PAGE_SIZE = 30


class ConsoleAccount(Base):
    """A login. `staff_id` is empty for the one of the settings alone, whose password is not kept here.

    A session is good as long as it knows `session_key`. `totp_secret` is the confirmed second factor, `totp_pending` one
    that is being set up, both sealed; `totp_step` is the last step whose code was taken, so that no code works twice.
    """

    __tablename__ = "console_account"

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    staff_id: Mapped[int | None] = mapped_column(ForeignKey("staff.id"), unique=True)
    login: Mapped[str] = mapped_column(String(80), unique=True)
    password_hash: Mapped[str] = mapped_column(String(200), default="")
    totp_secret: Mapped[str | None] = mapped_column(Sealed("totp"))
    totp_pending: Mapped[str | None] = mapped_column(Sealed("totp"))
    totp_confirmed_at: Mapped[datetime | None]
    totp_step: Mapped[int | None] = mapped_column(BigId)
    must_change: Mapped[bool] = mapped_column(default=False)
    good_until: Mapped[datetime | None]  # of a one-time password; her own has no end
    is_locked: Mapped[bool] = mapped_column(default=False)
    created_at: Mapped[datetime]
    last_sign_in_at: Mapped[datetime | None]
    session_key: Mapped[str] = mapped_column(String(32))


class RecoveryCode(Base):
    """What opens the door once when the phone is lost, as a hash; the row goes when the code is used."""

    __tablename__ = "console_recovery_code"

    account_id: Mapped[int] = mapped_column(ForeignKey("console_account.id"), primary_key=True)
    code_hash: Mapped[str] = mapped_column(String(64), primary_key=True)


class AccountState(StrEnum):
    """What a list of colleagues may be narrowed to."""

    OPEN = "open"
    LOCKED = "locked"
    NONE = "none"


@dataclass(frozen=True, slots=True)
class StaffFilter:
    """What a list of colleagues is narrowed to; empty is everything. `words` is a part of a name, login or phone."""

    words: str = ""
    role: str = ""
    state: str = ""


@dataclass(frozen=True, slots=True)
class StaffRow:
    """A colleague, her account if she has one, and the names of her buildings (empty in a list)."""

    staff: Staff
    account: ConsoleAccount | None
    buildings: tuple[str, ...] = ()


def built_in_login(login: str) -> str:
    """Return how the settings' login is kept, so that it can never be a colleague's."""
    return f"{BUILT_IN}{login}"[:80]


def find_account(session: Session, account_id: int) -> tuple[ConsoleAccount, Staff | None] | None:
    """Return an account and whose it is."""
    return _find(session, ConsoleAccount.id == account_id)


def find_login(session: Session, login: str) -> tuple[ConsoleAccount, Staff | None] | None:
    """Return the account of a login and whose it is."""
    return _find(session, ConsoleAccount.login == login)


def _find(session: Session, condition: ColumnElement[bool]) -> tuple[ConsoleAccount, Staff | None] | None:
    statement = select(ConsoleAccount, Staff).outerjoin(Staff, Staff.id == ConsoleAccount.staff_id).where(condition)
    found = session.execute(statement).one_or_none()
    return (found[0], found[1]) if found else None


def list_building_ids(session: Session, staff_id: int) -> frozenset[int]:
    """Return the buildings a colleague answers for."""
    return frozenset(session.scalars(select(StaffBuilding.building_id).where(StaffBuilding.staff_id == staff_id)))


def list_staff(session: Session, scope: Scope, wanted: StaffFilter, cursor: Cursor, size: int = PAGE_SIZE) -> Page[StaffRow]:
    """Return a page of the colleagues whose buildings all lie in the scope, newest first."""
    statement = _select_staff(scope)
    if wanted.words:
        like = f"%{_escape(wanted.words)}%"
        columns = (Staff.name, Staff.phone, ConsoleAccount.login)
        statement = statement.where(or_(*(column.ilike(like, escape="\\") for column in columns)))
    if wanted.role:
        statement = statement.where(Staff.role == wanted.role)
    states: dict[str, ColumnElement[bool]] = {
        AccountState.OPEN.value: ConsoleAccount.is_locked.is_(False),
        AccountState.LOCKED.value: ConsoleAccount.is_locked.is_(True),
        AccountState.NONE.value: ConsoleAccount.id.is_(None),
    }
    if wanted.state in states:
        statement = statement.where(states[wanted.state])
    page = turn_page(session, statement, Staff.id, cursor, size)
    return Page([StaffRow(row[0], row[1]) for row in page.rows], page.older, page.newer)


def find_staff(session: Session, scope: Scope, staff_id: int) -> StaffRow | None:
    """Return a colleague whose buildings all lie in the scope, with her account and the names of her buildings."""
    found = session.execute(_select_staff(scope).where(Staff.id == staff_id)).one_or_none()
    if found is None:
        return None
    staff: Staff = found[0]
    return StaffRow(staff, found[1], tuple(f"{each.community.name} {each.name}" for each in staff.buildings))


def _select_staff(scope: Scope):  # type: ignore[no-untyped-def]  # the type of a joined select says nothing here
    joined = select(Staff, ConsoleAccount).outerjoin(ConsoleAccount, ConsoleAccount.staff_id == Staff.id)
    return joined.where(Staff.is_active.is_(True), Staff.role.not_in(OUTSIDERS), within(scope))


def within(scope: Scope) -> ColumnElement[bool]:
    """Return the condition that everything a colleague sees is seen by the scope too: no login may reach further."""
    if scope.building_ids is None:
        return true()
    mine = StaffBuilding.staff_id == Staff.id
    return exists().where(mine) & ~exists().where(mine, StaffBuilding.building_id.not_in(scope.building_ids))


def _escape(words: str) -> str:
    return words.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")


def take_step(session: Session, account_id: int, step: int) -> bool:
    """Take the code of a step, once: False when it or a later one was taken before, in any process."""
    statement = (
        update(ConsoleAccount)
        .where(ConsoleAccount.id == account_id, func.coalesce(ConsoleAccount.totp_step, -1) < step)
        .values(totp_step=step)
        .execution_options(synchronize_session=False)
    )
    is_taken: bool = session.execute(statement).rowcount == 1  # type: ignore[attr-defined]
    return is_taken


def take_recovery_code(session: Session, account_id: int, code_hash: str) -> bool:
    """Take a recovery code, once."""
    statement = delete(RecoveryCode).where(RecoveryCode.account_id == account_id, RecoveryCode.code_hash == code_hash)
    is_taken: bool = session.execute(statement).rowcount == 1  # type: ignore[attr-defined]
    return is_taken


def replace_recovery_codes(session: Session, account_id: int, hashes: Sequence[str]) -> None:
    """Forget the codes that were and keep these."""
    session.execute(delete(RecoveryCode).where(RecoveryCode.account_id == account_id))
    session.add_all(RecoveryCode(account_id=account_id, code_hash=each) for each in hashes)


def count_recovery_codes(session: Session, account_id: int) -> int:
    """Return how many recovery codes are left."""
    return session.scalar(select(func.count()).where(RecoveryCode.account_id == account_id)) or 0

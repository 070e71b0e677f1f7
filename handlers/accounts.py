"""Logins of the staff pages: given, locked, renewed by a colleague in charge; passwords and second factors by oneself.

Everything is audited, and what takes a right away ends all sessions. Takes hashes, never a password.
"""

from __future__ import annotations

import re
import secrets
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy.exc import IntegrityError

from handlers.errors import ConflictError, ForbiddenError, InvalidInputError, NotFoundError
from handlers.runtime import Runtime
from models.accounts import (
    ConsoleAccount,
    StaffRow,
    built_in_login,
    find_login,
    find_staff,
    replace_recovery_codes,
    take_recovery_code,
    take_step,
)
from models.audits import add_audit
from models.database import Transaction, insert_for
from models.listings import Scope

ONE_TIME_FOR = timedelta(hours=72)  # a weekend long: what lies about on a note for longer is not for its owner any more
LOGIN = re.compile(r"\w[\w.-]{1,39}")


@dataclass(frozen=True, slots=True)
class Hand:
    """Who is in charge: her name for the audit, what she sees, and who she is herself (None: the built-in login)."""

    by: str
    scope: Scope
    staff_id: int | None = None


def normalise_login(login: str) -> str:
    """Return a login as it is kept: full-width letters and capitals make no other login."""
    return unicodedata.normalize("NFKC", login).strip().casefold()


def get_built_in(runtime: Runtime, login: str) -> ConsoleAccount:
    """Return the row of the settings' login, made where it is missing."""
    kept = built_in_login(login)
    with runtime.transaction() as tx:
        found = find_login(tx.session, kept)
        if found is not None:
            return found[0]
        row = {"login": kept, "password_hash": "", "must_change": False, "is_locked": False}
        statement = insert_for(tx.connection, ConsoleAccount).values(
            **row, created_at=runtime.now(), session_key=new_session_key()
        )
        tx.connection.execute(statement.on_conflict_do_nothing())
        found = find_login(tx.session, kept)
    if found is None:
        raise NotFoundError("the built-in login could not be written down")
    return found[0]


def is_over(account: ConsoleAccount, now: datetime) -> bool:
    """Tell whether a one-time password was not used in time: it opens nothing any more."""
    return account.must_change and account.good_until is not None and account.good_until <= now


def new_session_key() -> str:
    """Return a key that no earlier session knows."""
    return secrets.token_hex(16)


def note_sign_in(runtime: Runtime, by: str, account_id: int) -> None:
    """Write down that somebody came in; a second factor that was never confirmed is forgotten."""
    with runtime.transaction() as tx:
        account = _get(tx, account_id)
        account.last_sign_in_at, account.totp_pending = runtime.now(), None
        add_audit(tx.session, runtime.now(), by, "sign_in", "console")


def give_login(runtime: Runtime, hand: Hand, staff_id: int, login: str, password_hash: str) -> None:
    """Give a colleague a login with a one-time password.

    Raises NotFoundError outside the scope, InvalidInputError for a login that is none, ConflictError when she has one or
    the login is taken.
    """
    login = normalise_login(login)
    if not LOGIN.fullmatch(login):
        raise InvalidInputError("a login has 2 to 40 letters, digits, dots or dashes")
    try:
        with runtime.transaction() as tx:
            if _find_charge(tx, hand, staff_id).account is not None:
                raise ConflictError("this colleague has a login")
            account = ConsoleAccount(
                staff_id=staff_id,
                login=login,
                password_hash=password_hash,
                must_change=True,
                good_until=runtime.now() + ONE_TIME_FOR,
                created_at=runtime.now(),
                session_key=new_session_key(),
            )
            tx.session.add(account)
            tx.session.flush()
            _note(runtime, tx, hand, "account_give", staff_id)
    except IntegrityError as error:
        raise ConflictError("this login is taken") from error


def renew_password(runtime: Runtime, hand: Hand, staff_id: int, password_hash: str) -> None:
    """Replace a colleague's password by a one-time password. Raises NotFoundError and ForbiddenError."""
    with runtime.transaction() as tx:
        account = _get_charge(tx, hand, staff_id)
        account.password_hash, account.must_change = password_hash, True
        account.good_until = runtime.now() + ONE_TIME_FOR
        account.session_key = new_session_key()
        _note(runtime, tx, hand, "account_password", staff_id)


def set_locked(runtime: Runtime, hand: Hand, staff_id: int, *, is_locked: bool) -> None:
    """Lock a colleague out, or let her in again. Raises NotFoundError and ForbiddenError."""
    with runtime.transaction() as tx:
        account = _get_charge(tx, hand, staff_id)
        account.is_locked = is_locked
        account.session_key = new_session_key()
        _note(runtime, tx, hand, "account_lock" if is_locked else "account_unlock", staff_id)


def reset_second_factor(runtime: Runtime, hand: Hand, staff_id: int) -> None:
    """Forget a colleague's second factor and recovery codes. Raises NotFoundError and ForbiddenError."""
    with runtime.transaction() as tx:
        account = _get_charge(tx, hand, staff_id)
        account.totp_secret = account.totp_pending = account.totp_confirmed_at = account.totp_step = None
        account.session_key = new_session_key()
        replace_recovery_codes(tx.session, account.id, ())
        _note(runtime, tx, hand, "account_second_factor", staff_id)


def change_password(runtime: Runtime, by: str, account_id: int, password_hash: str) -> None:
    """Set one's own password; all sessions end, and the caller begins the one that goes on."""
    with runtime.transaction() as tx:
        account = _get(tx, account_id)
        account.password_hash, account.must_change, account.good_until = password_hash, False, None
        account.session_key = new_session_key()
        add_audit(tx.session, runtime.now(), by, "own_password", "console")


def end_sessions(runtime: Runtime, by: str, account_id: int) -> None:
    """End all of one's own sessions, this one too."""
    with runtime.transaction() as tx:
        _get(tx, account_id).session_key = new_session_key()
        add_audit(tx.session, runtime.now(), by, "sign_out_all", "console")


def begin_second_factor(runtime: Runtime, account_id: int, secret: str) -> str:
    """Keep a secret until its first code confirms it; one that waits already is given back instead."""
    with runtime.transaction() as tx:
        account = _get(tx, account_id)
        account.totp_pending = account.totp_pending or secret
        return account.totp_pending


def confirm_second_factor(runtime: Runtime, by: str, account_id: int, secret: str, step: int, hashes: Sequence[str]) -> None:
    """Make the waiting secret the second factor; all sessions end, and the caller begins the one that goes on.

    `step` is that of the code that confirmed it: the code does not work again. Raises ConflictError when this secret
    waits no more.
    """
    with runtime.transaction() as tx:
        account = _get(tx, account_id)
        if account.totp_pending != secret:
            raise ConflictError("this second factor is not being set up")
        account.totp_secret, account.totp_pending = account.totp_pending, None
        account.totp_confirmed_at, account.totp_step = runtime.now(), step
        account.session_key = new_session_key()
        replace_recovery_codes(tx.session, account_id, hashes)
        add_audit(tx.session, runtime.now(), by, "own_second_factor", "console")


def renew_recovery_codes(runtime: Runtime, by: str, account_id: int, hashes: Sequence[str]) -> None:
    """Replace the recovery codes."""
    with runtime.transaction() as tx:
        replace_recovery_codes(tx.session, account_id, hashes)
        add_audit(tx.session, runtime.now(), by, "own_recovery_codes", "console")


def use_step(runtime: Runtime, account_id: int, step: int) -> bool:
    """Take the code of a step; False when it was taken before."""
    with runtime.transaction() as tx:
        return take_step(tx.session, account_id, step)


def use_recovery_code(runtime: Runtime, by: str, account_id: int, code_hash: str) -> bool:
    """Take a recovery code; False when there is no such one any more."""
    with runtime.transaction() as tx:
        is_taken = take_recovery_code(tx.session, account_id, code_hash)
        if is_taken:
            add_audit(tx.session, runtime.now(), by, "recovery_code", "console")
        return is_taken


def _get(tx: Transaction, account_id: int) -> ConsoleAccount:
    account = tx.session.get(ConsoleAccount, account_id)
    if account is None:
        raise NotFoundError(f"there is no account {account_id}")
    return account


def _find_charge(tx: Transaction, hand: Hand, staff_id: int) -> StaffRow:
    """Return a colleague whom this hand may give and take rights; nobody is in charge of herself."""
    row = find_staff(tx.session, hand.scope, staff_id)
    if row is None:
        raise NotFoundError(f"there is no colleague {staff_id}")
    if staff_id == hand.staff_id:
        raise ForbiddenError("nobody is in charge of herself")
    return row


def _get_charge(tx: Transaction, hand: Hand, staff_id: int) -> ConsoleAccount:
    account = _find_charge(tx, hand, staff_id).account
    if account is None:
        raise NotFoundError(f"colleague {staff_id} has no login")
    return account


def _note(runtime: Runtime, tx: Transaction, hand: Hand, action: str, staff_id: int) -> None:
    add_audit(tx.session, runtime.now(), hand.by, action, f"staff:{staff_id}")

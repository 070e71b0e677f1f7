"""The session of a signed-in person: begun empty, good for eight hours, and only while her account is what it was.

A second factor that was given is remembered here with its time.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from flask import request, session
from flask_login import login_user

from console.access import Account, read_account, verify_password
from console.room import room, runtime
from console.second_factor import find_step, hash_recovery_code
from console.throttle import begin_try, forgive
from handlers import accounts
from models.accounts import find_account

LIFETIME = timedelta(hours=8)
PROOF_LASTS = timedelta(minutes=30)
WAITING_LASTS = timedelta(minutes=10)
SIGNED_IN_AT, PROVED_AT, WAITING = "signed_in_at", "proved_at", "waiting"


def load_account(session_id: str) -> Account | None:
    """Return the account of a session, None when it is eight hours old, locked, or not what it was at the sign-in."""
    if not _is_within(session.get(SIGNED_IN_AT), LIFETIME):
        return None
    return find_unchanged(session_id)


def find_unchanged(session_id: str) -> Account | None:
    """Return the account that a session or a half-done sign-in knows, if nothing took its right away meanwhile."""
    number = session_id.partition(":")[0]
    account = reload_account(int(number)) if number.isascii() and number.isdigit() else None
    return account if account and account.get_id() == session_id and not account.is_locked else None


def reload_account(account_id: int) -> Account | None:
    """Return an account as it is now."""
    with runtime().database.reading() as tx:
        found = find_account(tx.session, account_id)
        return read_account(tx, room().access, *found) if found else None


def open_session(account: Account, *, is_proved: bool) -> None:
    """Begin a session; nothing of an earlier one is left. `is_proved`: the second factor was given just now."""
    now = runtime().now()
    session.clear()
    session.permanent = True
    session[SIGNED_IN_AT] = now
    if is_proved:
        session[PROVED_AT] = now
    login_user(account)
    accounts.note_sign_in(runtime(), account.audit_name, account.account_id)


def go_on(account_id: int) -> None:
    """Let this session go on after its account ended all others."""
    account = reload_account(account_id)
    if account is not None:
        login_user(account)


def note_proof() -> None:
    """Remember that the second factor was given just now."""
    session[PROVED_AT] = runtime().now()


def is_proved() -> bool:
    """Tell whether the second factor was given within the last half hour."""
    return _is_within(session.get(PROVED_AT), PROOF_LASTS)


def wait_for_code(account: Account) -> None:
    """Remember whose password was right; she is not signed in before her code is."""
    session.clear()
    session[WAITING] = {"id": account.get_id(), "at": runtime().now()}


def find_waiting() -> Account | None:
    """Return who still owes her code, None when that is ten minutes ago."""
    waiting = session.get(WAITING)
    if not isinstance(waiting, dict) or not _is_within(waiting.get("at"), WAITING_LASTS):
        return None
    return find_unchanged(str(waiting.get("id")))


def check_code(account: Account, code: str) -> str:
    """Take a code of the app or a recovery code, each once; returns the fault: empty, wrong or throttled."""
    name, address = f"CODE:{account.account_id}", request.remote_addr or ""  # no login has capitals
    if not begin_try(runtime(), name, address):
        return "throttled"
    step = find_step(account.secret or "", code, runtime().now())
    if step is not None:
        is_right = accounts.use_step(runtime(), account.account_id, step)
    else:
        hashed = hash_recovery_code(code)
        is_right = accounts.use_recovery_code(runtime(), account.audit_name, account.account_id, hashed)
    if not is_right:
        return "wrong"
    forgive(runtime(), name, address)
    return ""


def check_password(account: Account, password: str) -> str:
    """Check the password of somebody who is signed in; returns the fault: empty, wrong or throttled."""
    name, address = f"OWN:{account.account_id}", request.remote_addr or ""
    if not begin_try(runtime(), name, address):
        return "throttled"
    if not is_password(account, password):
        return "wrong"
    forgive(runtime(), name, address)
    return ""


def is_password(account: Account, password: str) -> bool:
    """Tell whether a password is an account's."""
    access = room().access
    if account.is_built_in:
        return access.admits(password)
    with runtime().database.reading() as tx:
        found = find_account(tx.session, account.account_id)
    return found is not None and verify_password(found[0].password_hash, password)


def _is_within(at: object, span: timedelta) -> bool:
    return isinstance(at, datetime) and timedelta() <= runtime().now() - at < span

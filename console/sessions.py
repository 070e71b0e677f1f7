"""The session of a signed-in person: begun empty, good for eight hours, until an hour without a click, or until she leaves.

It lasts only while her account is what it was. The browser keeps a random number, the database its digest: a copy of the
cookie is worth nothing once the session is over. A second factor that was given is remembered here with its time; with it
the number changes.
"""

from __future__ import annotations

import hashlib
import secrets
from datetime import datetime, timedelta

from flask import session
from flask_login import login_user, logout_user

from console.access import Account, read_account, verify_password
from console.room import room, runtime
from console.second_factor import find_step, hash_recovery_code
from console.throttle import begin_try, find_address, forgive
from handlers import accounts
from models import sign_ins
from models.accounts import find_account

LIFETIME = timedelta(hours=8)
IDLE = timedelta(hours=1)  # a desk left alone over lunch
SEEN_EVERY = timedelta(minutes=1)
PROOF_LASTS = timedelta(minutes=30)
WAITING_LASTS = timedelta(minutes=10)
SIGNED_IN_AT, PROVED_AT, WAITING, NUMBER = "signed_in_at", "proved_at", "waiting", "number"


def load_account(session_id: str) -> Account | None:
    """Return the account of a session, None when it is over, or the account locked or not what it was at the sign-in."""
    if not _is_within(session.get(SIGNED_IN_AT), LIFETIME):
        return None
    account = find_unchanged(session_id)
    return account if account and _is_alive(account) else None


def _is_alive(account: Account) -> bool:
    """Tell whether the session is known, this account's, and was used within the hour; note that it is used now."""
    digest, now = _digest(), runtime().now()
    with runtime().database.reading() as tx:
        row = sign_ins.find_session(tx.session, digest)
    if row is None or row.account_id != account.account_id or now - row.seen_at >= IDLE:
        return False
    if now - row.seen_at >= SEEN_EVERY:
        with runtime().transaction() as tx:
            sign_ins.note_seen(tx.session, digest, now)
    return True


def _digest() -> str:
    """Return the digest of the number that the browser keeps."""
    return hashlib.sha256(str(session.get(NUMBER, "")).encode()).hexdigest()


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
    session[NUMBER] = secrets.token_urlsafe(32)
    with runtime().transaction() as tx:
        sign_ins.remove_old_sessions(tx.session, now - LIFETIME)
        sign_ins.add_session(tx.session, account.account_id, _digest(), now)
    login_user(account)
    accounts.note_sign_in(runtime(), account.audit_name, account.account_id)


def go_on(account_id: int) -> None:
    """Let this session go on, under another number, after its account ended all others."""
    account = reload_account(account_id)
    if account is not None:
        _renew_number()
        login_user(account)


def note_proof() -> None:
    """Remember that the second factor was given just now; who had copied the session before does not have it."""
    _renew_number()
    session[PROVED_AT] = runtime().now()


def _renew_number() -> None:
    old = _digest()
    session[NUMBER] = secrets.token_urlsafe(32)
    with runtime().transaction() as tx:
        sign_ins.rename_session(tx.session, old, _digest())


def close_session() -> None:
    """End this session for every browser that has its cookie, and empty it."""
    with runtime().transaction() as tx:
        sign_ins.end_session(tx.session, _digest())
    logout_user()
    session.clear()


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
    name, address = f"CODE:{account.account_id}", find_address()  # no login has capitals
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
    name, address = f"OWN:{account.account_id}", find_address()
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

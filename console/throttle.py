"""Slows down guessing: few wrong tries of a login from one address, of it from everywhere, of an address, then a wait.

Counted in SQL, for all processes at once and over restarts.
"""

from __future__ import annotations

from datetime import timedelta
from ipaddress import ip_address

from flask import request

from handlers.runtime import Runtime
from models.sign_ins import (
    add_attempt,
    count_address_attempts,
    count_attempts,
    count_login_attempts,
    forgive_attempts,
    remove_attempt,
)

MOST_TRIES = 5
MOST_OF_A_LOGIN = 20  # from all addresses together: who has many of them guesses no faster
MOST_OF_AN_ADDRESS = 60  # with all logins together: who has a list of them gets no further; an office mistypes less
WAIT = timedelta(minutes=15)


def begin_try(runtime: Runtime, login: str, address: str) -> bool:
    """Write a try down and tell whether the password may be looked at.

    Written and committed first, counted second: of any number at once at most five pass. A refused try is taken back,
    so that asking again does not make the wait longer.
    """
    login, address, since = _cut(login, 80), _cut(address, 45), runtime.now() - WAIT
    with runtime.transaction() as tx:
        attempt_id = add_attempt(tx.session, login, address, runtime.now())
    with runtime.transaction() as tx:
        is_allowed = count_attempts(tx.session, login, address, since) <= MOST_TRIES
        is_allowed = is_allowed and count_login_attempts(tx.session, login, since) <= MOST_OF_A_LOGIN
        is_allowed = is_allowed and count_address_attempts(tx.session, address, since) <= MOST_OF_AN_ADDRESS
        if not is_allowed:
            remove_attempt(tx.session, attempt_id)
    return is_allowed


def forgive(runtime: Runtime, login: str, address: str) -> None:
    """Forget the tries of somebody who got in."""
    with runtime.transaction() as tx:
        forgive_attempts(tx.session, _cut(login, 80), _cut(address, 45), runtime.now() - WAIT)


def find_address() -> str:
    """Return where the request came from: the far end, also when a proxy on this machine hands it on.

    Only a proxy of our own is believed, and of what it tells only the last stop, which it saw itself.
    """
    near = request.remote_addr or ""
    told = request.headers.get("X-Forwarded-For", "").rpartition(",")[2].strip()
    return told if _is_address(told) and _is_address(near) and ip_address(near).is_loopback else near


def _is_address(text: str) -> bool:
    try:
        ip_address(text)
    except ValueError:
        return False
    return True


def _cut(text: str, most: int) -> str:
    return text.replace("\x00", "")[:most]  # PostgreSQL takes no NUL

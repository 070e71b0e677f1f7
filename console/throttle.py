"""Slows down guessing: few wrong tries of a login from one address and from everywhere, then a wait.

Counted in SQL, for all processes at once.
"""

from __future__ import annotations

from datetime import timedelta

from handlers.runtime import Runtime
from models.sign_ins import add_attempt, count_attempts, count_login_attempts, forgive_attempts, remove_attempt

MOST_TRIES = 5
MOST_OF_A_LOGIN = 20  # from all addresses together: who has many of them guesses no faster
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
        if not is_allowed:
            remove_attempt(tx.session, attempt_id)
    return is_allowed


def forgive(runtime: Runtime, login: str, address: str) -> None:
    """Forget the tries of somebody who got in."""
    with runtime.transaction() as tx:
        forgive_attempts(tx.session, _cut(login, 80), _cut(address, 45), runtime.now() - WAIT)


def _cut(text: str, most: int) -> str:
    return text.replace("\x00", "")[:most]  # PostgreSQL takes no NUL

"""What every page needs: the runtime, the account that reads, her scope, and the page of a list that she asked for."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import cast

from flask import current_app, request
from flask_login import current_user

from console.access import Account, ConsoleAccess
from handlers.content import Content
from handlers.runtime import Runtime
from models.audits import add_audit
from models.database import Transaction
from models.listings import Cursor, Scope
from models.staff import Role
from models.veils import Veil

EXTENSION = "console"
LARGEST_ID = 2**63 - 1  # what a BIGINT holds


@dataclass(frozen=True, slots=True)
class Room:
    """The console's parts inside the Flask app."""

    runtime: Runtime
    access: ConsoleAccess


def room() -> Room:
    """Return the console of the running app."""
    return cast(Room, current_app.extensions[EXTENSION])


def runtime() -> Runtime:
    """Return the runtime."""
    return room().runtime


def reader() -> Account:
    """Return who is signed in; only behind a page that asks for it."""
    return cast(Account, current_user._get_current_object())


def scope() -> Scope:
    """Return the buildings the reader may see; work that is private shows itself to its holder and to supervisors only."""
    account = reader()
    if account.is_built_in or account.role == Role.SUPERVISOR.value:
        return account.scope
    return replace(account.scope, veil=make_veil(runtime().content, account.staff_id))


def make_veil(content: Content, staff_id: int | None) -> Veil:
    """Return what a member of staff does not see of others' work (R17, R31)."""
    private = frozenset(code for code, duty in content.duties.items() if duty.is_private)
    return Veil(private, frozenset(content.duties) - private, staff_id)


def read_id(name: str) -> int | None:
    """Return a positive id of the address line, None when it is missing or no id."""
    given = request.args.get(name, "")
    number = int(given) if given.isascii() and given.isdigit() and len(given) < 20 else 0
    return number if 0 < number <= LARGEST_ID else None


def read_cursor() -> Cursor:
    """Return the page of a list that the address line asks for."""
    return Cursor(read_id("before"), read_id("after"))


def note(action: str, subject: str) -> None:
    """Write down what the reader did, in a transaction of its own."""
    with runtime().transaction() as tx:
        add_audit(tx.session, runtime().now(), reader().audit_name, action, subject)


def note_reading(tx: Transaction, subject: str) -> None:
    """Write down that the reader saw a person's details (D18)."""
    add_audit(tx.session, runtime().now(), reader().audit_name, "read", subject)

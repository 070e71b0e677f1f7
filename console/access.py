"""Who may sign in to the staff pages: the login of the settings, and the accounts that were given to colleagues.

Knows hashes, never keeps a password. What an account may do and see is read anew for every request.
"""

from __future__ import annotations

import hmac
from dataclasses import dataclass, field
from datetime import datetime

from argon2 import PasswordHasher
from argon2.exceptions import Argon2Error, InvalidHashError
from flask_login import UserMixin

from console.permissions import EVERYTHING, GUARDED, SEE_ALL, Permission, find_permissions
from handlers.accounts import Hand
from models.accounts import ConsoleAccount, built_in_login, list_building_ids
from models.database import Transaction
from models.listings import Scope
from models.staff import Staff


@dataclass(frozen=True, slots=True)
class ConsoleAccess:
    """The login of the settings, the first way in: all estates, all permissions.

    `is_secure` keeps the session's cookie to https. `is_sandbox` lets this login do without a second factor. `mark` changes
    with the password, so that sessions of the old one end; it must not give the password away. `hasher` sets what a hash costs.
    """

    login: str
    password_hash: str
    is_secure: bool = False
    is_sandbox: bool = False
    mark: str = ""
    hasher: PasswordHasher = field(default_factory=PasswordHasher, repr=False)

    def hash(self, password: str) -> str:
        """Return the argon2id hash of a colleague's new password; some 50 ms and 64 MiB."""
        return self.hasher.hash(password)

    def is_login(self, login: str) -> bool:
        """Tell whether this is the login of the settings."""
        return hmac.compare_digest(self.login.encode(), login.encode())

    def admits(self, password: str) -> bool:
        """Tell whether a password is that of the settings."""
        return verify_password(self.password_hash, password)


def hash_password(password: str, hasher: PasswordHasher | None = None) -> str:
    """Return the argon2id hash of a password; some 50 ms and 64 MiB."""
    return (hasher or PasswordHasher()).hash(password)


def verify_password(password_hash: str, password: str) -> bool:
    """Tell whether a password belongs to a hash."""
    try:
        return PasswordHasher().verify(password_hash, password)
    except (Argon2Error, InvalidHashError):
        return False


@dataclass(frozen=True, eq=False)
class Account(UserMixin):
    """Whoever is signed in: a name for the audit, what she may do, the buildings she may see, and what is still due.

    `session_mark` is what a session must know; it changes with the password, the role, the lock.
    """

    account_id: int
    login: str
    name: str
    role: str
    permissions: frozenset[Permission]
    scope: Scope
    session_mark: str = field(repr=False)
    staff_id: int | None = None
    is_locked: bool = False
    must_change: bool = False
    must_enrol: bool = False
    is_exempt: bool = False
    secret: str | None = field(default=None, repr=False)
    enrolled_at: datetime | None = None

    def get_id(self) -> str:
        """Return what the session keeps."""
        return f"{self.account_id}:{self.session_mark}"

    @property
    def audit_name(self) -> str:
        """Return how the audit names her."""
        return f"console:{self.login}"[:80]

    @property
    def is_built_in(self) -> bool:
        """Tell whether this is the login of the settings."""
        return self.staff_id is None

    @property
    def has_second_factor(self) -> bool:
        """Tell whether a code is asked for at the door."""
        return self.secret is not None

    @property
    def may_enrol(self) -> bool:
        """Tell whether a page of hers asks for a second factor."""
        return bool(self.permissions & GUARDED)

    @property
    def hand(self) -> Hand:
        """Return her as one who is in charge of colleagues' accounts."""
        return Hand(self.audit_name, self.scope, self.staff_id)

    def may(self, permission: Permission) -> bool:
        """Tell whether she may do what a permission stands for."""
        return permission in self.permissions


def read_account(tx: Transaction, access: ConsoleAccess, row: ConsoleAccount, staff: Staff | None) -> Account | None:
    """Return the account of a row; None for one that nobody may use: another built-in login, or a colleague who left."""
    shared = {"account_id": row.id, "is_locked": row.is_locked, "secret": row.totp_secret, "enrolled_at": row.totp_confirmed_at}
    if staff is None:
        if row.staff_id is not None or row.login != built_in_login(access.login):
            return None
        return Account(
            login=access.login,
            name=access.login,
            role="",
            permissions=EVERYTHING,
            scope=Scope(),
            session_mark=f"{row.session_key}:{access.mark}",
            must_enrol=not access.is_sandbox and row.totp_secret is None,
            is_exempt=access.is_sandbox,
            **shared,
        )
    permissions = find_permissions(staff.role)
    if not staff.is_active or not permissions:
        return None
    buildings = list_building_ids(tx.session, staff.id)
    sees_all = not buildings and staff.role in SEE_ALL
    return Account(
        login=row.login,
        name=staff.name,
        role=staff.role,
        permissions=permissions,
        scope=Scope(None if sees_all else buildings),
        session_mark=f"{row.session_key}:{staff.role}",
        staff_id=staff.id,
        must_change=row.must_change,
        **shared,
    )

"""Who may sign in to the staff pages: the one login of the settings. Keeps a password's hash, never the password."""

from __future__ import annotations

import hmac
from dataclasses import dataclass

from argon2 import PasswordHasher
from argon2.exceptions import Argon2Error, InvalidHashError
from flask_login import UserMixin

from console.permissions import Permission
from models.listings import Scope


@dataclass(frozen=True, slots=True)
class ConsoleAccess:
    """The staff login. `is_secure` keeps the session's cookie to https; set it where the public address is https."""

    login: str
    password_hash: str
    is_secure: bool = False

    def admits(self, login: str, password: str) -> bool:
        """Tell whether a login and a password are right; a wrong login takes as long as a wrong password."""
        is_password = _verify(self.password_hash, password)
        return hmac.compare_digest(self.login.encode(), login.encode()) and is_password


def hash_password(password: str, hasher: PasswordHasher | None = None) -> str:
    """Return the argon2id hash of a password; some 50 ms and 64 MiB, once per process start."""
    return (hasher or PasswordHasher()).hash(password)


def _verify(password_hash: str, password: str) -> bool:
    try:
        return PasswordHasher().verify(password_hash, password)
    except (Argon2Error, InvalidHashError):
        return False


class Account(UserMixin):
    """The signed-in person: a name for the audit, what she may do, and the buildings she may see."""

    def __init__(self, login: str) -> None:
        self.id = login
        self.permissions = frozenset(Permission) - {Permission.PUBLIC}
        self.scope = Scope()

    @property
    def audit_name(self) -> str:
        """Return how the audit names her."""
        return f"console:{self.id}"[:80]

    def may(self, permission: Permission) -> bool:
        """Tell whether she may do what a permission stands for."""
        return permission in self.permissions

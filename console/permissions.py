"""A permission for every page: named at the view, asked for in one place before any view runs. A bare view is refused.

Which role has which permissions is one table, ROLES.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from enum import StrEnum
from typing import TypeVar

from flask import Flask

from models.staff import Role

ViewT = TypeVar("ViewT", bound=Callable[..., object])
MARK = "console_permission"
STATIC = "console.static"


class Permission(StrEnum):
    """What a page asks of its reader. PUBLIC asks nothing, SIGNED_IN only a session."""

    PUBLIC = "public"
    SIGNED_IN = "signed_in"
    SEE_TODAY = "see_today"
    SEE_ORDERS = "see_orders"
    SEE_COMPLAINTS = "see_complaints"
    SEE_TASKS = "see_tasks"
    SEE_CAMPAIGNS = "see_campaigns"
    SEE_BILLS = "see_bills"
    SEE_OWNERS = "see_owners"
    SEE_SENSITIVE = "see_sensitive"  # tags and answers of level 2 on a card
    TAG_OWNERS = "tag_owners"
    TAG_MANY = "tag_many"
    EDIT_OWNERS = "edit_owners"  # numbers of the register
    MERGE_OWNERS = "merge_owners"
    SEE_SURVEYS = "see_surveys"
    SEE_AUDIT = "see_audit"
    SEE_CONTENT = "see_content"
    EDIT_CONTENT = "edit_content"
    TEACH = "teach"
    IMPORT = "import"
    EXPORT = "export"
    EXPORT_OWNERS = "export_owners"
    ACCOUNTS = "accounts"


EVERYTHING = frozenset(Permission) - {Permission.PUBLIC}
GUARDED = frozenset(  # only behind a second factor that was given just now
    {Permission.IMPORT, Permission.EXPORT, Permission.EXPORT_OWNERS, Permission.ACCOUNTS}
)
_DOOR = {Permission.SIGNED_IN, Permission.SEE_TODAY}
_BUILDINGS = frozenset(
    _DOOR | {Permission.SEE_ORDERS, Permission.SEE_COMPLAINTS, Permission.SEE_TASKS, Permission.SEE_CAMPAIGNS}
)
_OWNERS = {Permission.SEE_OWNERS, Permission.TAG_OWNERS}
_REGISTER = {Permission.EDIT_OWNERS, Permission.SEE_CONTENT}
ROLES: Mapping[Role, frozenset[Permission]] = {
    Role.SERVICE_DESK: frozenset(_BUILDINGS | _OWNERS | _REGISTER),
    Role.BUTLER: frozenset(_BUILDINGS | _OWNERS | _REGISTER | {Permission.SEE_SENSITIVE, Permission.SEE_SURVEYS}),
    Role.TECHNICIAN: _BUILDINGS,
    Role.SUPERVISOR: EVERYTHING,
    Role.OPERATIONS: frozenset(
        _DOOR
        | _OWNERS
        | {Permission.SEE_CAMPAIGNS, Permission.EDIT_CONTENT, Permission.TEACH, Permission.EXPORT}
        | {Permission.IMPORT, Permission.EXPORT_OWNERS, Permission.TAG_MANY, Permission.SEE_SURVEYS}
        | {Permission.SEE_CONTENT, Permission.MERGE_OWNERS}
    ),
    Role.FINANCE: frozenset(_DOOR | {Permission.SEE_ORDERS, Permission.SEE_BILLS, Permission.EXPORT}),
    Role.SUPPLIER: frozenset(),
}
SEE_ALL = frozenset({Role.SUPERVISOR, Role.OPERATIONS, Role.FINANCE})  # without buildings they see every estate, others none


def find_permissions(role: str) -> frozenset[Permission]:
    """Return what a role may do; a role that nobody knows may do nothing."""
    return ROLES[Role(role)] if role in list(Role) else frozenset()


def needs(permission: Permission) -> Callable[[ViewT], ViewT]:
    """Name the permission of a view; write it under the route."""

    def mark(view: ViewT) -> ViewT:
        setattr(view, MARK, permission)
        return view

    return mark


def find_permission(app: Flask, endpoint: str) -> Permission | None:
    """Return the permission of an endpoint, None for a bare one."""
    if endpoint == STATIC:
        return Permission.PUBLIC
    return getattr(app.view_functions.get(endpoint), MARK, None)

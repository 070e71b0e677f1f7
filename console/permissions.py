"""A permission for every page: named at the view, asked for in one place before any view runs. A bare view is refused."""

from __future__ import annotations

from collections.abc import Callable
from enum import StrEnum
from typing import TypeVar

from flask import Flask

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
    SEE_AUDIT = "see_audit"
    TEACH = "teach"


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

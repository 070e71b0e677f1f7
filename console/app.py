"""Puts the staff pages together under /console: sign-in, permissions, CSRF, headers. A new subject is one line in SUBJECTS.

Everything here is for the console's own paths; the other pages of the app are left as they are.
"""

from __future__ import annotations

import logging
from datetime import timedelta
from urllib.parse import urlsplit

from flask import Blueprint, Flask, Response, abort, current_app, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_bootstrap import Bootstrap5
from flask_login import LoginManager, current_user
from flask_wtf.csrf import CSRFError, CSRFProtect
from werkzeug.exceptions import HTTPException

from console import (
    accounts,
    audit,
    campaigns,
    cards,
    complaints,
    content,
    doubles,
    importing,
    menus,
    mirror,
    my_account,
    orders,
    owners,
    phones,
    pictures,
    segments,
    sessions,
    sign_in,
    staff_codes,
    surveys,
    tagging,
    tasks,
    today,
    transfers,
    trying,
    unheard,
    vocabulary,
)
from console.access import ConsoleAccess
from console.masking import mask_name, mask_phones, render_detail
from console.permissions import GUARDED, STATIC, Permission, find_permission, needs
from console.room import EXTENSION, Room, reader, room, runtime
from handlers.job_files import MOST_BYTES
from handlers.runtime import Runtime

LOG = logging.getLogger(__name__)
MOUNT = "/console"
LARGEST_FORM = 1024 * 1024
LARGEST_FILE = MOST_BYTES + LARGEST_FORM
SUBJECTS = (
    *(today, orders, complaints, tasks, owners, cards, tagging, segments, importing, transfers, surveys, campaigns, unheard),
    *(content, trying, vocabulary, menus, doubles, phones, staff_codes),
    *(mirror, audit, accounts, my_account, pictures, sign_in),
)
PAGING = ("before", "after", "_external", "_anchor", "_scheme", "_method")  # the last ones mean something to url_for
POLICY = "; ".join(
    (
        "default-src 'none'",
        "style-src 'self'",
        "script-src 'self'",
        "img-src 'self' data:",  # Bootstrap draws its small marks as data: pictures
        "font-src 'self'",
        "connect-src 'self'",
        "form-action 'self'",
        "base-uri 'none'",
        "frame-ancestors 'none'",
    )
)
HEADERS = {
    "Content-Security-Policy": POLICY,
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=()",
}
HTTPS_ONLY = "max-age=31536000"  # a year: whoever came by https once comes by nothing else


def register(app: Flask, over: Runtime, access: ConsoleAccess) -> None:
    """Add all staff pages to an app; they work over this runtime. The app must have its SECRET_KEY."""
    app.extensions[EXTENSION] = Room(over, access)
    _configure(app, access)
    _add_bootstrap(app)
    login_manager = LoginManager(app)
    login_manager.user_loader(sessions.load_account)
    csrf = CSRFProtect(app)
    app.register_blueprint(_build(csrf))


def _configure(app: Flask, access: ConsoleAccess) -> None:
    lifetime = sessions.LIFETIME
    app.config.update(
        SESSION_COOKIE_NAME="guanjia_console",
        SESSION_COOKIE_PATH=MOUNT,
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        SESSION_COOKIE_SECURE=access.is_secure,
        SESSION_REFRESH_EACH_REQUEST=False,  # eight hours from the sign-in, not from the last click
        PERMANENT_SESSION_LIFETIME=lifetime,
        WTF_CSRF_TIME_LIMIT=int(lifetime / timedelta(seconds=1)),
        WTF_CSRF_CHECK_DEFAULT=False,  # asked for by every path of the console below; the webhook has its signature
        BOOTSTRAP_SERVE_LOCAL=True,
    )


def _add_bootstrap(app: Flask) -> None:
    """Serve Bootstrap's files from its wheel, at /bootstrap; its address is built from the app's static path."""
    if app.static_url_path is None:
        app.static_url_path = ""
    Bootstrap5(app)


def _build(csrf: CSRFProtect) -> Blueprint:
    parent = Blueprint(
        "console",
        __name__,
        url_prefix=MOUNT,
        static_folder="static",
        static_url_path="/static",
        template_folder="templates",
    )
    for subject in SUBJECTS:
        parent.register_blueprint(subject.blueprint)
    parent.before_request(_guard)
    parent.before_request(_bound)
    parent.before_request(csrf.protect)
    parent.after_request(_protect)
    parent.register_error_handler(CSRFError, _explain_csrf)
    parent.register_error_handler(HTTPException, _explain)
    parent.add_url_rule("/<path:_rest>", "unknown", _unknown, methods=["GET", "POST"])
    parent.context_processor(lambda: {"runtime": runtime(), "may": _may, "kept": _kept, "account": current_user})
    parent.add_app_template_filter(lambda at: runtime().local(at), "local")
    parent.add_app_template_filter(mask_phones, "masked")
    parent.add_app_template_filter(mask_name, "masked_name")
    parent.add_app_template_filter(render_detail, "details")
    return parent


def _guard() -> ResponseReturnValue | None:
    """Let a request through to its view only with the view's permission; a view without one is a mistake and is closed."""
    permission = find_permission(current_app, request.endpoint or "")
    if permission is Permission.PUBLIC:
        return None
    if not current_user.is_authenticated:
        wanted = request.full_path.rstrip("?") if request.method == "GET" else None
        return redirect(url_for("console.sign_in.sign_in", next=wanted))
    if permission is None:
        LOG.error("a page has no permission endpoint=%s", request.endpoint)
        abort(403)
    if not current_user.may(permission):
        abort(403)
    due = _find_due(permission)
    if due is None or request.endpoint in (due, "console.sign_in.sign_out"):
        return None
    return redirect(url_for(due, next=_find_way_back()), 303)


def _bound() -> None:
    """Take no more than a form has; only where a file is brought it may be long."""
    request.max_content_length = LARGEST_FILE if request.endpoint == "console.importing.bring" else LARGEST_FORM


def _find_due(permission: Permission) -> str | None:
    """Return the page that somebody has to go through first: a password of her own, a second factor, or its code."""
    account = reader()
    if account.must_change:
        return "console.my_account.change_password"
    if account.must_enrol:
        return "console.my_account.set_second_factor"
    if permission not in GUARDED:
        return None
    if account.has_second_factor:
        return None if sessions.is_proved() else "console.sign_in.prove"
    return None if account.is_exempt else "console.my_account.set_second_factor"


def _find_way_back() -> str:
    """Return the page that was asked for; after a form, the page it stood on."""
    if request.method == "GET":
        return request.full_path.rstrip("?")
    parts = urlsplit(request.referrer or "")
    return parts.path if parts.netloc == request.host else ""


def _may(endpoint: str) -> bool:
    """Tell whether the reader may open a page, for the navigation."""
    permission = find_permission(current_app, endpoint)
    return permission is not None and current_user.is_authenticated and current_user.may(permission)


def _kept(**changes: object) -> dict[str, object]:
    """Return the address line's filter for a link to another page of the same list."""
    kept: dict[str, object] = {key: value for key, value in request.args.items() if value and key not in PAGING}
    return {**kept, **changes}


@needs(Permission.SIGNED_IN)
def _unknown(_rest: str) -> ResponseReturnValue:
    """Answer every other path of the console."""
    abort(404)


def _protect(response: Response) -> Response:
    """Add the headers; pages with people's data are kept by no cache."""
    for name, value in HEADERS.items():
        response.headers.setdefault(name, value)
    if room().access.is_secure:
        response.headers["Strict-Transport-Security"] = HTTPS_ONLY
    if request.endpoint != STATIC:
        response.headers["Cache-Control"] = "no-store"
    return response


def _explain_csrf(_error: CSRFError) -> ResponseReturnValue:
    return render_template("console/error.html", code="csrf"), 400


def _explain(error: HTTPException) -> ResponseReturnValue:
    """Show a refusal in words; redirects pass."""
    if error.code is None or error.code < 400:
        return error
    return render_template("console/error.html", code=error.code), error.code

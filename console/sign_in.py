"""Signing in and out. The session is emptied at both, so nobody's earlier session carries over."""

from __future__ import annotations

import logging
from datetime import datetime, timedelta
from urllib.parse import urlsplit

from flask import Blueprint, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user, login_user, logout_user
from flask_wtf import FlaskForm
from wtforms import HiddenField, PasswordField, StringField
from wtforms.validators import InputRequired, Length

from console.access import Account
from console.permissions import Permission, needs
from console.room import reader, room, runtime
from console.throttle import begin_try, forgive
from models.audits import add_audit

LOG = logging.getLogger(__name__)
SESSION_LIFETIME = timedelta(hours=8)
SIGNED_IN_AT = "signed_in_at"
HOME = "console.today.show"
blueprint = Blueprint("sign_in", __name__)


class SignInForm(FlaskForm):
    """A login and a password; `next` is where the person wanted to go."""

    login = StringField(validators=[InputRequired(), Length(max=80)])
    password = PasswordField(validators=[InputRequired(), Length(max=200)])
    next = HiddenField()


def load_account(login: str) -> Account | None:
    """Return the account of a session, None when it is eight hours old or the login is no more."""
    if login != room().access.login:
        return None
    begun = session.get(SIGNED_IN_AT)
    now = runtime().now()
    if not isinstance(begun, datetime) or not timedelta() <= now - begun < SESSION_LIFETIME:
        return None
    return Account(login)


@blueprint.route("/sign-in", methods=["GET", "POST"])
@needs(Permission.PUBLIC)
def sign_in() -> ResponseReturnValue:
    """Show the form, or let a person in; every refusal says the same."""
    if current_user.is_authenticated:
        return redirect(url_for(HOME))
    form = SignInForm(data={"next": request.args.get("next", "")})
    if request.method == "GET":
        return render_template("console/sign_in.html", form=form, fault="")
    if not form.validate():
        return render_template("console/sign_in.html", form=form, fault="wrong"), 422
    return _try(form, form.login.data.strip(), form.password.data)


def _try(form: SignInForm, login: str, password: str) -> ResponseReturnValue:
    address = request.remote_addr or ""
    if not begin_try(runtime(), login, address):
        LOG.warning("sign-in refused: too many tries address=%s", address)
        return render_template("console/sign_in.html", form=form, fault="throttled"), 429
    if not room().access.admits(login, password):
        return render_template("console/sign_in.html", form=form, fault="wrong"), 422
    forgive(runtime(), login, address)
    session.clear()
    session.permanent = True
    session[SIGNED_IN_AT] = runtime().now()
    account = Account(login)
    login_user(account)
    _note(account, "sign_in")
    return redirect(safe_target(form.next.data))


@blueprint.post("/sign-out")
@needs(Permission.SIGNED_IN)
def sign_out() -> ResponseReturnValue:
    """End the session."""
    _note(reader(), "sign_out")
    logout_user()
    session.clear()
    return redirect(url_for("console.sign_in.sign_in"))


def safe_target(wanted: str | None) -> str:
    """Return where to go after signing in: a page of the console and nothing else."""
    home = url_for(HOME)
    parts = urlsplit((wanted or "").strip())
    is_ours = not parts.scheme and not parts.netloc and parts.path.startswith(home) and ".." not in parts.path
    if not is_ours or "\\" in parts.path:
        return home
    return f"{parts.path}?{parts.query}" if parts.query else parts.path


def _note(account: Account, action: str) -> None:
    with runtime().transaction() as tx:
        add_audit(tx.session, runtime().now(), account.audit_name, action, "console")

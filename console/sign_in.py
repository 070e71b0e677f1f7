"""Signing in and out: a password, and a code where the account has a second factor. The session is emptied at both ends."""

from __future__ import annotations

import logging
from urllib.parse import unquote, urlsplit

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user
from flask_wtf import FlaskForm
from wtforms import HiddenField, PasswordField, StringField
from wtforms.validators import InputRequired, Length

from console import sessions
from console.access import Account, read_account, verify_password
from console.permissions import Permission, needs
from console.room import note, reader, room, runtime
from console.throttle import begin_try, find_address, forgive
from handlers.accounts import get_built_in, is_over, normalise_login
from models.accounts import BUILT_IN, ConsoleAccount, find_login
from models.staff import Staff

LOG = logging.getLogger(__name__)
HOME = "console.today.show"
STATUS = {"wrong": 422, "throttled": 429}
blueprint = Blueprint("sign_in", __name__)


class SignInForm(FlaskForm):
    """A login and a password; `next` is where the person wanted to go."""

    login = StringField(validators=[InputRequired(), Length(max=80)])
    password = PasswordField(validators=[InputRequired(), Length(max=200)])
    next = HiddenField()


class CodeForm(FlaskForm):
    """A code of the app, or a recovery code."""

    code = StringField(validators=[InputRequired(), Length(max=40)])
    next = HiddenField()


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
    account, fault = _try(form.login.data.strip(), form.password.data)
    if account is None:
        return render_template("console/sign_in.html", form=form, fault=fault), STATUS[fault]
    if account.has_second_factor:
        sessions.wait_for_code(account)
        return redirect(url_for("console.sign_in.show_code", next=form.next.data or None))
    sessions.open_session(account, is_proved=False)
    return redirect(safe_target(form.next.data))


def _try(login: str, password: str) -> tuple[Account | None, str]:
    name, address = normalise_login(login), find_address()
    if not begin_try(runtime(), name, address):
        LOG.warning("sign-in refused: too many tries address=%s", address)
        return None, "throttled"
    account = _find(login, name.replace("\x00", ""), password)
    if account is None:
        return None, "wrong"
    forgive(runtime(), name, address)
    return account, ""


def _find(login: str, name: str, password: str) -> Account | None:
    """Return who a login and a password belong to; a wrong login takes as long as a wrong password."""
    access = room().access
    found: tuple[ConsoleAccount, Staff | None] | None
    if access.is_login(login):
        is_right = access.admits(password)
        row = get_built_in(runtime(), access.login) if is_right else None
        found = (row, None) if row else None
    else:
        with runtime().database.reading() as tx:
            found = None if name.startswith(BUILT_IN) else find_login(tx.session, name)
        is_right = verify_password(found[0].password_hash if found else access.password_hash, password) and found is not None
    if found is None or not is_right or is_over(found[0], runtime().now()):
        return None
    with runtime().database.reading() as tx:
        account = read_account(tx, access, *found)
    return account if account and not account.is_locked else None


@blueprint.route("/sign-in/code", methods=["GET", "POST"])
@needs(Permission.PUBLIC)
def show_code() -> ResponseReturnValue:
    """Ask who gave the right password for her code."""
    account = sessions.find_waiting()
    if account is None:
        return redirect(url_for("console.sign_in.sign_in", next=request.args.get("next")))
    form = CodeForm(data={"next": request.args.get("next", "")})
    fault = _read_code(account, form)
    if fault is not None:
        return render_template("console/code.html", form=form, fault=fault, is_door=True), STATUS.get(fault, 200)
    sessions.open_session(account, is_proved=True)
    return redirect(safe_target(form.next.data))


@blueprint.route("/prove", methods=["GET", "POST"])
@needs(Permission.SIGNED_IN)
def prove() -> ResponseReturnValue:
    """Ask for a code again, before something that nobody else may do at a desk left alone."""
    account = reader()
    if not account.has_second_factor:
        return redirect(url_for("console.my_account.set_second_factor", next=request.args.get("next")))
    form = CodeForm(data={"next": request.args.get("next", "")})
    fault = _read_code(account, form)
    if fault is not None:
        return render_template("console/code.html", form=form, fault=fault, is_door=False), STATUS.get(fault, 200)
    sessions.note_proof()
    return redirect(safe_target(form.next.data))


def _read_code(account: Account, form: CodeForm) -> str | None:
    """Return what to say above the form: nothing yet, a fault, or None when the code was taken."""
    if request.method == "GET":
        return ""
    if not form.validate():
        return "wrong"
    return sessions.check_code(account, form.code.data) or None


@blueprint.post("/sign-out")
@needs(Permission.SIGNED_IN)
def sign_out() -> ResponseReturnValue:
    """End the session."""
    note("sign_out", "console")
    return leave()


def leave() -> ResponseReturnValue:
    """Empty the session and lead to the door."""
    sessions.close_session()
    return redirect(url_for("console.sign_in.sign_in"))


def safe_target(wanted: str | None) -> str:
    """Return where to go after signing in: a page of the console and nothing else."""
    home = url_for(HOME)
    parts = urlsplit((wanted or "").strip())
    path = unquote(unquote(parts.path))  # a browser climbs by %2e%2e too
    is_ours = not parts.scheme and not parts.netloc and parts.path.startswith(home) and path.isprintable()
    if not is_ours or ".." in path or "\\" in path:
        return home
    return f"{parts.path}?{parts.query}" if parts.query else parts.path

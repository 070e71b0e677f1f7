"""One's own account: password, second factor, recovery codes, and an end to all sessions."""

from __future__ import annotations

from flask import Blueprint, abort, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_wtf import FlaskForm
from wtforms import HiddenField, PasswordField, StringField
from wtforms.validators import InputRequired, Length

from console import second_factor, sessions
from console.access import Account
from console.passwords import find_weakness
from console.permissions import Permission, needs
from console.room import reader, room, runtime
from console.sign_in import leave, safe_target
from handlers import accounts
from handlers.errors import ConflictError
from models.accounts import count_recovery_codes, find_account, find_staff
from models.listings import Scope

blueprint = Blueprint("my_account", __name__, url_prefix="/account")


class PasswordForm(FlaskForm):
    """The password that was and the one that shall be, twice."""

    current = PasswordField(validators=[InputRequired(), Length(max=200)])
    wanted = PasswordField(validators=[InputRequired(), Length(max=200)])
    again = PasswordField(validators=[InputRequired(), Length(max=200)])


class FactorForm(FlaskForm):
    """The first code of an app, and the password: a desk left alone must not change the lock."""

    code = StringField(validators=[InputRequired(), Length(max=20)])
    password = PasswordField(validators=[InputRequired(), Length(max=200)])
    next = HiddenField()


@blueprint.get("")
@needs(Permission.SIGNED_IN)
def show() -> str:
    """Show one's own account."""
    account = reader()
    with runtime().database.reading() as tx:
        left = count_recovery_codes(tx.session, account.account_id)
        row = find_staff(tx.session, Scope(), account.staff_id) if account.staff_id else None
    return render_template("console/my_account.html", left=left, row=row)


@blueprint.route("/password", methods=["GET", "POST"])
@needs(Permission.SIGNED_IN)
def change_password() -> ResponseReturnValue:
    """Change one's own password; all other sessions end."""
    account = reader()
    if account.is_built_in:
        abort(404)
    form = PasswordForm()
    fault = _try_password(account, form) if request.method == "POST" else ""
    if request.method == "GET" or fault:
        return render_template("console/password.html", form=form, fault=fault), 422 if fault else 200
    return redirect(url_for("console.my_account.show", done="password"))


def _try_password(account: Account, form: PasswordForm) -> str:
    """Change the password and return the fault, empty when it is done."""
    if not form.validate():
        return "empty"
    wanted = form.wanted.data
    if wanted != form.again.data:
        return "different"
    weakness = find_weakness(wanted, account.login, account.name, _find_phone(account))
    if weakness:
        return weakness
    fault = sessions.check_password(account, form.current.data)
    if fault:
        return fault
    if wanted == form.current.data:
        return "same"
    accounts.change_password(runtime(), account.audit_name, account.account_id, room().access.hash(wanted))
    sessions.go_on(account.account_id)
    return ""


def _find_phone(account: Account) -> str:
    with runtime().database.reading() as tx:
        found = find_account(tx.session, account.account_id)
        return (found[1].phone or "") if found and found[1] else ""


@blueprint.route("/second-factor", methods=["GET", "POST"])
@needs(Permission.SIGNED_IN)
def set_second_factor() -> ResponseReturnValue:
    """Set the second factor up, or move it to another phone; then show the recovery codes, this once."""
    account = reader()
    if account.has_second_factor and not sessions.is_proved():
        return redirect(url_for("console.sign_in.prove", next=url_for("console.my_account.set_second_factor")))
    secret = accounts.begin_second_factor(runtime(), account.account_id, second_factor.make_secret())
    form = FactorForm(data={"next": request.args.get("next", "")})
    if request.method == "POST":
        codes, fault = _try_factor(account, form, secret)
        if codes:
            return render_template("console/recovery_codes.html", codes=codes, target=safe_target(form.next.data))
    else:
        fault = ""
    picture, key = second_factor.render_qr(secret, account.login), second_factor.render_key(secret)
    return render_template(
        "console/second_factor.html", form=form, fault=fault, picture=picture, key=key
    ), 422 if fault else 200


def _try_factor(account: Account, form: FactorForm, secret: str) -> tuple[list[str], str]:
    """Confirm the second factor and return its recovery codes, or none and the fault."""
    if not form.validate():
        return [], "empty"
    fault = sessions.check_password(account, form.password.data)
    if fault:
        return [], "throttled" if fault == "throttled" else "password"
    step = second_factor.find_step(secret, form.code.data, runtime().now())
    if step is None:
        return [], "code"
    codes = second_factor.make_recovery_codes()
    hashes = [second_factor.hash_recovery_code(code) for code in codes]
    try:
        accounts.confirm_second_factor(runtime(), account.audit_name, account.account_id, secret, step, hashes)
    except ConflictError:
        return [], "code"
    sessions.go_on(account.account_id)
    sessions.note_proof()
    return codes, ""


@blueprint.post("/recovery-codes")
@needs(Permission.SIGNED_IN)
def renew_recovery_codes() -> ResponseReturnValue:
    """Make ten new recovery codes and show them, this once; the old ones are void."""
    account = reader()
    if not account.has_second_factor or not sessions.is_proved():
        return redirect(url_for("console.sign_in.prove", next=url_for("console.my_account.show")), 303)
    codes = second_factor.make_recovery_codes()
    hashes = [second_factor.hash_recovery_code(code) for code in codes]
    accounts.renew_recovery_codes(runtime(), account.audit_name, account.account_id, hashes)
    return render_template("console/recovery_codes.html", codes=codes, target=url_for("console.my_account.show"))


@blueprint.post("/end-sessions")
@needs(Permission.SIGNED_IN)
def end_sessions() -> ResponseReturnValue:
    """Sign out everywhere, here too."""
    account = reader()
    accounts.end_sessions(runtime(), account.audit_name, account.account_id)
    return leave()

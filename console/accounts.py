"""Colleagues' accounts: who has a login; to give one, renew its password, lock it, forget its second factor."""

from __future__ import annotations

from collections.abc import Callable

from flask import Blueprint, abort, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_wtf import FlaskForm
from wtforms import StringField
from wtforms.validators import InputRequired, Length

from console.passwords import make_password
from console.permissions import Permission, needs
from console.room import LARGEST_ID, read_cursor, reader, room, runtime, scope
from handlers import accounts
from handlers.errors import ConflictError, ForbiddenError, InvalidInputError, NotFoundError
from models.accounts import OUTSIDERS, AccountState, StaffFilter, StaffRow, find_staff, list_staff
from models.staff import Role

DONE = ("lock", "unlock", "second_factor")
blueprint = Blueprint("accounts", __name__, url_prefix="/accounts")


class LoginForm(FlaskForm):
    """The login that a colleague shall have."""

    login = StringField(validators=[InputRequired(), Length(max=40)])


@blueprint.get("")
@needs(Permission.ACCOUNTS)
def show_list() -> str:
    """Show a page of the colleagues in the reader's buildings, narrowed by name, role and state of the account."""
    words = request.args.get("words", "").replace("\x00", "").strip()[:40]
    role, state = request.args.get("role", ""), request.args.get("state", "")
    wanted = StaffFilter(words, role if role in list(Role) else "", state if state in list(AccountState) else "")
    roles = [each.value for each in Role if each.value not in OUTSIDERS]
    with runtime().database.reading() as tx:
        page = list_staff(tx.session, scope(), wanted, read_cursor())
        return render_template("console/accounts.html", page=page, wanted=wanted, roles=roles)


@blueprint.get("/<int:staff_id>")
@needs(Permission.ACCOUNTS)
def show(staff_id: int) -> ResponseReturnValue:
    """Show one colleague's account."""
    done = request.args.get("done", "")
    return _render(staff_id, LoginForm(), done=done if done in DONE else "")


@blueprint.post("/<int:staff_id>/login")
@needs(Permission.ACCOUNTS)
def give_login(staff_id: int) -> ResponseReturnValue:
    """Give a login and show its one-time password, this once."""
    row, form, password = _get(staff_id), LoginForm(), make_password()
    if row.account is not None:
        return _render(staff_id, form, fault="exists", status=409)
    if not form.validate():
        return _render(staff_id, form, fault="login", status=422)
    if accounts.normalise_login(form.login.data) == accounts.normalise_login(room().access.login):
        return _render(staff_id, form, fault="taken", status=409)
    try:
        accounts.give_login(runtime(), reader().hand, staff_id, form.login.data, room().access.hash(password))
    except InvalidInputError:
        return _render(staff_id, form, fault="login", status=422)
    except ConflictError:
        return _render(staff_id, form, fault="taken", status=409)
    except ForbiddenError:
        abort(403)
    return _render(staff_id, form, password=password)


@blueprint.post("/<int:staff_id>/password")
@needs(Permission.ACCOUNTS)
def renew_password(staff_id: int) -> ResponseReturnValue:
    """Replace the password by one for one use and show it, this once; all her sessions end."""
    _get(staff_id)
    password = make_password()
    _do(lambda: accounts.renew_password(runtime(), reader().hand, staff_id, room().access.hash(password)))
    return _render(staff_id, LoginForm(), password=password)


@blueprint.post("/<int:staff_id>/lock")
@needs(Permission.ACCOUNTS)
def lock(staff_id: int) -> ResponseReturnValue:
    """Lock a colleague out at once."""
    _do(lambda: accounts.set_locked(runtime(), reader().hand, _bounded(staff_id), is_locked=True))
    return redirect(url_for("console.accounts.show", staff_id=staff_id, done="lock"), 303)


@blueprint.post("/<int:staff_id>/unlock")
@needs(Permission.ACCOUNTS)
def unlock(staff_id: int) -> ResponseReturnValue:
    """Let a colleague in again."""
    _do(lambda: accounts.set_locked(runtime(), reader().hand, _bounded(staff_id), is_locked=False))
    return redirect(url_for("console.accounts.show", staff_id=staff_id, done="unlock"), 303)


@blueprint.post("/<int:staff_id>/second-factor")
@needs(Permission.ACCOUNTS)
def reset_second_factor(staff_id: int) -> ResponseReturnValue:
    """Forget the second factor of a colleague who lost her phone."""
    _do(lambda: accounts.reset_second_factor(runtime(), reader().hand, _bounded(staff_id)))
    return redirect(url_for("console.accounts.show", staff_id=staff_id, done="second_factor"), 303)


def _do(work: Callable[[], None]) -> None:
    try:
        work()
    except NotFoundError:
        abort(404)
    except ForbiddenError:
        abort(403)


def _bounded(staff_id: int) -> int:
    """Return an id that the database can look for."""
    return staff_id if staff_id <= LARGEST_ID else 0


def _get(staff_id: int) -> StaffRow:
    with runtime().database.reading() as tx:
        row = find_staff(tx.session, scope(), _bounded(staff_id))
    if row is None:
        abort(404)
    return row


def _render(
    staff_id: int, form: LoginForm, *, fault: str = "", done: str = "", password: str = "", status: int = 200
) -> ResponseReturnValue:
    row = _get(staff_id)
    is_own = row.staff.id == reader().staff_id
    page = render_template("console/account.html", row=row, form=form, fault=fault, done=done, password=password, is_own=is_own)
    return page, status

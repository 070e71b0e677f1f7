"""Which household sees which menu: the rules, and for one owner what she sees, what is put away and why. Reads only."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, abort, render_template

from console.permissions import Permission, needs
from console.room import note_reading, read_id, reader, runtime, scope
from handlers import menus
from handlers.menu_rules import MenuRule
from models.audience.nodes import Condition, list_leaves
from models.followers import find_openid
from models.owner_cards import is_inside
from models.owners import Owner

blueprint = Blueprint("menus", __name__, url_prefix="/content/menus")


@blueprint.get("")
@needs(Permission.SEE_CONTENT)
def show() -> str:
    """Show the rules; with an owner's number, how they turn out for her."""
    owner_id = read_id("owner")
    content = runtime().content
    shown: dict[str, Any] = {"owner": None, "told": None}
    if owner_id is not None:
        shown = _explain(owner_id)
    return render_template(
        "console/menus.html",
        rules=content.menus.rules,
        labels={**content.butlers, **content.labels},
        butlers={code: menus.name_butler(content, code) for code in content.menus.butlers},
        asked=owner_id,
        **shown,
    )


def _explain(owner_id: int) -> dict[str, Any]:
    """Return an owner and what her menu says of her; 404 outside the scope. The reading is audited."""
    if not reader().may(Permission.SEE_OWNERS):
        abort(403)
    with runtime().transaction() as tx:
        owner = tx.session.get(Owner, owner_id)
        if owner is None or not is_inside(tx.session, owner_id, scope()):
            abort(404)
        note_reading(tx, f"owner:{owner_id}")
        openid = find_openid(tx.session, owner_id)
        name = owner.name
    told = menus.explain(runtime(), openid) if openid is not None else None
    if told is not None and not reader().may(Permission.SEE_SENSITIVE):
        _veil(told)
    return {"owner": (owner_id, name), "told": told}


def _veil(told: dict[str, Any]) -> None:
    """Take out what rules over sensitive tags would betray to somebody who may not see these."""
    closed = {rule.place for rule in runtime().content.menus.rules if _is_sensitive(rule)}
    told["rules"] = [each for each in told["rules"] if each["rule"] not in closed]
    told["hidden"] = [each for each in told["hidden"] if each["rule"] not in closed]


def _is_sensitive(rule: MenuRule) -> bool:
    keys = runtime().content.vocabulary.keys
    fields = [leaf.field for leaf in list_leaves(rule.audience.node) if isinstance(leaf, Condition)]
    return any(field in keys and keys[field].level > 1 for field in fields)

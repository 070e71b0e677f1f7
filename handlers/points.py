"""Points: what a person has, what she got last, how she gets more, and the entries that her deeds bring (R184)."""

from __future__ import annotations

from dialogs import effects
from dialogs.inputs import Ran, Refused
from handlers.content import PointRule
from handlers.desk import Desk
from models.points import add_points, list_last, sum_points

SHOWN = 5


def list_points(desk: Desk, effect: effects.ListPoints) -> Ran | Refused:
    """Tell a person's balance, her last five entries, and the ways that content/points.yaml opens."""
    owner_id = desk.person.owner_id
    if owner_id is None:
        return Refused("unbound")
    entries = list_last(desk.session, owner_id, SHOWN)
    lines = [
        desk.say("points.item", at=f"{desk.runtime.local(each.at):%m-%d}", points=f"{each.points:+d}", reason=each.reason)
        for each in entries
    ]
    ways = [rule for rule in desk.runtime.content.points.values() if rule.points > 0]
    return Ran(
        {
            "balance": sum_points(desk.session, owner_id),
            "count": len(entries),
            "text": "\n".join(lines),
            "ways": desk.say("points.ways", ways="\n".join(_render_way(desk, rule) for rule in ways)) if ways else "",
        }
    )


def _render_way(desk: Desk, rule: PointRule) -> str:
    return desk.say("points.way", label=rule.label, points=rule.points)


def grant(desk: Desk, deed: str, owner_id: int | None, key: str) -> bool:
    """Give the points of a deed in the caller's transaction, once a key; False when it gives none."""
    rule = desk.runtime.content.points.get(deed)
    if owner_id is None or rule is None or rule.points <= 0:
        return False
    return add_points(desk.tx, owner_id, rule.points, rule.label, key, desk.now)

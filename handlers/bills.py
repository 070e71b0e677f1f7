"""The bills of a person's homes, for owners and their families only. Shows; never presses."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import select

from dialogs import effects
from dialogs.inputs import Ran, Refused
from handlers.desk import Desk
from handlers.offers import render_yuan
from models.bills import Bill, list_bills
from models.owners import Relation, Residence

MAY_SEE = (Relation.OWNER.value, Relation.FAMILY.value)
MOST_LINES = 12


def find_bills(desk: Desk, effect: effects.FindBills) -> Ran | Refused:
    """Tell what is open, the total and the last payment (R14); a tenant or proxy sees no amounts (D05, D17)."""
    if desk.person.owner_id is None:
        return Refused("unbound")
    statement = select(Residence).where(Residence.owner_id == desk.person.owner_id, Residence.ended_on.is_(None))
    homes = desk.session.scalars(statement).unique().all()
    rooms = [home.room_id for home in homes if home.relation in MAY_SEE]
    if not rooms:
        return Refused("tenant" if homes else "no_data")
    bills = list_bills(desk.session, rooms)
    if not bills:
        return Refused("no_data")
    waiting = [bill for bill in bills if bill.paid_on is None]
    lines = [_render(desk, bill, shows_room=len(rooms) > 1) for bill in waiting[:MOST_LINES]]
    if len(waiting) > MOST_LINES:
        lines.append(desk.say("bill.more", count=len(waiting) - MOST_LINES))
    total = render_yuan(sum(bill.amount_fen for bill in waiting))
    return Ran({"count": len(waiting), "text": "\n".join(lines), "total": total, "last": _render_last(desk, bills)})


def _render(desk: Desk, bill: Bill, *, shows_room: bool) -> str:
    values = {"item": bill.item, "period": bill.period, "amount": render_yuan(bill.amount_fen)}
    due = f"{bill.due_on:%Y-%m-%d}" if bill.due_on else ""
    return desk.say("bill.item", room=bill.room.label if shows_room else "", due=due, **values)


def _render_last(desk: Desk, bills: Sequence[Bill]) -> str:
    paid = [(bill.paid_on, bill) for bill in bills if bill.paid_on is not None]
    if not paid:
        return ""
    day = max(paid_on for paid_on, _ in paid)
    those = [bill for paid_on, bill in paid if paid_on == day]
    values = {"item": those[0].item, "period": those[0].period, "count": len(those)}
    return desk.say("bill.last", at=f"{day:%Y-%m-%d}", amount=render_yuan(sum(bill.amount_fen for bill in those)), **values)

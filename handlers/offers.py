"""What can be booked in a person's estate, as a conversation shows it; and loans that come back."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import or_, select

from dialogs import effects
from dialogs.inputs import Ran, Refused
from dialogs.times.render import render_date
from handlers import cases, notices, offer_bookings
from handlers.desk import Desk
from handlers.runtime import Runtime
from models.cases import CaseStatus, Order
from models.offers import Booking, BookingStatus, Offer, OfferKind, OfferStatus, count_taken, find_left
from models.owners import Owner
from models.staff import Role, Staff
from models.tasks import LIVING, Task, TaskStatus

_BRACKETS = re.compile(r"[()（）]")
_CLASS = re.compile(r"(入门|基础|提高|初级|中级|体验|启蒙|兴趣|小组|班|课|队|团)+$")
MOST = 20  # the found offers are kept with the conversation


def find_offers(desk: Desk, effect: effects.FindOffers) -> Ran | Refused:
    """List what is open for the person, soonest first (R20, R21, R22, R30, R43, R158)."""
    offers = [offer for offer in list_open(desk, effect.kind, effect.service) if effect.ages in ("", offer.ages or effect.ages)]
    taken = count_taken(desk.tx, [offer.id for offer in offers])
    items = [describe(desk, offer, taken.get(offer.id, 0)) for offer in offers]
    sentence = str(desk.state.vars.get("sentence", "")) if desk.state else ""
    named = [item["key"] for item in items if any(word in sentence for word in item["words"])]
    return Ran(
        {
            "count": len(items),
            "offers": items,
            "text": "\n".join(item["label"] for item in items),
            "first": next((item["key"] for item in items if not item["is_full"]), items[0]["key"] if items else ""),
            "guess": named[0] if len(named) == 1 else None,
        }
    )


def list_open(desk: Desk, kind: str, service: str) -> Sequence[Offer]:
    """Return the open offers of a kind in the person's estate, not past their deadline nor, without one, their start."""
    statement = (
        select(Offer)
        .where(
            Offer.kind == kind,
            Offer.status == OfferStatus.OPEN.value,
            or_(Offer.community_id.is_(None), Offer.community_id == (desk.person.community_id or -1)),
            or_(Offer.deadline_at.is_(None), Offer.deadline_at > desk.now),
            or_(Offer.deadline_at.is_not(None), Offer.starts_at.is_(None), Offer.starts_at > desk.now),
        )
        .order_by(Offer.starts_at.is_(None), Offer.starts_at, Offer.deadline_at, Offer.id)
        .limit(MOST)
    )
    if service:
        statement = statement.where(Offer.service.in_(("", service)))
    return desk.session.scalars(statement).all()


def describe(desk: Desk, offer: Offer, taken: int) -> dict[str, Any]:
    """Return an offer as a script sees it: plain values, money in yuan, times as people read them."""
    left = find_left(offer, taken)
    item = {
        "key": offer.code,
        "title": offer.title,
        "note": offer.note,
        "price": render_yuan(offer.price_fen),
        "unit": offer.unit,
        "left": left,
        "is_full": left == 0,
        "starts": render_time(desk.runtime, offer.starts_at),
        "deadline": render_time(desk.runtime, offer.deadline_at),
        "min_count": offer.min_count,
        "ages": offer.ages,
        "loan_days": offer.loan_days,
        "words": list_words(offer.title),
    }
    return item | {"label": desk.say("offer.label", **item)}


def list_words(title: str) -> list[str]:
    """Return what people call an offer: its title, and its parts outside and inside brackets, without 班, 课 and the like."""
    parts = [_CLASS.sub("", part.strip()) for part in _BRACKETS.split(title)]
    return list(
        dict.fromkeys(word for word in (title, *parts) if (len(word) > 1 and not re.search(r"\d", word)) or word == title)
    )


def render_yuan(fen: int | None) -> str:
    """Return 12.5 for 1250 fen, nothing for no price."""
    return "" if fen is None else f"{fen / 100:.2f}".rstrip("0").rstrip(".")


def render_time(runtime: Runtime, at: datetime | None) -> str:
    """Return an instant as 11月22日(周日) 15:00; midnight shows as the day alone."""
    if at is None:
        return ""
    local = runtime.local(at)
    day = render_date(local.date(), runtime.today())
    return day if (local.hour, local.minute) == (0, 0) else f"{day} {local:%H:%M}"


def return_loan(desk: Desk, effect: effects.ReturnLoan) -> Ran | Refused:
    """Take a loan back: the piece is free again, its order is over, the borrower is thanked (R158)."""
    wanted = "".join(effect.no.split()).upper()
    found = [each for each in _find_loans(desk, wanted) if _may_touch(desk, each.order)]
    lent = [each for each in found if each.status == BookingStatus.BOOKED.value]
    if len(lent) != 1:
        lines = "\n".join(desk.say("loan.item", no=each.order.no, title=each.offer.title) for each in lent[:10] if each.order)
        reason = ("ambiguous" if lent else "returned" if found else "unknown") if wanted else "ambiguous" if lent else "none"
        return Refused(reason, {"no": wanted, "text": lines})
    booking = lent[0]
    _close(desk, booking)
    offer_bookings.promote(desk, booking.offer)
    owner = desk.session.get(Owner, booking.owner_id) if booking.owner_id else None
    return Ran(
        {"no": booking.order.no if booking.order else "", "title": booking.offer.title, "owner": owner.name if owner else ""}
    )


def _find_loans(desk: Desk, wanted: str) -> Sequence[Booking]:
    statement = (
        select(Booking)
        .join(Offer, Offer.id == Booking.offer_id)
        .join(Order, Order.id == Booking.order_id)
        .where(
            Offer.kind == OfferKind.LOAN.value, Booking.status.in_((BookingStatus.BOOKED.value, BookingStatus.RETURNED.value))
        )
        .order_by(Booking.id.desc())
        .limit(50)
    )
    if wanted:
        statement = statement.where(Order.no.endswith(wanted, autoescape=True))
    else:
        statement = statement.where(Order.assignee_id == desk.person.staff_id)
    return desk.session.scalars(statement).all()


def _may_touch(desk: Desk, order: Order | None) -> bool:
    staff = desk.session.get(Staff, desk.person.staff_id)
    if order is None or staff is None:
        return False
    return order.assignee_id == staff.id or (staff.role != Role.SUPPLIER.value and staff.covers(order.building_id))


def _close(desk: Desk, booking: Booking) -> None:
    booking.status = BookingStatus.RETURNED.value
    order = booking.order
    if order is None:
        return
    order.status, order.updated_at = CaseStatus.CONFIRMED.value, desk.now  # what came back needs nobody's word
    cases.record(desk, "returned", order=order)
    for task in desk.session.scalars(select(Task).where(Task.order_id == order.id, Task.status.in_(LIVING))):
        task.status, task.done_at, task.remind_at = TaskStatus.DONE.value, desk.now, None
    text = desk.say("loan.returned", title=booking.offer.title, no=order.no)
    fields = {"no": order.no, "summary": booking.offer.title, "status": text}
    notices.notify(desk.runtime, desk.tx, booking.openid, text, template="notice", fields=fields)

"""What follows when the work of an order is done or a round is over. Knows rows, not conversations."""

from __future__ import annotations

from sqlalchemy import delete, select

from handlers import notices, points
from handlers.desk import Desk
from models.cases import CaseEvent, CaseStatus, Order
from models.database import Transaction
from models.offers import Booking, BookingStatus, Offer, OfferKind, OfferStatus, OrderSecret
from models.tasks import Task, TaskKind


def finish(desk: Desk, task: Task) -> None:
    """Follow up a finished task: a group-buy's orders are handed out, an activity gives points, a secret is forgotten."""
    if task.order_id is None:
        if task.kind == TaskKind.ORDER.value:
            _hand_out(desk, task)
        return
    forget_secret(desk.tx, task.order_id)
    statement = select(Booking).join(Offer, Offer.id == Booking.offer_id)
    joined = desk.session.scalars(
        statement.where(
            Booking.order_id == task.order_id,
            Booking.status == BookingStatus.BOOKED.value,
            Offer.kind == OfferKind.ACTIVITY.value,
        )
    ).all()
    for booking in joined:
        points.grant(desk, "activity", booking.owner_id, f"activity:{booking.id}")


def _hand_out(desk: Desk, task: Task) -> None:
    """End the orders of a group-buy: the goods are in her hands, which is her word (R21)."""
    statement = (
        select(Order, Offer.title)
        .join(Booking, Booking.order_id == Order.id)
        .join(Offer, Offer.id == Booking.offer_id)
        .where(Offer.task_no == task.no, Booking.status == BookingStatus.BOOKED.value)
        .order_by(Order.id)
    )
    for order, title in desk.session.execute(statement).all():
        order.status, order.updated_at = CaseStatus.CONFIRMED.value, desk.now
        by = desk.person.staff_name or "system"
        desk.session.add(CaseEvent(order_id=order.id, event="handed_out", by=by, note=task.no, at=desk.now))
        text = desk.say("offer.handed_out", title=title, no=order.no)
        fields = {"no": order.no, "summary": title, "status": text}
        notices.notify(desk.runtime, desk.tx, order.openid, text, template="notice", fields=fields)


def is_bought(tx: Transaction, order: Order) -> bool:
    """Tell whether an order is part of a group-buy that has come about: the goods are ordered, only a person can help."""
    statement = (
        select(Offer.id)
        .join(Booking, Booking.offer_id == Offer.id)
        .where(
            Booking.order_id == order.id,
            Offer.kind == OfferKind.GROUP_BUY.value,
            Offer.status == OfferStatus.CONFIRMED.value,
            Booking.status == BookingStatus.BOOKED.value,
        )
    )
    return tx.session.scalar(statement.limit(1)) is not None


def find_secret(tx: Transaction, order_id: int | None) -> str:
    """Return what only the one who does the order may read, empty when there is nothing."""
    secret = tx.session.get(OrderSecret, order_id) if order_id else None
    return secret.text if secret else ""


def forget_secret(tx: Transaction, order_id: int) -> None:
    """Forget a secret: its order is over (D12)."""
    tx.session.execute(delete(OrderSecret).where(OrderSecret.order_id == order_id))

"""Orders: the list and one order's file."""

from __future__ import annotations

from flask import Blueprint, render_template

from console.cases import list_answers, open_file, read_filter
from console.permissions import Permission, needs
from console.room import read_cursor, runtime, scope
from models.cases import CaseStatus, Order
from models.listings import list_cases, list_communities

blueprint = Blueprint("orders", __name__, url_prefix="/orders")


@blueprint.get("")
@needs(Permission.SEE_ORDERS)
def show_list() -> str:
    """Show a page of orders, narrowed by status, service and estate."""
    wanted = read_filter("service")
    content = runtime().content
    with runtime().database.reading() as tx:
        return render_template(
            "console/orders.html",
            page=list_cases(tx.session, Order, scope(), wanted, read_cursor()),
            wanted=wanted,
            statuses=list(CaseStatus),
            services=list(content.services.values()),
            communities=[(each.id, each.name) for each in list_communities(tx.session, scope())],
        )


@blueprint.get("/<no>")
@needs(Permission.SEE_ORDERS)
def show(no: str) -> str:
    """Show one order; the reading is audited."""
    file = open_file(Order, no, "order")
    order = file.row.case
    script = runtime().content.by_intent.get(order.service, order.service)
    return render_template("console/order.html", file=file, answers=list_answers(script, order.slots))

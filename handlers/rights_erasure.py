"""A person wants to be forgotten: told what goes and what stays and why, asked once more, queued for a day (D15)."""

from __future__ import annotations

from datetime import datetime, timedelta

from dialogs import effects_rights
from dialogs.inputs import Ran, Refused
from handlers.desk import Desk
from handlers.rights_data import count_rows
from models.audits import add_audit
from models.personal import HOLDINGS, Fate, find_person, list_open_cases
from models.rights import Erasure, ErasureStatus, digest_openid, find_erasure

COOL_OFF = timedelta(hours=24)


def show_erasure(desk: Desk, effect: effects_rights.ShowErasure) -> Ran | Refused:
    """Tell what would go, what stays without her name, what must be finished first, and what is asked for already."""
    person, kinds = find_person(desk.session, desk.openid), desk.runtime.content.retention
    held = [name for name, _ in count_rows(desk.tx, person)]
    going = [kinds.title(name) for name in held if HOLDINGS[name].fate is Fate.ERASE]
    pending = find_erasure(desk.session, desk.openid)
    return Ran(
        {
            "text": "、".join(going),
            "open": "、".join(list_open_cases(desk.session, person)),
            "pending": _say_moment(desk, pending.due_at) if pending else "",
            "is_staff": desk.person.staff_id is not None,
        }
    )


def _say_moment(desk: Desk, at: datetime) -> str:
    local = desk.runtime.local(at)
    return desk.say("data.moment", month=local.month, day=local.day, time=f"{local:%H:%M}")


def request_erasure(desk: Desk, effect: effects_rights.RequestErasure) -> Ran | Refused:
    """Queue her erasure; she may take it back for a day."""
    if desk.person.staff_id is not None:
        return Refused("staff")
    pending = find_erasure(desk.session, desk.openid)
    if pending is not None:
        return Refused("pending", {"at": _say_moment(desk, pending.due_at)})
    row = Erasure(
        openid=desk.openid,
        owner_id=desk.person.owner_id,
        subject=digest_openid(desk.openid),
        status=ErasureStatus.WAITING.value,
        requested_at=desk.now,
        due_at=desk.now + COOL_OFF,
        counts={},
    )
    desk.session.add(row)
    desk.session.flush()
    add_audit(desk.session, desk.now, "owner", "erasure_requested", f"erasure:{row.id}")
    return Ran({"at": _say_moment(desk, row.due_at)})


def stop_erasure(desk: Desk, effect: effects_rights.StopErasure) -> Ran | Refused:
    """Take the request back while nothing has been done."""
    pending = find_erasure(desk.session, desk.openid)
    if pending is None or pending.status != ErasureStatus.WAITING.value:
        return Refused("none")
    pending.status = ErasureStatus.STOPPED.value
    add_audit(desk.session, desk.now, "owner", "erasure_stopped", f"erasure:{pending.id}")
    return Ran({})

"""A person asks for a copy of everything we hold of her (D13). It is made by a tick; here it is only asked for."""

from __future__ import annotations

from datetime import timedelta

from dialogs import effects_rights
from dialogs.inputs import Ran, Refused
from handlers.desk import Desk
from handlers.personal_export import LINK_LIVES
from models.audits import add_audit
from models.rights import PersonalExport, find_last_export

PAUSE = timedelta(hours=24)  # one copy a day


def request_export(desk: Desk, effect: effects_rights.RequestExport) -> Ran | Refused:
    """Queue a copy. Who she is, is who writes: the account is bound to the person of the register."""
    last = find_last_export(desk.session, desk.openid, desk.now - PAUSE)
    if last is not None:
        again = desk.runtime.local(last.requested_at + PAUSE)
        return Refused("again", {"at": desk.say("data.moment", month=again.month, day=again.day, time=f"{again:%H:%M}")})
    row = PersonalExport(openid=desk.openid, owner_id=desk.person.owner_id, status="planned", requested_at=desk.now)
    desk.session.add(row)
    desk.session.flush()
    add_audit(desk.session, desk.now, "owner", "copy_requested", f"personal_export:{row.id}")
    return Ran({"hours": int(LINK_LIVES.total_seconds() // 3600)})

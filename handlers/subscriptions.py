"""What a person does not want to hear: opt-out by one word, for all pushes or one topic (D03, D10)."""

from __future__ import annotations

from sqlalchemy import delete, select

from dialogs import effects
from dialogs.inputs import Ran, Refused
from handlers.desk import Desk
from models.audits import add_audit
from models.database import insert_for
from models.followers import PERSONAL, Follower, PushStop
from models.rights import digest_openid


def stop_pushes(desk: Desk, effect: effects.StopPushes) -> Ran | Refused:
    """Stop pushes of a topic from this moment; news of her own orders still comes."""
    statement = insert_for(desk.tx.connection, PushStop).values(openid=desk.openid, topic=effect.topic, at=desk.now)
    desk.tx.connection.execute(statement.on_conflict_do_nothing())
    add_audit(desk.session, desk.now, "owner", "opt_out", f"follower:{digest_openid(desk.openid)}", topic=effect.topic)
    return Ran({"topic": effect.topic})


def _list_openids(desk: Desk) -> list[str]:
    """Return all accounts of the person: one of them may have said it for her."""
    if desk.person.owner_id is None:
        return [desk.openid]
    hers = select(Follower.openid).where(Follower.owner_id == desk.person.owner_id)
    return [desk.openid, *desk.session.scalars(hers)]


def resume_pushes(desk: Desk, effect: effects.ResumePushes) -> Ran | Refused:
    """Let pushes come again; without a topic all of them, but nothing personal to whom it was too much (D09)."""
    statement = delete(PushStop).where(PushStop.openid == desk.openid)
    if effect.topic == PERSONAL:
        statement = delete(PushStop).where(PushStop.topic == PERSONAL, PushStop.openid.in_(_list_openids(desk)))
    elif effect.topic:
        statement = statement.where(PushStop.topic == effect.topic)
    else:
        statement = statement.where(PushStop.topic != PERSONAL)
    desk.session.execute(statement)
    add_audit(desk.session, desk.now, "owner", "opt_in", f"follower:{digest_openid(desk.openid)}", topic=effect.topic)
    return Ran({"topic": effect.topic})

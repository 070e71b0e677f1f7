"""Cuts what leads from a conversation back to the person who wants no name: the messages it was spoken in (R178)."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import update

from handlers.desk import Desk
from models.conversations import InboundMessage


def cut_traces(desk: Desk) -> None:
    """Take her openid and her words out of the messages of the running conversation, the one at hand included.

    Their keys stay, so that a re-delivery still finds its first answer; a key is a digest and names nobody.
    """
    desk.is_nameless = True
    if desk.state is None:
        return
    spoken = (InboundMessage.openid == desk.openid, InboundMessage.script == desk.state.script)
    since = InboundMessage.at >= datetime.fromisoformat(desk.state.started_at)
    desk.session.execute(update(InboundMessage).where(*spoken, since).values(openid="", text=None, media_id=None))

"""Takes what is ours off a person on the platform before she is forgotten here: afterwards nobody would know of it (D15)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import select

from handlers.errors import GatewayError
from handlers.mirror_calls import PERSON_CODES
from handlers.mirror_tags import list_standing
from handlers.runtime import Runtime
from models.mirror import MirrorState

PATIENCE = timedelta(days=1)  # a platform that is away for so long does not keep anybody from being forgotten


def take_down(runtime: Runtime, openids: Sequence[str], asked_at: datetime | None) -> bool:
    """Take our tags and our remark off these followers; False when it is to be tried again later.

    Somebody who left, or never was a follower, has nothing there. A remark that staff of the account wrote themselves goes
    too: it is about her.
    """
    with runtime.database.reading() as tx:
        statement = select(MirrorState.openid).where(MirrorState.openid.in_(openids))
        known = [row.openid for row in tx.connection.execute(statement)]
        ours = {row.platform_id for row in list_standing(runtime, tx)}
    try:
        for openid in known:
            _take_down(runtime, openid, ours)
    except GatewayError as error:
        runtime.meter.api_error(error.code, error.reason)
        return asked_at is not None and runtime.now() - asked_at > PATIENCE
    return True


def _take_down(runtime: Runtime, openid: str, ours: set[int | None]) -> None:
    try:
        (told,) = runtime.gateway.read_followers([openid])
        if not told.is_following:
            return
        for tag_id in told.tags:
            if tag_id in ours:
                runtime.gateway.untag_people(tag_id, [openid])
        if told.remark:
            runtime.gateway.set_remark(openid, "")
    except GatewayError as error:
        if error.code not in PERSON_CODES:
            raise

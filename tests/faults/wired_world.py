"""A test's own world whose sender speaks to a real sandbox: what is due leaves when the test says so."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from bot.wechat.sender import WeChatSender
from handlers import deliveries, outbox, pushes
from handlers.notices import notify
from models.base import Base
from tests.faults.wire import Platform
from tests.world import World

TEXT = "您的快递到了物业前台。"


@dataclass
class Wire:
    """A world whose sender speaks to a real sandbox."""

    world: World
    platform: Platform
    sender: WeChatSender
    people: int = 0

    def meet(self) -> str:
        """Add an owner who wrote a moment ago."""
        self.people += 1
        openid = f"oWIRE{uuid.uuid4().hex[:12]}"  # the sandbox is everybody's
        self.world.owner(openid, openid=openid, room=f"1栋-1单元-{self.people}")
        self.world.say(openid, "你好")
        self.platform.meet(openid)
        return openid

    def notify(self, openid: str, template: str | None = None) -> None:
        """Put a message into the outbox and send what is due."""
        with self.world.runtime.transaction() as tx:
            notify(self.world.runtime, tx, openid, TEXT, template=template, fields={"summary": TEXT, "no": "1", "status": "到"})
        self.send()

    def push(self) -> None:
        """Make a push to everybody and send what is due."""
        pushes.create(self.world.runtime, audience="everyone", text=TEXT, topic="service")
        self.send()

    def send(self, after: timedelta = timedelta()) -> None:
        """Let time pass and send what is due then, as a worker does."""
        self.world.clock.advance(after)
        for send_due in (outbox.send_due, deliveries.send_due):
            while send_due(self.world.runtime):
                pass

    def row(self, table: type[Base]) -> Any:
        """Return the only row of a table."""
        with self.world.runtime.database.reading() as tx:
            return tx.session.query(table).one()

    def arrivals(self, openid: str) -> int:
        """Return how often the text reached a person."""
        return sum(TEXT in body for body in self.platform.seen(openid))

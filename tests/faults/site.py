"""A whole site of real processes over one database: web processes, worker, scheduler, and the platform beside it."""

from __future__ import annotations

import base64
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from sqlalchemy import select

from models.base import Base
from models.cases import Order
from models.conversations import InboundMessage
from models.outbox import OutboxMessage, SendStatus
from sandbox.settings import Mode, SandboxConfig
from tests.faults.processes import Nursery, Role, find_port, wait_for
from tests.faults.wire import Door, Platform
from tests.world import World

AES_KEY = base64.b64encode(bytes(range(32))).decode().rstrip("=")
AES_KEY_BEFORE = base64.b64encode(bytes(range(50, 82))).decode().rstrip("=")
TEMPLATES = {"task": "T-task", "notice": "T-notice"}
BUTLER = "oBUTLER"
LEAK = ("我家厨房水管漏水了", "明天下午三点", "跳过")
LEFT = (SendStatus.SENT.value, SendStatus.DELIVERED.value)  # the platform's own report may come at any moment


def make_config(folder: Path, port: int, mode: Mode, aes_key: str = AES_KEY) -> SandboxConfig:
    """Return what the platform knows of the account, for the webhook at a port."""
    return SandboxConfig(
        data_dir=folder,
        webhook_url=f"http://127.0.0.1:{port}/wechat",
        account="gh_faults",
        app_id="wxfaults",
        app_secret="faults-secret",
        token="faultsTOKEN",
        aes_key=aes_key,
        mode=mode,
        template_ids=TEMPLATES,
    )


@dataclass
class Site:
    """Where to knock, what to look at, and how to start a role again."""

    nursery: Nursery
    folder: Path
    world: World
    environ: dict[str, str]
    platform: Platform | None = None
    doors: list[Door] = field(default_factory=list)
    roles: dict[str, Role] = field(default_factory=dict)
    web_environs: dict[str, dict[str, str]] = field(default_factory=dict)
    owners: int = 0

    @property
    def door(self) -> Door:
        """Return the first web process."""
        return self.doors[0]

    def start(self, role: str, **environ: str) -> Role:
        """Start a role with the site's settings and these."""
        self.roles[role] = self.nursery.start(role, {**self.environ, **environ})
        return self.roles[role]

    def open_door(self, mode: Mode, **environ: str) -> Door:
        """Start a web process in a mode; `wait_ready` tells when it answers."""
        port = find_port()
        given = {"GUANJIA__WEB__PORT": str(port), "GUANJIA__WECHAT__MODE": mode}
        door = Door(make_config(self.folder, port, mode))
        self.doors.append(door)
        self.web_environs[door.base] = {**self.environ, **given, **environ}
        self.start_web(door)
        return door

    def start_web(self, door: Door) -> None:
        """Start the web process behind a door; one that still stands there is ended by `kill -9` first."""
        if door.base in self.roles:
            self.roles[door.base].kill()
        name = f"web-{door.config.mode}-{door.base.rpartition(':')[2]}"
        self.roles[door.base] = self.nursery.start("web", self.web_environs[door.base], name=name)

    def wait_ready(self) -> None:
        """Wait until every web process answers."""
        for door in self.doors:
            wait_for(lambda door=door: door.get("/readyz")[0] == 200, 40, "the start of a web process")

    def trap(self, step: str, openid: str, kind: str = "kill") -> Path:
        """Lay a trap for a person's next turn."""
        path = self.folder / f"{kind}.{step}.{openid}"
        path.touch()
        return path

    def owner(self, openid: str) -> str:
        """Add an owner of the butler's building, known to the platform where there is one."""
        self.owners += 1
        self.synchronise()
        self.world.owner(f"业主{self.owners}", openid=openid, phone=f"138001{self.owners:05d}", room=f"1栋-2单元-{self.owners}")
        if self.platform:
            self.platform.meet(openid)
        return openid

    def walk_to_review(self, openid: str) -> None:
        """Bring an owner to the question before an order is booked; the next 确认 books it."""
        self.synchronise()
        for text in LEAK:
            said = self.world.say(openid, text)
        assert "确认" in said

    def synchronise(self) -> None:
        """Set the test's own clock to now: the other processes have the system's."""
        self.world.clock.advance(datetime.now(UTC) - self.world.clock.now())

    def rows(self, table: type[Base], *conditions: Any) -> Sequence[Any]:
        """Return the rows of a table."""
        with self.world.runtime.database.reading() as tx:
            return tx.session.scalars(select(table).where(*conditions).order_by(table.id)).all()  # type: ignore[attr-defined]

    def orders(self, openid: str) -> Sequence[Order]:
        """Return a person's orders."""
        return self.rows(Order, Order.openid == openid)

    def handled(self, openid: str) -> Sequence[InboundMessage]:
        """Return a person's handled messages."""
        return self.rows(InboundMessage, InboundMessage.openid == openid)

    def notices(self, part: str) -> Sequence[OutboxMessage]:
        """Return the outbox rows whose text holds a part."""
        return [row for row in self.rows(OutboxMessage) if part in str(row.body.get("text"))]

    def until_sent(self, part: str, what: str) -> None:
        """Wait until the one notice whose text holds a part has left; say how it stands when it does not."""
        try:
            self.until(lambda: [row.status in LEFT for row in self.notices(part)] == [True], what)
        except AssertionError as error:
            found = [(row.id, row.openid, row.status, row.reason, row.body) for row in self.notices(part)]
            raise AssertionError(f"{error}; the outbox holds {found}") from error

    def until(self, condition: Callable[[], Any], what: str, seconds: float = 120.0) -> Any:
        """Wait for a condition."""
        return wait_for(condition, seconds, what)


def start_platform(nursery: Nursery, folder: Path, port: int, webhook_url: str) -> Platform:
    """Start a sandbox that runs alone and delivers to a webhook, patient enough for a web process to come back."""
    config = replace(make_config(folder, port, "safe"), webhook_url=webhook_url)
    given = {
        "port": port,
        "webhook": config.webhook_url,
        "data-dir": config.data_dir,
        "account": config.account,
        "app-id": config.app_id,
        "app-secret": config.app_secret,
        "token": config.token,
        "aes-key": config.aes_key,
        "mode": config.mode,
        "redeliver-after-seconds": 1,
        "deliveries": 30,
        "window-messages": 20,
    }
    arguments = [f"--{name}={value}" for name, value in given.items()]
    arguments += [f"--template={name}={value}" for name, value in TEMPLATES.items()]
    folder.mkdir(parents=True, exist_ok=True)
    nursery.start("sandbox", {}, arguments, name=f"platform-{port}")
    platform = Platform(f"http://127.0.0.1:{port}", folder)
    wait_for(lambda: _is_up(platform), 20, "the start of the platform")
    return platform


def _is_up(platform: Platform) -> bool:
    try:
        return bool(platform.call("people")["account"])
    except OSError:
        return False

"""One clock, a few ticks, no logic: APScheduler only says that it is time to look at the tables (house decision 8).

Any number of these processes may run: the rows, not the clock, make sure that everything happens once.
"""

from __future__ import annotations

import logging
from collections.abc import Callable

from apscheduler.schedulers.background import BackgroundScheduler

from bot.lifetime import catch_stop, end_in_time
from bot.rules import next_time
from bot.runtime import build_wiring
from bot.settings import Settings
from bot.spool import Spool
from handlers import (
    after_sale,
    alarms,
    erasure,
    mirror_followers,
    offer_deadlines,
    personal_export,
    reminders,
    retention,
    schedules,
    ticks,
    timers,
    visit_deadlines,
)
from handlers.inbound import handle
from handlers.revisions import store_revisions
from handlers.runtime import Runtime

LOG = logging.getLogger(__name__)
TICKS = {  # seconds between two looks
    "schedules": 5,
    "reminders": 15,
    "timers": 5,
    "deadlines": 30,
    "visits": 60,
    "alarms": 60,
    "audit": 5,
    "rights": 15,
    "night": 600,
    "sweep": 2,
    "spool": 2,
}


def build_ticks(runtime: Runtime, spool: Spool) -> dict[str, Callable[[], object]]:
    """Return what each tick looks at."""
    return {
        "schedules": lambda: schedules.fire_due(runtime, next_time),
        "reminders": lambda: reminders.send_due(runtime),
        "deadlines": lambda: offer_deadlines.settle_due(runtime),
        "timers": lambda: timers.fire_due(runtime),
        "visits": lambda: visit_deadlines.ask_for_coding(runtime) + after_sale.invite_due(runtime),
        "alarms": lambda: alarms.raise_due(runtime),
        "rights": lambda: personal_export.build_due(runtime) + erasure.erase_due(runtime),
        "night": lambda: retention.purge_at_night(runtime) + mirror_followers.begin_due(runtime),
        "audit": lambda: ticks.follow(runtime),
        "sweep": lambda: ticks.sweep(runtime),
        "spool": lambda: spool.drain(lambda inbound: handle(runtime, inbound, is_late=True)),
    }


def guard(name: str, look: Callable[[], object]) -> Callable[[], None]:
    """Return a tick that logs a fault and lives on: the next look may go well."""

    def tick() -> None:
        try:
            look()
        except Exception:
            LOG.exception("a tick failed name=%s", name)

    return tick


def main(settings: Settings) -> None:
    """Tick until SIGTERM or SIGINT."""
    wiring = build_wiring(settings)
    store_revisions(wiring.runtime)
    schedules.store_rules(wiring.runtime)
    clock = BackgroundScheduler(timezone="UTC")
    for name, look in build_ticks(wiring.runtime, Spool(settings.data_dir / "spool")).items():
        clock.add_job(
            guard(name, look), "interval", seconds=TICKS[name], coalesce=True, misfire_grace_time=None, max_instances=1
        )
    stopping = catch_stop()
    clock.start()
    LOG.info("the clock ticks schedules=%s", len(wiring.runtime.content.rules))
    stopping.wait()
    if end_in_time(clock.shutdown):
        wiring.close()  # a tick that goes on would only stumble over it

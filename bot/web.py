"""The web role: Granian serves the WSGI app with the settings' workers and threads (house decision 11)."""

from __future__ import annotations

from multiprocessing.util import Finalize
from typing import Any

from bot.lifetime import follow_parent
from bot.logs import flush_logs
from bot.memory import collect_seldom
from bot.settings import Settings

KILL_SECONDS = 3  # a worker that does not end by then is ended; the supervisor waits a little longer


def build() -> Any:
    """Build the app inside a worker process, which ends with the server's main process."""
    follow_parent()
    collect_seldom()
    Finalize(None, flush_logs, exitpriority=0)  # a worker ends without the interpreter's own end
    from bot.app import build_wsgi

    return build_wsgi()


def serve(settings: Settings) -> None:
    """Serve until SIGINT or SIGTERM; workers read the settings again from the environment."""
    from granian import Granian
    from granian.constants import Interfaces
    from granian.log import LogLevels

    web = settings.web
    Granian(
        "bot.web:build",
        factory=True,
        interface=Interfaces.WSGI,
        address=web.host,
        port=web.port,
        workers=web.workers,
        blocking_threads=web.threads,
        workers_kill_timeout=KILL_SECONDS,
        respawn_failed_workers=True,
        respawn_interval=0.5,
        log_level=LogLevels.error,
        websockets=False,
    ).serve()

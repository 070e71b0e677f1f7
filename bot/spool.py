"""Keeps messages that could not be handled in time, one file each, until a tick feeds them through the same path.

For the rare moment when the database is away or held: the platform gets its answer within 5 s and nothing is lost.
The same message twice is the same file.
"""

from __future__ import annotations

import hashlib
import json
import logging
import os
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from typing import Any

from sqlalchemy.exc import InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError

from handlers.ports import Inbound

LOG = logging.getLogger(__name__)
# The database is away, held or in trouble. A row that it refuses is no reason to wait: it would be refused for ever.
AWAY_ERRORS = (OperationalError, InterfaceError, PoolTimeoutError)


class Spool:
    """A folder of waiting messages."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def keep(self, inbound: Inbound) -> None:
        """Write a message down before the platform is told that it arrived; it is on the disk when this returns."""
        self._folder.mkdir(parents=True, exist_ok=True)
        digest = hashlib.sha256(inbound.key.encode()).hexdigest()[:16]
        path = self._folder / f"{inbound.sent_at.timestamp():.0f}-{digest}.json"
        draft = path.with_suffix(".part")
        with draft.open("w", encoding="utf-8") as file:
            json.dump(asdict(inbound) | {"sent_at": inbound.sent_at.isoformat()}, file, ensure_ascii=False)
            file.flush()
            os.fsync(file.fileno())
        draft.replace(path)

    def drain(self, handle: Callable[[Inbound], object]) -> int:
        """Feed every waiting message to `handle`, oldest first, and return how many went through.

        While the database is away all of them stay; one that fails for another reason is put aside as `.failed`.
        """
        done = 0
        for path, inbound in self._read():
            try:
                handle(inbound)
            except AWAY_ERRORS as error:
                LOG.warning("the database is still away; messages wait error=%s", type(error).__name__)
                return done
            except Exception:
                LOG.exception("a kept message cannot be handled; it is put aside file=%s", path.name)
                path.rename(path.with_suffix(".failed"))
                continue
            path.unlink(missing_ok=True)
            done += 1
        return done

    def forget(self, openids: Sequence[str]) -> int:
        """Throw away what waits or was put aside of these people (D15); returns how many messages that were."""
        gone = 0
        for path in sorted(self._folder.glob("*")) if self._folder.is_dir() else ():
            text = path.read_text(encoding="utf-8", errors="replace")
            if any(openid in text for openid in openids):
                path.unlink(missing_ok=True)
                gone += 1
        return gone

    def _read(self) -> Iterator[tuple[Path, Inbound]]:
        for path in sorted(self._folder.glob("*.json")) if self._folder.is_dir() else ():
            try:
                values: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
                inbound = Inbound(**values | {"sent_at": datetime.fromisoformat(values["sent_at"])})
            except FileNotFoundError:
                continue  # another process took it
            except (ValueError, TypeError, KeyError):
                LOG.exception("a kept message cannot be read; it is put aside file=%s", path.name)
                path.rename(path.with_suffix(".failed"))
                continue
            yield path, inbound

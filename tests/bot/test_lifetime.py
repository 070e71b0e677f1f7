from __future__ import annotations

import subprocess
import sys
import threading
from types import SimpleNamespace
from typing import Any, cast

import pytest
from dramatiq.brokers.stub import StubBroker

from bot import worker
from bot.lifetime import end_in_time
from bot.settings import PROJECT_ROOT

HELD = """
import threading
from bot.lifetime import leave
threading.Thread(target=threading.Event().wait).start()
print("said before", end="")
leave()
"""


def test_a_process_that_leaves_waits_for_no_thread_and_has_said_all():
    done = subprocess.run(
        [sys.executable, "-c", HELD], cwd=PROJECT_ROOT, capture_output=True, check=False, text=True, timeout=120
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, "said before", "")


def test_work_in_flight_holds_the_end_for_a_moment_only():
    assert end_in_time(lambda: None, 60)
    never = threading.Event()
    assert not end_in_time(never.wait, 0.01)
    never.set()


def test_a_worker_that_stops_takes_no_further_batch(monkeypatch: pytest.MonkeyPatch):
    taken, stopping = [], threading.Event()

    def send_due(_runtime: Any) -> int:
        taken.append(1)
        stopping.set()
        return 1

    monkeypatch.setattr(worker, "deliveries", SimpleNamespace(send_due=send_due))
    broker = StubBroker()
    worker.declare(cast(Any, broker), cast(Any, None), stopping)
    broker.get_actor("send_deliveries").fn()
    broker.get_actor("send_deliveries").fn()
    assert len(taken) == 1
    broker.close()

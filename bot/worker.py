"""Dramatiq actors: one line each. The rows are the truth; an actor that runs twice finds nothing to do the second time."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable

import dramatiq
import redis
from dramatiq.brokers.redis import RedisBroker
from dramatiq.middleware import AgeLimit, Retries, ShutdownNotifications, TimeLimit
from dramatiq.worker import Worker

from bot.demo import publish_menu
from bot.lifetime import catch_stop
from bot.memory import keep_all
from bot.runtime import Wiring, build_wiring
from bot.settings import Settings
from handlers import deliveries, jobs, media, mirror, outbox
from handlers.job_steps import WAKE
from handlers.runtime import Runtime

LOG = logging.getLogger(__name__)
MOST_BATCHES = 1000
FEW_BATCHES = 20  # of a hundred followers with a call for each remark; the sweep wakes it again
STOP_MILLISECONDS = 2000  # for the batch in flight; the supervisor waits a little longer for the process
REPLIES, BULK = "default", "bulk"


def build_worker(runtime: Runtime, redis_url: str, threads: int = 4, stopping: threading.Event | None = None) -> Worker:
    """Return a worker whose actors serve the queues; start and stop it yourself. Once `stopping` is set they take no more."""
    broker = build_broker(redis_url)
    declare(broker, runtime, stopping)
    return Worker(broker, worker_threads=threads, worker_timeout=500)


def build_broker(redis_url: str) -> RedisBroker:
    """Return a broker that acknowledges after the work and tries again with growing pauses."""
    client = redis.Redis.from_url(redis_url)
    behaviours = [AgeLimit(), TimeLimit(), ShutdownNotifications(), Retries(max_retries=5, min_backoff=1000)]
    return RedisBroker(client=client, middleware=behaviours)  # type: ignore[no-untyped-call]


def declare(broker: RedisBroker, runtime: Runtime, stopping: threading.Event | None = None) -> None:
    """Declare the actors on a broker: replies have a queue of their own, so that a big push never holds them up."""

    def add(name: str, queue: str, work: Callable[[], int], most: int = MOST_BATCHES) -> None:
        _declare(broker, name, queue, lambda: 0 if stopping and stopping.is_set() else work(), most)

    add("send_outbox", REPLIES, lambda: outbox.send_due(runtime))
    add("send_deliveries", BULK, lambda: deliveries.send_due(runtime))
    add("keep_media", BULK, lambda: media.keep_due(runtime))
    add(mirror.JOB, BULK, lambda: mirror.work(runtime), most=FEW_BATCHES)
    add(WAKE, BULK, lambda: jobs.carry_due(runtime), most=1)


def _declare(broker: RedisBroker, name: str, queue: str, work: Callable[[], int], most: int) -> None:
    def drain(*_ids: int) -> None:
        for _ in range(most):
            if not work():
                return

    dramatiq.actor(drain, actor_name=name, queue_name=queue, broker=broker, time_limit=600_000)


def run(settings: Settings) -> None:
    """Serve the queues until SIGTERM or SIGINT."""
    wiring: Wiring = build_wiring(settings)
    keep_all()  # an import makes a million values in which there is no cycle
    stopping = catch_stop()
    worker = build_worker(wiring.runtime, settings.redis.url, settings.worker.threads, stopping)
    worker.start()
    if settings.is_sandbox:
        threading.Thread(target=publish_menu, args=(wiring.runtime, stopping), daemon=True).start()
    LOG.info("worker serves queues=%s,%s threads=%s", REPLIES, BULK, settings.worker.threads)
    stopping.wait()
    worker.stop(timeout=STOP_MILLISECONDS)
    wiring.close()

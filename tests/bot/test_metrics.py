from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from bot.clock import FixedClock
from bot.metrics import Metrics
from models.database import Database
from models.outbox import OutboxMessage, SendStatus

NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)


@dataclass
class Measured:
    database: Database
    clock: FixedClock


def message(due_at: datetime, status: SendStatus) -> OutboxMessage:
    return OutboxMessage(openid="o", body={}, status=status.value, due_at=due_at, created_at=due_at)


def test_the_page_shows_this_process_and_the_queues_of_the_database(database):
    metrics = Metrics()
    metrics.turn(0.02, "base.repair")
    metrics.late()
    metrics.redelivered()
    metrics.api_error(45047, "quota_used")
    with database.transaction() as transaction:
        transaction.session.add(message(NOW - timedelta(seconds=90), SendStatus.PLANNED))
        transaction.session.add(message(NOW + timedelta(hours=1), SendStatus.PLANNED))
        transaction.session.add(message(NOW - timedelta(days=1), SendStatus.SENT))
    page = metrics.render(Measured(database, FixedClock(NOW))).decode()
    for line in (
        'guanjia_turn_seconds_count{script="base.repair"} 1.0',
        "guanjia_replies_late_total 1.0",
        "guanjia_redeliveries_total 1.0",
        'guanjia_api_errors_total{code="45047",reason="quota_used"} 1.0',
        "guanjia_outbox_lag_seconds 90.0",
        "guanjia_outbox_waiting 1.0",
        'guanjia_deliveries{status="planned"} 0.0',
        "guanjia_database_up 1.0",
    ):
        assert f"\n{line}\n" in page


def test_a_database_that_is_away_is_a_value_and_no_error(tmp_path):
    database = Database(f"sqlite:///{tmp_path}/missing/x.db")
    assert b"guanjia_database_up 0.0" in Metrics().render(Measured(database, FixedClock(NOW)))
    database.close()

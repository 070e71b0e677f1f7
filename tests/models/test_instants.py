"""Instants: written to SQLite as the library would write them, read back the same, never without a zone."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import DateTime
from sqlalchemy.dialects import sqlite

from models.base import UtcDateTime

DIALECT = sqlite.dialect()
KIND = UtcDateTime().dialect_impl(DIALECT)
ZONES = st.integers(-12, 14).map(lambda hours: timezone(timedelta(hours=hours)))
INSTANTS = st.datetimes(timezones=st.one_of(st.just(UTC), ZONES)).filter(lambda at: 1 < at.year < 9999)


@given(INSTANTS)
def test_an_instant_is_kept_as_the_library_keeps_it_and_comes_back(at):
    written = KIND.bind_processor(DIALECT)(at)
    assert written == DateTime().dialect_impl(DIALECT).bind_processor(DIALECT)(at.astimezone(UTC).replace(tzinfo=None))
    assert KIND.result_processor(DIALECT, None)(written) == at


def test_nothing_stays_nothing_and_a_time_without_a_zone_is_refused():
    write = KIND.bind_processor(DIALECT)
    assert write(None) is None
    with pytest.raises(ValueError, match="naive"):
        write(datetime.now(UTC).replace(tzinfo=None))

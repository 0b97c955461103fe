"""Time and business days."""

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.clock import ScriptedClock, SystemClock, business_date, from_ms, to_ms


@pytest.mark.parametrize(
    ("at", "zone", "day"),
    [
        (datetime(2026, 3, 1, 15, 59, 59, tzinfo=UTC), "Asia/Shanghai", date(2026, 3, 1)),
        (datetime(2026, 3, 1, 16, 0, tzinfo=UTC), "Asia/Shanghai", date(2026, 3, 2)),
        (datetime(2026, 1, 1, 2, 0, tzinfo=UTC), "America/New_York", date(2025, 12, 31)),
        (datetime(2026, 3, 29, 22, 30, tzinfo=UTC), "Europe/Berlin", date(2026, 3, 30)),
        (datetime(2026, 3, 28, 22, 30, tzinfo=UTC), "Europe/Berlin", date(2026, 3, 28)),
    ],
)
def test_a_day_is_the_companys_day(at, zone, day):
    assert business_date(to_ms(at), zone) == day


@given(st.integers(0, 253_402_300_799_999))
def test_milliseconds_are_kept(ms):
    assert to_ms(from_ms(ms)) == ms


def test_a_scripted_clock_moves_only_when_told():
    clock = ScriptedClock(datetime(2026, 1, 1, tzinfo=UTC))
    before = clock.now()
    clock.move(hours=2, minutes=30)
    assert clock.now() - before == timedelta(hours=2.5)
    assert clock.uptime_ms() == 9_000_000


def test_the_system_clock_says_utc_and_never_runs_back():
    clock = SystemClock()
    assert clock.now().utcoffset() == timedelta(0)
    assert clock.uptime_ms() <= clock.uptime_ms()

"""Time: UTC always, with the device's own clock and uptime kept beside it."""

from __future__ import annotations

import time
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Protocol, runtime_checkable
from zoneinfo import ZoneInfo


@runtime_checkable
class Clock(Protocol):
    """Where a rule or service asks for the time, so that tests and the demo can script it."""

    def now(self) -> datetime:
        """Return the wall-clock time in UTC."""

    def uptime_ms(self) -> int:
        """Return milliseconds that never run backwards while the process lives."""


class SystemClock:
    """The machine's own clock."""

    def now(self) -> datetime:
        """Return the wall-clock time in UTC."""
        return datetime.now(UTC)

    def uptime_ms(self) -> int:
        """Return the monotonic clock in milliseconds."""
        return time.monotonic_ns() // 1_000_000


@dataclass
class ScriptedClock:
    """A clock that moves only when told: for tests, the demo and the simulation."""

    at: datetime
    uptime: int = 0

    def now(self) -> datetime:
        """Return the scripted time."""
        return self.at

    def uptime_ms(self) -> int:
        """Return the scripted uptime."""
        return self.uptime

    def move(self, **delta: int) -> None:
        """Move on by ``timedelta(**delta)``; uptime moves as far."""
        step = timedelta(**delta)
        self.at += step
        self.uptime += int(step.total_seconds() * 1000)


def to_ms(at: datetime) -> int:
    """Turn an aware time into Unix milliseconds, the form in which times are stored and sent."""
    return int((at - datetime(1970, 1, 1, tzinfo=UTC)) / timedelta(milliseconds=1))


def from_ms(ms: int) -> datetime:
    """Turn Unix milliseconds into an aware UTC time."""
    return datetime(1970, 1, 1, tzinfo=UTC) + timedelta(milliseconds=ms)


def business_date(at_ms: int, zone: str) -> date:
    """Return the company's calendar day (IANA zone) of a moment in Unix milliseconds."""
    return from_ms(at_ms).astimezone(ZoneInfo(zone)).date()

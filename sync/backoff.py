"""When to try again: exponential with full jitter, by the class of what failed."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from sync.port import FailureKind, TransportFailed


class Pace(NamedTuple):
    """First and longest wait in milliseconds."""

    first_ms: int
    longest_ms: int


PACES: dict[FailureKind, Pace] = {
    "network": Pace(2_000, 300_000),
    "server": Pace(5_000, 900_000),
    "auth": Pace(60_000, 900_000),  # pushing goes on meanwhile; a sign-in wakes the engine at once
    "business": Pace(300_000, 3_600_000),
    "version": Pace(3_600_000, 21_600_000),
}
IDLE_MS = 300_000  # between passes when all is well
LONGEST_ASKED_MS = 3_600_000  # a server cannot silence a phone for longer


def wait_ms(failure: TransportFailed, attempt: int, chance: float) -> int:
    """Return how long to wait after the n-th failure in a row (0 …); ``chance`` is uniform in [0, 1).

    Full jitter between half and the whole of the doubled pace, so that a thousand phones do not come back together;
    what Retry-After asked for is added in front, at most an hour.
    """
    pace = PACES[failure.kind]
    ceiling = min(pace.longest_ms, pace.first_ms << min(attempt, 20))
    asked = min(max(0, failure.wait_ms), LONGEST_ASKED_MS)
    return asked + ceiling // 2 + int(ceiling / 2 * chance)


def idle_ms(chance: float) -> int:
    """Return the pause before the next pass when the last one went well: five minutes, give or take a fifth."""
    return int(IDLE_MS * (0.8 + 0.4 * chance))

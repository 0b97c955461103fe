"""What about a collection a person should look at: words kept as its flags."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sync.signing import read_time_token

if TYPE_CHECKING:
    from collections.abc import Iterable

    from shared.collection import Applied
    from sync.message import Operation

FLAGS = ("reassigned", "changed", "clock", "series", "number")
_DAY_MS = 86_400_000
_AHEAD_MS = 600_000


def clock_is_off(operation: Operation, taken_at_ms: int, received_at_ms: int, secret: bytes) -> bool:
    """Say whether the device's time cannot be right.

    A phone may be offline for weeks, so an old time alone is nothing; but it cannot be later than now, nor a day
    before the last time token that the phone carried when it made the record.
    """
    token_ms = read_time_token(secret, operation.time_token)
    earliest = (received_at_ms if token_ms is None else token_ms) - _DAY_MS
    times = (operation.device_time_ms, taken_at_ms)
    return min(times) < earliest or max(times) > received_at_ms + _AHEAD_MS


def flags(
    applied: Iterable[Applied],
    *,
    clock_off: bool,
    reassigned: bool,
    foreign_series: bool,
    number_used: bool,
) -> str:
    """Return the flags as words with spaces between, in the order of ``FLAGS``."""
    found = {
        "reassigned": reassigned,
        "changed": any(part.applied_minor < part.intended_minor for part in applied),
        "clock": clock_off,
        "series": foreign_series,
        "number": number_used,
    }
    return " ".join(word for word in FLAGS if found[word])

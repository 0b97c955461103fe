"""When a device's clock cannot be right, and which words a collection gets."""

import pytest

from backend.collection import unusual
from shared.collection import Applied
from sync.message import Operation
from sync.signing import time_token

SECRET = b"k" * 32
DAY = 86_400_000
NOW = 1_800_000_000_000


def operation(device_time_ms, token_ms=None):
    token = "" if token_ms is None else time_token(SECRET, token_ms)
    return Operation("i", "d", 1, "collection.record", 1, "{}", device_time_ms, 0, token, "")


@pytest.mark.parametrize(
    ("device_time_ms", "token_ms", "taken_at_ms", "off"),
    [
        (NOW, NOW, NOW, False),
        (NOW - 40 * DAY, NOW - 40 * DAY, NOW - 40 * DAY, False),  # weeks offline
        (NOW - 42 * DAY, NOW - 40 * DAY, NOW - 40 * DAY, True),  # before the token it carries
        (NOW, NOW - 40 * DAY, NOW - 42 * DAY, True),  # back-dated
        (NOW + 300_000, NOW, NOW, False),
        (NOW + 700_000, NOW, NOW, True),
        (NOW, NOW, NOW + DAY, True),
        (NOW - DAY, None, NOW - DAY, False),
        (NOW - 2 * DAY, None, NOW - 2 * DAY, True),  # nothing proves it
    ],
)
def test_a_clock_is_off_when_it_contradicts_the_server(device_time_ms, token_ms, taken_at_ms, off):
    assert unusual.clock_is_off(operation(device_time_ms, token_ms), taken_at_ms, NOW, SECRET) is off


def test_flags_are_words_in_one_order():
    applied = [Applied("i", 2, 1)]
    every = unusual.flags(applied, clock_off=True, reassigned=True, foreign_series=True, number_used=True)
    assert every.split() == list(unusual.FLAGS)
    none = unusual.flags(
        [Applied("i", 2, 2)], clock_off=False, reassigned=False, foreign_series=False, number_used=False
    )
    assert none == ""

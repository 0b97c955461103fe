"""When to try again."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sync import backoff
from sync.port import TransportFailed


@given(st.sampled_from(sorted(backoff.PACES)), st.integers(0, 10_000), st.floats(0, 0.999), st.integers(-5, 10**9))
def test_a_wait_lies_between_half_and_the_whole_pace_behind_what_was_asked(kind, attempt, chance, asked):
    wait = backoff.wait_ms(TransportFailed(kind, wait_ms=asked), attempt, chance)
    pace = backoff.PACES[kind]
    asked = min(max(0, asked), backoff.LONGEST_ASKED_MS)
    assert asked + pace.first_ms // 2 <= wait <= asked + pace.longest_ms


def test_waits_double():
    failure = TransportFailed("network")
    assert [backoff.wait_ms(failure, n, 0) for n in (0, 1, 2, 3, 50)] == [1_000, 2_000, 4_000, 8_000, 150_000]


@pytest.mark.parametrize(("chance", "expected"), [(0, 240_000), (0.5, 300_000)])
def test_idle_pauses_spread(chance, expected):
    assert backoff.idle_ms(chance) == expected

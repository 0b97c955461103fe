"""Where bars and parts stand, and how amounts are written on an axis."""

from datetime import date, timedelta
from types import SimpleNamespace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend.console.charts import along, by_day
from backend.console.template import brief
from shared.language import choose


def days(amounts, last=date(2026, 3, 20)):
    start = last - timedelta(days=len(amounts) - 1)
    return [SimpleNamespace(day=start + timedelta(days=n), amount_minor=a) for n, a in enumerate(amounts)]


@given(st.lists(st.integers(0, 10**12), min_size=1, max_size=40), st.integers(0, 10**12))
def test_nothing_leaves_the_drawing(amounts, target):
    chart = by_day(days(amounts), target)
    assert all(9 <= bar.y <= 197 and bar.height >= 0 for bar in chart.bars)
    assert chart.total_minor == sum(amounts)
    assert all(tick >= 0 for _, tick in chart.ticks)


def test_no_days_give_no_drawing_that_breaks():
    assert by_day(days([0])).bars[0].height == 0


@given(st.lists(st.integers(-(10**9), 10**9), max_size=6))
def test_parts_fill_the_whole_bar_or_nothing(amounts):
    laid = along([(str(n), amount) for n, amount in enumerate(amounts)])
    width = sum(part.width for part in laid)
    assert width == 0 if not any(a > 0 for a in amounts) else 999 <= width <= 1000


@pytest.mark.parametrize(
    ("language", "amount", "written"),
    [
        ("en", 1_200_000, "12k"),
        ("en", 400_000_000, "4m"),
        ("zh_CN", 1_200_000, "1.2万"),
        ("zh_CN", 0, "0"),
        ("en", 100, "1"),
    ],
)
def test_an_axis_is_written_short(language, amount, written):
    choose(language)
    assert brief(amount, "CNY") == written
    choose(None)

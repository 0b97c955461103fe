"""Ageing."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.invoice import BUCKETS, Invoice, age_days, aged, bucket, due_date, overdue_minor

TODAY = date(2026, 11, 21)


@pytest.mark.parametrize(
    ("days", "name"),
    [
        (-5, "current"),
        (0, "current"),
        (1, "d1_30"),
        (30, "d1_30"),
        (31, "d31_60"),
        (60, "d31_60"),
        (61, "d61_90"),
        (90, "d61_90"),
        (91, "over_90"),
        (4000, "over_90"),
    ],
)
def test_the_edges_of_the_ageing_classes(days, name):
    assert bucket(days) == name


@pytest.mark.parametrize(("offset", "days"), [(5, 0), (0, 0), (-1, 1), (-90, 90)])
def test_age_counts_from_the_day_after_the_due_date(offset, days):
    assert age_days(TODAY + timedelta(days=offset), TODAY) == days


def test_terms_are_calendar_days():
    assert due_date(date(2026, 1, 31), 30) == date(2026, 3, 2)
    assert due_date(date(2026, 1, 31), 0) == date(2026, 1, 31)


ITEMS = st.lists(
    st.tuples(st.integers(-400, 400).map(lambda d: TODAY + timedelta(days=d)), st.integers(-(10**9), 10**9))
)


@given(ITEMS)
def test_the_classes_sum_to_the_whole(items):
    sums = aged(items, TODAY)
    assert tuple(sums) == BUCKETS
    assert sum(sums.values()) == sum(amount for _, amount in items)
    assert overdue_minor(items, TODAY) == sum(sums[name] for name in BUCKETS[1:])


@pytest.mark.parametrize(("open_minor", "payable"), [(1, True), (0, False), (-50, False)])
def test_only_what_is_open_can_be_paid(open_minor, payable):
    invoice = Invoice("i", "c", "N1", "invoice", TODAY, TODAY, "CNY", 100, open_minor)
    assert invoice.payable is payable

"""Amounts and dates as people write them."""

from datetime import date

import pytest

from backend.importing import reading
from shared.refusal import Refused

AMOUNTS = [
    ("1200.5", "CNY", ".", 120050),
    ("1,200.50", "CNY", ".", 120050),
    ("12,34,567.89", "INR", ".", 123456789),
    ("1.200,50", "EUR", ",", 120050),
    ("1200,5", "EUR", ",", 120050),
    ("1 200,50", "EUR", ",", 120050),
    ("1'200.50", "CHF", ".", 120050),
    ("￥1,200.00", "CNY", ".", 120000),
    ("¥-5.00", "CNY", ".", -500),
    ("-¥5.00", "CNY", ".", -500),
    ("(5.00)", "USD", ".", -500),
    ("5.00-", "USD", ".", -500),
    ("−5.00", "USD", ".", -500),
    ("+10000.00", "CNY", ".", 1000000),
    ("１２．５０", "CNY", ".", 1250),
    (".5", "USD", ".", 50),
    ("1000", "JPY", ".", 1000),
    ("1,2", "CNY", ".", None),
    ("1.200,50", "CNY", ".", None),
    ("1e5", "CNY", ".", None),
    ("abc", "CNY", ".", None),
    ("", "CNY", ".", None),
    ("1.005", "CNY", ".", None),
]


@pytest.mark.parametrize(("text", "currency", "mark", "minor"), AMOUNTS)
def test_an_amount_is_read_or_refused_but_never_guessed(text, currency, mark, minor):
    if minor is not None:
        assert reading.minor(text, currency, mark) == minor
        return
    with pytest.raises(Refused):
        reading.minor(text, currency, mark)


DATES = [
    ("2026-03-02", (), date(2026, 3, 2)),
    ("2026/3/2", (), date(2026, 3, 2)),
    ("20260302", (), date(2026, 3, 2)),
    ("2026年3月2日", (), date(2026, 3, 2)),
    ("2026-03-02 13:45:00", (), date(2026, 3, 2)),
    ("2026-03-02 24:00", (), date(2026, 3, 2)),
    ("3/2/2026", ("%m/%d/%Y",), date(2026, 3, 2)),
    ("3/2/2026", ("%d/%m/%Y",), date(2026, 2, 3)),
    ("2026-03-02", ("%m/%d/%Y",), date(2026, 3, 2)),
    ("3/2/2026", (), None),
    ("31/12/2026", ("%m/%d/%Y",), None),
    ("2026-02-30", (), None),
    ("soon", (), None),
]


@pytest.mark.parametrize(("text", "forms", "day"), DATES)
def test_a_date_is_read_by_its_stated_form_or_refused(text, forms, day):
    if day:
        assert reading.day(text, forms) == day
        return
    with pytest.raises(Refused) as refused:
        reading.day(text, forms)
    assert refused.value.code == "date_unreadable"

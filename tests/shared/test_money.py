"""Money: exact, split without loss, read strictly."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.money import MAX_MINOR, Money, allocate, decimal_text, exponent, money_text, parse_minor
from shared.refusal import Refused

CURRENCIES = st.sampled_from(["CNY", "USD", "EUR", "JPY", "KWD", "CLF", "VND"])


@pytest.mark.parametrize(
    ("text", "currency", "minor"),
    [
        ("0", "CNY", 0),
        ("1200.5", "CNY", 120_050),
        ("1,200.50", "CNY", 120_050),
        (" 12 ", "CNY", 1200),
        ("12.", "CNY", 1200),
        ("12.500000", "CNY", 1250),
        ("-5.10", "USD", -510),
        ("+5.10", "USD", 510),
        ("1,00,000.00", "INR", 10_000_000),
        ("1,234,567", "JPY", 1_234_567),
        ("0.001", "KWD", 1),
        ("0007", "CNY", 700),
        ("90071992547409.91", "CNY", MAX_MINOR),
    ],
)
def test_plain_decimals_are_read(text, currency, minor):
    assert parse_minor(text, currency) == minor


@pytest.mark.parametrize(
    ("text", "currency", "code"),
    [
        ("", "CNY", "amount_unreadable"),
        ("abc", "CNY", "amount_unreadable"),
        ("1e3", "CNY", "amount_unreadable"),
        ("12,50", "CNY", "amount_unreadable"),
        ("1,2,3", "CNY", "amount_unreadable"),
        (",123", "CNY", "amount_unreadable"),
        ("1.2.3", "CNY", "amount_unreadable"),
        ("１２", "CNY", "amount_unreadable"),
        ("--1", "CNY", "amount_unreadable"),
        ("NaN", "CNY", "amount_unreadable"),
        ("0.005", "CNY", "amount_too_precise"),
        ("1.5", "JPY", "amount_too_precise"),
        ("1.00000000000000000000000000000000000000001", "CNY", "amount_too_precise"),
        ("90071992547409.92", "CNY", "amount_too_large"),
        ("-90071992547409.92", "CNY", "amount_too_large"),
        ("9" * 5000, "CNY", "amount_too_large"),
        ("1", "RMB", "currency_unknown"),
        ("1", "", "currency_unknown"),
    ],
)
def test_everything_else_is_refused(text, currency, code):
    with pytest.raises(Refused) as caught:
        parse_minor(text, currency)
    assert caught.value.code == code


@given(st.text(max_size=60), CURRENCIES)
def test_any_text_is_read_or_refused(text, currency):
    try:
        assert abs(parse_minor(text, currency)) <= MAX_MINOR
    except Refused as refused:
        assert refused.code.startswith("amount_")  # noqa: PT017 - all others must escape


@given(st.integers(-MAX_MINOR, MAX_MINOR), CURRENCIES)
def test_what_is_written_is_read_back(minor, currency):
    assert parse_minor(decimal_text(minor, currency), currency) == minor


@pytest.mark.parametrize(
    ("minor", "currency", "text"),
    [
        (120_000, "CNY", "¥1,200.00"),
        (-510, "USD", "-$5.10"),
        (300, "CHF", "CHF 3.00"),
        (5, "CNY", "¥0.05"),
        (1_234_567, "JPY", "JP¥1,234,567"),
        (1_500, "KWD", "KWD 1.500"),
        (0, "EUR", "€0.00"),
    ],
)
def test_amounts_for_people(minor, currency, text):
    assert money_text(minor, currency) == text


@pytest.mark.parametrize(("currency", "digits"), [("CNY", 2), ("JPY", 0), ("KWD", 3), ("CLF", 4), ("VND", 0)])
def test_minor_digits_follow_iso_4217(currency, digits):
    assert exponent(currency) == digits


@pytest.mark.parametrize("currency", ["cny", "XXX", "", None, ["CNY"], "C" * 1000])
def test_an_unknown_currency_is_refused(currency):
    with pytest.raises(Refused, match="currency_unknown"):
        exponent(currency)


@pytest.mark.parametrize(
    ("amount", "weights", "parts"),
    [
        (100, [1, 1, 1], [34, 33, 33]),
        (100, [3, 7], [30, 70]),
        (5, [50, 50], [3, 2]),
        (-100, [1, 1, 1], [-34, -33, -33]),
        (1, [0, 5, 5], [0, 1, 0]),
        (0, [1, 2], [0, 0]),
        (10, [10**18, 1], [10, 0]),
    ],
)
def test_shares_by_example(amount, weights, parts):
    assert allocate(amount, weights) == parts


@given(st.integers(-MAX_MINOR, MAX_MINOR), st.lists(st.integers(0, 10**12), min_size=1, max_size=20).filter(any))
def test_the_parts_sum_to_the_whole_and_none_is_a_unit_off(amount, weights):
    parts = allocate(amount, weights)
    assert sum(parts) == amount
    for part, weight in zip(parts, weights, strict=True):
        assert abs(part * sum(weights) - amount * weight) < sum(weights)


@pytest.mark.parametrize("weights", [[], [0, 0], [1, -1, 5]])
def test_weights_that_cannot_share_are_an_error(weights):
    with pytest.raises(ValueError, match="weights"):
        allocate(100, weights)


def test_money_adds_within_one_currency_only():
    assert Money(5, "CNY") + Money(7, "CNY") - Money(2, "CNY") == Money(10, "CNY")
    with pytest.raises(Refused, match="currency_mismatch"):
        Money(5, "CNY") + Money(7, "USD")


@given(st.integers(), st.integers(), CURRENCIES)
def test_subtracting_undoes_adding(a, b, currency):
    assert Money(a, currency) + Money(b, currency) - Money(b, currency) == Money(a, currency)

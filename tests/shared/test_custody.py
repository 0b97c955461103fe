"""Lots of held money."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.custody import Lot, in_hand_minor, oldest_age_days, take_oldest
from shared.refusal import Refused

LOTS = (Lot("new", 300, 2_000), Lot("old", 100, 1_000), Lot("mid", 200, 1_500))


@pytest.mark.parametrize(
    ("amount", "taken"),
    [
        (100, [("old", 100)]),
        (50, [("old", 50)]),
        (250, [("old", 100), ("mid", 150)]),
        (600, [("old", 100), ("mid", 200), ("new", 300)]),
    ],
)
def test_the_oldest_money_goes_first(amount, taken):
    assert [(lot.collection_id, lot.amount_minor) for lot in take_oldest(LOTS, amount, "CNY")] == taken


@pytest.mark.parametrize(
    ("amount", "currency", "code"),
    [
        (601, "CNY", "custody_short"),
        (0, "CNY", "amount_not_positive"),
        (-1, "CNY", "amount_not_positive"),
        (1, "RMB", "currency_unknown"),
    ],
)
def test_what_is_not_there_cannot_be_taken(amount, currency, code):
    with pytest.raises(Refused) as caught:
        take_oldest(LOTS, amount, currency)
    assert caught.value.code == code


def test_a_short_hand_says_what_is_there():
    with pytest.raises(Refused) as caught:
        take_oldest(LOTS, 10_000, "CNY")
    assert caught.value.what == "Only ¥6.00 is in hand."


HELD = st.lists(
    st.builds(Lot, st.uuids().map(str), st.integers(1, 10**6), st.integers(0, 10**6)), min_size=1, max_size=12
)


@given(HELD, st.data())
def test_what_is_taken_sums_to_the_amount_and_no_lot_gives_more_than_it_has(lots, data):
    amount = data.draw(st.integers(1, in_hand_minor(lots)))
    taken = take_oldest(lots, amount, "CNY")
    held = {lot.collection_id: lot.amount_minor for lot in lots}
    assert in_hand_minor(taken) == amount
    assert all(0 < lot.amount_minor <= held[lot.collection_id] for lot in taken)
    assert len({lot.collection_id for lot in taken}) == len(taken)


@given(HELD, st.data())
def test_the_order_of_the_lots_does_not_matter(lots, data):
    amount = data.draw(st.integers(1, in_hand_minor(lots)))
    assert take_oldest(lots, amount, "CNY") == take_oldest(data.draw(st.permutations(lots)), amount, "CNY")


@pytest.mark.parametrize(
    ("lots", "now_ms", "days"),
    [
        ([], 0, 0),
        ([Lot("a", 1, 0)], 86_399_999, 0),
        ([Lot("a", 1, 0)], 86_400_000, 1),
        ([Lot("a", 0, 0), Lot("b", 1, 86_400_000)], 3 * 86_400_000, 2),
        ([Lot("a", 1, 99)], 0, 0),
    ],
)
def test_the_age_of_held_money_is_that_of_its_oldest_lot(lots, now_ms, days):
    assert oldest_age_days(lots, now_ms) == days

"""What may be matched, and when by itself."""

from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.matching import RULES, BankLine, Expected, Proposal, decide, vetoed

DAY = date(2026, 11, 10)
LINE = BankLine("l", "b1", DAY, 1000, "CNY")
EXPECTED = Expected("e", "deposit", "CNY", 1000, DAY)


@pytest.mark.parametrize(
    ("line", "expected", "vetoes"),
    [
        ({}, {}, False),
        ({}, {"account_id": "b1"}, False),
        ({}, {"account_id": "b2"}, True),
        ({"currency": "USD"}, {}, True),
        ({"amount_minor": -1000}, {}, True),
        ({"amount_minor": -1000}, {"amount_minor": -1000}, False),
        ({"amount_minor": 994}, {}, False),
        ({"booked_on": DAY - timedelta(days=1)}, {}, False),
        ({"booked_on": DAY - timedelta(days=2)}, {}, True),
        ({"booked_on": DAY + timedelta(days=40)}, {}, False),
    ],
)
def test_what_can_never_be_one(line, expected, vetoes):
    assert vetoed(replace(LINE, **line), replace(EXPECTED, **expected)) is vetoes


def proposal(line, expected, rule="amount", probability_bp=9000):
    return Proposal(line, expected, "deposit", 1000, rule, "", probability_bp)


def automatic(*proposals):
    return {(p.line_id, p.expected_id) for p in decide(proposals) if p.automatic}


def kept(*proposals):
    return {(p.line_id, p.expected_id) for p in decide(proposals)}


def test_one_for_one_is_automatic():
    assert automatic(proposal("l1", "e1"), proposal("l2", "e2")) == {("l1", "e1"), ("l2", "e2")}


@pytest.mark.parametrize("pairs", [[("l1", "e1"), ("l1", "e2")], [("l1", "e1"), ("l2", "e1")]])
def test_a_tie_abstains(pairs):
    tied = [proposal(*pair) for pair in pairs]
    assert automatic(*tied) == set()
    assert kept(*tied) == set(pairs)


def test_a_tie_elsewhere_does_not_hinder():
    assert automatic(proposal("l1", "e1"), proposal("l2", "e2"), proposal("l2", "e3")) == {("l1", "e1")}


def test_a_reference_beats_an_amount():
    both = proposal("l1", "e1", "reference"), proposal("l1", "e2", "amount"), proposal("l2", "e1", "amount")
    assert automatic(*both) == {("l1", "e1")}
    assert kept(*both) == {("l1", "e1")}


def test_a_line_that_a_reference_ties_up_is_not_matched_by_amount():
    tied = proposal("l1", "e1", "reference"), proposal("l1", "e2", "reference"), proposal("l1", "e3", "amount")
    assert automatic(*tied) == set()
    assert ("l1", "e3") not in kept(*tied)


PROPOSALS = st.lists(
    st.builds(
        proposal, st.sampled_from("abcde"), st.sampled_from("vwxyz"), st.sampled_from(RULES), st.integers(0, 10_000)
    ),
    max_size=20,
    unique_by=lambda p: (p.line_id, p.expected_id, p.rule),
)


@given(PROPOSALS)
def test_nothing_is_ever_matched_twice(proposals):
    done = [p for p in decide(proposals) if p.automatic]
    assert len({p.line_id for p in done}) == len({p.expected_id for p in done}) == len(done)


@given(PROPOSALS, st.randoms())
def test_the_order_of_proposals_does_not_matter(proposals, random):
    shuffled = list(proposals)
    random.shuffle(shuffled)
    assert decide(shuffled) == decide(proposals)


@given(PROPOSALS)
def test_deciding_adds_nothing(proposals):
    assert {replace(p, automatic=False) for p in decide(proposals)} <= set(proposals)

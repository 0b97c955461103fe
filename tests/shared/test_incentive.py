"""Incentives: scored from arrived money, vested once, clawed back exactly."""

from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.incentive import Arrived, Key, Plan, movements, plan_in_force, score, share

PLAN = Plan(1, date(2026, 1, 1), "CNY", rate_bp=100, on_time_bp=50, target_minor=1_000_000, target_bonus_minor=50_000)
FACT = Arrived("k1", "s1", date(2026, 3, 5), "CNY", 100_000, 100_000, 60_000, approved=True, voided=False)


def amounts(facts, plans=(PLAN,)):
    return {(key.subject, key.kind): e.amount_minor for key, e in score(facts, plans).items()}


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({}, {("k1", "rate"): 1000, ("k1", "on_time"): 300}),
        ({"approved": False}, {}),
        ({"voided": True}, {}),
        ({"matched_minor": 0}, {}),
        ({"matched_minor": 50_000}, {("k1", "rate"): 500, ("k1", "on_time"): 150}),
        ({"matched_minor": 150_000}, {("k1", "rate"): 1000, ("k1", "on_time"): 300}),
        ({"on_time_minor": 0}, {("k1", "rate"): 1000}),
        ({"currency": "USD"}, {}),
        ({"taken_on": date(2025, 12, 31)}, {}),
        (
            {"amount_minor": 1_000_000, "matched_minor": 1_000_000, "on_time_minor": 0},
            {("k1", "rate"): 10_000, ("2026-03", "target"): 50_000},
        ),
        ({"amount_minor": 999_999, "matched_minor": 999_999, "on_time_minor": 0}, {("k1", "rate"): 10_000}),
    ],
)
def test_one_collection_by_example(change, expected):
    assert amounts([replace(FACT, **change)]) == expected


@pytest.mark.parametrize(
    ("base", "rate_bp", "minor"),
    [(10_000, 100, 100), (49, 100, 0), (50, 100, 1), (149, 100, 1), (150, 100, 2), (0, 100, 0)],
)
def test_a_share_is_rounded_half_up(base, rate_bp, minor):
    assert share(base, rate_bp) == minor


def test_the_version_of_the_day_counts():
    later = replace(PLAN, version=2, valid_from=date(2026, 3, 5), rate_bp=200)
    again = replace(PLAN, version=3, valid_from=date(2026, 3, 5), rate_bp=300)
    plans = [again, PLAN, later]
    assert plan_in_force(plans, date(2025, 1, 1)) is None
    assert plan_in_force(plans, date(2026, 3, 4)) == PLAN
    assert plan_in_force(plans, date(2026, 3, 5)) == again
    assert amounts([FACT], plans)["k1", "rate"] == 3000


def test_each_line_shows_its_arithmetic():
    line = score([FACT], [PLAN])[Key("s1", "k1", "on_time")]
    assert (line.base_minor, line.rate_bp, line.plan_version, line.currency) == (60_000, 50, 1, "CNY")
    assert share(line.base_minor, line.rate_bp) == line.amount_minor


FACTS = st.lists(
    st.builds(
        lambda n, person, day, amount, matched, on_time, approved, voided: Arrived(
            n, person, day, "CNY", amount, matched, min(on_time, amount), approved, voided
        ),
        st.uuids().map(str),
        st.sampled_from(["s1", "s2"]),
        st.dates(date(2026, 1, 1), date(2026, 4, 1)),
        st.integers(1, 10**6),
        st.integers(0, 2 * 10**6),
        st.integers(0, 10**6),
        st.booleans(),
        st.booleans(),
    ),
    max_size=10,
)


def settled(vested, facts):
    """Append the movements to a vesting ledger, given as sums by key."""
    after = dict(vested)
    for row in movements(score(facts, [PLAN]), vested):
        after[row.earned.key] = after.get(row.earned.key, 0) + row.amount_minor
    return after


@given(FACTS)
def test_vesting_twice_vests_once(facts):
    vested = settled({}, facts)
    assert movements(score(facts, [PLAN]), vested) == ()
    assert {key: minor for key, minor in vested.items() if minor} == {
        key: line.amount_minor for key, line in score(facts, [PLAN]).items()
    }


@given(FACTS, st.randoms())
def test_the_order_of_facts_does_not_matter(facts, random):
    shuffled = list(facts)
    random.shuffle(shuffled)
    assert score(shuffled, [PLAN]) == score(facts, [PLAN])


@given(FACTS, FACTS)
def test_the_way_there_does_not_matter(before, after):
    direct = {key: minor for key, minor in settled({}, after).items() if minor}
    assert {key: minor for key, minor in settled(settled({}, before), after).items() if minor} == direct


@given(FACTS)
def test_undoing_every_match_claws_back_everything(facts):
    vested = settled({}, facts)
    nothing = [replace(fact, matched_minor=0) for fact in facts]
    assert not any(settled(vested, nothing).values())


def test_a_claw_back_names_its_line_and_currency():
    vested = settled({}, [FACT])
    rows = movements(score([replace(FACT, voided=True)], [PLAN]), vested)
    assert sorted((row.earned.key.kind, row.amount_minor) for row in rows) == [("on_time", -300), ("rate", -1000)]

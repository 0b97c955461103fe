"""Recording a payment and putting it on invoices."""

from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.collection import (
    HELD_METHODS,
    METHODS,
    AllocationIntent,
    Applied,
    CollectionRecorded,
    apply,
    oldest_first,
    propose,
    record,
    unapplied_minor,
)
from shared.invoice import Invoice
from shared.money import MAX_MINOR
from shared.refusal import Refused

DAY = date(2026, 11, 1)
PAYMENT = CollectionRecorded("p", "c", "s", "CNY", 1000, "cash", "A00-000001-P", 0)


def invoice(id, open_minor, due=0, issued=0, currency="CNY"):
    return Invoice(
        id,
        "c",
        f"N{id}",
        "invoice",
        DAY + timedelta(days=issued),
        DAY + timedelta(days=due),
        currency,
        10**6,
        open_minor,
    )


def parts(*pairs):
    return tuple(AllocationIntent(id, amount) for id, amount in pairs)


@pytest.mark.parametrize("method", METHODS)
def test_a_sound_payment_is_accepted_as_it_is(method):
    payment = replace(PAYMENT, method=method, allocations=parts(("a", 400), ("b", 600)))
    assert record(payment) is payment


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"amount_minor": 0}, "amount_not_positive"),
        ({"amount_minor": -1}, "amount_not_positive"),
        ({"amount_minor": MAX_MINOR + 1}, "amount_too_large"),
        ({"currency": "RMB"}, "currency_unknown"),
        ({"method": "barter"}, "method_unknown"),
        ({"allocations": parts(("a", 0))}, "allocation_not_positive"),
        ({"allocations": parts(("a", -5), ("b", 5))}, "allocation_not_positive"),
        ({"allocations": parts(("a", 5), ("a", 5))}, "allocation_twice"),
        ({"allocations": parts(("a", 600), ("b", 401))}, "allocation_above_amount"),
    ],
)
def test_an_unsound_payment_is_refused(change, code):
    with pytest.raises(Refused) as caught:
        record(replace(PAYMENT, **change))
    assert caught.value.code == code


def test_held_methods_are_methods():
    assert set(METHODS) >= HELD_METHODS


@pytest.mark.parametrize(
    ("amount", "expected"),
    [
        (50, [("old", 50)]),
        (100, [("old", 100)]),
        (130, [("old", 100), ("new", 30)]),
        (1000, [("old", 100), ("new", 200)]),
        (0, []),
        (-5, []),
    ],
)
def test_the_oldest_is_paid_first(amount, expected):
    invoices = [
        invoice("new", 200, due=5),
        invoice("usd", 70, due=-9, currency="USD"),
        invoice("old", 100),
        invoice("credit", -50, due=-5),
    ]
    assert propose(amount, "CNY", invoices) == parts(*expected)


def test_ties_are_broken_by_issue_date_and_number():
    a, b, c = invoice("a", 1, issued=-1), invoice("b", 1), invoice("c", 1)
    assert oldest_first([c, b, a]) == [a, b, c]


INVOICES = st.lists(
    st.builds(
        invoice,
        st.uuids().map(str),
        st.integers(-1000, 10_000),
        st.integers(-100, 100),
        st.just(0),
        st.sampled_from(["CNY", "USD"]),
    ),
    max_size=12,
)


@given(st.integers(0, 50_000), INVOICES)
def test_a_proposal_is_always_a_payment_that_may_be_recorded(amount, invoices):
    proposed = propose(amount, "CNY", invoices)
    open_now = {i.id: i.open_minor for i in invoices if i.currency == "CNY"}
    assert all(0 < part.amount_minor <= open_now[part.invoice_id] for part in proposed)
    total = sum(part.amount_minor for part in proposed)
    assert total == min(amount, sum(max(0, minor) for minor in open_now.values()))
    if amount:
        record(replace(PAYMENT, amount_minor=amount, allocations=proposed))


def test_what_an_invoice_can_no_longer_take_is_unapplied():
    intents = parts(("paid", 100), ("half", 100), ("whole", 100), ("gone", 100), ("credit", 100))
    applied = apply(intents, {"paid": 0, "half": 40, "whole": 100, "credit": -70})
    assert [part.applied_minor for part in applied] == [0, 40, 100, 0, 0]
    assert [part.intended_minor for part in applied] == [100] * 5
    assert unapplied_minor(600, applied) == 460


@given(st.lists(st.tuples(st.integers(1, 1000), st.integers(-500, 1000)), max_size=10), st.integers(0, 1000))
def test_applied_and_unapplied_sum_to_the_amount(pairs, extra):
    intents = parts(*((str(n), intended) for n, (intended, _) in enumerate(pairs)))
    applied = apply(intents, {str(n): still_open for n, (_, still_open) in enumerate(pairs)})
    amount = sum(intended for intended, _ in pairs) + extra
    assert unapplied_minor(amount, applied) + sum(part.applied_minor for part in applied) == amount
    assert all(0 <= part.applied_minor <= part.intended_minor for part in applied)
    assert applied == tuple(Applied(p.invoice_id, p.intended_minor, p.applied_minor) for p in applied)

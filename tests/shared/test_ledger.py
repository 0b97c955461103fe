"""Posting rules: balanced, reversible, and on the right accounts."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared import ledger
from shared.collection import METHODS, Applied
from shared.ledger import ACCOUNT_KINDS, Posting, is_balanced, reverse

AMOUNT = st.integers(1, 10**12)
SIGNED = st.integers(-(10**12), 10**12)
APPLIED = st.lists(st.tuples(st.uuids().map(str), st.integers(0, 10**6)), max_size=6)


def accounts(postings):
    return sorted((p.account, p.amount_minor, p.invoice_id) for p in postings)


def payment(method="cash", amount=100, applied=((("i1", 60)),)):
    return {
        "customer_id": "c",
        "salesperson_id": "s",
        "method": method,
        "currency": "CNY",
        "amount_minor": amount,
        "applied": [Applied(id, minor, minor) for id, minor in applied],
    }


PAYMENTS = st.builds(
    lambda method, applied, more: payment(method, sum(minor for _, minor in applied) + more, applied),
    st.sampled_from(METHODS),
    APPLIED,
    AMOUNT,
)


@pytest.mark.parametrize(
    ("postings", "expected"),
    [
        (ledger.invoice("c", "i1", "CNY", 500), [("opening", -500, ""), ("receivable:c", 500, "i1")]),
        (ledger.invoice("c", "n1", "CNY", -80), [("opening", 80, ""), ("receivable:c", -80, "n1")]),
        (ledger.settlement("c", "i1", "CNY", 500), [("opening", 500, ""), ("receivable:c", -500, "i1")]),
        (
            ledger.collection(**payment()),
            [("custody:s:cash", 100, ""), ("receivable:c", -60, "i1"), ("unapplied:c", -40, "")],
        ),
        (ledger.collection(**payment("code", applied=())), [("clearing:code", 100, ""), ("unapplied:c", -100, "")]),
        (ledger.rejection(**payment()), [("receivable:c", 60, "i1"), ("unapplied:c", -60, "")]),
        (
            ledger.rejection(**payment("transfer")),
            [("clearing:transfer", -100, ""), ("receivable:c", 60, "i1"), ("unapplied:c", 40, "")],
        ),
        (
            ledger.hand_over(
                giver_id="s", receiver_id="k", kind="cash", currency="CNY", given_minor=100, received_minor=98
            ),
            [
                ("custody:k:cash", 98, ""),
                ("custody:s:cash", -98, ""),
                ("custody:s:cash", -2, ""),
                ("variance:s", 2, ""),
            ],
        ),
        (ledger.deposit("k", "cash", "CNY", 98), [("custody:k:cash", -98, ""), ("transit", 98, "")]),
        (ledger.bank_line("b", "CNY", 98), [("bank:b", 98, ""), ("unidentified:b", -98, "")]),
        (ledger.bank_line("b", "CNY", -15), [("bank:b", -15, ""), ("unidentified:b", 15, "")]),
        (ledger.deposit_match("b", "CNY", 98), [("transit", -98, ""), ("unidentified:b", 98, "")]),
        (
            ledger.claim_match("b", "code", "CNY", 994, 1000),
            [
                ("charge:code", 6, ""),
                ("clearing:code", -994, ""),
                ("clearing:code", -6, ""),
                ("unidentified:b", 994, ""),
            ],
        ),
        (
            ledger.claim_match("b", "code", "CNY", 1000, 1000),
            [("clearing:code", -1000, ""), ("unidentified:b", 1000, "")],
        ),
        (ledger.invoice("c", "i1", "CNY", 0), []),
    ],
)
def test_each_rule_by_example(postings, expected):
    assert accounts(postings) == sorted(expected)


@given(PAYMENTS)
def test_a_payment_balances_and_so_does_its_rejection(facts):
    taken, rejected = ledger.collection(**facts), ledger.rejection(**facts)
    assert is_balanced(taken)
    assert is_balanced(rejected)
    assert taken[0].amount_minor == facts["amount_minor"]


@given(PAYMENTS)
def test_a_rejected_payment_leaves_no_invoice_paid(facts):
    both = ledger.collection(**facts) + ledger.rejection(**facts)
    by_invoice = {}
    for p in both:
        if p.kind == "receivable":
            by_invoice[p.invoice_id] = by_invoice.get(p.invoice_id, 0) + p.amount_minor
    assert not any(by_invoice.values())


@given(PAYMENTS.filter(lambda facts: facts["method"] in {"cash", "cheque", "draft"}))
def test_a_rejection_never_touches_custody(facts):
    assert {p.kind for p in ledger.rejection(**facts)} <= {"receivable", "unapplied"}


@given(AMOUNT, AMOUNT, SIGNED, PAYMENTS)
def test_every_rule_balances_and_names_known_accounts(a, b, signed, facts):
    entries = [
        ledger.invoice("c", "i", "CNY", signed),
        ledger.settlement("c", "i", "CNY", signed),
        ledger.hand_over(giver_id="s", receiver_id="k", kind="cash", currency="CNY", given_minor=a, received_minor=b),
        ledger.deposit("k", "cash", "CNY", a),
        ledger.bank_line("b", "CNY", signed),
        ledger.deposit_match("b", "CNY", a),
        ledger.claim_match("b", "code", "CNY", a, b),
        ledger.collection(**facts),
    ]
    for postings in entries:
        assert is_balanced(postings)
        assert {p.kind for p in postings} <= set(ACCOUNT_KINDS)
        assert all(p.amount_minor for p in postings)


@given(PAYMENTS)
def test_an_entry_and_its_reverse_are_nothing(facts):
    postings = ledger.collection(**facts)
    sums = {}
    for p in postings + reverse(postings):
        sums[p.account, p.invoice_id] = sums.get((p.account, p.invoice_id), 0) + p.amount_minor
    assert not any(sums.values())
    assert reverse(reverse(postings)) == postings


@pytest.mark.parametrize(
    ("amounts", "balanced"),
    [
        ([("CNY", 5), ("CNY", -5)], True),
        ([("CNY", 5), ("USD", -5)], False),
        ([("CNY", 5), ("CNY", -4)], False),
        ([], True),
    ],
)
def test_currencies_balance_each_by_itself(amounts, balanced):
    assert is_balanced([Posting("opening", "", currency, minor) for currency, minor in amounts]) is balanced

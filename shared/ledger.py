"""Posting rules: every money fact is one balanced entry (DESIGN.md, posting rules)."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from shared.collection import HELD_METHODS

if TYPE_CHECKING:
    from collections.abc import Iterable

    from shared.collection import Applied

ACCOUNT_KINDS = (
    "receivable",  # key: customer
    "unapplied",  # key: customer
    "custody",  # key: holder:kind
    "transit",  # money on its way to the bank
    "clearing",  # key: channel (transfer, code, card, other)
    "bank",  # key: bank account
    "unidentified",  # key: bank account
    "charge",  # key: channel
    "discount",
    "fee",
    "variance",  # key: holder
    "writeoff",
    "opening",
)


class Posting(NamedTuple):
    """One side of an entry: debit > 0, credit < 0. ``invoice_id`` tells which invoice a receivable belongs to."""

    kind: str
    key: str
    currency: str
    amount_minor: int
    invoice_id: str = ""

    @property
    def account(self) -> str:
        """The account's full name: ``custody:<holder>:cash``."""
        return f"{self.kind}:{self.key}" if self.key else self.kind


Postings = tuple[Posting, ...]


def is_balanced(postings: Iterable[Posting]) -> bool:
    """Say whether debits equal credits in every currency."""
    sums: dict[str, int] = {}
    for posting in postings:
        sums[posting.currency] = sums.get(posting.currency, 0) + posting.amount_minor
    return not any(sums.values())


def reverse(postings: Iterable[Posting]) -> Postings:
    """Undo an entry by its opposite: the only way anything about money is undone."""
    return tuple(posting._replace(amount_minor=-posting.amount_minor) for posting in postings)


def _move(debit: tuple[str, str, str], credit: tuple[str, str, str], currency: str, amount_minor: int) -> Postings:
    """Post one amount from the credit side to the debit side, each given as (kind, key, invoice id)."""
    if amount_minor == 0:
        return ()
    return (
        Posting(debit[0], debit[1], currency, amount_minor, debit[2]),
        Posting(credit[0], credit[1], currency, -amount_minor, credit[2]),
    )


def invoice(customer_id: str, invoice_id: str, currency: str, amount_minor: int) -> Postings:
    """Receivable / opening; a credit note has a negative amount and so posts the reverse."""
    return _move(("receivable", customer_id, invoice_id), ("opening", "", ""), currency, amount_minor)


def settlement(customer_id: str, invoice_id: str, currency: str, amount_minor: int) -> Postings:
    """Opening / receivable: the company's accounting booked this payment elsewhere; our ledger never saw the money."""
    return _move(("opening", "", ""), ("receivable", customer_id, invoice_id), currency, amount_minor)


def holding_account(method: str, salesperson_id: str) -> tuple[str, str]:
    """Return (kind, key) of where a payment is after it was taken: someone's custody, or a channel's clearing."""
    return ("custody", f"{salesperson_id}:{method}") if method in HELD_METHODS else ("clearing", method)


def collection(
    *,
    customer_id: str,
    salesperson_id: str,
    method: str,
    currency: str,
    amount_minor: int,
    applied: Iterable[Applied],
) -> Postings:
    """Custody or clearing / receivable for each invoice, and / unapplied for what no invoice took."""
    kind, key = holding_account(method, salesperson_id)
    postings, left = [Posting(kind, key, currency, amount_minor)], amount_minor
    for part in applied:
        if part.applied_minor:
            postings.append(Posting("receivable", customer_id, currency, -part.applied_minor, part.invoice_id))
            left -= part.applied_minor
    if left:
        postings.append(Posting("unapplied", customer_id, currency, -left))
    return tuple(postings)


def rejection(
    *,
    customer_id: str,
    salesperson_id: str,
    method: str,
    currency: str,
    amount_minor: int,
    applied: Iterable[Applied],
) -> Postings:
    """Undo what a rejected collection paid, without touching custody.

    Held money stays where it is and its credit moves from receivable to unapplied; a claim without money (code,
    transfer, card) is reversed whole.
    """
    applied = tuple(applied)
    if method not in HELD_METHODS:
        return reverse(
            collection(
                customer_id=customer_id,
                salesperson_id=salesperson_id,
                method=method,
                currency=currency,
                amount_minor=amount_minor,
                applied=applied,
            )
        )
    moves = (
        _move(
            ("receivable", customer_id, part.invoice_id), ("unapplied", customer_id, ""), currency, part.applied_minor
        )
        for part in applied
    )
    return tuple(posting for move in moves for posting in move)


def hand_over(
    *, giver_id: str, receiver_id: str, kind: str, currency: str, given_minor: int, received_minor: int
) -> Postings:
    """Custody:receiver / custody:giver for what was received; the giver's shortfall goes to variance:giver."""
    giver = ("custody", f"{giver_id}:{kind}", "")
    moved = _move(("custody", f"{receiver_id}:{kind}", ""), giver, currency, received_minor)
    return moved + _move(("variance", giver_id, ""), giver, currency, given_minor - received_minor)


def deposit(holder_id: str, kind: str, currency: str, amount_minor: int) -> Postings:
    """Transit / custody."""
    return _move(("transit", "", ""), ("custody", f"{holder_id}:{kind}", ""), currency, amount_minor)


def bank_line(account_id: str, currency: str, amount_minor: int) -> Postings:
    """Bank / unidentified, signed as on the statement, so that ``bank`` always equals the statement."""
    return _move(("bank", account_id, ""), ("unidentified", account_id, ""), currency, amount_minor)


def deposit_match(account_id: str, currency: str, amount_minor: int) -> Postings:
    """Unidentified / transit: a deposit has arrived."""
    return _move(("unidentified", account_id, ""), ("transit", "", ""), currency, amount_minor)


def claim_match(account_id: str, channel: str, currency: str, line_minor: int, claimed_minor: int) -> Postings:
    """Unidentified / clearing for a claimed transfer or code; what the channel kept goes to charge."""
    arrived = _move(("unidentified", account_id, ""), ("clearing", channel, ""), currency, line_minor)
    return arrived + _move(("charge", channel, ""), ("clearing", channel, ""), currency, claimed_minor - line_minor)

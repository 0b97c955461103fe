"""Invoices and credit notes, what is open on them, and how old it is."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from collections.abc import Iterable

InvoiceKind = Literal["invoice", "credit_note", "opening"]
BUCKETS = ("current", "d1_30", "d31_60", "d61_90", "over_90")


@dataclass(frozen=True, slots=True)
class Invoice:
    """One receivable document. ``open_minor`` is a sum over postings; for a credit note it is <= 0."""

    id: str
    customer_id: str
    number: str
    kind: InvoiceKind
    issued_on: date
    due_on: date
    currency: str
    amount_minor: int
    open_minor: int

    @property
    def payable(self) -> bool:
        """Whether a payment can be put on it."""
        return self.open_minor > 0


def due_date(issued_on: date, terms_days: int) -> date:
    """Return the due date from payment terms in calendar days."""
    return issued_on + timedelta(days=terms_days)


def age_days(due_on: date, as_of: date) -> int:
    """Return days past due; 0 on and before the due date."""
    return max(0, (as_of - due_on).days)


def bucket(days: int) -> str:
    """Return the ageing class of days past due: current (0), 1–30, 31–60, 61–90, over 90."""
    if days <= 0:
        return "current"
    return next((name for top, name in zip((30, 60, 90), BUCKETS[1:4], strict=True) if days <= top), "over_90")


def aged(open_items: Iterable[tuple[date, int]], as_of: date) -> dict[str, int]:
    """Sum open minor units of one currency, given as (due date, open amount), into the five classes."""
    sums = dict.fromkeys(BUCKETS, 0)
    for due_on, open_minor in open_items:
        sums[bucket(age_days(due_on, as_of))] += open_minor
    return sums


def overdue_minor(open_items: Iterable[tuple[date, int]], as_of: date) -> int:
    """Sum what is past due."""
    return sum(open_minor for due_on, open_minor in open_items if as_of > due_on)

"""Which customers are worth visiting first, and why: a pure rule over what the phone knows."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Literal

from mobile.store.customer import Owing
from shared.invoice import age_days

Why = Literal["overdue", "due_today", "due_soon"]
SOON_DAYS = 7


@dataclass(frozen=True, slots=True)
class Visit:
    """One customer worth doing: ``days`` past due, or until due; ``amount_minor`` is what is due by then."""

    customer: Owing
    why: Why
    days: int
    amount_minor: int


def visits(owing: Iterable[Owing], today: date) -> list[Visit]:
    """Put customers in the order worth doing: overdue money weighed by its age first, then what falls due soon.

    Weight of overdue money is amount × (30 + days past due): age counts, and a trifle never leads for age alone.
    """
    found = [visit for customer in owing if (visit := _visit(customer, today))]
    rank = {"overdue": 0, "due_today": 1, "due_soon": 2}
    return sorted(found, key=lambda v: (rank[v.why], -_weight(v), v.customer.number))


def _weight(visit: Visit) -> int:
    return visit.amount_minor * (30 + visit.days) if visit.why == "overdue" else visit.amount_minor


def _visit(customer: Owing, today: date) -> Visit | None:
    due = customer.oldest_due
    if due is None or customer.balance_minor <= 0:
        return None
    if customer.overdue_minor > 0:
        return Visit(customer, "overdue", age_days(due, today), min(customer.overdue_minor, customer.balance_minor))
    ahead = (due - today).days
    if ahead > SOON_DAYS:
        return None
    return Visit(customer, "due_today" if ahead <= 0 else "due_soon", max(0, ahead), customer.balance_minor)

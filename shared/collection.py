"""A collection: one payment taken from one customer by one salesperson, and how it is allocated."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from shared.money import MAX_MINOR, exponent
from shared.refusal import Refused

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from shared.invoice import Invoice

METHODS = ("cash", "cheque", "draft", "transfer", "code", "card", "other")
HELD_METHODS = frozenset({"cash", "cheque", "draft"})  # someone holds it; all others are a claim on a channel


@dataclass(frozen=True, slots=True)
class AllocationIntent:
    """What the customer chose: this much of the payment for this invoice."""

    invoice_id: str
    amount_minor: int


@dataclass(frozen=True, slots=True)
class Place:
    """Where a payment was recorded: coarse position, accuracy in metres, and whether the phone faked it."""

    latitude_e5: int
    longitude_e5: int
    accuracy_m: int
    mocked: bool = False


@dataclass(frozen=True, slots=True)
class CollectionRecorded:
    """The payload of the operation ``collection.record``: payment, allocation and receipt in one."""

    id: str
    customer_id: str
    salesperson_id: str
    currency: str
    amount_minor: int
    method: str
    receipt_number: str
    taken_at_ms: int
    allocations: tuple[AllocationIntent, ...] = ()
    reference: str = ""
    note: str = ""
    place: Place | None = None
    request_id: str = ""


@dataclass(frozen=True, slots=True)
class VoidRequested:
    """The payload of the operation ``collection.void``: a request; custody stays until someone approves it."""

    id: str
    collection_id: str
    reason: str


@dataclass(frozen=True, slots=True)
class Applied:
    """What became of one intent: ``applied_minor`` <= ``intended_minor``; the rest is unapplied money."""

    invoice_id: str
    intended_minor: int
    applied_minor: int


def record(collection: CollectionRecorded) -> CollectionRecorded:
    """Accept a payment as the phone may save it and the server may book it.

    Refuses ``amount_not_positive``, ``amount_too_large``, ``currency_unknown``, ``method_unknown``,
    ``allocation_not_positive``, ``allocation_twice`` and ``allocation_above_amount``. It never looks at balances:
    money that was taken is never refused because a cached balance was stale (DESIGN.md, Allocation).
    """
    exponent(collection.currency)
    if collection.amount_minor <= 0:
        raise Refused("amount_not_positive")
    if collection.amount_minor > MAX_MINOR:
        raise Refused("amount_too_large", text=str(collection.amount_minor))
    if collection.method not in METHODS:
        raise Refused("method_unknown", method=collection.method[:20])
    _check_split(collection.amount_minor, collection.allocations)
    return collection


def _check_split(amount_minor: int, allocations: Sequence[AllocationIntent]) -> None:
    if any(part.amount_minor <= 0 for part in allocations):
        raise Refused("allocation_not_positive")
    if len({part.invoice_id for part in allocations}) < len(allocations):
        raise Refused("allocation_twice")
    if sum(part.amount_minor for part in allocations) > amount_minor:
        raise Refused("allocation_above_amount")


def propose(amount_minor: int, currency: str, invoices: Iterable[Invoice]) -> tuple[AllocationIntent, ...]:
    """Spread an amount over open invoices of its currency, oldest due first, then by issue date and number.

    What no invoice can take is simply not allocated: it becomes unapplied money.
    """
    left, parts = max(0, amount_minor), []
    for invoice in oldest_first(i for i in invoices if i.currency == currency and i.payable):
        part = min(left, invoice.open_minor)
        if part <= 0:
            break
        parts.append(AllocationIntent(invoice.id, part))
        left -= part
    return tuple(parts)


def oldest_first(invoices: Iterable[Invoice]) -> list[Invoice]:
    """Sort invoices in the order in which money is put on them."""
    return sorted(invoices, key=lambda i: (i.due_on, i.issued_on, i.number, i.id))


def apply(allocations: Iterable[AllocationIntent], open_now: Mapping[str, int]) -> tuple[Applied, ...]:
    """Apply the customer's choice to what is open now, by invoice id in minor units of the payment's currency.

    What an invoice can no longer take (or that is not there, or in another currency: open 0) becomes unapplied,
    never another invoice's payment.
    """
    return tuple(
        Applied(part.invoice_id, part.amount_minor, max(0, min(part.amount_minor, open_now.get(part.invoice_id, 0))))
        for part in allocations
    )


def unapplied_minor(amount_minor: int, applied: Iterable[Applied]) -> int:
    """Return the part of a payment that no invoice took."""
    return amount_minor - sum(part.applied_minor for part in applied)

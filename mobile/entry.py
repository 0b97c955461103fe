"""What a payment being typed is: amount, method, and what it pays. Pure: the screen only shows it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from datetime import date

from shared.collection import AllocationIntent, propose
from shared.invoice import Invoice
from shared.money import decimal_text, exponent, parse_minor
from shared.refusal import Refused


@dataclass(frozen=True, slots=True)
class Entry:
    """One payment before it is saved. ``parts`` (invoice id to minor units) is set once the split is edited."""

    id: str
    currency: str
    typed: str = ""
    method: str = "cash"
    chosen: tuple[str, ...] = ()
    parts: tuple[tuple[str, int], ...] | None = None
    reference: str = ""

    @property
    def amount_minor(self) -> int:
        """The amount typed so far; 0 while there is none."""
        try:
            return parse_minor(self.typed or "0", self.currency)
        except Refused:
            return 0


def press(entry: Entry, key: str) -> Entry:
    """Press a key; a digit that the currency has no place for, or too many, changes nothing."""
    typed = entry.typed[:-1] if key == "back" else entry.typed + key
    if key == ".":
        if "." in entry.typed or exponent(entry.currency) == 0:
            return entry
        typed = entry.typed + "." if entry.typed else "0."
    if key.isdigit():
        if len(typed.replace(".", "")) > 12 or len(typed.partition(".")[2]) > exponent(entry.currency):
            return entry
        typed = typed.lstrip("0") if "." not in typed and typed.strip("0") else typed
        typed = "0" if typed and not typed.strip("0") and "." not in typed else typed
        if typed.startswith("."):
            typed = "0" + typed
    return replace(entry, typed=typed, parts=None)


def fill(entry: Entry, amount_minor: int, chosen: tuple[str, ...] = ()) -> Entry:
    """Take an amount from a chip, and the invoices it is meant for (none: oldest first)."""
    plain = decimal_text(amount_minor, entry.currency)
    return replace(entry, typed=plain.rstrip("0").rstrip(".") if "." in plain else plain, chosen=chosen, parts=None)


def edit(entry: Entry, invoices: Sequence[Invoice], invoice_id: str, amount_minor: int) -> Entry:
    """Put another amount on one invoice; the split is from now on the customer's own."""
    parts = {part.invoice_id: part.amount_minor for part in allocations(entry, invoices)}
    parts[invoice_id] = amount_minor
    return replace(entry, parts=tuple((key, part) for key, part in parts.items() if part))


def allocations(entry: Entry, invoices: Sequence[Invoice]) -> tuple[AllocationIntent, ...]:
    """Say what the amount pays: the edited split, else the chosen invoices or all, oldest due first."""
    if entry.parts is not None:
        return tuple(AllocationIntent(invoice_id, part) for invoice_id, part in entry.parts)
    meant = [invoice for invoice in invoices if not entry.chosen or invoice.id in entry.chosen]
    return propose(entry.amount_minor, entry.currency, meant)


def overdue(invoices: Sequence[Invoice], currency: str, today: date) -> tuple[int, tuple[str, ...]]:
    """Return the sum and ids of what is past due in one currency."""
    late = [i for i in invoices if i.payable and i.currency == currency and i.due_on < today]
    return sum(i.open_minor for i in late), tuple(i.id for i in late)


def total(invoices: Sequence[Invoice], currency: str) -> int:
    """Sum everything that can be paid in one currency."""
    return sum(i.open_minor for i in invoices if i.payable and i.currency == currency)


def to_draft(entry: Entry) -> dict[str, object]:
    """Turn an entry into a draft that survives the process."""
    return asdict(entry)


def from_draft(body: dict[str, object], fresh: Entry) -> Entry:
    """Take up a draft where it was left; one that cannot be read is begun afresh."""
    if not body:
        return fresh
    try:
        parts = body.get("parts")
        return Entry(
            id=str(body["id"]),
            currency=fresh.currency,
            typed=str(body.get("typed", "")),
            method=str(body.get("method", "cash")),
            chosen=tuple(str(one) for one in body.get("chosen", ())),  # type: ignore[attr-defined]
            parts=None if parts is None else tuple((str(key), int(part)) for key, part in parts),  # type: ignore[attr-defined]
            reference=str(body.get("reference", "")),
        )
    except (KeyError, TypeError, ValueError):
        return fresh

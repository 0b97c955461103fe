"""One line of a bank statement as every format yields it, before it has an id."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date

from backend.importing.outcome import RowRefused


@dataclass(frozen=True, slots=True)
class StatementLine:
    """A normalised line; ``amount_minor`` is signed (money in > 0), ``raw`` is the file's own text of it.

    ``account`` is the number that the file gives, if any; a ``pending`` line is told of, but not booked yet.
    """

    line: int
    booked_on: date
    value_on: date
    amount_minor: int
    currency: str
    counterparty_name: str
    counterparty_account: str
    reference: str
    text: str
    bank_id: str
    balance_after_minor: int | None
    raw: str
    account: str = ""
    pending: bool = False


@dataclass(slots=True)
class Statement:
    """What a file holds: lines in its order, those that could not be read, and how many were no bookings at all."""

    lines: list[StatementLine] = field(default_factory=list)
    unreadable: list[RowRefused] = field(default_factory=list)
    ignored_count: int = 0

"""What the demo's people know while their half year passes: who is who, what is open, and what time it is."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, time, timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from backend.demo.people import ZONE
from shared.clock import ScriptedClock, to_ms
from shared.ident import uuid7

if TYPE_CHECKING:
    from collections.abc import Iterable
    from random import Random

    from backend.auth.actor import Actor
    from backend.database import Database
    from backend.demo.bank_disorder import Bank
    from backend.demo.catalogue import Shop
    from backend.demo.people import Person
    from backend.demo.phone import Phone
    from shared.collection import CollectionRecorded
    from shared.invoice import Invoice

_SHIFT_ENDS = 19  # by this hour of a day all its work is done


@dataclass
class Debtor:
    """A customer as its salesperson's phone shows it, with the days on which it will pay."""

    id: str
    shop: Shop
    salesperson: Person
    invoices: dict[str, Invoice] = field(default_factory=dict)
    pays_on: dict[str, date] = field(default_factory=dict)  # by invoice id; absent: it never will

    def open_minor(self) -> int:
        """Return what the customer owes."""
        return sum(invoice.open_minor for invoice in self.invoices.values() if invoice.payable)

    def settle(self, parts: Iterable[tuple[str, int]]) -> None:
        """Lower (or, with negative amounts, raise again) what is open on invoices."""
        for invoice_id, amount_minor in parts:
            known = self.invoices[invoice_id]
            self.invoices[invoice_id] = replace(known, open_minor=known.open_minor - amount_minor)


@dataclass(frozen=True, slots=True)
class Taken:
    """A payment that was taken, and from whom."""

    payment: CollectionRecorded
    debtor: Debtor
    arrives: bool = True  # whether a claimed transfer or code was really paid


@dataclass
class World:
    """Everything that the chapters of the story share."""

    database: Database
    dice: Random
    clock: ScriptedClock
    now: datetime
    zone: ZoneInfo
    bank: Bank
    actors: dict[str, Actor] = field(default_factory=dict)
    phones: dict[str, Phone] = field(default_factory=dict)
    accounts: dict[str, str] = field(default_factory=dict)  # bank account number -> id
    debtors: list[Debtor] = field(default_factory=list)
    undecided: list[Taken] = field(default_factory=list)
    asked_voids: list[tuple[str, Taken]] = field(default_factory=list)
    reopened: set[str] = field(default_factory=set)  # collections whose invoices are open again

    @property
    def today(self) -> date:
        """The day on which the story ends."""
        return self.now.astimezone(self.zone).date()

    def set_time(self, day: date, hour: int, minute: int = 0) -> None:
        """Move the clock to a time of the company's day, never back.

        On the last day the hours up to seven in the evening are squeezed into what has passed of it, so that nothing
        in the demo has a time in the future.
        """
        midnight = datetime.combine(day, time(), self.zone)
        passed = timedelta(hours=hour, minutes=minute)
        if day == self.today:
            passed = (self.now - midnight) * min(passed / timedelta(hours=_SHIFT_ENDS), 1)
        at = midnight + passed
        ahead = at.astimezone(UTC) - self.clock.now()
        self.clock.move(milliseconds=max(1, int(ahead / timedelta(milliseconds=1))))

    def now_ms(self) -> int:
        """Return the scripted time."""
        return to_ms(self.clock.now())

    def new_id(self) -> str:
        """Make an id of the scripted time."""
        return uuid7(self.now_ms())

    def chance(self, percent: int) -> bool:
        """Throw the dice."""
        return self.dice.randrange(100) < percent


def new_clock(first_day: date) -> ScriptedClock:
    """Start a clock at midnight (company's time) of the first day."""
    return ScriptedClock(datetime.combine(first_day, time(), ZoneInfo(ZONE)).astimezone(UTC))

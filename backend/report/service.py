"""Reports over the ledger and the facts: who owes what since when, how the month goes, and what waits."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy.ext.asyncio import AsyncSession

from backend.auth import queries as auth
from backend.auth.actor import Actor
from backend.company import service as company
from backend.custody import queries as custody
from backend.ledger import queries as ledger
from backend.report import queries
from backend.report.control import ControlTotal, control_totals
from shared.clock import Clock, business_date, to_ms
from shared.invoice import BUCKETS

__all__ = [
    "AgedReport",
    "AgedRow",
    "ControlTotal",
    "Dashboard",
    "aged",
    "control_totals",
    "dashboard",
    "overdue_minor",
]

DAYS = 30
_DAY_MS = 86_400_000


@dataclass(frozen=True, slots=True)
class AgedRow:
    """What one customer owes in one currency, by how long it has been due; credit notes count as less."""

    customer_id: str
    number: str
    name: str
    salesperson_id: str
    currency: str
    buckets: dict[str, int]
    unapplied_minor: int

    @property
    def total_minor(self) -> int:
        """What is open on invoices."""
        return sum(self.buckets.values())


@dataclass(frozen=True, slots=True)
class AgedReport:
    """The aged report as of the end of a day, with totals by currency."""

    as_of: date
    rows: tuple[AgedRow, ...]

    @property
    def totals(self) -> dict[str, dict[str, int]]:
        """Sum each class, ``total`` and ``unapplied`` by currency."""
        sums: dict[str, dict[str, int]] = {}
        for row in self.rows:
            found = sums.setdefault(row.currency, dict.fromkeys((*BUCKETS, "total", "unapplied"), 0))
            for name, amount in (*row.buckets.items(), ("total", row.total_minor), ("unapplied", row.unapplied_minor)):
                found[name] += amount
        return sums


@dataclass(frozen=True, slots=True)
class CollectedDay:
    """What was taken on one business day in the company's currency."""

    day: date
    amount_minor: int
    count: int


@dataclass(frozen=True, slots=True)
class InHand:
    """What one person holds of one kind, and how old the oldest of it is."""

    holder_id: str
    holder_name: str
    kind: str
    currency: str
    amount_minor: int
    oldest_days: int


@dataclass(frozen=True, slots=True)
class MatchRate:
    """Bank credits of the last 30 days: all, those matched, and those matched without a person."""

    lines: int
    matched: int
    automatic: int

    @property
    def rate_bp(self) -> int:
        """The part that is matched, in basis points; 0 when there are no credits."""
        return self.matched * 10_000 // self.lines if self.lines else 0


@dataclass(frozen=True, slots=True)
class Waiting:
    """How many of a kind wait for a person, and for how many days the oldest does."""

    count: int
    oldest_days: int


@dataclass(frozen=True, slots=True)
class Dashboard:
    """The figures of the first page, in the company's currency where not said otherwise."""

    today: date
    currency: str
    collected: tuple[CollectedDay, ...]
    month_minor: int
    month_target_minor: int
    ageing: dict[str, dict[str, int]]
    in_hand: tuple[InHand, ...]
    matches: MatchRate
    waiting: dict[str, Waiting] = field(default_factory=dict)

    @property
    def today_minor(self) -> int:
        """What was collected today."""
        return self.collected[-1].amount_minor


async def aged(reader: AsyncSession, as_of: date, *, salesperson_id: str = "", customer_id: str = "") -> AgedReport:
    """Say who owes what since when, from what was booked up to and on a day.

    Narrowed to the customers of one salesperson, or to one customer. A customer without an open invoice is not in it.
    """
    found = await queries.aged(reader, as_of, salesperson_id=salesperson_id, customer_id=customer_id)
    unapplied = {
        (key, currency): -amount for key, currency, amount in await ledger.balances(reader, "unapplied", as_of=as_of)
    }
    return AgedReport(
        as_of,
        tuple(
            AgedRow(
                one,
                number,
                name,
                salesperson,
                currency,
                dict(zip(BUCKETS, map(int, sums), strict=True)),
                unapplied.get((one, currency), 0),
            )
            for one, number, name, salesperson, currency, *sums in found
        ),
    )


def overdue_minor(buckets: dict[str, int]) -> int:
    """Sum what is past due."""
    return sum(amount for name, amount in buckets.items() if name in BUCKETS and name != "current")


async def dashboard(reader: AsyncSession, actor: Actor, clock: Clock) -> Dashboard:
    """Gather the figures of the first page; a salesperson sees only what is their own.

    The month's target is the company's target for one salesperson, times the salespeople seen.
    """
    actor.require("report.view")
    settings, now = await company.company(reader), to_ms(clock.now())
    today, own = business_date(now, settings.zone), actor.user_id if actor.only_own else ""
    first = min(today - timedelta(days=DAYS - 1), today.replace(day=1))
    days = await _by_day(reader, settings, first, today, own)
    team = 1 if own else await queries.salespeople_count(reader)
    return Dashboard(
        today=today,
        currency=settings.currency,
        collected=tuple(days[-DAYS:]),
        month_minor=sum(one.amount_minor for one in days if one.day >= today.replace(day=1)),
        month_target_minor=settings.month_target_minor * team,
        ageing=(await aged(reader, today, salesperson_id=own)).totals,
        in_hand=await _in_hand(reader, now, own),
        matches=MatchRate(*await queries.credit_lines(reader, today - timedelta(days=DAYS - 1))),
        waiting={} if own else await _waiting(reader, now),
    )


async def _by_day(
    reader: AsyncSession, settings: company.Company, first: date, today: date, own: str
) -> list[CollectedDay]:
    """Sum collections in the company's currency by its business day, days without any included."""
    midnight = datetime(first.year, first.month, first.day, tzinfo=ZoneInfo(settings.zone))
    sums = {first + timedelta(days=n): [0, 0] for n in range((today - first).days + 1)}
    for at_ms, currency, amount in await queries.taken(reader, to_ms(midnight), salesperson_id=own):
        day = business_date(at_ms, settings.zone)
        if currency == settings.currency and day in sums:
            sums[day][0] += amount
            sums[day][1] += 1
    return [CollectedDay(day, amount, count) for day, (amount, count) in sums.items()]


async def _in_hand(reader: AsyncSession, now: int, own: str) -> tuple[InHand, ...]:
    names = await auth.names(reader)
    return tuple(
        InHand(
            one.holder_id,
            names.get(one.holder_id, one.holder_id),
            one.kind,
            one.currency,
            one.amount_minor,
            max(0, (now - one.oldest_ms) // _DAY_MS),
        )
        for one in await custody.holdings(reader, own)
    )


async def _waiting(reader: AsyncSession, now: int) -> dict[str, Waiting]:
    return {
        word: Waiting(count, 0 if oldest is None else max(0, (now - oldest) // _DAY_MS))
        for word, (count, oldest) in (await queries.waiting(reader)).items()
    }

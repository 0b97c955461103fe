"""SQL for the ledger's export: the journal in order, page by page, and what its accounts are called."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import date
from typing import NamedTuple

from sqlalchemy import func, select, tuple_
from sqlalchemy.ext.asyncio import AsyncSession

from backend.auth.tables import UserAccount
from backend.bank.tables import BankAccount
from backend.customer.tables import CustomerRecord
from backend.ledger.tables import Entry, PostingRow

_ENTRIES = 500


class JournalLine(NamedTuple):
    """One posting with its entry."""

    entry_id: str
    fact_kind: str
    fact_id: str
    reverses_id: str | None
    booked_on: date
    kind: str
    key: str
    currency: str
    amount_minor: int
    invoice_id: str


async def journal(session: AsyncSession) -> AsyncIterator[list[JournalLine]]:
    """Yield the postings of 500 entries at a time, by day, then in the order in which they were posted."""
    order = (Entry.booked_on, Entry.posted_at_ms, Entry.id)
    after: tuple[date, int, str] | None = None
    while True:
        query = select(*order).order_by(*order).limit(_ENTRIES)
        if after is not None:
            query = query.where(tuple_(*order) > after)
        entries = [(day, at_ms, one) for day, at_ms, one in await session.execute(query)]
        if not entries:
            return
        after = entries[-1]
        lines = (
            select(
                Entry.id, Entry.fact_kind, Entry.fact_id, Entry.reverses_id, Entry.booked_on,
                PostingRow.kind, PostingRow.key, PostingRow.currency, PostingRow.amount_minor, PostingRow.invoice_id,
            )
            .join(PostingRow, PostingRow.entry_id == Entry.id)
            .where(Entry.id.in_([one for *_, one in entries]))
            .order_by(*order, PostingRow.line)
        )  # fmt: skip
        yield [JournalLine._make(row) for row in await session.execute(lines)]


async def accounts(session: AsyncSession) -> tuple[date | None, tuple[str, ...], list[tuple[str, str]]]:
    """Return the first day booked, the currencies, and every (kind, key) that was ever posted to."""
    first = await session.scalar(select(func.min(Entry.booked_on)))
    currencies = await session.scalars(select(PostingRow.currency).distinct().order_by(PostingRow.currency))
    every = select(PostingRow.kind, PostingRow.key).distinct().order_by(PostingRow.kind, PostingRow.key)
    return first, tuple(currencies), [(kind, key) for kind, key in await session.execute(every)]


async def labels(session: AsyncSession) -> dict[str, str]:
    """Return what ids in account keys are called: customer and account numbers, user names."""
    found: dict[str, str] = {}
    for one, label in (
        (CustomerRecord.id, CustomerRecord.number),
        (BankAccount.id, BankAccount.number),
        (UserAccount.id, UserAccount.login),
    ):
        found |= {key: text for key, text in await session.execute(select(one, label))}  # noqa: C416 - rows, not pairs
    return found

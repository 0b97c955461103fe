"""SQL over ledger postings: balances by account, and what is open on invoices."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any

from sqlalchemy import BigInteger, ColumnElement, cast, func, insert, or_, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased

from backend.invoice.tables import InvoiceRecord
from backend.ledger.tables import Entry, PostingRow
from shared.invoice import Invoice
from shared.ledger import Posting

_CHUNK = 900  # bound variables of one statement, well under either database's limit


def total(column: Any) -> ColumnElement[int]:
    """Sum whole minor units as a whole number (PostgreSQL's own sum would be a decimal)."""
    return cast(func.coalesce(func.sum(column), 0), BigInteger)


async def insert_entries(session: AsyncSession, entries: Sequence[tuple[dict[str, Any], Sequence[Posting]]]) -> None:
    """Add entries, each with its postings in their order: one statement for all entries, one for all postings."""
    await session.execute(insert(Entry), [entry for entry, _postings in entries])
    rows = [
        {"entry_id": entry["id"], "line": line, "booked_on": entry["booked_on"], **posting._asdict()}
        for entry, postings in entries
        for line, posting in enumerate(postings)
    ]
    await session.execute(insert(PostingRow), rows)


async def entry(session: AsyncSession, entry_id: str) -> Entry | None:
    """Return one entry."""
    return await session.get(Entry, entry_id)


async def entries_of(session: AsyncSession, fact_kind: str, fact_id: str) -> list[Entry]:
    """Return a fact's entries that nothing has reversed, oldest first."""
    undoing = aliased(Entry)
    query = (
        select(Entry)
        .where(Entry.fact_kind == fact_kind, Entry.fact_id == fact_id, Entry.reverses_id.is_(None))
        .where(~select(undoing.id).where(undoing.reverses_id == Entry.id).exists())
        .order_by(Entry.posted_at_ms, Entry.id)
    )
    return list(await session.scalars(query))


async def entries_about(session: AsyncSession, fact_id: str) -> list[Entry]:
    """Return all entries behind a fact and those that reversed them, oldest first."""
    own = select(Entry.id).where(Entry.fact_id == fact_id)
    query = select(Entry).where(or_(Entry.fact_id == fact_id, Entry.reverses_id.in_(own)))
    return list(await session.scalars(query.order_by(Entry.posted_at_ms, Entry.id)))


async def postings_of(session: AsyncSession, entry_ids: Iterable[str]) -> dict[str, tuple[Posting, ...]]:
    """Return the postings of entries by entry id, in their order."""
    found: dict[str, tuple[Posting, ...]] = {}
    for chunk in _chunks(entry_ids):
        query = select(PostingRow).where(PostingRow.entry_id.in_(chunk)).order_by(PostingRow.entry_id, PostingRow.line)
        for row in await session.scalars(query):
            posting = Posting(row.kind, row.key, row.currency, row.amount_minor, row.invoice_id)
            found[row.entry_id] = (*found.get(row.entry_id, ()), posting)
    return found


async def balance_minor(session: AsyncSession, kind: str, key: str, currency: str) -> int:
    """Return one account's balance in minor units (debit > 0)."""
    query = select(total(PostingRow.amount_minor)).where(
        PostingRow.kind == kind, PostingRow.key == key, PostingRow.currency == currency
    )
    return int(await session.scalar(query) or 0)


async def balances(
    session: AsyncSession, kind: str, *, as_of: date | None = None, keys: Iterable[str] | None = None
) -> list[tuple[str, str, int]]:
    """Return (key, currency, minor units) of every account of a kind that is not at zero."""
    sums = total(PostingRow.amount_minor)
    query = (
        select(PostingRow.key, PostingRow.currency, sums)
        .where(PostingRow.kind == kind)
        .group_by(PostingRow.key, PostingRow.currency)
        .having(sums != 0)
        .order_by(PostingRow.key, PostingRow.currency)
    )
    if as_of is not None:
        query = query.where(PostingRow.booked_on <= as_of)
    if keys is not None:
        query = query.where(PostingRow.key.in_(list(keys)))
    return [(key, currency, int(amount)) for key, currency, amount in await session.execute(query)]


async def kind_sums(session: AsyncSession) -> list[tuple[str, str, int]]:
    """Return (kind, currency, minor units) over all accounts: the trial balance."""
    query = (
        select(PostingRow.kind, PostingRow.currency, total(PostingRow.amount_minor))
        .group_by(PostingRow.kind, PostingRow.currency)
        .order_by(PostingRow.kind, PostingRow.currency)
    )
    return [(kind, currency, int(amount)) for kind, currency, amount in await session.execute(query)]


async def unbalanced_entries(session: AsyncSession, limit: int = 100) -> list[tuple[str, str, int]]:
    """Return (entry id, currency, minor units) of entries that do not sum to zero."""
    sums = total(PostingRow.amount_minor)
    query = (
        select(PostingRow.entry_id, PostingRow.currency, sums)
        .group_by(PostingRow.entry_id, PostingRow.currency)
        .having(sums != 0)
        .limit(limit)
    )
    return [(entry_id, currency, int(amount)) for entry_id, currency, amount in await session.execute(query)]


async def open_minor(session: AsyncSession, invoice_ids: Iterable[str]) -> dict[str, int]:
    """Return what is open on each invoice in minor units; 0 for one that has no postings."""
    wanted = list(dict.fromkeys(invoice_ids))
    found = dict.fromkeys(wanted, 0)
    for chunk in _chunks(wanted):
        query = (
            select(PostingRow.invoice_id, total(PostingRow.amount_minor))
            .where(PostingRow.invoice_id.in_(chunk), PostingRow.kind == "receivable")
            .group_by(PostingRow.invoice_id)
        )
        found.update({invoice_id: int(amount) for invoice_id, amount in await session.execute(query)})
    return found


async def open_invoices(
    session: AsyncSession,
    customer_id: str | None = None,
    *,
    currency: str | None = None,
    as_of: date | None = None,
) -> list[Invoice]:
    """Return invoices and credit notes on which something is open (at a date), oldest due first."""
    sums = total(PostingRow.amount_minor).label("open_minor")
    query = (
        select(PostingRow.invoice_id, sums)
        .where(PostingRow.kind == "receivable", PostingRow.invoice_id != "")
        .group_by(PostingRow.invoice_id)
        .having(sums != 0)
    )
    if customer_id is not None:
        query = query.where(PostingRow.key == customer_id)
    if currency is not None:
        query = query.where(PostingRow.currency == currency)
    if as_of is not None:
        query = query.where(PostingRow.booked_on <= as_of)
    sub = query.subquery()
    joined = (
        select(InvoiceRecord, sub.c.open_minor)
        .join(sub, sub.c.invoice_id == InvoiceRecord.id)
        .order_by(InvoiceRecord.due_on, InvoiceRecord.issued_on, InvoiceRecord.number, InvoiceRecord.id)
    )
    return [_invoice(record, int(amount)) for record, amount in await session.execute(joined)]


async def open_ids(session: AsyncSession, customer_ids: Iterable[str]) -> list[str]:
    """Return the ids of the customers' invoices and credit notes on which something is open."""
    found: list[str] = []
    for chunk in _chunks(customer_ids):
        query = (
            select(PostingRow.invoice_id)
            .where(PostingRow.kind == "receivable", PostingRow.invoice_id != "", PostingRow.key.in_(chunk))
            .group_by(PostingRow.invoice_id)
            .having(total(PostingRow.amount_minor) != 0)
        )
        found += await session.scalars(query)
    return found


def _invoice(record: InvoiceRecord, open_minor: int) -> Invoice:
    return Invoice(
        id=record.id,
        customer_id=record.customer_id,
        number=record.number,
        kind=record.kind,  # type: ignore[arg-type]  # a word of the table
        issued_on=record.issued_on,
        due_on=record.due_on,
        currency=record.currency,
        amount_minor=record.amount_minor,
        open_minor=open_minor,
    )


def _chunks(ids: Iterable[str]) -> Iterable[list[str]]:
    every = list(ids)
    return (every[start : start + _CHUNK] for start in range(0, len(every), _CHUNK))

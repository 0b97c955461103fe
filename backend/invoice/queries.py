"""Invoices with what is open on them, a page or a set at a time."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, NamedTuple

from sqlalchemy import func, or_, select, tuple_

from backend.customer.tables import CustomerRecord
from backend.invoice.tables import InvoiceRecord, Settlement
from backend.ledger.queries import total
from backend.ledger.tables import PostingRow

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from sqlalchemy.ext.asyncio import AsyncSession

_CHUNK = 400


class Listed(NamedTuple):
    """One row of the invoice list."""

    record: InvoiceRecord
    customer_number: str
    customer_name: str
    open_minor: int


async def invoice(session: AsyncSession, invoice_id: str) -> tuple[InvoiceRecord, str] | None:
    """Return an invoice and the salesperson of its customer."""
    query = (
        select(InvoiceRecord, CustomerRecord.salesperson_id)
        .join(CustomerRecord, CustomerRecord.id == InvoiceRecord.customer_id)
        .where(InvoiceRecord.id == invoice_id)
    )
    row = (await session.execute(query)).one_or_none()
    return (row[0], row[1]) if row else None


async def by_numbers(session: AsyncSession, pairs: Iterable[tuple[str, str]]) -> dict[tuple[str, str], InvoiceRecord]:
    """Return the invoices of (customer id, number) pairs, by pair."""
    wanted, found = sorted(set(pairs)), dict[tuple[str, str], InvoiceRecord]()
    for start in range(0, len(wanted), _CHUNK):
        chunk = wanted[start : start + _CHUNK]
        query = select(InvoiceRecord).where(tuple_(InvoiceRecord.customer_id, InvoiceRecord.number).in_(chunk))
        found |= {(record.customer_id, record.number): record for record in await session.scalars(query)}
    return found


async def open_at(session: AsyncSession, as_of: date, invoice_ids: Iterable[str]) -> dict[str, int]:
    """Return what was open on invoices at the end of a day (minor units); 0 for one without postings by then."""
    wanted = sorted(set(invoice_ids))
    found = dict.fromkeys(wanted, 0)
    for start in range(0, len(wanted), _CHUNK):
        query = (
            select(PostingRow.invoice_id, total(PostingRow.amount_minor))
            .where(PostingRow.kind == "receivable", PostingRow.booked_on <= as_of)
            .where(PostingRow.invoice_id.in_(wanted[start : start + _CHUNK]))
            .group_by(PostingRow.invoice_id)
        )
        found |= {invoice_id: int(amount) for invoice_id, amount in await session.execute(query)}
    return found


async def page(
    reader: AsyncSession,
    *,
    query: str = "",
    customer_id: str = "",
    salesperson_id: str | None = None,
    only_open: bool = False,
    after: str = "",
    limit: int = 50,
) -> Sequence[Listed]:
    """Return invoices, newest id first, with their customer and what is open; ``after`` is the last id before."""
    sums = (
        select(total(PostingRow.amount_minor))
        .where(PostingRow.kind == "receivable", PostingRow.invoice_id == InvoiceRecord.id)
        .correlate(InvoiceRecord)
        .scalar_subquery()
    )
    chosen = (
        select(InvoiceRecord, CustomerRecord.number, CustomerRecord.name, sums)
        .join(CustomerRecord, CustomerRecord.id == InvoiceRecord.customer_id)
        .order_by(InvoiceRecord.id.desc())
        .limit(limit)
    )
    for word in query.lower().split():
        columns = (InvoiceRecord.number, CustomerRecord.number, CustomerRecord.name, CustomerRecord.pinyin)
        chosen = chosen.where(or_(*(func.lower(column).contains(word, autoescape=True) for column in columns)))
    if customer_id:
        chosen = chosen.where(InvoiceRecord.customer_id == customer_id)
    if salesperson_id is not None:
        chosen = chosen.where(CustomerRecord.salesperson_id == salesperson_id)
    if only_open:
        chosen = chosen.where(sums != 0)
    if after:
        chosen = chosen.where(InvoiceRecord.id < after)
    rows = await reader.execute(chosen)
    return [Listed(record, number, name, int(amount or 0)) for record, number, name, amount in rows]


async def settlements(reader: AsyncSession, invoice_id: str) -> list[Settlement]:
    """Return what was settled elsewhere on an invoice, oldest first."""
    query = select(Settlement).where(Settlement.invoice_id == invoice_id)
    return list(await reader.scalars(query.order_by(Settlement.settled_on, Settlement.id)))

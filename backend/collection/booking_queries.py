"""SQL of booking payments: what they touch, read by sets, and their rows written at once."""

from __future__ import annotations

from collections.abc import Collection as Ids
from collections.abc import Sequence
from typing import Any

from sqlalchemy import insert, select
from sqlalchemy.ext.asyncio import AsyncSession

from backend.among import among
from backend.collection.queries import chunks
from backend.collection.tables import Allocation, Collection
from backend.customer.tables import Assignment, CustomerRecord
from backend.invoice.tables import InvoiceRecord
from backend.sync.tables import Device

Rows = Sequence[dict[str, Any]]


async def lock_customers(session: AsyncSession, ids: Ids[str]) -> dict[str, str]:
    """Lock customers in order of id and return whose each one is now; unknown ids are left out."""
    found: dict[str, str] = {}
    for chunk in chunks(set(ids)):
        query = select(CustomerRecord.id, CustomerRecord.salesperson_id).where(among(CustomerRecord.id, chunk))
        rows = await session.execute(query.order_by(CustomerRecord.id).with_for_update())
        found |= {one: who for one, who in rows}  # noqa: C416 - rows are not pairs to mypy
    return found


async def served(session: AsyncSession, user_id: str, customer_ids: Ids[str]) -> set[str]:
    """Return those of the customers that were given to a person at some time."""
    found: set[str] = set()
    for chunk in chunks(set(customer_ids)):
        query = select(Assignment.customer_id).where(
            Assignment.salesperson_id == user_id, among(Assignment.customer_id, chunk)
        )
        found |= set(await session.scalars(query))
    return found


async def invoice_owners(session: AsyncSession, ids: Ids[str]) -> dict[str, tuple[str, str]]:
    """Return (customer id, currency) of the invoices that exist."""
    found: dict[str, tuple[str, str]] = {}
    for chunk in chunks(set(ids)):
        query = select(InvoiceRecord.id, InvoiceRecord.customer_id, InvoiceRecord.currency)
        for one, customer_id, currency in await session.execute(query.where(among(InvoiceRecord.id, chunk))):
            found[one] = (customer_id, currency)
    return found


async def known(session: AsyncSession, ids: Ids[str]) -> set[str]:
    """Return those of the ids that are collections already."""
    found: set[str] = set()
    for chunk in chunks(set(ids)):
        found |= set(await session.scalars(select(Collection.id).where(among(Collection.id, chunk))))
    return found


async def used_numbers(session: AsyncSession, numbers: Ids[str]) -> set[str]:
    """Return those of the paper numbers that collections have already."""
    found: set[str] = set()
    for chunk in chunks(set(numbers)):
        query = select(Collection.receipt_number).where(among(Collection.receipt_number, chunk))
        found |= set(await session.scalars(query))
    return found


async def series_of(session: AsyncSession, device_ids: Ids[str]) -> dict[str, str]:
    """Return the receipt series of devices."""
    query = select(Device.id, Device.series).where(Device.id.in_(sorted(set(device_ids))))
    return {one: series for one, series in await session.execute(query)}  # noqa: C416 - rows are not pairs to mypy


async def add(session: AsyncSession, collections: Rows, allocations: Rows) -> None:
    """Add collections with their allocations, a statement each."""
    for table, rows in ((Collection.__table__, collections), (Allocation.__table__, allocations)):
        if rows:
            await session.execute(insert(table), rows)  # type: ignore[arg-type]  # a Table

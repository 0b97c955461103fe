"""Saved mappings, imports and open differences."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import func, select, update

from backend.customer.tables import CustomerRecord
from backend.importing.tables import ImportBatch, ImportMapping, OpenDifference
from backend.invoice.tables import InvoiceRecord

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sqlalchemy.ext.asyncio import AsyncSession

_CHUNK = 500


async def mapping(session: AsyncSession, kind: str, name: str) -> ImportMapping | None:
    """Return one saved mapping."""
    return await session.get(ImportMapping, (kind, name))


async def mappings(reader: AsyncSession, kind: str) -> list[ImportMapping]:
    """Return the saved mappings of a kind by name."""
    return list(
        await reader.scalars(select(ImportMapping).where(ImportMapping.kind == kind).order_by(ImportMapping.name))
    )


async def batches(reader: AsyncSession, *, kind: str = "", after: str = "", limit: int = 50) -> list[ImportBatch]:
    """Return imports, newest first; ``after`` is the last id of the page before."""
    query = select(ImportBatch).order_by(ImportBatch.id.desc()).limit(limit)
    if kind:
        query = query.where(ImportBatch.kind == kind)
    if after:
        query = query.where(ImportBatch.id < after)
    return list(await reader.scalars(query))


async def batch(reader: AsyncSession, import_id: str) -> ImportBatch | None:
    """Return one import."""
    return await reader.get(ImportBatch, import_id)


async def difference(
    session: AsyncSession, import_id: str, invoice_id: str
) -> tuple[OpenDifference, ImportBatch, InvoiceRecord] | None:
    """Return a difference with its import and invoice."""
    query = (
        select(OpenDifference, ImportBatch, InvoiceRecord)
        .join(ImportBatch, ImportBatch.id == OpenDifference.import_id)
        .join(InvoiceRecord, InvoiceRecord.id == OpenDifference.invoice_id)
        .where(OpenDifference.import_id == import_id, OpenDifference.invoice_id == invoice_id)
        .with_for_update(of=OpenDifference)
    )
    row = (await session.execute(query)).one_or_none()
    return (row[0], row[1], row[2]) if row else None


async def differences(
    reader: AsyncSession, *, import_id: str = "", state: str = "proposed", after: str = "", limit: int = 200
) -> list[tuple[OpenDifference, InvoiceRecord, str]]:
    """Return differences with invoice and customer's name, by invoice id; ``after`` is the last invoice id before.

    An empty ``state`` means all but ``missing``, of which nobody decides.
    """
    query = (
        select(OpenDifference, InvoiceRecord, CustomerRecord.name)
        .join(InvoiceRecord, InvoiceRecord.id == OpenDifference.invoice_id)
        .join(CustomerRecord, CustomerRecord.id == InvoiceRecord.customer_id)
        .order_by(OpenDifference.invoice_id, OpenDifference.import_id)
        .limit(limit)
    )
    if import_id:
        query = query.where(OpenDifference.import_id == import_id)
    query = query.where(OpenDifference.state == state if state else OpenDifference.state != "missing")
    if after:
        query = query.where(OpenDifference.invoice_id > after)
    return [(row, invoice, name) for row, invoice, name in await reader.execute(query)]


async def missing_count(reader: AsyncSession, import_id: str) -> int:
    """Return how many of our open invoices a file did not have."""
    query = select(func.count()).select_from(OpenDifference)
    return (
        await reader.scalar(query.where(OpenDifference.import_id == import_id, OpenDifference.state == "missing")) or 0
    )


async def importers(reader: AsyncSession, import_ids: Iterable[str]) -> dict[str, str]:
    """Return who imported which file, by import id."""
    rows = await reader.execute(
        select(ImportBatch.id, ImportBatch.imported_by).where(ImportBatch.id.in_(sorted(set(import_ids))))
    )
    return {import_id: user_id for import_id, user_id in rows}  # noqa: C416 - rows are not pairs to mypy


async def supersede(session: AsyncSession, invoice_ids: Iterable[str]) -> None:
    """Dismiss what earlier files proposed for these invoices: a newer file speaks now."""
    wanted = sorted(set(invoice_ids))
    for start in range(0, len(wanted), _CHUNK):
        await session.execute(
            update(OpenDifference)
            .where(OpenDifference.invoice_id.in_(wanted[start : start + _CHUNK]), OpenDifference.state == "proposed")
            .values(state="dismissed")
        )

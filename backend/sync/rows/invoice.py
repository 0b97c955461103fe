"""Open invoices and credit notes, in the scope of their customer's salesperson."""

from __future__ import annotations

from collections.abc import Collection

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from backend.among import among
from backend.collection.queries import chunks
from backend.customer.tables import CustomerRecord
from backend.invoice.tables import InvoiceRecord
from backend.ledger import queries as balances
from backend.sync.queries import scope_of
from sync.message import InvoiceRow

_COLUMNS = (
    InvoiceRecord.id, InvoiceRecord.customer_id, InvoiceRecord.number, InvoiceRecord.kind, InvoiceRecord.issued_on,
    InvoiceRecord.due_on, InvoiceRecord.currency, InvoiceRecord.amount_minor,
)  # fmt: skip


async def scopes(session: AsyncSession, ids: Collection[str]) -> dict[str, str]:
    """Return whose each invoice is."""
    found: dict[str, str] = {}
    for chunk in chunks(ids):
        query = (
            select(InvoiceRecord.id, CustomerRecord.salesperson_id)
            .join(CustomerRecord, CustomerRecord.id == InvoiceRecord.customer_id)
            .where(among(InvoiceRecord.id, chunk))
        )
        found |= {one: scope_of(who) for one, who in await session.execute(query)}
    return found


async def bodies(session: AsyncSession, ids: Collection[str]) -> dict[str, InvoiceRow]:
    """Return the documents on which something is open; the others leave the feed."""
    open_minor = await balances.open_minor(session, sorted(ids))
    found: dict[str, InvoiceRow] = {}
    for chunk in chunks([one for one, amount in open_minor.items() if amount]):
        for one, customer_id, number, kind, issued, due, currency, amount in await session.execute(
            select(*_COLUMNS).where(among(InvoiceRecord.id, chunk))
        ):
            dates = (issued.isoformat(), due.isoformat())
            found[one] = InvoiceRow(customer_id, number, kind, *dates, currency, amount, open_minor[one])
    return found

"""Customers, in the scope of who serves them now."""

from __future__ import annotations

from collections.abc import Collection

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from backend.among import among
from backend.collection.queries import chunks
from backend.customer.tables import CustomerRecord
from backend.ledger.queries import total
from backend.ledger.tables import PostingRow
from backend.sync.queries import scope_of
from sync.message import CustomerRow

_COLUMNS = (
    CustomerRecord.number, CustomerRecord.name, CustomerRecord.pinyin, CustomerRecord.class_code, CustomerRecord.phone,
    CustomerRecord.address, CustomerRecord.contact, CustomerRecord.terms_days, CustomerRecord.limit_minor,
    CustomerRecord.currency, CustomerRecord.on_hold,
)  # fmt: skip


async def scopes(session: AsyncSession, ids: Collection[str]) -> dict[str, str]:
    """Return whose each customer is."""
    found: dict[str, str] = {}
    for chunk in chunks(ids):
        query = select(CustomerRecord.id, CustomerRecord.salesperson_id).where(among(CustomerRecord.id, chunk))
        found |= {one: scope_of(who) for one, who in await session.execute(query)}
    return found


async def bodies(session: AsyncSession, ids: Collection[str]) -> dict[str, CustomerRow]:
    """Return customers with the money that no invoice took, in the customer's currency."""
    found: dict[str, CustomerRow] = {}
    for chunk in chunks(ids):
        unapplied = (
            select(PostingRow.key, PostingRow.currency, total(PostingRow.amount_minor))
            .where(PostingRow.kind == "unapplied", among(PostingRow.key, chunk))
            .group_by(PostingRow.key, PostingRow.currency)
        )
        left = {(key, currency): -int(amount) for key, currency, amount in await session.execute(unapplied)}
        query = select(CustomerRecord.id, *_COLUMNS).where(among(CustomerRecord.id, chunk))
        for row in await session.execute(query):
            named = row._asdict()
            one = named.pop("id")
            found[one] = CustomerRow(**named, unapplied_minor=left.get((one, row.currency), 0))
    return found

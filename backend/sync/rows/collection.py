"""Collections, in the scope of who took them."""

from __future__ import annotations

from collections.abc import Collection as Ids

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from backend.among import among
from backend.collection import queries
from backend.collection.queries import chunks
from backend.collection.tables import Collection
from backend.sync.queries import scope_of
from sync.message import AppliedRow, CollectionRow

_COLUMNS = (
    Collection.id, Collection.customer_id, Collection.currency, Collection.amount_minor, Collection.method,
    Collection.receipt_number, Collection.taken_at_ms, Collection.unapplied_minor, Collection.flags,
)  # fmt: skip


async def scopes(session: AsyncSession, ids: Ids[str]) -> dict[str, str]:
    """Return whose each collection is."""
    found: dict[str, str] = {}
    for chunk in chunks(ids):
        query = select(Collection.id, Collection.salesperson_id).where(among(Collection.id, chunk))
        found |= {one: scope_of(who) for one, who in await session.execute(query)}
    return found


async def bodies(session: AsyncSession, ids: Ids[str]) -> dict[str, CollectionRow]:
    """Return collections with what became of them."""
    parts, standings = await queries.parts(session, ids), await queries.standings(session, ids)
    found: dict[str, CollectionRow] = {}
    for chunk in chunks(ids):
        for row in await session.execute(select(*_COLUMNS).where(among(Collection.id, chunk))):
            named = row._asdict()
            one = named.pop("id")
            applied = [
                AppliedRow(part.invoice_id, part.invoice_number, part.intended_minor, part.applied_minor)
                for part in parts.get(one, ())
            ]
            now = standings[one]
            found[one] = CollectionRow(
                **named | {"flags": row.flags.split()},
                applied=applied,
                held_minor=now.held_minor,
                decision=now.decision,
                reason=now.reason,
                void=now.void,
                matched_minor=now.matched_minor,
            )
    return found

"""The feed's records of every kind: whose they are, what they look like now, and where the feed holds them."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Collection, Sequence
from typing import Any

import msgspec
from sqlalchemy.ext.asyncio import AsyncSession

from backend.sync import queries
from backend.sync.rows import collection, company, customer, incentive, invoice, notice, remittance

advance = queries.advance
seen = queries.seen
write = queries.write_feed

_Loader = Callable[[AsyncSession, Collection[str]], Awaitable[dict[str, Any]]]
_SCOPES: dict[str, _Loader] = {
    "company": company.scopes,
    "customer": customer.scopes,
    "invoice": invoice.scopes,
    "collection": collection.scopes,
    "remittance": remittance.scopes,
    "incentive": incentive.scopes,
    "notice": notice.scopes,
}
_BODIES: dict[str, _Loader] = {
    "company": company.bodies,
    "customer": customer.bodies,
    "invoice": invoice.bodies,
    "collection": collection.bodies,
    "remittance": remittance.bodies,
    "incentive": incentive.bodies,
    "notice": notice.bodies,
}
KINDS: Sequence[str] = tuple(_BODIES)


async def scopes(session: AsyncSession, kind: str, ids: Collection[str]) -> dict[str, str]:
    """Return the scope of each record that exists ("": nobody's)."""
    return await _SCOPES[kind](session, ids)


async def bodies(session: AsyncSession, kind: str, ids: Collection[str]) -> dict[str, str]:
    """Return the rows of ``sync.message`` as JSON; a record that phones should not see has none."""
    rows = await _BODIES[kind](session, ids)
    return {one: msgspec.json.encode(row).decode() for one, row in rows.items()}

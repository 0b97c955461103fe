"""Incentive lines: vested and clawed back by movement id, and what is on its way by collection id."""

from __future__ import annotations

from collections.abc import Collection as Ids

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from backend.among import among
from backend.collection.queries import chunks
from backend.collection.tables import Collection
from backend.incentive import service as incentive
from backend.incentive.tables import IncentiveMovement
from backend.sync.queries import scope_of
from sync.message import IncentiveRow

_MOVEMENT = (
    IncentiveMovement.id, IncentiveMovement.currency, IncentiveMovement.amount_minor, IncentiveMovement.kind,
    IncentiveMovement.subject, IncentiveMovement.base_minor, IncentiveMovement.rate_bp, IncentiveMovement.plan_version,
    IncentiveMovement.booked_at_ms, Collection.receipt_number,
)  # fmt: skip


async def scopes(session: AsyncSession, ids: Ids[str]) -> dict[str, str]:
    """Return whose each line is."""
    found: dict[str, str] = {}
    for chunk in chunks(ids):
        vested = select(IncentiveMovement.id, IncentiveMovement.salesperson_id).where(
            among(IncentiveMovement.id, chunk)
        )
        awaited = select(Collection.id, Collection.salesperson_id).where(among(Collection.id, chunk))
        for query in (vested, awaited):
            found |= {one: scope_of(who) for one, who in await session.execute(query)}
    return found


async def bodies(session: AsyncSession, ids: Ids[str]) -> dict[str, IncentiveRow]:
    """Return the lines; a collection that can earn nothing more has none."""
    found: dict[str, IncentiveRow] = {}
    for chunk in chunks(ids):
        found |= await _vested(session, chunk)
        found |= await _pending(session, chunk)
    return found


async def _vested(session: AsyncSession, ids: list[str]) -> dict[str, IncentiveRow]:
    query = (
        select(*_MOVEMENT)
        .outerjoin(Collection, Collection.id == IncentiveMovement.subject)
        .where(among(IncentiveMovement.id, ids))
    )
    return {
        one: IncentiveRow(
            currency, amount, kind, "vested" if amount > 0 else "clawed_back", subject, number or subject, base, rate,
            version, at_ms,
        )
        for one, currency, amount, kind, subject, base, rate, version, at_ms, number in await session.execute(query)
    }  # fmt: skip


async def _pending(session: AsyncSession, ids: list[str]) -> dict[str, IncentiveRow]:
    query = select(Collection.id, Collection.receipt_number, Collection.taken_at_ms).where(among(Collection.id, ids))
    known = {one: (number, at_ms) for one, number, at_ms in await session.execute(query)}
    awaited = await incentive.pending(session, sorted(known)) if known else {}
    return {
        one: IncentiveRow(
            earned.currency, earned.amount_minor, earned.key.kind, "pending", one, known[one][0], earned.base_minor,
            earned.rate_bp, earned.plan_version, known[one][1],
        )
        for one, earned in awaited.items()
    }  # fmt: skip

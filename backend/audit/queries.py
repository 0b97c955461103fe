"""SQL over audit events and the chain that seals them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import and_, func, insert, or_, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from backend.audit.tables import AuditEvent, AuditLink, Lease


async def page(
    session: AsyncSession,
    *,
    before: tuple[int, str] | None = None,
    limit: int = 50,
    action: str = "",
    actor_id: str = "",
    subject_id: str = "",
) -> list[tuple[AuditEvent, int | None]]:
    """Return events, newest first, each with its position in the chain (None: not sealed yet)."""
    query = select(AuditEvent, AuditLink.position).outerjoin(AuditLink, AuditLink.event_id == AuditEvent.id)
    if before is not None:
        at_ms, event_id = before
        query = query.where(or_(AuditEvent.at_ms < at_ms, and_(AuditEvent.at_ms == at_ms, AuditEvent.id < event_id)))
    for column, wanted in (
        (AuditEvent.action, action),
        (AuditEvent.actor_id, actor_id),
        (AuditEvent.subject_id, subject_id),
    ):
        if wanted:
            query = query.where(column == wanted)
    query = query.order_by(AuditEvent.at_ms.desc(), AuditEvent.id.desc()).limit(limit)
    return [(event, position) for event, position in await session.execute(query)]


async def of_subject(session: AsyncSession, subject_kind: str, subject_id: str) -> list[AuditEvent]:
    """Return what was done to one subject, oldest first."""
    query = (
        select(AuditEvent)
        .where(AuditEvent.subject_kind == subject_kind, AuditEvent.subject_id == subject_id)
        .order_by(AuditEvent.at_ms, AuditEvent.id)
    )
    return list(await session.scalars(query))


async def add_events(session: AsyncSession, events: Sequence[dict[str, Any]]) -> None:
    """Add events with one statement."""
    if events:
        await session.execute(insert(AuditEvent.__table__), events)  # type: ignore[arg-type]  # a Table


async def unsealed(session: AsyncSession, limit: int) -> list[AuditEvent]:
    """Return committed events that have no link yet, oldest first."""
    linked = select(AuditLink.event_id).where(AuditLink.event_id == AuditEvent.id).exists()
    query = select(AuditEvent).where(~linked).order_by(AuditEvent.at_ms, AuditEvent.id).limit(limit)
    return list(await session.scalars(query))


async def unsealed_count(session: AsyncSession) -> int:
    """Return how many events wait for their link."""
    linked = select(AuditLink.event_id).where(AuditLink.event_id == AuditEvent.id).exists()
    return await session.scalar(select(func.count()).select_from(AuditEvent).where(~linked)) or 0


async def last_link(session: AsyncSession) -> AuditLink | None:
    """Return the chain's end."""
    return await session.scalar(select(AuditLink).order_by(AuditLink.position.desc()).limit(1))


async def add_links(session: AsyncSession, links: Sequence[dict[str, object]]) -> None:
    """Append links to the chain."""
    if links:
        await session.execute(insert(AuditLink), links)


async def links_after(session: AsyncSession, position: int, limit: int) -> list[tuple[AuditLink, AuditEvent | None]]:
    """Return links behind a position in order, each with its event (None: the event is gone)."""
    query = (
        select(AuditLink, AuditEvent)
        .outerjoin(AuditEvent, AuditEvent.id == AuditLink.event_id)
        .where(AuditLink.position > position)
        .order_by(AuditLink.position)
        .limit(limit)
    )
    return [(link, event) for link, event in await session.execute(query)]


async def take_lease(session: AsyncSession, name: str, holder: str, now_ms: int, until_ms: int) -> bool:
    """Take or renew a lease that is free, expired or one's own; False when another holds it."""
    free = or_(Lease.holder == holder, Lease.until_ms <= now_ms)
    query = update(Lease).where(Lease.name == name, free).values(holder=holder, until_ms=until_ms)
    if (await session.execute(query)).rowcount:  # type: ignore[attr-defined]  # of a cursor result
        return True
    if await session.scalar(select(Lease.name).where(Lease.name == name)):
        return False
    try:
        async with session.begin_nested():
            await session.execute(insert(Lease).values(name=name, holder=holder, until_ms=until_ms))
    except IntegrityError:  # another took it for the first time at the same moment
        return False
    return True

"""SQL over decisions, and the queue of what waits for one."""

from __future__ import annotations

from collections.abc import Collection as Ids
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, and_, func, insert, or_, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import InstrumentedAttribute

from backend.among import among
from backend.approval.tables import Approval
from backend.auth.tables import UserAccount
from backend.collection import queries as collections
from backend.collection.tables import Collection, VoidRequest
from backend.customer.tables import CustomerRecord


@dataclass(frozen=True, slots=True)
class Waiting:
    """One collection or void request that waits for a decision, with what a person needs to take it."""

    subject_kind: str  # "collection" | "void"
    subject_id: str
    since_ms: int  # when the server received it
    recorder_id: str
    reason: str  # of a void
    collection: Collection
    customer_number: str
    customer_name: str
    salesperson_name: str
    parts: tuple[collections.Part, ...]
    unusual: tuple[str, ...]  # flags of the collection, and "mocked", "unapplied", "late"


async def decision(session: AsyncSession, subject_kind: str, subject_id: str) -> Approval | None:
    """Return the decision on a subject, if it was taken."""
    query = select(Approval).where(Approval.subject_kind == subject_kind, Approval.subject_id == subject_id)
    return await session.scalar(query)


async def decided(session: AsyncSession, subject_kind: str, ids: Ids[str]) -> set[str]:
    """Return those of the subjects on which a decision was taken."""
    found: set[str] = set()
    for chunk in collections.chunks(ids):
        query = select(Approval.subject_id).where(
            Approval.subject_kind == subject_kind, among(Approval.subject_id, chunk)
        )
        found |= set(await session.scalars(query))
    return found


async def add(session: AsyncSession, decisions: Sequence[dict[str, Any]]) -> None:
    """Add decisions with one statement."""
    if decisions:
        await session.execute(insert(Approval.__table__), decisions)  # type: ignore[arg-type]  # a Table


async def queue(session: AsyncSession, *, after: tuple[int, str] | None = None, limit: int = 50) -> list[Waiting]:
    """Return what waits for a decision, oldest first, behind a (since_ms, subject_id) already shown.

    Requests to void and collections stand in one queue; voided collections are out of it.
    """
    waiting = await _collections(session, after, limit) + await _voids(session, after, limit)
    waiting.sort(key=lambda row: (row[1], row[0]))
    rows = waiting[:limit]
    split = await collections.parts(session, {row[3].id for row in rows})
    return [
        Waiting(kind, one, since, recorder, reason, of, number, name, who, tuple(split.get(of.id, ())), _unusual(of))
        for one, since, kind, of, recorder, reason, number, name, who in rows
    ]


async def count(session: AsyncSession) -> int:
    """Return how many decisions wait."""
    undecided = select(func.count()).select_from(Collection).where(*_undecided_collection())
    voids = select(func.count()).select_from(VoidRequest).where(_undecided("void", VoidRequest.id))
    return (await session.scalar(undecided) or 0) + (await session.scalar(voids) or 0)


_Row = tuple[str, int, str, Collection, str, str, str, str, str]


async def _collections(session: AsyncSession, after: tuple[int, str] | None, limit: int) -> list[_Row]:
    query = (
        select(Collection, CustomerRecord.number, CustomerRecord.name, UserAccount.name)
        .join(CustomerRecord, CustomerRecord.id == Collection.customer_id)
        .outerjoin(UserAccount, UserAccount.id == Collection.salesperson_id)
        .where(*_undecided_collection())
        .order_by(Collection.received_at_ms, Collection.id)
        .limit(limit)
    )
    if after is not None:
        query = query.where(_behind(Collection.received_at_ms, Collection.id, after))
    return [
        (one.id, one.received_at_ms, "collection", one, one.salesperson_id, "", number, name, who or "")
        for one, number, name, who in await session.execute(query)
    ]


async def _voids(session: AsyncSession, after: tuple[int, str] | None, limit: int) -> list[_Row]:
    query = (
        select(VoidRequest, Collection, CustomerRecord.number, CustomerRecord.name, UserAccount.name)
        .join(Collection, Collection.id == VoidRequest.collection_id)
        .join(CustomerRecord, CustomerRecord.id == Collection.customer_id)
        .outerjoin(UserAccount, UserAccount.id == Collection.salesperson_id)
        .where(_undecided("void", VoidRequest.id))
        .order_by(VoidRequest.asked_at_ms, VoidRequest.id)
        .limit(limit)
    )
    if after is not None:
        query = query.where(_behind(VoidRequest.asked_at_ms, VoidRequest.id, after))
    return [
        (asked.id, asked.asked_at_ms, "void", one, asked.asked_by, asked.reason, number, name, who or "")
        for asked, one, number, name, who in await session.execute(query)
    ]


def _undecided(subject_kind: str, subject_id: InstrumentedAttribute[str]) -> ColumnElement[bool]:
    decided = and_(Approval.subject_kind == subject_kind, Approval.subject_id == subject_id)
    return ~select(Approval.id).where(decided).exists()


def _undecided_collection() -> tuple[ColumnElement[bool], ColumnElement[bool]]:
    approved = and_(
        Approval.subject_kind == "void", Approval.subject_id == VoidRequest.id, Approval.decision == "approved"
    )
    voided = select(VoidRequest.id).join(Approval, approved).where(VoidRequest.collection_id == Collection.id)
    return _undecided("collection", Collection.id), ~voided.exists()


def _behind(
    at: InstrumentedAttribute[int], one: InstrumentedAttribute[str], after: tuple[int, str]
) -> ColumnElement[bool]:
    return or_(at > after[0], and_(at == after[0], one > after[1]))


_LATE_MS = 3 * 86_400_000


def _unusual(collection: Collection) -> tuple[str, ...]:
    found = collection.flags.split()
    if collection.mocked:
        found.append("mocked")
    if collection.unapplied_minor:
        found.append("unapplied")
    if collection.received_at_ms - collection.taken_at_ms > _LATE_MS:
        found.append("late")
    return tuple(found)

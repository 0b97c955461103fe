"""What the incentive rules need to know, and the vesting ledger as it stands."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any, TypeVar

from sqlalchemy import ColumnElement, and_, case, func, literal, or_, select
from sqlalchemy.orm import aliased

from backend.approval.tables import Approval
from backend.collection.tables import Allocation, Collection, VoidRequest
from backend.custody.tables import CustodyMove
from backend.incentive.tables import IncentiveMovement, PlanVersion
from backend.invoice.tables import InvoiceRecord
from backend.matching.tables import Claim, Match
from shared.clock import business_date
from shared.incentive import Arrived, Key, Plan

if TYPE_CHECKING:
    from collections.abc import Collection as Many
    from collections.abc import Iterable, Sequence

    from sqlalchemy import Select
    from sqlalchemy.ext.asyncio import AsyncSession

T = TypeVar("T")
_CHUNK = 500


async def plans(session: AsyncSession) -> list[Plan]:
    """Return every plan version, oldest first."""
    rows = await session.scalars(select(PlanVersion).order_by(PlanVersion.version))
    return [
        Plan(r.version, r.valid_from, r.currency, r.rate_bp, r.on_time_bp, r.target_minor, r.target_bonus_minor)
        for r in rows
    ]


def _decided(subject_kind: str, subject_id: Any, decision: str) -> ColumnElement[bool]:
    return (
        select(Approval.id)
        .where(Approval.subject_kind == subject_kind, Approval.subject_id == subject_id, Approval.decision == decision)
        .exists()
    )


def matched_minor() -> ColumnElement[int]:
    """Return, for the selected ``collection`` row, the part of it that matches in force say has arrived.

    Held money arrives through its deposits: each deposit's custody moves tell its share of the collection. A claimed
    transfer or code arrives through its own match.
    """
    deposited = (
        select(func.coalesce(func.sum(-CustodyMove.amount_minor), 0))
        .join(Claim, Claim.subject_id == CustodyMove.fact_id)
        .where(CustodyMove.collection_id == Collection.id, CustodyMove.fact_kind == "deposit")
        .correlate(Collection)
        .scalar_subquery()
    )
    claimed = (
        select(func.coalesce(func.sum(Match.amount_minor), 0))
        .join(Claim, and_(Claim.match_id == Match.id, Claim.subject_id == Match.expected_id))
        .where(Match.expected_id == Collection.id)
        .correlate(Collection)
        .scalar_subquery()
    )
    return deposited + claimed


def _scored_at_ms() -> ColumnElement[int]:
    """Return the moment on whose day a collection counts: when its receipt came if the phone's clock cannot be right.

    That is the day on which the ledger has it (``backend.collection.booking``).
    """
    clock_off = (literal(" ") + Collection.flags + literal(" ")).contains(" clock ")
    return case((clock_off, Collection.received_at_ms), else_=Collection.taken_at_ms)


def _facts() -> Select[str, str, int, str, int, int, bool, bool, bool]:
    void = aliased(VoidRequest)
    voided = select(void.id).where(void.collection_id == Collection.id, _decided("void", void.id, "approved")).exists()
    return select(
        Collection.id,
        Collection.salesperson_id,
        _scored_at_ms().label("scored_at_ms"),
        Collection.currency,
        Collection.amount_minor,
        matched_minor().label("matched_minor"),
        _decided("collection", Collection.id, "approved").label("approved"),
        _decided("collection", Collection.id, "rejected").label("rejected"),
        voided.label("voided"),
    )


async def facts_of(session: AsyncSession, collection_ids: Iterable[str], zone: str) -> list[Arrived]:
    """Gather the scored facts of named collections; a rejected one counts as not approved."""
    rows: list[Any] = []
    for chunk in chunks(sorted(set(collection_ids))):
        rows += (await session.execute(_facts().where(Collection.id.in_(chunk)))).all()
    return await _arrived(session, rows, zone)


async def facts_of_months(session: AsyncSession, windows: Iterable[tuple[str, int, int]], zone: str) -> list[Arrived]:
    """Gather the facts of whole months, each given as (salesperson, first millisecond, millisecond after the last)."""
    rows: list[Any] = []
    for chunk in chunks(sorted(windows), 100):
        months = or_(
            *(
                and_(Collection.salesperson_id == who, _scored_at_ms() >= start, _scored_at_ms() < end)
                for who, start, end in chunk
            )
        )
        rows += (await session.execute(_facts().where(months))).all()
    return await _arrived(session, rows, zone)


async def _arrived(session: AsyncSession, rows: Sequence[Any], zone: str) -> list[Arrived]:
    days = {row.id: business_date(row.scored_at_ms, zone) for row in rows}
    on_time = await _on_time(session, days)
    return [
        Arrived(
            row.id,
            row.salesperson_id,
            days[row.id],
            row.currency,
            row.amount_minor,
            int(row.matched_minor),
            on_time.get(row.id, 0),
            bool(row.approved),
            bool(row.voided),
        )
        for row in rows
    ]


async def _on_time(session: AsyncSession, days: dict[str, date]) -> dict[str, int]:
    """Sum by collection what paid invoices not yet overdue on the day it counts."""
    sums: dict[str, int] = {}
    for chunk in chunks(sorted(days)):
        query = (
            select(Allocation.collection_id, Allocation.applied_minor, InvoiceRecord.due_on)
            .join(InvoiceRecord, InvoiceRecord.id == Allocation.invoice_id)
            .where(Allocation.collection_id.in_(chunk))
        )
        for collection_id, applied_minor, due_on in await session.execute(query):
            if due_on >= days[collection_id]:
                sums[collection_id] = sums.get(collection_id, 0) + applied_minor
    return sums


async def vested(session: AsyncSession, salesperson_ids: Many[str], subjects: Iterable[str]) -> dict[Key, int]:
    """Return what the vesting ledger holds now for subjects (collections and months), by key; zeros left out."""
    sums: dict[Key, int] = {}
    for chunk in chunks(sorted(set(subjects))):
        query = (
            select(
                IncentiveMovement.salesperson_id,
                IncentiveMovement.subject,
                IncentiveMovement.kind,
                func.sum(IncentiveMovement.amount_minor),
            )
            .where(IncentiveMovement.salesperson_id.in_(sorted(salesperson_ids)), IncentiveMovement.subject.in_(chunk))
            .group_by(IncentiveMovement.salesperson_id, IncentiveMovement.subject, IncentiveMovement.kind)
        )
        for who, subject, kind, amount_minor in await session.execute(query):
            if amount_minor:
                sums[Key(who, subject, kind)] = int(amount_minor)
    return sums


async def currencies(session: AsyncSession, keys: Iterable[Key]) -> dict[Key, str]:
    """Return the currency in which each key was last vested, so that a claw-back takes the same."""
    wanted = set(keys)
    found: dict[Key, str] = {}
    for chunk in chunks(sorted({key.subject for key in wanted})):
        query = (
            select(IncentiveMovement)
            .where(IncentiveMovement.subject.in_(chunk))
            .order_by(IncentiveMovement.booked_at_ms, IncentiveMovement.id)
        )
        for row in await session.scalars(query):
            found[Key(row.salesperson_id, row.subject, row.kind)] = row.currency
    return {key: currency for key, currency in found.items() if key in wanted}


async def movements_of(
    reader: AsyncSession, salesperson_id: str, *, after: str = "", limit: int = 200
) -> list[tuple[IncentiveMovement, str | None]]:
    """Return a page of one salesperson's vesting rows with their receipt numbers, newest first."""
    query = (
        select(IncentiveMovement, Collection.receipt_number)
        .outerjoin(Collection, Collection.id == IncentiveMovement.subject)
        .where(IncentiveMovement.salesperson_id == salesperson_id)
        .order_by(IncentiveMovement.id.desc())
        .limit(limit)
    )
    if after:
        query = query.where(IncentiveMovement.id < after)
    return [(row, number) for row, number in await reader.execute(query)]


async def totals(reader: AsyncSession, salesperson_id: str = "") -> list[tuple[str, str, str, int]]:
    """Return (salesperson, currency, kind, vested minor units), of one person or of all."""
    query = (
        select(
            IncentiveMovement.salesperson_id,
            IncentiveMovement.currency,
            IncentiveMovement.kind,
            func.sum(IncentiveMovement.amount_minor),
        )
        .group_by(IncentiveMovement.salesperson_id, IncentiveMovement.currency, IncentiveMovement.kind)
        .order_by(IncentiveMovement.salesperson_id, IncentiveMovement.currency, IncentiveMovement.kind)
    )
    if salesperson_id:
        query = query.where(IncentiveMovement.salesperson_id == salesperson_id)
    return [(who, currency, kind, int(sum_minor)) for who, currency, kind, sum_minor in await reader.execute(query)]


async def unsettled(reader: AsyncSession, salesperson_id: str) -> list[str]:
    """Return the collections of a salesperson that may still vest something: neither rejected, voided nor all here."""
    facts = _facts().where(Collection.salesperson_id == salesperson_id).subquery()
    query = select(facts.c.id).where(
        ~facts.c.rejected,
        ~facts.c.voided,
        or_(~facts.c.approved, facts.c.matched_minor < facts.c.amount_minor),
    )
    return list(await reader.scalars(query))


async def rejected_of(reader: AsyncSession, collection_ids: Iterable[str]) -> set[str]:
    """Return which of the named collections were rejected."""
    found: set[str] = set()
    for chunk in chunks(sorted(set(collection_ids))):
        query = select(Approval.subject_id).where(
            Approval.subject_kind == "collection", Approval.decision == "rejected", Approval.subject_id.in_(chunk)
        )
        found |= set(await reader.scalars(query))
    return found


def chunks(items: Sequence[T], size: int = _CHUNK) -> Iterable[Sequence[T]]:
    """Cut a sequence so that no statement has more parameters than SQLite takes."""
    return (items[i : i + size] for i in range(0, len(items), size))

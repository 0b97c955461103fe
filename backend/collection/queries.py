"""SQL over collections, and what later facts say of them."""

from __future__ import annotations

from collections.abc import Collection as Ids
from collections.abc import Iterator
from dataclasses import dataclass, replace

from sqlalchemy import ColumnElement, Select, and_, literal, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from backend.among import among
from backend.approval.tables import Approval
from backend.auth.tables import UserAccount
from backend.collection.tables import Allocation, Collection, VoidRequest
from backend.custody.tables import CustodyMove, Deposit
from backend.customer.tables import CustomerRecord
from backend.invoice.tables import InvoiceRecord
from backend.ledger.queries import total
from backend.matching.tables import Claim, Match

_CHUNK = 900


@dataclass(frozen=True, slots=True)
class Standing:
    """What later facts say of one collection; ``void`` is "", asked, voided or refused."""

    decision: str = ""
    reason: str = ""
    void: str = ""
    held_minor: int = 0  # by the salesperson who took it
    matched_minor: int = 0


@dataclass(frozen=True, slots=True)
class Part:
    """One allocation with its invoice's number (empty: there is no such invoice)."""

    invoice_id: str
    invoice_number: str
    intended_minor: int
    applied_minor: int


@dataclass(frozen=True, slots=True)
class Filter:
    """What a list of collections is narrowed to; empty means any. Times are Unix milliseconds, ``until`` excluded."""

    salesperson_id: str = ""
    customer_id: str = ""
    method: str = ""
    receipt_number: str = ""
    flag: str = ""
    since_ms: int | None = None
    until_ms: int | None = None


@dataclass(frozen=True, slots=True)
class Listed:
    """One collection in a list, with names."""

    collection: Collection
    customer_number: str
    customer_name: str
    salesperson_name: str
    standing: Standing


def chunks(ids: Ids[str]) -> Iterator[list[str]]:
    """Cut ids into lists that fit one statement."""
    every = sorted(ids)
    return (every[start : start + _CHUNK] for start in range(0, len(every), _CHUNK))


async def get(session: AsyncSession, collection_id: str, *, lock: bool = False) -> Collection | None:
    """Return one collection, locked until COMMIT when it is going to be decided."""
    query = select(Collection).where(Collection.id == collection_id)
    return await session.scalar(query.with_for_update() if lock else query)


async def locked(session: AsyncSession, ids: Ids[str]) -> dict[str, Collection]:
    """Lock collections in order of id and return them; unknown ids are left out."""
    found: dict[str, Collection] = {}
    for chunk in chunks(set(ids)):
        query = select(Collection).where(among(Collection.id, chunk)).order_by(Collection.id).with_for_update()
        found |= {collection.id: collection for collection in await session.scalars(query)}
    return found


async def parts(session: AsyncSession, ids: Ids[str]) -> dict[str, list[Part]]:
    """Return the allocations of collections by collection id, in their order."""
    found: dict[str, list[Part]] = {}
    for chunk in chunks(ids):
        query = (
            select(Allocation, InvoiceRecord.number)
            .outerjoin(InvoiceRecord, InvoiceRecord.id == Allocation.invoice_id)
            .where(among(Allocation.collection_id, chunk))
            .order_by(Allocation.collection_id, Allocation.line)
        )
        for row, number in await session.execute(query):
            part = Part(row.invoice_id, number or "", row.intended_minor, row.applied_minor)
            found.setdefault(row.collection_id, []).append(part)
    return found


async def void_requests(session: AsyncSession, collection_id: str) -> list[tuple[VoidRequest, Approval | None]]:
    """Return the requests to void a collection with their decisions, oldest first."""
    query = (
        select(VoidRequest, Approval)
        .outerjoin(Approval, and_(Approval.subject_kind == "void", Approval.subject_id == VoidRequest.id))
        .where(VoidRequest.collection_id == collection_id)
        .order_by(VoidRequest.asked_at_ms, VoidRequest.id)
    )
    return [(request, decision) for request, decision in await session.execute(query)]


async def void_request(session: AsyncSession, request_id: str) -> VoidRequest | None:
    """Return one request to void."""
    return await session.get(VoidRequest, request_id)


async def decision_on(session: AsyncSession, collection_id: str) -> Approval | None:
    """Return the decision on a collection, if it was taken."""
    query = select(Approval).where(Approval.subject_kind == "collection", Approval.subject_id == collection_id)
    return await session.scalar(query)


async def standings(session: AsyncSession, ids: Ids[str]) -> dict[str, Standing]:
    """Return what later facts say of collections, for every id asked for; a handful of statements in all."""
    found = {one: Standing() for one in ids}
    for chunk in chunks(ids):
        for one, decision, reason in await session.execute(_decisions(chunk)):
            found[one] = replace(found[one], decision=decision, reason=reason)
        for one, void in (await _voids(session, chunk)).items():
            found[one] = replace(found[one], void=void)
        for one, amount in await session.execute(_held(chunk)):
            found[one] = replace(found[one], held_minor=int(amount))
        for one, amount in (await _matched(session, chunk)).items():
            found[one] = replace(found[one], matched_minor=amount)
    return found


def _decisions(chunk: list[str]) -> Select[str, str, str]:
    return select(Approval.subject_id, Approval.decision, Approval.reason).where(
        Approval.subject_kind == "collection", among(Approval.subject_id, chunk)
    )


async def void_of(session: AsyncSession, collection_id: str) -> str:
    """Return what became of the requests to void one collection: "", asked, voided or refused."""
    return (await _voids(session, [collection_id])).get(collection_id, "")


async def voids(session: AsyncSession, ids: Ids[str]) -> dict[str, str]:
    """Return what became of the requests to void collections; those that nobody wished to void are left out."""
    found: dict[str, str] = {}
    for chunk in chunks(ids):
        found |= await _voids(session, chunk)
    return found


async def _voids(session: AsyncSession, chunk: list[str]) -> dict[str, str]:
    query = (
        select(VoidRequest.collection_id, Approval.decision)
        .outerjoin(Approval, and_(Approval.subject_kind == "void", Approval.subject_id == VoidRequest.id))
        .where(among(VoidRequest.collection_id, chunk))
        .order_by(VoidRequest.asked_at_ms)
    )
    words = {"approved": "voided", "rejected": "refused", None: "asked"}
    rank = {"refused": 0, "asked": 1, "voided": 2}
    found: dict[str, str] = {}
    for one, decision in await session.execute(query):
        found[one] = max(found.get(one, "refused"), words[decision], key=rank.__getitem__)
    return found


def _held(chunk: list[str]) -> Select[str, int]:
    return (
        select(CustodyMove.collection_id, total(CustodyMove.amount_minor))
        .join(Collection, Collection.id == CustodyMove.collection_id)
        .where(among(CustodyMove.collection_id, chunk), CustodyMove.holder_id == Collection.salesperson_id)
        .group_by(CustodyMove.collection_id)
    )


async def _matched(session: AsyncSession, chunk: list[str]) -> dict[str, int]:
    """Sum what matches in force stand for: the claim itself, or the collection's share of a deposit."""
    in_force = and_(Claim.match_id == Match.id, Claim.subject_id == Match.expected_id)
    claimed = (
        select(Match.expected_id, Match.amount_minor)
        .join(Claim, in_force)
        .where(Match.expected_kind == "collection", among(Match.expected_id, chunk))
    )
    shares = (
        select(CustodyMove.collection_id, CustodyMove.amount_minor, Match.amount_minor, Deposit.amount_minor)
        .join(Deposit, Deposit.id == CustodyMove.fact_id)
        .join(Match, and_(Match.expected_id == Deposit.id, Match.expected_kind == "deposit"))
        .join(Claim, in_force)
        .where(among(CustodyMove.collection_id, chunk), CustodyMove.fact_kind == "deposit")
    )
    found: dict[str, int] = {}
    for one, amount in await session.execute(claimed):
        found[one] = found.get(one, 0) + amount
    for one, moved, matched, deposited in await session.execute(shares):
        found[one] = found.get(one, 0) + -moved * matched // deposited
    return found


async def page(
    session: AsyncSession, wanted: Filter, *, after: tuple[int, str] | None = None, limit: int = 50
) -> list[Listed]:
    """Return collections, newest first, behind a (taken_at_ms, id) already shown."""
    query = _with_names().order_by(Collection.taken_at_ms.desc(), Collection.id.desc()).limit(limit)
    for condition in _conditions(wanted):
        query = query.where(condition)
    if after is not None:
        at_ms, last = after
        behind = and_(Collection.taken_at_ms == at_ms, Collection.id < last)
        query = query.where(or_(Collection.taken_at_ms < at_ms, behind))
    return await _listed(session, query)


async def listed(session: AsyncSession, collection_id: str) -> Listed | None:
    """Return one collection with names and standing."""
    found = await _listed(session, _with_names().where(Collection.id == collection_id))
    return found[0] if found else None


def _with_names() -> Select[Collection, str, str, str]:
    return (
        select(Collection, CustomerRecord.number, CustomerRecord.name, UserAccount.name)
        .join(CustomerRecord, CustomerRecord.id == Collection.customer_id)
        .outerjoin(UserAccount, UserAccount.id == Collection.salesperson_id)
    )


async def _listed(session: AsyncSession, query: Select[Collection, str, str, str]) -> list[Listed]:
    rows = (await session.execute(query)).all()
    standing = await standings(session, [row[0].id for row in rows])
    return [Listed(row, number, name, who or "", standing[row.id]) for row, number, name, who in rows]


def _conditions(wanted: Filter) -> Iterator[ColumnElement[bool]]:
    for column, value in (
        (Collection.salesperson_id, wanted.salesperson_id),
        (Collection.customer_id, wanted.customer_id),
        (Collection.method, wanted.method),
        (Collection.receipt_number, wanted.receipt_number),
    ):
        if value:
            yield column == value
    if wanted.flag:
        yield (literal(" ") + Collection.flags + literal(" ")).contains(f" {wanted.flag} ", autoescape=True)
    if wanted.since_ms is not None:
        yield Collection.taken_at_ms >= wanted.since_ms
    if wanted.until_ms is not None:
        yield Collection.taken_at_ms < wanted.until_ms

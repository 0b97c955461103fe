"""SQL for control totals: each figure from the ledger beside the same figure from the facts that were recorded."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Select, and_, case, func, literal, literal_column, or_, select, union_all
from sqlalchemy.ext.asyncio import AsyncSession

from backend.bank.tables import BankLineRecord
from backend.collection.tables import Allocation, Collection
from backend.company.tables import Setting
from backend.custody.tables import CustodyMove, Deposit, HandOver
from backend.customer.tables import CustomerRecord
from backend.invoice.tables import InvoiceRecord, Settlement
from backend.ledger.queries import total
from backend.ledger.tables import PostingRow
from backend.matching.tables import Claim, Match, Unmatch
from backend.report.queries import decided, voided
from backend.sync.tables import FeedRow
from shared.collection import HELD_METHODS

Sums = dict[tuple[str, str], int]  # (key, currency) -> minor units; zeros left out

_HELD = Collection.method.in_(HELD_METHODS)
_IN_FORCE = ~select(Unmatch.match_id).where(Unmatch.match_id == Match.id).exists()


async def _sums(session: AsyncSession, query: Select[Any]) -> Sums:
    """Run a query of (key, currency, minor units)."""
    found: Sums = {}
    for key, currency, amount in await session.execute(query):
        place = (str(key), str(currency))
        found[place] = found.get(place, 0) + int(amount or 0)
    return {place: amount for place, amount in found.items() if amount}


def _grouped(key: Any, currency: Any, amount: Any) -> Select[Any]:
    return select(key, currency, total(amount)).group_by(key, currency)


def _by_currency(currency: Any, amount: Any) -> Select[Any]:
    return select(literal(""), currency, total(amount)).group_by(currency)


async def posted(session: AsyncSession, kind: str = "", *, by_key: bool = True) -> Sums:
    """Sum postings of one kind (or of all) by account key and currency, or by currency alone."""
    query = (
        _grouped(PostingRow.key, PostingRow.currency, PostingRow.amount_minor)
        if by_key
        else _by_currency(PostingRow.currency, PostingRow.amount_minor)
    )
    return await _sums(session, query.where(PostingRow.kind == kind) if kind else query)


async def posted_absolute(session: AsyncSession) -> Sums:
    """Sum what was moved, whatever its sign: tells which currencies occur."""
    return await _sums(session, _by_currency(PostingRow.currency, func.abs(PostingRow.amount_minor)))


async def posted_by_invoice(session: AsyncSession) -> Sums:
    """Sum receivable postings by the customer of their invoice: a posting without its invoice is missing here."""
    query = (
        _grouped(InvoiceRecord.customer_id, PostingRow.currency, PostingRow.amount_minor)
        .select_from(PostingRow)
        .join(InvoiceRecord, InvoiceRecord.id == PostingRow.invoice_id)
        .where(PostingRow.kind == "receivable", InvoiceRecord.currency == PostingRow.currency)
    )
    return await _sums(session, query)


async def owed(session: AsyncSession) -> Sums:
    """Sum by customer what documents say: invoices less settlements less what collections in force paid."""
    paid = (
        _grouped(InvoiceRecord.customer_id, InvoiceRecord.currency, Allocation.applied_minor)
        .select_from(Allocation)
        .join(InvoiceRecord, InvoiceRecord.id == Allocation.invoice_id)
        .join(Collection, Collection.id == Allocation.collection_id)
        .where(~voided(), ~decided("rejected"))
    )
    settled = (
        _grouped(InvoiceRecord.customer_id, InvoiceRecord.currency, Settlement.amount_minor)
        .select_from(Settlement)
        .join(InvoiceRecord, InvoiceRecord.id == Settlement.invoice_id)
    )
    invoiced = _grouped(InvoiceRecord.customer_id, InvoiceRecord.currency, InvoiceRecord.amount_minor)
    return less(less(await _sums(session, invoiced), await _sums(session, paid)), await _sums(session, settled))


async def unapplied(session: AsyncSession) -> Sums:
    """Sum by customer the money that no invoice took; all of a rejected payment whose cash is still held."""
    part = case(
        (decided("rejected"), case((_HELD, Collection.amount_minor), else_=0)), else_=Collection.unapplied_minor
    )
    rows = select(Collection.customer_id, Collection.currency, part.label("part")).where(~voided()).subquery()
    return await _sums(session, _grouped(rows.c.customer_id, rows.c.currency, rows.c.part))


async def held(session: AsyncSession) -> Sums:
    """Sum custody moves by ``holder:kind``."""
    key = CustodyMove.holder_id + literal_column("':'") + CustodyMove.kind
    return await _sums(session, _grouped(key, CustodyMove.currency, CustodyMove.amount_minor))


async def held_receipts(session: AsyncSession) -> Sums:
    """Sum receipts for money that somebody held, but for voided ones."""
    query = _by_currency(Collection.currency, Collection.amount_minor).where(_HELD, ~voided())
    return await _sums(session, query)


async def deposited(session: AsyncSession, *, matched: bool | None = None) -> Sums:
    """Sum deposits (matched ones, unmatched ones, or all)."""
    query = _by_currency(Deposit.currency, Deposit.amount_minor)
    if matched is not None:
        claim = select(Claim.subject_id).where(Claim.subject_id == Deposit.id).exists()
        query = query.where(claim if matched else ~claim)
    return await _sums(session, query)


async def stated(session: AsyncSession, *, unmatched: bool = False) -> Sums:
    """Sum bank lines by account; with ``unmatched``, those without a match."""
    query = _grouped(BankLineRecord.account_id, BankLineRecord.currency, BankLineRecord.amount_minor)
    if unmatched:
        query = query.where(~select(Claim.subject_id).where(Claim.subject_id == BankLineRecord.id).exists())
    return await _sums(session, query)


async def claimed(session: AsyncSession) -> Sums:
    """Sum by channel the payments claimed (code, transfer …) and neither voided nor rejected, less matched ones."""
    claim = select(Claim.subject_id).where(Claim.subject_id == Collection.id).exists()
    every = _grouped(Collection.method, Collection.currency, Collection.amount_minor).where(~_HELD)
    standing = await _sums(session, every.where(~voided(), ~decided("rejected")))
    return less(standing, await _sums(session, every.where(claim)))


async def claims(session: AsyncSession) -> tuple[int, int, int]:
    """Return how many claims the matches in force need (two each), how many of these are there, and how many others."""
    needed = union_all(
        select(Match.id.label("match_id"), Match.line_id.label("subject_id")).where(_IN_FORCE),
        select(Match.id, Match.expected_id).where(_IN_FORCE),
    ).subquery()
    fits = and_(needed.c.match_id == Claim.match_id, needed.c.subject_id == Claim.subject_id)
    wanted = await session.scalar(select(func.count()).select_from(needed)) or 0
    fitting = await session.scalar(select(func.count()).select_from(Claim).join(needed, fits)) or 0
    every = await session.scalar(select(func.count()).select_from(Claim)) or 0
    return wanted, fitting, every - fitting


async def matched_fallen(session: AsyncSession) -> dict[str, int]:
    """Count the matches in force by the collection that they name, of those rejected or voided."""
    query = (
        select(Collection.id, func.count())
        .join(Match, Match.expected_id == Collection.id)
        .where(_IN_FORCE, or_(decided("rejected"), voided()))
        .group_by(Collection.id)
    )
    return {one: int(count) for one, count in await session.execute(query)}


async def record_ids(session: AsyncSession) -> dict[str, set[str]]:
    """Return, by feed kind, the ids of what exists: every record that a phone may see."""
    owners: dict[str, tuple[Any, ...]] = {
        "customer": (CustomerRecord.id,),
        "invoice": (InvoiceRecord.id,),
        "collection": (Collection.id,),
        "remittance": (HandOver.id, Deposit.id),
    }
    installed = await session.scalar(select(Setting.key).where(Setting.key == "company.name"))
    found: dict[str, set[str]] = {"company": {"company"} if installed else set()}
    for kind, columns in owners.items():
        found[kind] = {one for column in columns for one in await session.scalars(select(column))}
    return found


async def feed_rows(session: AsyncSession) -> dict[tuple[str, str, str], str]:
    """Return what the feed shows now: (scope, kind, record id) -> body."""
    query = select(FeedRow.scope, FeedRow.kind, FeedRow.record_id, FeedRow.body).where(FeedRow.body != "")
    return {(scope, kind, one): body for scope, kind, one, body in await session.execute(query)}


def less(some: Sums, other: Sums) -> Sums:
    """Subtract sums from sums."""
    found = dict(some)
    for place, amount in other.items():
        found[place] = found.get(place, 0) - amount
    return {place: amount for place, amount in found.items() if amount}


def plus(*parts: Sums) -> Sums:
    """Add sums."""
    found: Sums = {}
    for part in parts:
        for place, amount in part.items():
            found[place] = found.get(place, 0) + amount
    return {place: amount for place, amount in found.items() if amount}


def flat(sums: Sums) -> Sums:
    """Add up over all keys of a currency."""
    found: Sums = {}
    for (_, currency), amount in sums.items():
        found["", currency] = found.get(("", currency), 0) + amount
    return {place: amount for place, amount in found.items() if amount}

"""SQL for reports: ageing, collections by day, and what waits for somebody."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, case, func, null, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from backend.approval.tables import Approval
from backend.auth.tables import UserAccount
from backend.bank.tables import BankLineRecord
from backend.collection.tables import Collection, VoidRequest
from backend.custody.queries import awaits
from backend.custody.tables import Deposit, HandOver
from backend.customer.tables import CustomerRecord
from backend.importing.tables import OpenDifference
from backend.invoice.tables import InvoiceRecord
from backend.ledger.queries import total
from backend.ledger.tables import PostingRow
from backend.matching.tables import Claim, Match, ProposalRecord
from backend.sync.tables import OperationRecord

# The last day on which an invoice fell due to stand in a class, counted back from the day of the report.
_EDGES = (("d1_30", 1, 30), ("d31_60", 31, 60), ("d61_90", 61, 90))


def voided() -> ColumnElement[bool]:
    """The condition that a collection's void was approved."""
    asked = and_(VoidRequest.collection_id == Collection.id, Approval.subject_kind == "void")
    return (
        select(VoidRequest.id)
        .join(Approval, Approval.subject_id == VoidRequest.id)
        .where(asked, Approval.decision == "approved")
        .exists()
    )


def decided(decision: str | None = None) -> ColumnElement[bool]:
    """The condition that a collection was decided on (in this way)."""
    query = select(Approval.id).where(Approval.subject_kind == "collection", Approval.subject_id == Collection.id)
    return (query if decision is None else query.where(Approval.decision == decision)).exists()


def _class_sums(open_minor: Any, as_of: date) -> list[ColumnElement[int]]:
    due = InvoiceRecord.due_on
    in_class = [due >= as_of]
    in_class += [due.between(as_of - timedelta(days=last), as_of - timedelta(days=first)) for _, first, last in _EDGES]
    in_class.append(due < as_of - timedelta(days=90))
    return [total(case((condition, open_minor), else_=0)) for condition in in_class]


async def aged(
    session: AsyncSession, as_of: date, *, salesperson_id: str = "", customer_id: str = ""
) -> list[tuple[Any, ...]]:
    """Return (customer id, number, name, salesperson id, currency, five classes) from postings booked up to a day."""
    opened = (
        select(PostingRow.invoice_id, total(PostingRow.amount_minor).label("open_minor"))
        .where(PostingRow.kind == "receivable", PostingRow.booked_on <= as_of)
        .group_by(PostingRow.invoice_id)
    )
    if customer_id:
        opened = opened.where(PostingRow.key == customer_id)
    sub = opened.subquery()
    columns = (
        CustomerRecord.id,
        CustomerRecord.number,
        CustomerRecord.name,
        CustomerRecord.salesperson_id,
        InvoiceRecord.currency,
    )
    query = (
        select(*columns, *_class_sums(sub.c.open_minor, as_of))
        .select_from(sub)
        .join(InvoiceRecord, InvoiceRecord.id == sub.c.invoice_id)
        .join(CustomerRecord, CustomerRecord.id == InvoiceRecord.customer_id)
        .where(sub.c.open_minor != 0)
        .group_by(*columns)
        .order_by(CustomerRecord.number, InvoiceRecord.currency)
    )
    if salesperson_id:
        query = query.where(CustomerRecord.salesperson_id == salesperson_id)
    return [tuple(row) for row in await session.execute(query)]


async def taken(session: AsyncSession, since_ms: int, *, salesperson_id: str = "") -> list[tuple[int, str, int]]:
    """Return (when, currency, minor units) of collections since a moment that were not voided."""
    query = (
        select(Collection.taken_at_ms, Collection.currency, Collection.amount_minor)
        .where(Collection.taken_at_ms >= since_ms, ~voided())
        .order_by(Collection.taken_at_ms)
    )
    if salesperson_id:
        query = query.where(Collection.salesperson_id == salesperson_id)
    return [(at_ms, currency, amount) for at_ms, currency, amount in await session.execute(query)]


async def salespeople_count(session: AsyncSession) -> int:
    """Return how many salespeople may sign in."""
    query = select(func.count()).where(UserAccount.role == "salesperson", UserAccount.active.is_(True))
    return await session.scalar(query) or 0


async def credit_lines(session: AsyncSession, since: date) -> tuple[int, int, int]:
    """Return how many credits the bank booked since a day, how many are matched, and how many of those by itself."""
    line = select(BankLineRecord.id).where(BankLineRecord.amount_minor > 0, BankLineRecord.booked_on >= since)
    matched = (
        select(func.count(), func.count(case((Match.confirmed_by == "auto", 1))))
        .select_from(Match)
        .join(Claim, and_(Claim.match_id == Match.id, Claim.subject_id == Match.line_id))
        .where(Match.line_id.in_(line))
    )
    every = await session.scalar(select(func.count()).select_from(line.subquery())) or 0
    done, automatic = (await session.execute(matched)).one()
    return every, done, automatic


async def waiting(session: AsyncSession) -> dict[str, tuple[int, int | None]]:
    """Return, by what waits for a person, how many there are and since when the oldest waits (Unix ms, if known)."""
    queries: dict[str, Select[Any]] = {
        "approvals": _counted(Collection.received_at_ms, ~decided(), ~voided()),
        "voids": _counted(VoidRequest.asked_at_ms, ~_is_decided(VoidRequest.id)),
        "hand_overs": _counted(HandOver.given_at_ms, awaits()),
        "deposits": _counted(Deposit.recorded_at_ms, ~_has_row(Claim.subject_id, Deposit.id)),
        "lines": _counted(
            BankLineRecord.created_at_ms,
            ~_has_row(Claim.subject_id, BankLineRecord.id),
            BankLineRecord.amount_minor > 0,
        ),
        "proposals": _answering(func.count(ProposalRecord.line_id.distinct()), func.min(ProposalRecord.proposed_at_ms)),
        "differences": _answering(func.count(), null()).where(OpenDifference.state == "proposed"),
        "operations": _counted(
            OperationRecord.received_at_ms,
            or_(OperationRecord.status == "held", OperationRecord.status == "quarantined"),
        ),
    }
    found = {}
    for word, query in queries.items():
        count, oldest = (await session.execute(query)).one()
        found[word] = (int(count), None if oldest is None else int(oldest))
    return found


def _answering(*columns: Any) -> Select[Any]:
    return select(*columns)


def _counted(since: Any, *conditions: ColumnElement[bool]) -> Select[Any]:
    return select(func.count(), func.min(since)).where(*conditions)


def _is_decided(void_id: Any) -> ColumnElement[bool]:
    return select(Approval.id).where(Approval.subject_kind == "void", Approval.subject_id == void_id).exists()


def _has_row(column: Any, wanted: Any) -> ColumnElement[bool]:
    return select(column).where(column == wanted).exists()

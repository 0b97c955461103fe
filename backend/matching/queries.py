"""Open bank lines, the money we expect, proposals and matches."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import delete, func, or_, select

from backend.approval.tables import Approval
from backend.bank.tables import BankAccount, BankLineRecord
from backend.collection.tables import Collection, VoidRequest
from backend.custody.tables import CustodyMove, Deposit
from backend.customer.tables import CustomerRecord
from backend.matching.tables import Claim, Match, MatchRejection, ProposalRecord, Unmatch
from shared.clock import business_date
from shared.collection import HELD_METHODS
from shared.ident import rf_reference
from shared.matching import BankLine, Expected

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sqlalchemy import Select
    from sqlalchemy.ext.asyncio import AsyncSession

_CHUNK = 500


@dataclass(frozen=True, slots=True)
class Matched:
    """A match with its undoing, if any, and the line it is about."""

    match: Match
    unmatch: Unmatch | None
    line: BankLineRecord


def bank_line(record: BankLineRecord) -> BankLine:
    """Return a line as the matching rules see it."""
    return BankLine(
        record.id,
        record.account_id,
        record.booked_on,
        record.amount_minor,
        record.currency,
        record.counterparty_name,
        record.reference,
        record.text,
    )


def _is_open(subject_id: Any) -> Any:
    return ~select(Claim.subject_id).where(Claim.subject_id == subject_id).exists()


async def open_lines(
    session: AsyncSession, *, account_id: str | None = None, after: str = "", limit: int | None = None
) -> list[BankLineRecord]:
    """Return credits that no match in force holds, by id; ``after`` is the last id of the page before."""
    query = (
        select(BankLineRecord)
        .where(BankLineRecord.amount_minor > 0, _is_open(BankLineRecord.id), BankLineRecord.id > after)
        .order_by(BankLineRecord.id)
        .limit(limit)
    )
    if account_id is not None:
        query = query.where(BankLineRecord.account_id == account_id)
    return list(await session.scalars(query))


async def line(session: AsyncSession, line_id: str) -> BankLineRecord | None:
    """Return one bank line."""
    return await session.get(BankLineRecord, line_id)


async def expected(session: AsyncSession, zone: str, expected_id: str | None = None) -> list[Expected]:
    """Return the money that should still arrive: deposits in transit, and claims neither voided nor rejected."""
    found = [_of_deposit(row) for row in await session.scalars(_deposits(expected_id))]
    rows = await session.execute(_claims(expected_id))
    return found + [_of_claim(collection, name, zone) for collection, name in rows]


async def lock_expected(session: AsyncSession, expected_ids: Iterable[str]) -> set[str]:
    """Lock claims, then deposits, in order of id, and return those that are still expected.

    Decisions lock the same collection rows: what was rejected or voided while we waited for a lock is left out.
    """
    wanted, found = sorted(set(expected_ids)), set[str]()
    chunks = [wanted[start : start + _CHUNK] for start in range(0, len(wanted), _CHUNK)]
    for one in (Collection.id, Deposit.id):
        for chunk in chunks:
            await session.execute(select(one).where(one.in_(chunk)).order_by(one).with_for_update())
    for chunk in chunks:
        claims = _claims(None).with_only_columns(Collection.id).where(Collection.id.in_(chunk))
        found |= set(await session.scalars(claims))
        deposits = _deposits(None).with_only_columns(Deposit.id).where(Deposit.id.in_(chunk))
        found |= set(await session.scalars(deposits))
    return found


def _deposits(expected_id: str | None) -> Select[Deposit]:
    query = select(Deposit).where(_is_open(Deposit.id)).order_by(Deposit.id)
    return query.where(Deposit.id == expected_id) if expected_id is not None else query


def _claims(expected_id: str | None) -> Select[Collection, str]:
    rejected = select(Approval.id).where(
        Approval.subject_kind == "collection", Approval.subject_id == Collection.id, Approval.decision == "rejected"
    )
    voided = (
        select(VoidRequest.id)
        .join(Approval, Approval.subject_id == VoidRequest.id)
        .where(VoidRequest.collection_id == Collection.id)
        .where(Approval.subject_kind == "void", Approval.decision == "approved")
    )
    query = (
        select(Collection, CustomerRecord.name)
        .join(CustomerRecord, CustomerRecord.id == Collection.customer_id)
        .where(Collection.method.not_in(HELD_METHODS), _is_open(Collection.id))
        .where(~rejected.exists(), ~voided.exists())
        .order_by(Collection.id)
    )
    return query.where(Collection.id == expected_id) if expected_id is not None else query


def _of_deposit(row: Deposit) -> Expected:
    references = (row.slip_reference,) if row.slip_reference else ()
    return Expected(
        row.id,
        "deposit",
        row.currency,
        row.amount_minor,
        row.deposited_on,
        row.bank_account_id,
        references,
    )


def _of_claim(row: Collection, payer_name: str, zone: str) -> Expected:
    compact = row.receipt_number.replace("-", "")
    references = (row.receipt_number, rf_reference(compact), row.reference, row.request_id)
    return Expected(
        row.id,
        "collection",
        row.currency,
        row.amount_minor,
        business_date(row.taken_at_ms, zone),
        "",
        tuple(dict.fromkeys(reference for reference in references if reference)),
        payer_name,
    )


async def methods(session: AsyncSession, collection_ids: Iterable[str]) -> dict[str, str]:
    """Return the method of claimed collections: their clearing channel."""
    wanted, found = sorted(set(collection_ids)), dict[str, str]()
    for start in range(0, len(wanted), _CHUNK):
        query = select(Collection.id, Collection.method).where(Collection.id.in_(wanted[start : start + _CHUNK]))
        found |= {row.id: row.method for row in await session.execute(query)}
    return found


async def collections_behind(session: AsyncSession, expected_ids: Iterable[str]) -> dict[str, list[str]]:
    """Return by expected id (deposit or claim) the collections whose money it is."""
    wanted, found = sorted(set(expected_ids)), dict[str, list[str]]()
    for start in range(0, len(wanted), _CHUNK):
        chunk = wanted[start : start + _CHUNK]
        moves = (
            select(CustodyMove.fact_id, CustodyMove.collection_id)
            .where(CustodyMove.fact_id.in_(chunk), CustodyMove.fact_kind == "deposit")
            .order_by(CustodyMove.fact_id, CustodyMove.taken_at_ms, CustodyMove.collection_id)
        )
        for fact_id, collection_id in await session.execute(moves):
            found.setdefault(fact_id, []).append(collection_id)
        for collection_id in await session.scalars(select(Collection.id).where(Collection.id.in_(chunk))):
            found.setdefault(collection_id, []).append(collection_id)
    return found


async def receipts(reader: AsyncSession, collection_ids: Iterable[str]) -> dict[str, tuple[str, str]]:
    """Return (receipt number, salesperson) by collection."""
    wanted, found = sorted(set(collection_ids)), dict[str, tuple[str, str]]()
    for start in range(0, len(wanted), _CHUNK):
        query = select(Collection.id, Collection.receipt_number, Collection.salesperson_id).where(
            Collection.id.in_(wanted[start : start + _CHUNK])
        )
        found |= {key: (number, who) for key, number, who in await reader.execute(query)}
    return found


async def rejections(session: AsyncSession) -> set[tuple[str, str]]:
    """Return the pairs that a person refused and whose line is still open."""
    query = select(MatchRejection.line_id, MatchRejection.expected_id).where(_is_open(MatchRejection.line_id))
    return {(line_id, expected_id) for line_id, expected_id in await session.execute(query)}


async def is_rejected(session: AsyncSession, line_id: str, expected_id: str) -> bool:
    """Say whether a person refused this pair."""
    return await session.get(MatchRejection, (line_id, expected_id)) is not None


async def claimed(session: AsyncSession, subject_ids: Iterable[str]) -> dict[str, str]:
    """Return the match in force by subject (bank line or expected money)."""
    query = select(Claim.subject_id, Claim.match_id).where(Claim.subject_id.in_(list(subject_ids)))
    return {row.subject_id: row.match_id for row in await session.execute(query)}


async def match(session: AsyncSession, match_id: str) -> Matched | None:
    """Return one match, in force or undone."""
    query = (
        select(Match, Unmatch, BankLineRecord)
        .outerjoin(Unmatch, Unmatch.match_id == Match.id)
        .join(BankLineRecord, BankLineRecord.id == Match.line_id)
        .where(Match.id == match_id)
    )
    row = (await session.execute(query)).one_or_none()
    return Matched(row[0], row[1], row[2]) if row else None


async def matches(
    reader: AsyncSession, *, account_id: str = "", expected_id: str = "", after: str = "", limit: int = 50
) -> list[Matched]:
    """Return matches, newest first, undone ones too; ``after`` is the last id of the page before."""
    query = (
        select(Match, Unmatch, BankLineRecord)
        .outerjoin(Unmatch, Unmatch.match_id == Match.id)
        .join(BankLineRecord, BankLineRecord.id == Match.line_id)
        .order_by(Match.id.desc())
        .limit(limit)
    )
    if account_id:
        query = query.where(BankLineRecord.account_id == account_id)
    if expected_id:
        query = query.where(Match.expected_id == expected_id)
    if after:
        query = query.where(Match.id < after)
    return [Matched(row[0], row[1], row[2]) for row in await reader.execute(query)]


async def of_expected(reader: AsyncSession, expected_id: str) -> list[Match]:
    """Return the match in force of a deposit or claim, in a list; of a collection, also those of its deposits."""
    deposits = select(CustodyMove.fact_id).where(
        CustodyMove.collection_id == expected_id, CustodyMove.fact_kind == "deposit"
    )
    query = (
        select(Match)
        .join(Claim, (Claim.match_id == Match.id) & (Claim.subject_id == Match.expected_id))
        .where(or_(Match.expected_id == expected_id, Match.expected_id.in_(deposits)))
        .order_by(Match.id)
    )
    return list(await reader.scalars(query))


async def proposals(reader: AsyncSession, line_ids: Iterable[str]) -> list[ProposalRecord]:
    """Return the proposals of lines, the most probable first."""
    wanted, found = sorted(set(line_ids)), list[ProposalRecord]()
    for start in range(0, len(wanted), _CHUNK):
        query = (
            select(ProposalRecord)
            .where(ProposalRecord.line_id.in_(wanted[start : start + _CHUNK]))
            .order_by(ProposalRecord.line_id, ProposalRecord.probability_bp.desc(), ProposalRecord.expected_id)
        )
        found += await reader.scalars(query)
    return found


async def proposed(session: AsyncSession, line_id: str, expected_id: str) -> ProposalRecord | None:
    """Return the waiting proposal of a pair."""
    return await session.get(ProposalRecord, (line_id, expected_id))


async def clear_proposals(session: AsyncSession, account_id: str | None) -> None:
    """Forget the proposals of an account's lines (or all) before new ones are made."""
    query = delete(ProposalRecord)
    if account_id is not None:
        lines = select(BankLineRecord.id).where(BankLineRecord.account_id == account_id)
        query = query.where(ProposalRecord.line_id.in_(lines))
    await session.execute(query.execution_options(synchronize_session=False))


async def drop_proposals(session: AsyncSession, line_id: str, expected_id: str) -> None:
    """Forget the proposals that a confirmed pair makes pointless."""
    query = delete(ProposalRecord).where(
        or_(ProposalRecord.line_id == line_id, ProposalRecord.expected_id == expected_id)
    )
    await session.execute(query.execution_options(synchronize_session=False))


async def release(session: AsyncSession, match_id: str) -> None:
    """Give the line and the expected money of a match free again."""
    query = delete(Claim).where(Claim.match_id == match_id)
    await session.execute(query.execution_options(synchronize_session=False))


async def counts(reader: AsyncSession) -> tuple[int, int, int]:
    """Return how many credits are matched, how many are open, and how many of those have a proposal."""
    incoming = select(func.count()).select_from(BankLineRecord).where(BankLineRecord.amount_minor > 0)
    open_count = await reader.scalar(incoming.where(_is_open(BankLineRecord.id))) or 0
    proposed_count = await reader.scalar(select(func.count(func.distinct(ProposalRecord.line_id)))) or 0
    return ((await reader.scalar(incoming) or 0) - open_count, open_count, proposed_count)


async def account_of_line(session: AsyncSession, line_id: str) -> BankAccount | None:
    """Return the account of a line."""
    query = select(BankAccount).join(BankLineRecord, BankLineRecord.account_id == BankAccount.id)
    return await session.scalar(query.where(BankLineRecord.id == line_id))

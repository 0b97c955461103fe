"""SQL over custody: who holds what, hand-overs in halves, deposits."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, and_, func, insert, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from backend.auth.tables import UserAccount
from backend.bank.tables import BankAccount
from backend.custody.tables import CustodyMove, Deposit, HandOver, HandOverReceipt, HandOverRefusal
from backend.ledger.queries import total
from backend.matching.tables import Claim
from shared.custody import Lot


class Holding(NamedTuple):
    """What one person holds of one kind and currency, and when the oldest of it was taken."""

    holder_id: str
    kind: str
    currency: str
    amount_minor: int
    oldest_ms: int


@dataclass(frozen=True, slots=True)
class HandOverState:
    """A hand-over with both halves, as far as they are here; ``refusal`` is instead of the receiver's half."""

    hand_over: HandOver
    giver_name: str
    receipt: HandOverReceipt | None
    receiver_name: str  # or who refused
    refusal: HandOverRefusal | None = None


@dataclass(frozen=True, slots=True)
class DepositState:
    """A deposit with names, and whether a bank line has been matched with it."""

    deposit: Deposit
    holder_name: str
    account_name: str
    matched: bool


async def lock_holder(session: AsyncSession, holder_id: str) -> bool:
    """Lock a person's row, so that one fact at a time takes money out of their hands; False: no such person."""
    query = select(UserAccount.id).where(UserAccount.id == holder_id).with_for_update()
    return await session.scalar(query) is not None


async def add_moves(session: AsyncSession, moves: Sequence[dict[str, Any]]) -> None:
    """Add moves with one statement."""
    if moves:
        await session.execute(insert(CustodyMove.__table__), moves)  # type: ignore[arg-type]  # a Table


async def lots(session: AsyncSession, holder_id: str, kind: str, currency: str) -> list[Lot]:
    """Return what a person holds, by collection, oldest first."""
    held = total(CustodyMove.amount_minor)
    query = (
        select(CustodyMove.collection_id, held, CustodyMove.taken_at_ms)
        .where(CustodyMove.holder_id == holder_id, CustodyMove.kind == kind, CustodyMove.currency == currency)
        .group_by(CustodyMove.collection_id, CustodyMove.taken_at_ms)
        .having(held > 0)
        .order_by(CustodyMove.taken_at_ms, CustodyMove.collection_id)
    )
    return [Lot(one, int(amount), at_ms) for one, amount, at_ms in await session.execute(query)]


async def holdings(session: AsyncSession, holder_id: str = "") -> list[Holding]:
    """Return what everybody (or one person) holds now, by holder, kind and currency."""
    held = total(CustodyMove.amount_minor).label("held")
    by_lot = (
        select(
            CustodyMove.holder_id, CustodyMove.kind, CustodyMove.currency, CustodyMove.collection_id, held,
            func.min(CustodyMove.taken_at_ms).label("taken_at_ms"),
        )
        .group_by(CustodyMove.holder_id, CustodyMove.kind, CustodyMove.currency, CustodyMove.collection_id)
        .having(held > 0)
    )  # fmt: skip
    if holder_id:
        by_lot = by_lot.where(CustodyMove.holder_id == holder_id)
    lot = by_lot.subquery()
    query = (
        select(lot.c.holder_id, lot.c.kind, lot.c.currency, total(lot.c.held), func.min(lot.c.taken_at_ms))
        .group_by(lot.c.holder_id, lot.c.kind, lot.c.currency)
        .order_by(lot.c.holder_id, lot.c.kind, lot.c.currency)
    )
    return [Holding(*row) for row in await session.execute(query)]


async def held_of(session: AsyncSession, collection_id: str) -> dict[str, int]:
    """Return who holds what of one collection, by holder."""
    query = (
        select(CustodyMove.holder_id, total(CustodyMove.amount_minor))
        .where(CustodyMove.collection_id == collection_id)
        .group_by(CustodyMove.holder_id)
    )
    return {holder: int(amount) for holder, amount in await session.execute(query) if amount}


async def awaiting_minor(session: AsyncSession, giver_id: str, kind: str, currency: str) -> int:
    """Sum what a giver has counted out in hand-overs that still await the other half."""
    query = (
        select(total(HandOver.counted_minor))
        .where(HandOver.giver_id == giver_id, HandOver.kind == kind, HandOver.currency == currency)
        .where(awaits())
    )
    return int(await session.scalar(query) or 0)


def awaits() -> ColumnElement[bool]:
    """Say of the selected hand-over whether it was neither received nor refused."""
    received = select(HandOverReceipt.hand_over_id).where(HandOverReceipt.hand_over_id == HandOver.id)
    refused = select(HandOverRefusal.hand_over_id).where(HandOverRefusal.hand_over_id == HandOver.id)
    return and_(~received.correlate(HandOver).exists(), ~refused.correlate(HandOver).exists())


async def waiting(session: AsyncSession, *, pairing_code: str = "", hand_over_id: str = "") -> list[HandOver]:
    """Return hand-overs with this code or id that await the other half, locked."""
    query = select(HandOver).where(awaits()).order_by(HandOver.id).with_for_update()
    if pairing_code:
        query = query.where(HandOver.pairing_code == pairing_code)
    if hand_over_id:
        query = query.where(HandOver.id == hand_over_id)
    found = list(await session.scalars(query))
    ids = [one.id for one in found]  # asked again: another one may have been quicker while we waited for the lock
    still = set(await session.scalars(select(HandOver.id).where(HandOver.id.in_(ids), awaits())))
    return [one for one in found if one.id in still]


async def receipt_of(session: AsyncSession, hand_over_id: str) -> HandOverReceipt | None:
    """Return the receiver's half, if it is here."""
    return await session.get(HandOverReceipt, hand_over_id)


async def hand_overs(
    session: AsyncSession,
    *,
    giver_id: str = "",
    awaiting: bool = False,
    after: tuple[int, str] | None = None,
    limit: int = 50,
) -> list[HandOverState]:
    """Return hand-overs, newest first, behind a (given_at_ms, id) already shown."""
    giver, receiver = UserAccount.__table__.alias("giver"), UserAccount.__table__.alias("receiver")
    query = (
        select(HandOver, giver.c.name, HandOverReceipt, receiver.c.name, HandOverRefusal)
        .outerjoin(giver, giver.c.id == HandOver.giver_id)
        .outerjoin(HandOverReceipt, HandOverReceipt.hand_over_id == HandOver.id)
        .outerjoin(HandOverRefusal, HandOverRefusal.hand_over_id == HandOver.id)
        .outerjoin(receiver, receiver.c.id == func.coalesce(HandOverReceipt.receiver_id, HandOverRefusal.refused_by))
        .order_by(HandOver.given_at_ms.desc(), HandOver.id.desc())
        .limit(limit)
    )
    if giver_id:
        query = query.where(HandOver.giver_id == giver_id)
    if awaiting:
        query = query.where(awaits())
    if after is not None:
        behind = and_(HandOver.given_at_ms == after[0], HandOver.id < after[1])
        query = query.where(or_(HandOver.given_at_ms < after[0], behind))
    rows = await session.execute(query)
    return [HandOverState(one, who or "", receipt, other or "", no) for one, who, receipt, other, no in rows]


async def deposits(
    session: AsyncSession, *, holder_id: str = "", after: tuple[int, str] | None = None, limit: int = 50
) -> list[DepositState]:
    """Return deposits, newest first, behind a (recorded_at_ms, id) already shown."""
    query = (
        select(Deposit, UserAccount.name, BankAccount.name, Claim.match_id)
        .outerjoin(UserAccount, UserAccount.id == Deposit.holder_id)
        .outerjoin(BankAccount, BankAccount.id == Deposit.bank_account_id)
        .outerjoin(Claim, Claim.subject_id == Deposit.id)
        .order_by(Deposit.recorded_at_ms.desc(), Deposit.id.desc())
        .limit(limit)
    )
    if holder_id:
        query = query.where(Deposit.holder_id == holder_id)
    if after is not None:
        behind = and_(Deposit.recorded_at_ms == after[0], Deposit.id < after[1])
        query = query.where(or_(Deposit.recorded_at_ms < after[0], behind))
    rows = await session.execute(query)
    return [DepositState(one, who or "", account or "", match is not None) for one, who, account, match in rows]


async def bank_account(session: AsyncSession, account_id: str) -> BankAccount | None:
    """Return one of the company's accounts."""
    return await session.get(BankAccount, account_id)


async def deposit(session: AsyncSession, deposit_id: str) -> Deposit | None:
    """Return one deposit."""
    return await session.get(Deposit, deposit_id)


async def collections_of(session: AsyncSession, fact_id: str) -> list[str]:
    """Return the collections whose money a fact moved."""
    query = select(CustodyMove.collection_id).where(CustodyMove.fact_id == fact_id).distinct()
    return list(await session.scalars(query.order_by(CustodyMove.collection_id)))

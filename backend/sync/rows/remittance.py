"""Hand-overs and deposits, in the scope of who gave the money away."""

from __future__ import annotations

from collections.abc import Collection

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from backend.among import among
from backend.auth.tables import UserAccount
from backend.bank.tables import BankAccount
from backend.collection.queries import chunks
from backend.custody.tables import Deposit, HandOver, HandOverReceipt, HandOverRefusal
from backend.matching.tables import Claim
from backend.sync.queries import scope_of
from sync.message import RemittanceRow


async def scopes(session: AsyncSession, ids: Collection[str]) -> dict[str, str]:
    """Return whose each hand-over or deposit is."""
    found: dict[str, str] = {}
    for chunk in chunks(ids):
        given = select(HandOver.id, HandOver.giver_id).where(among(HandOver.id, chunk))
        paid_in = select(Deposit.id, Deposit.holder_id).where(among(Deposit.id, chunk))
        for query in (given, paid_in):
            found |= {one: scope_of(who) for one, who in await session.execute(query)}
    return found


async def bodies(session: AsyncSession, ids: Collection[str]) -> dict[str, RemittanceRow]:
    """Return hand-overs and deposits with how far they have come."""
    found: dict[str, RemittanceRow] = {}
    for chunk in chunks(ids):
        found |= await _hand_overs(session, chunk)
        found |= await _deposits(session, chunk)
    return found


async def _hand_overs(session: AsyncSession, ids: list[str]) -> dict[str, RemittanceRow]:
    query = (
        select(
            HandOver.id, HandOver.currency, HandOver.counted_minor, HandOver.given_at_ms, HandOver.pairing_code,
            HandOverReceipt.counted_minor, HandOverRefusal.hand_over_id, UserAccount.name,
        )
        .outerjoin(HandOverReceipt, HandOverReceipt.hand_over_id == HandOver.id)
        .outerjoin(HandOverRefusal, HandOverRefusal.hand_over_id == HandOver.id)
        .outerjoin(UserAccount, UserAccount.id.in_((HandOverReceipt.receiver_id, HandOverRefusal.refused_by)))
        .where(among(HandOver.id, ids))
    )  # fmt: skip
    found: dict[str, RemittanceRow] = {}
    for one, currency, amount, at_ms, code, counted, refused, who in await session.execute(query):
        received: int | None = counted
        state = "refused" if refused else "awaiting" if received is None else "posted"
        found[one] = RemittanceRow("hand_over", currency, amount, at_ms, code, state, received or 0, who or "")
    return found


async def _deposits(session: AsyncSession, ids: list[str]) -> dict[str, RemittanceRow]:
    query = (
        select(
            Deposit.id, Deposit.currency, Deposit.amount_minor, Deposit.recorded_at_ms, Deposit.slip_reference,
            Claim.match_id, BankAccount.name,
        )
        .outerjoin(Claim, Claim.subject_id == Deposit.id)
        .outerjoin(BankAccount, BankAccount.id == Deposit.bank_account_id)
        .where(among(Deposit.id, ids))
    )  # fmt: skip
    return {
        one: RemittanceRow("deposit", currency, amount, at_ms, slip, "matched" if match else "posted", amount, account)
        for one, currency, amount, at_ms, slip, match, account in await session.execute(query)
    }

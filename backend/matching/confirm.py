"""A person's word on a pair: confirming it, or rejecting it for good."""

from __future__ import annotations

from typing import TYPE_CHECKING

from backend.audit import service as audit
from backend.bank import queries as bank
from backend.company.service import company
from backend.matching import force, queries
from backend.matching.tables import MatchRejection
from shared.clock import Clock, to_ms
from shared.matching import BankLine, Expected, Proposal
from shared.money import money_text
from shared.refusal import Refused

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncSession

    from backend.auth.actor import Actor

FEE_CHANNELS = frozenset({"code", "card", "other"})
FEE_LIMIT_BP = 100  # providers keep 0.2 to 1 %; a larger gap is not a fee


async def confirm(
    session: AsyncSession, actor: Actor, clock: Clock, *, line_id: str, expected_kind: str, expected_id: str
) -> str:
    """Match a line with expected money by a person's decision; return the match's id.

    The amounts must be equal; a claim over a channel that keeps a fee may arrive up to 1 % short. Refuses
    ``bank_line_not_found``, ``expected_not_found``, ``match_taken``, ``currency_mismatch``, ``match_direction``,
    ``match_account`` and ``match_amount``.
    """
    actor.require("matching.confirm")
    record = await queries.line(session, line_id)
    if record is None:
        raise Refused("bank_line_not_found")
    await bank.account(session, record.account_id, lock=True)
    await queries.lock_expected(session, [expected_id])
    if await queries.claimed(session, [line_id, expected_id]):
        raise Refused("match_taken")
    found = await queries.expected(session, (await company(session)).zone, expected_id)
    if not found or found[0].kind != expected_kind:
        raise Refused("expected_not_found")
    line, expected = queries.bank_line(record), found[0]
    channels = await queries.methods(session, [expected.id])
    refused = objection(line, expected, channels.get(expected.id, ""))
    if refused is not None:
        raise refused
    waiting = await queries.proposed(session, line_id, expected_id)
    rule, evidence, sure = (waiting.rule, waiting.evidence, waiting.probability_bp) if waiting else ("person", "", 0)
    proposal = Proposal(line_id, expected.id, expected.kind, expected.amount_minor, rule, evidence, sure)
    match_id = (await force.put(session, clock, [(line, expected, proposal)], actor.user_id))[0]
    await queries.drop_proposals(session, line_id, expected_id)
    await force.follow(session, clock, [(expected.kind, expected.id)])
    audit.record(
        session,
        actor,
        clock,
        "matching.confirm",
        "match",
        match_id,
        line=line_id,
        kind=expected_kind,
        money=expected_id,
    )
    await session.flush()
    return match_id


def objection(line: BankLine, expected: Expected, channel: str) -> Refused | None:
    """Say why a person may not confirm a pair, or None; ``channel`` is a claim's method, empty for a deposit."""
    if line.currency != expected.currency:
        return Refused("currency_mismatch", expected=expected.currency, got=line.currency)
    if (line.amount_minor > 0) != (expected.amount_minor > 0):
        return Refused("match_direction")
    if expected.account_id and expected.account_id != line.account_id:
        return Refused("match_account")
    kept_minor = expected.amount_minor - line.amount_minor
    fee = channel in FEE_CHANNELS and 0 < kept_minor <= expected.amount_minor * FEE_LIMIT_BP // 10_000
    if kept_minor and not fee:
        return Refused("match_amount", difference=money_text(abs(kept_minor), line.currency))
    return None


async def reject(session: AsyncSession, actor: Actor, clock: Clock, *, line_id: str, expected_id: str) -> None:
    """Note that a line is not this money, so that the pair is never proposed again.

    Refuses ``match_not_found`` unless the pair waits for review.
    """
    actor.require("matching.reject")
    waiting = await queries.proposed(session, line_id, expected_id)
    if waiting is None:
        raise Refused("match_not_found")
    await session.delete(waiting)
    await never_again(session, actor, clock, line_id, expected_id)
    audit.record(session, actor, clock, "matching.reject", "bank_line", line_id, money=expected_id)
    await session.flush()


async def never_again(session: AsyncSession, actor: Actor, clock: Clock, line_id: str, expected_id: str) -> None:
    """Keep a pair from being proposed; a person may still confirm it. It does not audit."""
    if not await queries.is_rejected(session, line_id, expected_id):
        session.add(
            MatchRejection(
                line_id=line_id,
                expected_id=expected_id,
                rejected_by=actor.user_id,
                rejected_at_ms=to_ms(clock.now()),
            )
        )

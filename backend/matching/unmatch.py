"""Undoing a match, and what stands on it and would go with it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from backend.audit import service as audit
from backend.bank import queries as bank
from backend.incentive import queries as incentive
from backend.ledger import service as ledger
from backend.matching import force, queries
from backend.matching.confirm import never_again
from backend.matching.tables import Unmatch
from shared.clock import Clock, to_ms
from shared.refusal import Refused

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncSession

    from backend.auth.actor import Actor


@dataclass(frozen=True, slots=True)
class Dependant:
    """What stands on a match: one collection, and what its salesperson has vested from it (minor units)."""

    collection_id: str
    receipt_number: str
    salesperson_id: str
    vested_minor: int


@dataclass(frozen=True, slots=True)
class UnmatchOutcome:
    """What an unmatch undid: the collections concerned and the incentive clawed back (minor units, <= 0)."""

    collection_ids: tuple[str, ...]
    clawed_back_minor: int


async def unmatch(session: AsyncSession, actor: Actor, clock: Clock, *, match_id: str, reason: str) -> UnmatchOutcome:
    """Undo a match: reverse its posting, free both sides, claw back what it had vested.

    The pair is not proposed again by itself; a person may confirm it again. Refuses ``match_not_found`` (also when it
    was undone before) and ``reason_missing``.
    """
    actor.require("matching.unmatch")
    if not reason.strip():
        raise Refused("reason_missing")
    found = await queries.match(session, match_id)
    if found is None:
        raise Refused("match_not_found")
    await bank.account(session, found.line.account_id, lock=True)
    match, line = found.match, found.line
    if match.id not in (await queries.claimed(session, [match.line_id, match.expected_id])).values():
        raise Refused("match_not_found")
    session.add(Unmatch(match_id=match_id, reason=reason, undone_by=actor.user_id, undone_at_ms=to_ms(clock.now())))
    await session.flush()
    await queries.release(session, match_id)
    for entry in await ledger.entries_of(session, "match", match_id):
        await ledger.reverse(
            session, clock, entry_id=entry.id, fact_kind="unmatch", fact_id=match_id, booked_on=line.booked_on
        )
    await never_again(session, actor, clock, match.line_id, match.expected_id)
    behind, moved = await force.follow(session, clock, [(match.expected_kind, match.expected_id)])
    audit.record(session, actor, clock, "matching.unmatch", "match", match_id, reason=reason, line=match.line_id)
    await session.flush()
    return UnmatchOutcome(tuple(behind), sum(row.amount_minor for row in moved))


async def dependants(reader: AsyncSession, actor: Actor, *, match_id: str) -> list[Dependant]:
    """Say what an unmatch would take back: each collection behind the match with its vested incentive.

    Refuses ``match_not_found``.
    """
    actor.require("matching.view")
    found = await queries.match(reader, match_id)
    if found is None:
        raise Refused("match_not_found")
    behind = (await queries.collections_behind(reader, [found.match.expected_id])).get(found.match.expected_id, [])
    receipts = await queries.receipts(reader, behind)
    vested = await incentive.vested(reader, {who for _number, who in receipts.values()}, behind)
    sums: dict[str, int] = {}
    for key, amount_minor in vested.items():
        sums[key.subject] = sums.get(key.subject, 0) + amount_minor
    return [Dependant(one, *receipts[one], sums.get(one, 0)) for one in behind]

"""Putting matches in force: both sides claimed, posted, and everybody told who stands on them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy.exc import IntegrityError

from backend.incentive import service as incentive
from backend.ledger import service as ledger
from backend.matching import queries
from backend.matching.tables import Claim, Match
from backend.sync.feed import touch
from shared import ledger as rules
from shared.clock import Clock, to_ms
from shared.ident import uuid7
from shared.matching import BankLine, Expected, Proposal
from shared.refusal import Refused

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from sqlalchemy.ext.asyncio import AsyncSession

    from backend.incentive.tables import IncentiveMovement
    from shared.ledger import Postings

AUTOMATIC = "auto"
Pair = tuple[BankLine, Expected, Proposal]


async def put(session: AsyncSession, clock: Clock, pairs: Sequence[Pair], confirmed_by: str) -> list[str]:
    """Save matches, claim both sides of each and post them; return their ids.

    Refuses ``match_taken``: the claims' primary key lets nothing be matched twice.
    """
    now_ms = to_ms(clock.now())
    matches = [_match(pair, confirmed_by, now_ms) for pair in pairs]
    session.add_all(matches)
    await session.flush()
    claims = [Claim(subject_id=subject, match_id=m.id) for m in matches for subject in (m.line_id, m.expected_id)]
    claims.sort(key=lambda claim: claim.subject_id)  # so that two transactions never wait for each other crosswise
    session.add_all(claims)
    try:
        await session.flush()
    except IntegrityError:
        raise Refused("match_taken") from None
    channels = await queries.methods(session, [one.id for _line, one, _why in pairs if one.kind == "collection"])
    facts = [
        ledger.Fact("match", match.id, line.booked_on, _postings(line, one, channels))
        for match, (line, one, _why) in zip(matches, pairs, strict=True)
    ]
    await ledger.post_many(session, clock, facts)
    return [match.id for match in matches]


def _match(pair: Pair, confirmed_by: str, now_ms: int) -> Match:
    line, expected, proposal = pair
    return Match(
        id=uuid7(now_ms),
        line_id=line.id,
        expected_kind=expected.kind,
        expected_id=expected.id,
        amount_minor=expected.amount_minor,
        rule=proposal.rule,
        evidence=proposal.evidence,
        probability_bp=proposal.probability_bp,
        confirmed_by=confirmed_by,
        confirmed_at_ms=now_ms,
    )


def _postings(line: BankLine, one: Expected, channels: dict[str, str]) -> Postings:
    if one.kind == "deposit":
        return rules.deposit_match(line.account_id, line.currency, line.amount_minor)
    return rules.claim_match(line.account_id, channels[one.id], line.currency, line.amount_minor, one.amount_minor)


async def follow(
    session: AsyncSession, clock: Clock, changed: Iterable[tuple[str, str]]
) -> tuple[list[str], list[IncentiveMovement]]:
    """Tell phones and the incentive ledger what arrived or no longer has, given as (kind, id) of expected money.

    Returns the collections concerned and the incentive that moved.
    """
    changed = list(changed)
    behind = await queries.collections_behind(session, [one for _kind, one in changed])
    collection_ids = sorted({one for many in behind.values() for one in many})
    for kind, one in changed:
        if kind == "deposit":
            touch(session, "remittance", one)
    for collection_id in collection_ids:
        touch(session, "collection", collection_id)
    moved = await incentive.rescore(session, clock, collection_ids) if collection_ids else []
    return collection_ids, moved

"""Matching bank lines with expected money: alone where nothing is in doubt, else by a person; undone in one step."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from sqlalchemy.exc import IntegrityError

from backend.audit import service as audit
from backend.bank import queries as bank
from backend.company.service import company
from backend.incentive import queries as incentive_queries
from backend.incentive import service as incentive
from backend.ledger import service as ledger
from backend.matching import pipeline, queries
from backend.matching.tables import Claim, Match, MatchRejection, ProposalRecord, Unmatch
from backend.sync.feed import touch
from shared import ledger as rules
from shared.clock import Clock, to_ms
from shared.ident import uuid7
from shared.matching import BankLine, Expected, Proposal
from shared.money import money_text
from shared.refusal import Refused

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sqlalchemy.ext.asyncio import AsyncSession

    from backend.auth.actor import Actor

AUTOMATIC = "auto"
FEE_CHANNELS = frozenset({"code", "card", "other"})
FEE_LIMIT_BP = 100  # providers keep 0.2 to 1 %; a larger gap is not a fee


@dataclass(slots=True)
class RunOutcome:
    """What a run did: the matches it confirmed, and how many proposals and open lines wait for a person."""

    confirmed: list[str] = field(default_factory=list)
    proposed_count: int = 0
    open_count: int = 0

    @property
    def confirmed_count(self) -> int:
        """How many lines were matched."""
        return len(self.confirmed)


@dataclass(frozen=True, slots=True)
class Candidate:
    """One expected amount for a line; without a rule it is only near in amount and time."""

    expected: Expected
    rule: str
    evidence: str
    probability_bp: int


@dataclass(frozen=True, slots=True)
class Review:
    """One open line of the review queue, with its proposals, the most probable first."""

    line: BankLine
    candidates: tuple[Candidate, ...]


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


async def run(session: AsyncSession, actor: Actor, clock: Clock, account_id: str | None = None) -> RunOutcome:
    """Match what is open, on one account or all: confirm the unambiguous, keep the rest for review.

    Runs take turns account by account (PostgreSQL locks their rows; SQLite has one writer). Running again without new
    facts does nothing.
    """
    actor.require("matching.confirm")
    await _take_turn(session, account_id)
    zone = (await company(session)).zone
    lines = {record.id: queries.bank_line(record) for record in await queries.open_lines(session)}
    expected = {one.id: one for one in await queries.expected(session, zone)}
    found = pipeline.propose([*lines.values()], [*expected.values()], await queries.rejections(session))
    # All accounts are compared, so that a tie with another account's line is seen; only this one's are changed.
    here = [p for p in found if account_id in {None, lines[p.line_id].account_id}]
    certain = sorted((p for p in here if p.automatic), key=lambda p: p.line_id)
    outcome = RunOutcome()
    await queries.clear_proposals(session, account_id)
    for p in certain:
        one = expected[p.expected_id]
        outcome.confirmed.append(await _put(session, clock, lines[p.line_id], one, p, AUTOMATIC))
    taken = {p.expected_id for p in certain} | {p.line_id for p in certain}
    waiting = [p for p in here if p.line_id not in taken and p.expected_id not in taken]
    session.add_all(_proposal_record(p, to_ms(clock.now())) for p in waiting)
    outcome.proposed_count = len({proposal.line_id for proposal in waiting})
    mine = sum(account_id in {None, line.account_id} for line in lines.values())
    outcome.open_count = mine - len(outcome.confirmed)
    await _follow(session, clock, [expected[p.expected_id] for p in certain])
    audit.record(
        session,
        actor,
        clock,
        "matching.confirm",
        "match_run",
        account_id or "",
        confirmed=len(outcome.confirmed),
        proposed=outcome.proposed_count,
        open=outcome.open_count,
    )
    await session.flush()
    return outcome


async def _take_turn(session: AsyncSession, account_id: str | None) -> None:
    if account_id is None:
        await bank.accounts(session, lock=True)
    elif await bank.account(session, account_id, lock=True) is None:
        raise Refused("bank_account_not_found")


def _proposal_record(proposal: Proposal, now_ms: int) -> ProposalRecord:
    return ProposalRecord(
        line_id=proposal.line_id,
        expected_id=proposal.expected_id,
        expected_kind=proposal.expected_kind,
        amount_minor=proposal.amount_minor,
        rule=proposal.rule,
        evidence=proposal.evidence,
        probability_bp=proposal.probability_bp,
        proposed_at_ms=now_ms,
    )


async def confirm(
    session: AsyncSession, actor: Actor, clock: Clock, *, line_id: str, expected_kind: str, expected_id: str
) -> str:
    """Match a line with expected money by a person's decision; return the match's id.

    The amounts must be equal; a claim over a channel that keeps a fee may arrive up to 1 % short. Refuses
    ``bank_line_not_found``, ``expected_not_found``, ``match_taken``, ``currency_mismatch``, ``match_direction`` and
    ``match_amount``.
    """
    actor.require("matching.confirm")
    record = await queries.line(session, line_id)
    if record is None:
        raise Refused("bank_line_not_found")
    await bank.account(session, record.account_id, lock=True)
    if await queries.claimed(session, [line_id, expected_id]):
        raise Refused("match_taken")
    found = await queries.expected(session, (await company(session)).zone, expected_id)
    if not found or found[0].kind != expected_kind:
        raise Refused("expected_not_found")
    line, expected = queries.bank_line(record), found[0]
    await _check(session, line, expected)
    waiting = await queries.proposed(session, line_id, expected_id)
    rule, evidence, sure = (waiting.rule, waiting.evidence, waiting.probability_bp) if waiting else ("person", "", 0)
    proposal = Proposal(line_id, expected.id, expected.kind, expected.amount_minor, rule, evidence, sure)
    match_id = await _put(session, clock, line, expected, proposal, actor.user_id)
    await queries.drop_proposals(session, line_id, expected_id)
    await _follow(session, clock, [expected])
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


async def _check(session: AsyncSession, line: BankLine, expected: Expected) -> None:
    if line.currency != expected.currency:
        raise Refused("currency_mismatch", expected=expected.currency, got=line.currency)
    if (line.amount_minor > 0) != (expected.amount_minor > 0):
        raise Refused("match_direction")
    kept_minor = expected.amount_minor - line.amount_minor
    if kept_minor == 0:
        return
    by_channel = expected.kind == "collection" and await queries.collection_method(session, expected.id) in FEE_CHANNELS
    if not (by_channel and 0 < kept_minor <= expected.amount_minor * FEE_LIMIT_BP // 10_000):
        raise Refused("match_amount", difference=money_text(abs(kept_minor), line.currency))


async def _put(  # noqa: PLR0917 - the two sides, why, and by whom
    session: AsyncSession, clock: Clock, line: BankLine, expected: Expected, proposal: Proposal, confirmed_by: str
) -> str:
    """Save a match, claim both sides and post it; the claims' primary key refuses what is taken."""
    match = Match(
        id=uuid7(to_ms(clock.now())),
        line_id=line.id,
        expected_kind=expected.kind,
        expected_id=expected.id,
        amount_minor=expected.amount_minor,
        rule=proposal.rule,
        evidence=proposal.evidence,
        probability_bp=proposal.probability_bp,
        confirmed_by=confirmed_by,
        confirmed_at_ms=to_ms(clock.now()),
    )
    session.add(match)
    await session.flush()
    session.add_all(Claim(subject_id=subject, match_id=match.id) for subject in sorted((line.id, expected.id)))
    try:
        await session.flush()
    except IntegrityError:
        raise Refused("match_taken") from None
    if expected.kind == "deposit":
        postings = rules.deposit_match(line.account_id, line.currency, line.amount_minor)
    else:
        channel = await queries.collection_method(session, expected.id)
        postings = rules.claim_match(line.account_id, channel, line.currency, line.amount_minor, expected.amount_minor)
    await ledger.post(session, clock, fact_kind="match", fact_id=match.id, booked_on=line.booked_on, postings=postings)
    return match.id


async def _follow(session: AsyncSession, clock: Clock, changed: Iterable[Expected]) -> list[str]:
    """Tell phones and the incentive ledger what arrived or no longer has; return the collections concerned."""
    changed = list(changed)
    behind = await queries.collections_behind(session, [one.id for one in changed])
    collection_ids = sorted({one for many in behind.values() for one in many})
    for one in changed:
        if one.kind == "deposit":
            touch(session, "remittance", one.id)
    for collection_id in collection_ids:
        touch(session, "collection", collection_id)
    if collection_ids:
        await incentive.rescore(session, clock, collection_ids)
    return collection_ids


async def reject(session: AsyncSession, actor: Actor, clock: Clock, *, line_id: str, expected_id: str) -> None:
    """Note that a line is not this money, so that the pair is never proposed again.

    Refuses ``match_not_found`` unless the pair waits for review.
    """
    actor.require("matching.reject")
    waiting = await queries.proposed(session, line_id, expected_id)
    if waiting is None:
        raise Refused("match_not_found")
    await session.delete(waiting)
    await _never_again(session, actor, clock, line_id, expected_id)
    audit.record(session, actor, clock, "matching.reject", "bank_line", line_id, money=expected_id)
    await session.flush()


async def _never_again(session: AsyncSession, actor: Actor, clock: Clock, line_id: str, expected_id: str) -> None:
    if not await queries.is_rejected(session, line_id, expected_id):
        session.add(
            MatchRejection(
                line_id=line_id,
                expected_id=expected_id,
                rejected_by=actor.user_id,
                rejected_at_ms=to_ms(clock.now()),
            )
        )


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
    await _never_again(session, actor, clock, match.line_id, match.expected_id)
    behind = (await queries.collections_behind(session, [match.expected_id])).get(match.expected_id, [])
    if match.expected_kind == "deposit":
        touch(session, "remittance", match.expected_id)
    for collection_id in behind:
        touch(session, "collection", collection_id)
    moved = await incentive.rescore(session, clock, behind)
    audit.record(session, actor, clock, "matching.unmatch", "match", match_id, reason=reason, line=match.line_id)
    await session.flush()
    return UnmatchOutcome(tuple(behind), sum(row.amount_minor for row in moved))


async def review(
    reader: AsyncSession, actor: Actor, *, account_id: str | None = None, after: str = "", limit: int = 50
) -> list[Review]:
    """Return a page of the review queue: open credits by id with their proposals."""
    actor.require("matching.view")
    records = await queries.open_lines(reader, account_id=account_id, after=after, limit=limit)
    waiting = await queries.proposals(reader, [record.id for record in records])
    zone = (await company(reader)).zone
    expected = {one.id: one for one in await queries.expected(reader, zone)} if waiting else {}
    by_line: dict[str, list[Candidate]] = {}
    for one in waiting:
        if one.expected_id in expected:
            candidate = Candidate(expected[one.expected_id], one.rule, one.evidence, one.probability_bp)
            by_line.setdefault(one.line_id, []).append(candidate)
    return [Review(queries.bank_line(record), tuple(by_line.get(record.id, ()))) for record in records]


async def candidates(reader: AsyncSession, actor: Actor, *, line_id: str, limit: int = 20) -> list[Candidate]:
    """Return the expected money that a person might choose for a line, nearest in amount, then in time, first.

    Refuses ``bank_line_not_found``.
    """
    actor.require("matching.view")
    record = await queries.line(reader, line_id)
    if record is None:
        raise Refused("bank_line_not_found")
    line = queries.bank_line(record)
    waiting = {one.expected_id: one for one in await queries.proposals(reader, [line_id])}
    found = [
        one for one in await queries.expected(reader, (await company(reader)).zone) if one.currency == line.currency
    ]
    found.sort(
        key=lambda one: (
            one.id not in waiting,
            abs(one.amount_minor - line.amount_minor),
            abs((one.expected_on - line.booked_on).days),
            one.id,
        )
    )
    return [_candidate(one, waiting.get(one.id)) for one in found[:limit]]


def _candidate(one: Expected, waiting: ProposalRecord | None) -> Candidate:
    if waiting is None:
        return Candidate(one, "", "", 0)
    return Candidate(one, waiting.rule, waiting.evidence, waiting.probability_bp)


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
    vested = await incentive_queries.vested(reader, {who for _number, who in receipts.values()}, behind)
    sums: dict[str, int] = {}
    for key, amount_minor in vested.items():
        sums[key.subject] = sums.get(key.subject, 0) + amount_minor
    return [Dependant(one, *receipts[one], sums.get(one, 0)) for one in behind]

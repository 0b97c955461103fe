"""Matching what is open by itself, wherever nothing is in doubt; the rest is proposed to a person."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from backend.audit import service as audit
from backend.bank import queries as bank
from backend.company.service import company
from backend.matching import force, pipeline, queries
from backend.matching.tables import ProposalRecord
from shared.clock import Clock, to_ms
from shared.matching import Proposal
from shared.refusal import Refused

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncSession

    from backend.auth.actor import Actor


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
    still = await queries.lock_expected(session, [p.expected_id for p in certain])
    certain = [p for p in certain if p.expected_id in still]
    outcome = RunOutcome()
    await queries.clear_proposals(session, account_id)
    pairs = [(lines[p.line_id], expected[p.expected_id], p) for p in certain]
    outcome.confirmed = await force.put(session, clock, pairs, force.AUTOMATIC)
    taken = {p.expected_id for p in certain} | {p.line_id for p in certain}
    waiting = [p for p in here if p.line_id not in taken and p.expected_id not in taken]
    session.add_all(_proposal_record(p, to_ms(clock.now())) for p in waiting)
    outcome.proposed_count = len({proposal.line_id for proposal in waiting})
    mine = sum(account_id in {None, line.account_id} for line in lines.values())
    outcome.open_count = mine - len(outcome.confirmed)
    await force.follow(session, clock, [(p.expected_kind, p.expected_id) for p in certain])
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

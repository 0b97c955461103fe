"""The review queue: open bank lines with the money that each may be."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from backend.company.service import company
from backend.matching import queries
from backend.matching.confirm import objection
from backend.matching.tables import ProposalRecord
from shared.matching import BankLine, Expected
from shared.refusal import Refused

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncSession

    from backend.auth.actor import Actor


@dataclass(frozen=True, slots=True)
class Candidate:
    """One expected amount for a line; without a rule it is only near in amount and time.

    ``may_confirm`` says whether ``confirm`` would take the pair now.
    """

    expected: Expected
    rule: str
    evidence: str
    probability_bp: int
    may_confirm: bool


@dataclass(frozen=True, slots=True)
class Review:
    """One open line of the review queue, with its proposals, the most probable first."""

    line: BankLine
    candidates: tuple[Candidate, ...]


async def review(
    reader: AsyncSession, actor: Actor, *, account_id: str | None = None, after: str = "", limit: int = 50
) -> list[Review]:
    """Return a page of the review queue: open credits by id with their proposals."""
    actor.require("matching.view")
    records = await queries.open_lines(reader, account_id=account_id, after=after, limit=limit)
    waiting = await queries.proposals(reader, [record.id for record in records])
    zone = (await company(reader)).zone
    expected = {one.id: one for one in await queries.expected(reader, zone)} if waiting else {}
    channels = await queries.methods(reader, [one.expected_id for one in waiting])
    lines = {record.id: queries.bank_line(record) for record in records}
    by_line: dict[str, list[Candidate]] = {}
    for one in waiting:
        if one.expected_id in expected:
            money, line = expected[one.expected_id], lines[one.line_id]
            may_confirm = objection(line, money, channels.get(money.id, "")) is None
            by_line.setdefault(one.line_id, []).append(_candidate(money, one, may_confirm=may_confirm))
    return [Review(line, tuple(by_line.get(line.id, ()))) for line in lines.values()]


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
    channels = await queries.methods(reader, [one.id for one in found[:limit]])
    is_open = not await queries.claimed(reader, [line_id])
    return [
        _candidate(
            one,
            waiting.get(one.id),
            may_confirm=is_open and objection(line, one, channels.get(one.id, "")) is None,
        )
        for one in found[:limit]
    ]


def _candidate(one: Expected, waiting: ProposalRecord | None, *, may_confirm: bool) -> Candidate:
    if waiting is None:
        return Candidate(one, "", "", 0, may_confirm)
    return Candidate(one, waiting.rule, waiting.evidence, waiting.probability_bp, may_confirm)

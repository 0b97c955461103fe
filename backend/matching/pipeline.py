"""The matching pipeline: each step proposes with reasons, one rule decides what needs no person."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from backend.matching import amount, reference
from shared.matching import BankLine, Expected, Proposal, decide

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

STEPS = (reference.propose, amount.propose)


def propose(
    lines: Sequence[BankLine], expected: Sequence[Expected], rejected: Collection[tuple[str, str]] = ()
) -> tuple[Proposal, ...]:
    """Return proposals, the certain ones marked automatic; pairs that a person rejected are left out.

    Only an exact amount is ever automatic: a named deposit of another amount is a person's affair.
    """
    amounts = {line.id: line.amount_minor for line in lines}
    found = [proposal for step in STEPS for proposal in step(lines, expected)]
    fresh = [proposal for proposal in found if (proposal.line_id, proposal.expected_id) not in rejected]
    return tuple(
        replace(proposal, automatic=proposal.automatic and amounts[proposal.line_id] == proposal.amount_minor)
        for proposal in decide(fresh)
    )

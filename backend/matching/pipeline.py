"""The matching pipeline: each step proposes with reasons, one rule decides what needs no person."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from backend.matching import amount, reference
from shared.matching import BankLine, Expected, Proposal, decide

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

STEPS = (reference.propose, amount.propose)
CERTAIN_BP = min(reference.SAME_AMOUNT_BP, amount.ALONE_BP)


def propose(
    lines: Sequence[BankLine], expected: Sequence[Expected], rejected: Collection[tuple[str, str]] = ()
) -> tuple[Proposal, ...]:
    """Return proposals, the certain ones marked automatic; pairs that a person rejected are left out.

    A named deposit of another amount, or an equal amount whose line names something else, is a person's affair.
    """
    found = [proposal for step in STEPS for proposal in step(lines, expected)]
    fresh = [proposal for proposal in found if (proposal.line_id, proposal.expected_id) not in rejected]
    return tuple(
        replace(proposal, automatic=proposal.automatic and proposal.probability_bp >= CERTAIN_BP)
        for proposal in decide(fresh)
    )

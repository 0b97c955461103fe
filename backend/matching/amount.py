"""Step 2: one line and one expected amount on that account are equal within a few days, and nothing else is."""

from __future__ import annotations

from typing import TYPE_CHECKING

from shared.matching import BankLine, Expected, Proposal, vetoed

if TYPE_CHECKING:
    from collections.abc import Iterable

EARLIEST_DAYS = -1  # a slip dated tomorrow: paid in at night, or in another time zone
LATEST_DAYS = 7  # weekends and holidays between paying in and booking
_PROBABILITY_BP = 8_000


def propose(lines: Iterable[BankLine], expected: Iterable[Expected]) -> list[Proposal]:
    """Propose every equal pair within the window; ``shared.matching.decide`` lets only unambiguous ones through."""
    by_amount: dict[tuple[str, int], list[Expected]] = {}
    for one in expected:
        by_amount.setdefault((one.currency, one.amount_minor), []).append(one)
    proposals = []
    for line in lines:
        for one in by_amount.get((line.currency, line.amount_minor), ()):
            days = (line.booked_on - one.expected_on).days
            if EARLIEST_DAYS <= days <= LATEST_DAYS and not vetoed(line, one):
                evidence = f"{days:+d} d"
                proposals.append(
                    Proposal(line.id, one.id, one.kind, one.amount_minor, "amount", evidence, _PROBABILITY_BP)
                )
    return proposals

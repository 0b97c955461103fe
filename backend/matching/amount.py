"""Step 2: one line and one expected amount on that account are equal within a few days, and nothing else is."""

from __future__ import annotations

from typing import TYPE_CHECKING

from backend.matching.spelling import named, spellings
from shared.matching import BankLine, Expected, Proposal, vetoed

if TYPE_CHECKING:
    from collections.abc import Iterable

EARLIEST_DAYS = -1  # a slip dated tomorrow: paid in at night, or in another time zone
LATEST_DAYS = 7  # weekends and holidays between paying in and booking
ALONE_BP = 8_000
NAMED_OTHERWISE_BP = 2_000


def propose(lines: Iterable[BankLine], expected: Iterable[Expected]) -> list[Proposal]:
    """Propose every equal pair within the window; ``shared.matching.decide`` lets only unambiguous ones through.

    A line that names a receipt number or RF reference of other money, or of none that we expect, is paid for that:
    it is proposed with the name as a warning, and never certain.
    """
    by_amount: dict[tuple[str, int], list[Expected]] = {}
    for one in expected:
        by_amount.setdefault((one.currency, one.amount_minor), []).append(one)
    return [
        _proposal(line, one, said)
        for line in lines
        for said in [named(line.reference) | named(line.text)]
        for one in by_amount.get((line.currency, line.amount_minor), ())
        if EARLIEST_DAYS <= (line.booked_on - one.expected_on).days <= LATEST_DAYS and not vetoed(line, one)
    ]


def _proposal(line: BankLine, one: Expected, said: frozenset[str]) -> Proposal:
    own = {form for reference in one.references for form in spellings(reference)}
    otherwise = sorted(said) if said and not said & own else []
    evidence = " ".join([f"{(line.booked_on - one.expected_on).days:+d} d", *(f"≠ {other}" for other in otherwise)])
    sure = NAMED_OTHERWISE_BP if otherwise else ALONE_BP
    return Proposal(line.id, one.id, one.kind, one.amount_minor, "amount", evidence, sure)

"""Matching a bank line with money we expect: what is compared, what forbids it, and when it may be automatic."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, replace
from datetime import date
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from collections.abc import Iterable

ExpectedKind = Literal["deposit", "collection"]
RULES = ("reference", "amount")


@dataclass(frozen=True, slots=True)
class BankLine:
    """One normalised statement line; ``amount_minor`` is signed as on the statement (credit > 0)."""

    id: str
    account_id: str
    booked_on: date
    amount_minor: int
    currency: str
    counterparty_name: str = ""
    reference: str = ""
    text: str = ""


@dataclass(frozen=True, slots=True)
class Expected:
    """Money that should arrive: a deposit in transit, or a claimed transfer or code (a collection).

    ``account_id`` is empty when it may arrive on any account. ``references`` are what the payer or the slip may
    have written: receipt number, RF reference, slip number, payment-request id.
    """

    id: str
    kind: ExpectedKind
    currency: str
    amount_minor: int
    expected_on: date
    account_id: str = ""
    references: tuple[str, ...] = ()
    payer_name: str = ""


@dataclass(frozen=True, slots=True)
class Proposal:
    """One line proposed for one expected amount, with the reason in a word and its evidence."""

    line_id: str
    expected_id: str
    expected_kind: ExpectedKind
    amount_minor: int
    rule: str
    evidence: str
    probability_bp: int
    automatic: bool = False


def vetoed(line: BankLine, expected: Expected) -> bool:
    """Say whether the two can never be one: other currency, other direction, other account, or booked too early."""
    return (
        line.currency != expected.currency
        or (line.amount_minor > 0) != (expected.amount_minor > 0)
        or bool(expected.account_id and expected.account_id != line.account_id)
        or (expected.expected_on - line.booked_on).days > 1
    )


def decide(proposals: Iterable[Proposal]) -> tuple[Proposal, ...]:
    """Mark the proposals that may be confirmed automatically: certain enough and unambiguous.

    A tie abstains: a line or an expected amount that stands in two proposals of the best rule confirms neither. The
    better rule (earlier in ``RULES``) hides the worse for the same line or the same expected amount.
    """
    best = sorted(proposals, key=lambda p: (RULES.index(p.rule), -p.probability_bp, p.line_id, p.expected_id))
    decided: list[Proposal] = []
    done_lines: set[str] = set()
    done_expected: set[str] = set()
    for rule in RULES:
        fresh = [
            p for p in best if p.rule == rule and p.line_id not in done_lines and p.expected_id not in done_expected
        ]
        lines, wanted = Counter(p.line_id for p in fresh), Counter(p.expected_id for p in fresh)
        for p in fresh:
            single = lines[p.line_id] == 1 and wanted[p.expected_id] == 1
            decided.append(replace(p, automatic=single))
        done_lines |= set(lines)
        done_expected |= set(wanted)
    return tuple(decided)

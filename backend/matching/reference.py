"""Step 1: a reference of the expected money stands somewhere in the bank line."""

from __future__ import annotations

from typing import TYPE_CHECKING

from backend.matching.spelling import guards_itself, spellings, written
from shared.matching import BankLine, Expected, Proposal, vetoed

if TYPE_CHECKING:
    from collections.abc import Iterable

SAME_AMOUNT_BP = 9_900
OTHER_AMOUNT_BP = 5_000


def propose(lines: Iterable[BankLine], expected: Iterable[Expected]) -> list[Proposal]:
    """Propose each line for the money whose receipt number, RF reference, slip or request it names.

    The longest reference found at a place counts, so that ``12345`` is not seen inside ``123456``. Where the amounts
    differ the pair is still proposed, but never certain.
    """
    index = _index(expected)
    lengths = sorted({len(form) for form in index}, reverse=True)
    proposals = []
    for line in lines:
        for one, reference in _named(line, index, lengths).items():
            if not vetoed(line, one):
                sure = SAME_AMOUNT_BP if line.amount_minor == one.amount_minor else OTHER_AMOUNT_BP
                proposals.append(Proposal(line.id, one.id, one.kind, one.amount_minor, "reference", reference, sure))
    return proposals


def _index(expected: Iterable[Expected]) -> dict[str, list[tuple[Expected, str, bool]]]:
    index: dict[str, list[tuple[Expected, str, bool]]] = {}
    for one in expected:
        for reference in one.references:
            for form in spellings(reference):
                index.setdefault(form, []).append((one, reference, guards_itself(reference)))
    return index


def _named(
    line: BankLine, index: dict[str, list[tuple[Expected, str, bool]]], lengths: list[int]
) -> dict[Expected, str]:
    """Return the expected money that a line names, with the reference found."""
    found: dict[Expected, str] = {}
    for text in (line.reference, line.text):
        place = written(text)
        taken: set[int] = set()
        for length in lengths:
            for start in range(len(place.compact) - length + 1):
                hits = index.get(place.compact[start : start + length])
                if not hits or taken & set(range(start, start + length)):
                    continue
                alone = place.stands_alone(start, length)
                trusted = [(one, reference) for one, reference, own_check in hits if own_check or alone]
                for one, reference in trusted:
                    found.setdefault(one, reference)
                    taken.update(range(start, start + length))
    return found

"""References as people and banks spell them: broken by spaces and hyphens, in full width, in any case."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass

from shared.ident import check_character, is_rf_reference, parse_receipt_number
from shared.refusal import Refused

_SHORTEST = 5  # letters and digits; anything shorter is found everywhere
# A receipt number standing alone: with its hyphens (also without its counter's zeros), with spaces, or in one piece.
_HYPHENED = re.compile(r"(?<![A-Z0-9])([A-Z][A-Z0-9]{1,5})\s*-\s*([0-9]{1,10})\s*-\s*([A-Z0-9])(?![A-Z0-9])")
_TOGETHER = re.compile(r"(?<![A-Z0-9])([A-Z][A-Z0-9]{1,5}) ?([0-9]{5,10}) ?([A-Z0-9])(?![A-Z0-9])")
_RF = re.compile(r"(?<![A-Z0-9])R ?F ?[0-9]")
_RF_LENGTHS = range(5, 26)


@dataclass(frozen=True, slots=True)
class Written:
    """A text reduced to ASCII letters and digits; ``places`` tells where in ``text`` each one stood."""

    text: str
    compact: str
    places: tuple[int, ...]

    def stands_alone(self, start: int, length: int) -> bool:
        """Say whether what was found neither begins nor ends inside a longer word or number."""
        before, after = self.places[start] - 1, self.places[start + length - 1] + 1
        return not (before >= 0 and _kept(self.text[before])) and not (
            after < len(self.text) and _kept(self.text[after])
        )


def _kept(character: str) -> bool:
    return character.isascii() and character.isalnum()


def written(text: str) -> Written:
    """Return a text in the one form in which references are looked for."""
    plain = unicodedata.normalize("NFKC", text).upper()
    places = tuple(place for place, character in enumerate(plain) if _kept(character))
    return Written(plain, "".join(plain[place] for place in places), places)


def spellings(reference: str) -> tuple[str, ...]:
    """Return the compact forms under which a reference may be found; none when it is too short to mean anything.

    A receipt number is also known without the zeros in front of its counter: its check character still guards it.
    """
    compact = written(reference).compact
    forms = [compact]
    try:
        number = parse_receipt_number(reference)
        forms.append(f"{number.series}{number.counter}{compact[-1]}")
    except Refused:
        pass
    return tuple(dict.fromkeys(form for form in forms if len(form) >= _SHORTEST))


def guards_itself(reference: str) -> bool:
    """Say whether a reference carries its own check, so that it is believed even glued to other characters."""
    if is_rf_reference(reference):
        return True
    try:
        parse_receipt_number(reference)
    except Refused:
        return False
    return True


def named(text: str) -> frozenset[str]:
    """Return, in compact form, the receipt numbers and RF references that stand in a text, whoever they belong to.

    Only whole words with a right check character count: a bank's own numbers hardly ever look so.
    """
    place = written(text)
    return frozenset(_receipts_in(place.text) | _rf_in(place))


def _receipts_in(plain: str) -> set[str]:
    dashed = re.sub(r"[‐-―−]", "-", plain)
    bodies = {(f"{series}{int(counter):06d}", check) for series, counter, check in _HYPHENED.findall(dashed)}
    bodies |= {(f"{series}{counter}", check) for series, counter, check in _TOGETHER.findall(dashed)}
    return {body + check for body, check in bodies if check_character(body) == check}


def _rf_in(place: Written) -> set[str]:
    starts = [place.places.index(hit.start()) for hit in _RF.finditer(place.text)]
    return {
        place.compact[start : start + length]
        for start in starts
        for length in _RF_LENGTHS
        if start + length <= len(place.compact) and place.stands_alone(start, length)
        if is_rf_reference(place.compact[start : start + length])
    }

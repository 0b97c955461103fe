"""References as people and banks spell them: broken by spaces and hyphens, in full width, in any case."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass

from shared.ident import is_rf_reference, parse_receipt_number
from shared.refusal import Refused

_SHORTEST = 5  # letters and digits; anything shorter is found everywhere


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

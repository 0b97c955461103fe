"""The plain words of a payment code ("amount", "iban" …): what a person writes as JSON, and what reading returns."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping

from shared.money import exponent, parse_minor
from shared.refusal import Refused

Words = Mapping[str, object]
_AMOUNT = re.compile(r"-?[0-9]{1,20}(\.[0-9]{0,20})?")
_CONTROLS = re.compile("[\x00-\x1f\x7f\ud800-\udfff\u2028\u2029]")


def texts(words: Words, allowed: Collection[str]) -> dict[str, str]:
    """Return the words as texts in the given order, empty ones left out.

    Whole numbers are written out. Refuses ``paycode_field`` naming a word that the scheme does not know, or whose
    value is neither a text nor a whole number (a float is no way to write money) or contains control characters.
    """
    found: dict[str, str] = {}
    for word, value in words.items():
        text = str(value) if isinstance(value, int) and not isinstance(value, bool) else value
        if word not in allowed or not isinstance(text, str) or not is_printable(text):
            raise Refused("paycode_field", field=word[:40])
        if text:
            found[word] = text
    return found


def amount_of(text: str, currency: str) -> int:
    """Read an amount above zero into minor units: digits and at most one ".", nothing else.

    Refuses ``amount_unreadable`` (a comma, a space), ``amount_not_positive``, ``amount_too_precise``,
    ``amount_too_large`` and ``currency_unknown``.
    """
    if not _AMOUNT.fullmatch(text):
        raise Refused("amount_unreadable", text=text[:40])
    minor, digits = parse_minor(text, currency), exponent(currency)
    if len(text.partition(".")[2]) > digits:  # also "5.000": zeros too many are a slip of the pen
        raise Refused("amount_too_precise", text=text[:40], digits=digits)
    if minor <= 0:
        raise Refused("amount_not_positive")
    return minor


def is_printable(text: str) -> bool:
    """Say whether a text has neither control characters, line ends nor broken Unicode."""
    return not _CONTROLS.search(text)


def only(words: Words, word: str, *values: str) -> None:
    """Refuse ``paycode_field`` when a word is given with a value that this scheme cannot carry."""
    if words.get(word, "") not in ("", *values):
        raise Refused("paycode_field", field=word)

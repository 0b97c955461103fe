"""Identifiers: UUIDv7, receipt numbers and ISO 11649 creditor references."""

from __future__ import annotations

import re
import secrets
from dataclasses import dataclass
from uuid import UUID

from shared.refusal import Refused

_ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
_RECEIPT = re.compile(r"([A-Z0-9]{2,6})-([0-9]{5,10})-([A-Z0-9])")
_RF = re.compile(r"RF[0-9]{2}[A-Z0-9]{1,21}")


def uuid7(at_ms: int) -> str:
    """Make a UUIDv7 (RFC 9562, 5.7): 48 bits of Unix milliseconds, 74 random bits.

    Unique even when the clock is frozen or set back, because the random part never repeats.
    """
    value = (at_ms & (1 << 48) - 1) << 80 | 0x7 << 76 | secrets.randbits(12) << 64 | 0b10 << 62 | secrets.randbits(62)
    return str(UUID(int=value))


def is_uuid(text: str) -> bool:
    """Say whether a text is a UUID in its usual lower-case form (bounds ids before a database sees them)."""
    try:
        return str(UUID(text)) == text
    except (ValueError, AttributeError, TypeError):
        return False


@dataclass(frozen=True, slots=True)
class ReceiptNumber:
    """A paper number ``SERIES-COUNTER-CHECK``: series of one device, gapless counter, check character."""

    series: str
    counter: int

    def __str__(self) -> str:
        """Write it as printed: ``A7K-000123-P``."""
        body = f"{self.series}{self.counter:06d}"
        return f"{self.series}-{self.counter:06d}-{check_character(body)}"


def parse_receipt_number(text: str) -> ReceiptNumber:
    """Read a printed receipt number; refuses ``receipt_number_invalid`` (form or check character)."""
    found = _RECEIPT.fullmatch(text.strip().upper())
    if not found or check_character(found[1] + found[2]) != found[3]:
        raise Refused("receipt_number_invalid", number=text[:30])
    return ReceiptNumber(found[1], int(found[2]))


def check_character(body: str) -> str:
    """Return the ISO 7064 MOD 37,36 check character of an alphanumeric body.

    Finds every single wrong character and 99.8 % of all swaps of neighbours.
    """
    product = 36
    for character in body:
        total = (product + _ALPHABET.index(character)) % 36 or 36
        product = total * 2 % 37
    return _ALPHABET[(37 - product) % 36]


def rf_reference(body: str) -> str:
    """Make an ISO 11649 reference ``RFnn…`` from 1 to 21 letters and digits; others are left out."""
    plain = "".join(c for c in body.upper() if c in _ALPHABET)
    if not 1 <= len(plain) <= 21:
        raise Refused("reference_invalid", reference=body[:30])
    return f"RF{98 - _mod97(plain + 'RF00'):02d}{plain}"


def is_rf_reference(text: str) -> bool:
    """Say whether a text (spaces ignored) is an ISO 11649 reference with right check digits."""
    plain = text.replace(" ", "").upper()
    return bool(_RF.fullmatch(plain)) and _mod97(plain[4:] + plain[:4]) == 1


def _mod97(text: str) -> int:
    return int("".join(str(_ALPHABET.index(c)) for c in text)) % 97


def device_series(index: int) -> str:
    """Return the receipt series of the n-th enrolled device (0 …): three letters or digits, ``A00`` onwards.

    No I, O or U, which are misread on paper; from the 25,048th device on there are six.
    """
    letters = "ABCDEFGHJKLMNPQRSTVWXYZ"
    digits = "0123456789ABCDEFGHJKLMNPQRSTVWXYZ"
    head, rest = divmod(index, len(digits) ** 2)
    first = letters[head % len(letters)]
    wrap = "" if head < len(letters) else device_series(head // len(letters) - 1)
    return f"{wrap}{first}{digits[rest // len(digits)]}{digits[rest % len(digits)]}"

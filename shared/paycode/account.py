"""Check digits of bank accounts and Swiss references."""

from __future__ import annotations

import re

_IBAN = re.compile(r"[A-Z]{2}[0-9]{2}[A-Z0-9]{11,30}")
_BIC = re.compile(r"[A-Z0-9]{4}[A-Z]{2}[A-Z0-9]{2}([A-Z0-9]{3})?")
_LENGTHS = {
    "AT": 20,
    "BE": 16,
    "CH": 21,
    "CZ": 24,
    "DE": 22,
    "ES": 24,
    "FR": 27,
    "IT": 27,
    "LI": 21,
    "NL": 18,
    "SK": 24,
}
_CARRY = (0, 9, 4, 6, 8, 2, 7, 1, 3, 5)


def is_iban(text: str) -> bool:
    """Say whether a text is an IBAN with right check digits (ISO 13616, MOD 97-10), in its form without spaces."""
    if not _IBAN.fullmatch(text) or len(text) != _LENGTHS.get(text[:2], len(text)):
        return False
    return int("".join(str(int(character, 36)) for character in text[4:] + text[:4])) % 97 == 1


def is_bic(text: str) -> bool:
    """Say whether a text has the form of a BIC (ISO 9362)."""
    return bool(_BIC.fullmatch(text))


def is_qr_iban(iban: str) -> bool:
    """Say whether a Swiss or Liechtenstein IBAN is a QR-IBAN: its bank is numbered 30000 to 31999."""
    return iban[:2] in ("CH", "LI") and iban[4:9].isdecimal() and 30000 <= int(iban[4:9]) <= 31999


def qr_reference(digits: str) -> str:
    """Make a Swiss QR reference of 27 digits from at most 26: zeros in front, the check digit behind."""
    body = digits.zfill(26)
    return body + str(_modulo10(body))


def is_qr_reference(text: str) -> bool:
    """Say whether a text is a Swiss QR reference: 27 digits with the right check digit (modulo 10, recursive)."""
    return bool(re.fullmatch("[0-9]{27}", text)) and int(text[26]) == _modulo10(text[:26])


def _modulo10(digits: str) -> int:
    carry = 0
    for digit in digits:
        carry = _CARRY[(carry + int(digit)) % 10]
    return -carry % 10

"""Money: whole minor units with an ISO 4217 currency, split without losing a unit."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from shared.refusal import Refused

if TYPE_CHECKING:
    from collections.abc import Sequence

# ISO 4217 (2026): the currencies whose minor unit is not two digits. All others have two.
_EXPONENTS = {
    **dict.fromkeys(("BIF", "CLP", "DJF", "GNF", "ISK", "JPY", "KMF", "KRW"), 0),
    **dict.fromkeys(("PYG", "RWF", "UGX", "VND", "VUV", "XAF", "XOF", "XPF"), 0),
    **dict.fromkeys(("BHD", "IQD", "JOD", "KWD", "LYD", "OMR", "TND"), 3),
    "CLF": 4,
    "UYW": 4,
}
_TWO = (
    "AED AFN ALL AMD ANG AOA ARS AUD AWG AZN BAM BBD BDT BGN BMD BND BOB BRL BSD BTN BWP BYN BZD CAD CDF CHF CNY "
    "COP CRC CUP CVE CZK DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP GMD GTQ GYD HKD HNL HTG HUF IDR ILS "
    "INR IRR JMD KES KGS KHR KPW KYD KZT LAK LBP LKR LRD LSL MAD MDL MGA MKD MMK MNT MOP MRU MUR MVR MWK MXN MYR "
    "MZN NAD NGN NIO NOK NPR NZD PAB PEN PGK PHP PKR PLN QAR RON RSD RUB SAR SBD SCR SDG SEK SGD SHP SLE SOS SRD "
    "SSP STN SVC SYP SZL THB TJS TMT TOP TRY TTD TWD TZS UAH USD UYU UZS VED VES WST XCD YER ZAR ZMW ZWG"
)
_TWO_DIGITS = frozenset(_TWO.split())
_SYMBOLS = {"CNY": "¥", "USD": "$", "EUR": "€", "GBP": "£", "JPY": "JP¥", "INR": "₹", "HKD": "HK$", "TWD": "NT$"}
MAX_MINOR = 9_007_199_254_740_991  # 2**53 - 1: what JSON readers everywhere keep exact
# A comma only groups, in threes or as in India (1,00,000): "12,50" is refused, never read as 1,250.
_PLAIN = re.compile(r"([+-]?)([0-9]+|[0-9]{1,3}(?:,[0-9]{2,3})*,[0-9]{3})(?:\.([0-9]*))?")


@dataclass(frozen=True, slots=True)
class Money:
    """An amount in minor units (fen, cents) of one currency."""

    amount_minor: int
    currency: str

    def __add__(self, other: Money) -> Money:
        """Add an amount of the same currency; refuses ``currency_mismatch``."""
        if self.currency != other.currency:
            raise Refused("currency_mismatch", expected=self.currency, got=other.currency)
        return Money(self.amount_minor + other.amount_minor, self.currency)

    def __neg__(self) -> Money:
        """Turn money in into money out."""
        return Money(-self.amount_minor, self.currency)

    def __sub__(self, other: Money) -> Money:
        """Subtract an amount of the same currency; refuses ``currency_mismatch``."""
        return self + -other


def exponent(currency: str) -> int:
    """Digits after the decimal mark (ISO 4217); refuses ``currency_unknown``."""
    try:
        return 2 if currency in _TWO_DIGITS else _EXPONENTS[currency]
    except (KeyError, TypeError):
        raise Refused("currency_unknown", currency=str(currency)[:12]) from None


def parse_minor(text: str, currency: str) -> int:
    """Read a plain decimal ("1200.5", "1,200.50") into minor units.

    Refuses ``amount_unreadable``, ``amount_too_precise`` (more digits than the currency has) and
    ``amount_too_large`` (above 2**53 - 1 minor units). Other decimal marks are the importers' affair.
    """
    digits = exponent(currency)
    found = _PLAIN.fullmatch(text.strip())
    if not found:
        raise Refused("amount_unreadable", text=text[:40])
    sign, whole, fraction = found[1], found[2].replace(",", "").lstrip("0"), (found[3] or "").rstrip("0")
    if len(fraction) > digits:
        raise Refused("amount_too_precise", text=text[:40], digits=digits)
    minor = whole + fraction.ljust(digits, "0")
    if len(minor) > len(str(MAX_MINOR)) or int(minor or "0") > MAX_MINOR:
        raise Refused("amount_too_large", text=text[:40])
    return -int(minor or "0") if sign == "-" else int(minor or "0")


def decimal_text(amount_minor: int, currency: str) -> str:
    """Write minor units as a plain decimal ("-1200.50"): for files and payment codes, never for people."""
    digits = exponent(currency)
    sign, units = ("-" if amount_minor < 0 else ""), abs(amount_minor)
    if digits == 0:
        return f"{sign}{units}"
    return f"{sign}{units // 10**digits}.{units % 10**digits:0{digits}d}"


def money_text(amount_minor: int, currency: str) -> str:
    """Write an amount for people, minor units always shown: "¥1,200.00", "-$5.10", "CHF 3.00"."""
    plain = decimal_text(abs(amount_minor), currency)
    whole, _, fraction = plain.partition(".")
    grouped = f"{int(whole):,}" + (f".{fraction}" if fraction else "")
    sign = "-" if amount_minor < 0 else ""
    symbol = _SYMBOLS.get(currency)
    return f"{sign}{symbol}{grouped}" if symbol else f"{sign}{currency} {grouped}"


def allocate(amount_minor: int, weights: Sequence[int]) -> list[int]:
    """Split an amount by weights (each >= 0, sum > 0); the parts always sum to the whole.

    Each part is rounded towards zero and the units left over go one each to the largest remainders,
    earlier parts first on a tie (Hamilton's method).
    """
    total = sum(weights)
    if not weights or total <= 0 or min(weights) < 0:
        message = "weights must be non-negative and sum to more than zero"
        raise ValueError(message)
    sign, units = (-1 if amount_minor < 0 else 1), abs(amount_minor)
    parts = [units * weight // total for weight in weights]
    by_remainder = sorted(range(len(weights)), key=lambda i: (-(units * weights[i] % total), i))
    for i in by_remainder[: units - sum(parts)]:
        parts[i] += 1
    return [sign * part for part in parts]

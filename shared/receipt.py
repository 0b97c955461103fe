"""The receipt a customer holds: what is printed, and the amount in words."""

from __future__ import annotations

from dataclasses import dataclass

from shared.money import exponent

_DIGITS = "零壹贰叁肆伍陆柒捌玖"
_PLACES = ("", "拾", "佰", "仟")
_FRACTIONS = "角分厘毫"
_WORDS = (
    "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen "
    "seventeen eighteen nineteen"
)
_UNITS = _WORDS.split()
_TENS = ("zero", "ten", "twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety")
_THOUSANDS = ("", "thousand", "million", "billion", "trillion", "quadrillion")


@dataclass(frozen=True, slots=True)
class ReceiptLine:
    """One invoice that a receipt pays: number, paid part, and what stayed open as the phone knew it."""

    invoice_number: str
    paid_minor: int
    remaining_minor: int


@dataclass(frozen=True, slots=True)
class Receipt:
    """Everything a receipt shows; made from facts, never stored as truth."""

    number: str
    company: str
    customer_name: str
    salesperson_name: str
    currency: str
    amount_minor: int
    method: str
    taken_at_ms: int
    lines: tuple[ReceiptLine, ...]
    unapplied_minor: int
    balance_minor: int
    verification: str


def capital_figures(amount_minor: int, currency: str = "CNY") -> str:
    """Write an amount in Chinese capital figures (大写), as on cheques and receipts.

    After the PBoC rules for filling in bills (正确填写票据和结算凭证的基本规定): 整 after 元 or 角, one 零 for any
    run of zeros inside, 人民币 in front is the caller's. Range: 0 to 9,999,999,999,999,999 whole units.
    """
    units, cents = _whole_and_cents(amount_minor, currency)
    text = (_chinese_whole(units) + "元") if units else ("" if cents else "零元")
    zero = False
    for digit, place in zip(f"{cents:0{exponent(currency)}d}", _FRACTIONS, strict=False):
        if digit != "0":
            text += ("零" if zero and text else "") + _DIGITS[int(digit)] + place
        zero = digit == "0"
    return text + ("整" if text[-1] in "元角" else "")


def _chinese_whole(units: int) -> str:
    text, zero = "", False
    for place in reversed(range(len(str(units)))):
        digit = units // 10**place % 10
        if digit:
            text += ("零" if zero else "") + _DIGITS[digit] + _PLACES[place % 4]
            zero = False
        else:
            zero = bool(text)
        if place == 8 or (place in (4, 12) and units // 10**place % 10_000):
            text += "亿" if place == 8 else "万"
    return text or "零"


def english_words(amount_minor: int, currency: str) -> str:
    """Write an amount in English words with the fraction in figures: "one thousand two hundred and 05/100 CNY"."""
    units, cents = _whole_and_cents(amount_minor, currency)
    digits = exponent(currency)
    fraction = f" and {cents:0{digits}d}/{10**digits}" if digits else ""
    return f"{_english_whole(units)}{fraction} {currency}"


def _english_whole(units: int) -> str:
    if units == 0:
        return _UNITS[0]
    groups, index = [], 0
    while units:
        units, group = divmod(units, 1000)
        if group:
            groups.append(f"{_english_hundreds(group)} {_THOUSANDS[index]}".strip())
        index += 1
    return " ".join(reversed(groups))


def _english_hundreds(number: int) -> str:
    hundreds, rest = divmod(number, 100)
    words = [f"{_UNITS[hundreds]} hundred"] if hundreds else []
    if 0 < rest < len(_UNITS):
        words.append(_UNITS[rest])
    elif rest:
        tens, ones = divmod(rest, 10)
        words.append(_TENS[tens] + (f"-{_UNITS[ones]}" if ones else ""))
    return " ".join(words)


def _whole_and_cents(amount_minor: int, currency: str) -> tuple[int, int]:
    if amount_minor < 0:
        message = "a receipt never states a negative amount"
        raise ValueError(message)
    return divmod(amount_minor, int(10 ** exponent(currency)))

"""Reading one cell: amounts with any decimal mark into minor units, dates of a stated form."""

from __future__ import annotations

import re
import unicodedata
from datetime import date, datetime
from typing import TYPE_CHECKING

from shared.money import exponent, parse_minor
from shared.refusal import Refused

if TYPE_CHECKING:
    from collections.abc import Sequence

# Year first: these can be told apart. Month and day first cannot, so a mapping must say which it is.
DATE_FORMS = ("%Y-%m-%d", "%Y/%m/%d", "%Y.%m.%d", "%Y%m%d", "%Y年%m月%d日")
_EMPTY = re.compile(r"[-–—/\s]*")
_TIME = re.compile(r"[ T]+[0-9]{1,2}:[0-9]{2}(:[0-9]{2})?(\.[0-9]+)?$")
_GROUPED = re.compile(r"[+-]?[0-9]{1,3}((,[0-9]{2,3})*,[0-9]{3})?(\.[0-9]*)?|[+-]?[0-9]+(\.[0-9]*)?|[+-]?\.[0-9]+")
_SYMBOLS = re.compile(
    r"^(?:[¥￥$€£₹元]|RMB|CNY|USD|EUR|GBP|HKD)|(?:[¥￥$€£₹元]|RMB|CNY|USD|EUR|GBP|HKD)$", re.IGNORECASE
)


def is_empty(text: str) -> bool:
    """Say whether a cell says nothing: blank, or one of the dashes and slashes that banks print for nothing."""
    return bool(_EMPTY.fullmatch(text))


def minor(text: str, currency: str, decimal_mark: str = ".") -> int:
    """Read an amount into minor units: ``1,200.50``, ``1.200,50`` (mark ","), ``(5.00)``, ``5.00-``, ``¥5``.

    Refuses ``amount_unreadable`` also for groups that are not thousands ("1,2" is not 12), besides what
    ``shared.money.parse_minor`` refuses.
    """
    exponent(currency)
    plain = unicodedata.normalize("NFKC", text).replace("−", "-").replace("'", "").replace("’", "")
    plain = re.sub(r"\s", "", plain)
    if plain.startswith("(") and plain.endswith(")"):
        plain = "-" + plain[1:-1]
    plain = _without_symbol(plain)
    if plain.endswith("-"):
        plain = "-" + plain[:-1]
    if decimal_mark == ",":
        plain = plain.translate(str.maketrans(",.", ".,"))
    if not _GROUPED.fullmatch(plain):
        raise Refused("amount_unreadable", text=text[:40])
    return parse_minor(re.sub(r"^([+-]?)\.", r"\g<1>0.", plain), currency)


def _without_symbol(plain: str) -> str:
    sign = plain[:1] if plain[:1] in "+-" else ""
    rest = _SYMBOLS.sub("", plain[len(sign) :])
    return sign + rest


def day(text: str, forms: Sequence[str] = ()) -> date:
    """Read a date of one of the forms (strptime), or ISO, which is unambiguous; a time of day is left out.

    Refuses ``date_unreadable``.
    """
    plain = _TIME.sub("", unicodedata.normalize("NFKC", text).strip())
    for form in (*forms, "%Y-%m-%d") if forms else DATE_FORMS:
        try:
            found = datetime.strptime(plain, form).date()  # noqa: DTZ007 - a calendar day has no zone
        except ValueError:
            continue
        if 1900 <= found.year <= 2200:
            return found
    raise Refused("date_unreadable", text=text[:40], form=" / ".join(forms or DATE_FORMS[:2]))

"""How a table writes its dates and amounts, found from the cells themselves where they leave no doubt."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from backend.importing import reading
from shared.refusal import Refused

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date

_FORMS = (
    *("%d/%m/%Y", "%m/%d/%Y", "%d.%m.%Y", "%d.%m.%y", "%d-%m-%Y", "%m-%d-%Y"),
    *("%d/%m/%y", "%m/%d/%y", "%d %b %Y", "%d %b %y", "%Y.%m.%d."),
)
_COMMA = re.compile(r".*[0-9],[0-9]{1,2}[^0-9]*", re.DOTALL)
_POINT = re.compile(r".*\.[0-9]{1,2}[^0-9]*", re.DOTALL)
_LOOKED_AT = 5_000


def date_forms(texts: Sequence[str]) -> tuple[str, ...]:
    """Return the one form that reads every date, none for dates with the year first.

    Where day and month could change places, only the order of the bookings decides; where even that leaves two
    readings, none is returned and the dates are refused: a mapping must say.
    """
    sample = [text for text in texts[:_LOOKED_AT] if any(map(str.isdigit, text))]
    if not sample or _days(sample, ()) is not None:
        return ()
    found = {form: days for form in _FORMS if (days := _days(sample, (form,))) is not None}
    if len(found) > 1:
        found = {form: days for form, days in found.items() if days in (sorted(days), sorted(days, reverse=True))}
    return tuple(found) if len(found) == 1 else ()


def _days(sample: Sequence[str], forms: tuple[str, ...]) -> list[date] | None:
    try:
        return [reading.day(text, forms) for text in sample]
    except Refused:
        return None


def is_comma_decimal(texts: Sequence[str]) -> bool:
    """Say whether amounts have a decimal comma: some end in a comma and one or two digits, and none in a point."""
    filled = [text.strip() for text in texts[:_LOOKED_AT] if not reading.is_empty(text)]
    return any(map(_COMMA.fullmatch, filled)) and not any(map(_POINT.fullmatch, filled))

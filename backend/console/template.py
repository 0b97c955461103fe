"""The console's Jinja environment: everything escaped, words translated, money and times written for people."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from datetime import date, timedelta
from decimal import Decimal
from functools import cache
from pathlib import Path
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

import jinja2
from babel.dates import format_date, format_datetime
from markupsafe import Markup, escape

from backend.console import wording
from backend.console.charts import along, by_day
from backend.console.timeline import state_of
from backend.importing.mapping import word as field_word
from shared.clock import from_ms
from shared.invoice import BUCKETS
from shared.language import _, current, ngettext
from shared.money import decimal_text, exponent, money_text

FOLDER = Path(__file__).parent / "templates"


def day_text(day: date | str | None) -> str:
    """Write a date in the reader's language: "21 Nov 2026", "2026年11月21日"."""
    if not day:
        return "–"
    return format_date(date.fromisoformat(day) if isinstance(day, str) else day, "medium", locale=_locale())


def short_day(day: date) -> str:
    """Write a date's day and month only, for axes: "21/11", "11/21"."""
    return format_date(day, "MM/dd" if current() == "zh_CN" else "dd/MM", locale=_locale())


def moment_text(ms: int | None, zone: str) -> str:
    """Write a moment in the company's time zone, to the minute; a dash for none."""
    if not ms:
        return "–"
    form = "yyyy-MM-dd HH:mm" if current() == "zh_CN" else "d MMM yyyy, HH:mm"
    return format_datetime(from_ms(ms), form, tzinfo=ZoneInfo(zone), locale=_locale())


def days_text(days: int) -> str:
    """Write an age in days."""
    return _("today") if days <= 0 else ngettext("%(count)s day", "%(count)s days", days)


def percent_text(basis_points: int | None) -> str:
    """Write basis points as a percentage: 9,950 is "99.5%"; a dash for none."""
    return "–" if basis_points is None else f"{basis_points / 100:.4g}%"


def brief(amount_minor: int, currency: str) -> str:
    """Write a round amount short, for the axis of a chart: "12k", "1.5m", "12万"."""
    whole = Decimal(amount_minor).scaleb(-exponent(currency))
    steps = ((10**8, "亿"), (10**4, "万")) if current() == "zh_CN" else ((10**9, "bn"), (10**6, "m"), (10**3, "k"))
    size, unit = next((step for step in steps if whole >= step[0]), (1, ""))
    short = f"{whole / size:.2f}"
    return short.rstrip("0").rstrip(".") + unit


def ageing_of(sums: Mapping[str, int]) -> list[tuple[str, int]]:
    """Return the five classes of an ageing in their order, without its totals."""
    return [(name, sums.get(name, 0)) for name in BUCKETS]


def query(**values: object) -> str:
    """Write the filled-in values as the query of an address."""
    filled = urlencode({name: value for name, value in values.items() if value not in ("", None, False)})
    return f"?{filled}" if filled else ""


def marked(text: str, *needles: str) -> Markup:
    """Return a text, escaped, with the first occurrence of each needle marked (case-blind; short ones are left)."""
    wanted = sorted({needle for needle in needles if len(needle) >= 2}, key=len, reverse=True)
    if not wanted:
        return escape(text)
    pieces = re.split("(" + "|".join(map(re.escape, wanted)) + ")", text, flags=re.IGNORECASE)
    return Markup("").join(
        Markup("<mark>%s</mark>") % piece if i % 2 else escape(piece) for i, piece in enumerate(pieces)
    )


def pretty(text: str, currency: str) -> list[tuple[str, str]]:
    """Read an audit event's detail into (name, value) pairs for showing; amounts as money, empty values left out."""
    try:
        found = json.loads(text)
    except ValueError:
        found = {}
    if not isinstance(found, dict):
        return []
    unit = str(found.get("currency") or currency)
    return [
        (name, _shown(name, value, unit))
        for name, value in found.items()
        if value not in ("", None, []) and name != "currency"
    ]


def _shown(name: str, value: object, currency: str) -> str:
    if name.endswith("_minor") and isinstance(value, int):
        return money_text(value, currency)
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def field_value(name: str, row: Mapping[str, str]) -> str:
    """Write one value of a file's row as it was understood: amounts as money, kinds as words."""
    value = row.get(name, "")
    if name.endswith("_minor") and value.lstrip("-").isdigit() and row.get("currency"):
        return money_text(int(value), row["currency"])
    return wording.word(wording.KINDS, value) if name == "kind" else value


@cache
def environment() -> jinja2.Environment:
    """Return the one environment; templates are read once and kept."""
    loader = jinja2.FileSystemLoader(FOLDER)
    made = jinja2.Environment(
        loader=loader, autoescape=True, trim_blocks=True, lstrip_blocks=True, undefined=jinja2.StrictUndefined
    )
    made.globals |= {
        "_": _,
        "ngettext": ngettext,
        "money": money_text,
        "decimal": decimal_text,
        "day": day_text,
        "short_day": short_day,
        "days": days_text,
        "percent": percent_text,
        "query": query,
        "pretty": pretty,
        "field_word": field_word,
        "field_value": field_value,
        "word": wording.word,
        "words": wording,
        "along": along,
        "by_day": by_day,
        "states": state_of,
        "timedelta": timedelta,
        "brief": brief,
        "ageing_of": ageing_of,
        "marked": marked,
        "digits": exponent,
    }
    return made


def _locale() -> str:
    return "zh_CN" if current() == "zh_CN" else "en_GB"

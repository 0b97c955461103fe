"""QIF, Quicken's interchange format: a letter a field, ``^`` between bookings, no currency, dates of any order."""

from __future__ import annotations

import re
from datetime import date
from typing import TYPE_CHECKING

from backend.bank.formats import text
from backend.bank.line import Statement, StatementLine
from backend.importing import reading
from backend.importing.outcome import RowRefused
from shared.refusal import Refused

if TYPE_CHECKING:
    from backend.importing.mapping import Mapping

_START = re.compile(rb"(?i)\s*!(?:type|account|option|clear)\b")
_BOOKINGS = {"bank", "cash", "ccard", "oth a", "oth l"}
_DATE = re.compile(r"([0-9]{1,4})\s*[/.\-]\s*([0-9]{1,2})\s*(['/.\-])\s*([0-9]{1,4})")
_COMMA_DECIMAL = re.compile(r"(?:^|[0-9.])[0-9]*,[0-9]{1,2}$")
Block = tuple[int, dict[str, str], str, str]  # line, fields by letter, raw, account


def identify(head: bytes, name: str) -> bool:  # noqa: ARG001
    """Say whether the file begins with a header of QIF."""
    return bool(_START.match(head))


def extract(content: bytes, name: str, mapping: Mapping, currency: str) -> Statement:  # noqa: ARG001
    """Return one line for each booking of bank, cash and card accounts; lists and investments are ignored.

    The mapping's date forms count if it has any; else the order of day and month is found from all the dates of the
    file, and month first, as Quicken writes, where they leave it open. Refuses ``statement_unreadable`` for a file
    without such an account.
    """
    statement = Statement()
    blocks = _blocks(text.decode(content), statement)
    if blocks is None:
        raise Refused("statement_unreadable", place="no !Type:Bank")
    dates = [fields.get("D", "") for _line_number, fields, _raw, _account in blocks]
    is_day_first = _is_day_first(dates)
    amounts = [fields.get("T", "") or fields.get("U", "") for _line_number, fields, _raw, _account in blocks]
    mark = "," if any(_COMMA_DECIMAL.search(one) for one in amounts) else "."
    for block in blocks:
        try:
            booked_on = _booked(block[1].get("D", ""), mapping.forms, is_day_first=is_day_first)
            statement.lines.append(_line(block, booked_on, mark, text.unit("", currency)))
        except Refused as refusal:
            statement.unreadable.append(RowRefused(block[0], refusal.code, dict(refusal.values)))
    return statement


def _blocks(plain: str, statement: Statement) -> list[Block] | None:
    """Return the bookings' fields, None when no section of the file holds bookings."""
    found: list[Block] = []
    section, account, seen = "", "", False
    fields: dict[str, str] = {}
    raw: list[str] = []
    start = 0
    for number, line in enumerate([*plain.split("\n"), "^"], start=1):
        if line.startswith("!"):
            kind, _, value = line[1:].strip().lower().partition(":")
            section = value.strip() if kind == "type" else kind if kind == "account" else section
            seen = seen or section in _BOOKINGS
            fields, raw = {}, []
        elif line.startswith("^"):
            if fields and section in _BOOKINGS:
                found.append((start, fields, "\n".join(raw), account))
            elif fields and section == "account":
                account = text.clean(fields.get("N", ""))
            elif fields:
                statement.ignored_count += 1
            fields, raw = {}, []
        elif line.strip():
            start = number if not fields else start
            raw.append(line)
            letter, value = line[0].upper(), line[1:].strip()
            fields[letter] = f"{fields[letter]} {value}" if letter in "MA" and letter in fields else value
    return found if seen else None


def _is_day_first(dates: list[str]) -> bool:
    """Say whether the day stands before the month: a number above 12 tells, else the order of the bookings."""
    pairs = [(int(found[1]), int(found[2])) for one in dates if (found := _DATE.match(one)) and len(found[1]) < 3]
    if any(first > 12 for first, _second in pairs) or any(second > 12 for _first, second in pairs):
        return any(first > 12 for first, _second in pairs)
    orders = []
    for is_day_first in (False, True):
        days = [_parsed(one, is_day_first=is_day_first) for one in dates]
        known = [one for one in days if one]
        orders.append(known in (sorted(known), sorted(known, reverse=True)))
    return orders == [False, True]


def _booked(plain: str, forms: tuple[str, ...], *, is_day_first: bool) -> date:
    if forms:
        return reading.day(plain, forms)
    if found := _parsed(plain, is_day_first=is_day_first):
        return found
    return reading.day(plain)


def _parsed(plain: str, *, is_day_first: bool) -> date | None:
    """Return the day of ``12/31/2026``, ``12/31'26``, ``31.12.26`` or ``2026-12-31``."""
    found = _DATE.match(plain)
    if not found:
        return None
    first, second, mark, third = int(found[1]), int(found[2]), found[3], int(found[4])
    if len(found[1]) == 4:
        year, month, day = first, second, third
    else:
        month, day = (second, first) if is_day_first else (first, second)
        year = third
        if len(found[4]) < 3:  # the apostrophe is Quicken's sign for the years from 2000
            year += 1900 if third >= 70 and mark != "'" else 2000
    try:
        return date(year, month, day) if 1900 <= year <= 2200 else None
    except ValueError:
        return None


def _line(block: Block, booked_on: date, mark: str, unit: str) -> StatementLine:
    number, fields, raw, account = block
    amount = fields.get("T", "") or fields.get("U", "")
    if reading.is_empty(amount):
        raise Refused("row_value_missing", column="T")
    return StatementLine(
        number,
        booked_on,
        booked_on,
        reading.minor(amount, unit, mark),
        unit,
        text.clean(fields.get("P", "")),
        "",
        text.clean(fields.get("N", "")),
        text.clean(fields.get("M", ""), 2_000),
        "",
        None,
        raw,
        account,
    )

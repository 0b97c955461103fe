"""SWIFT MT940 statements and MT942 interim reports, with the dialects of banks that wrap, pad and append."""

from __future__ import annotations

import re
from calendar import monthrange
from dataclasses import dataclass, field
from datetime import date
from typing import TYPE_CHECKING

from backend.bank.formats import text
from backend.bank.line import Statement, StatementLine
from backend.importing.outcome import RowRefused
from shared.money import exponent, parse_minor
from shared.refusal import Refused

if TYPE_CHECKING:
    from collections.abc import Iterator

    from backend.importing.mapping import Mapping

_MARK = re.compile(rb"(?m)^:(?:20|25|28C?|60[FM]|61|62[FM]|13D|34F):")
_TAG = re.compile(r"^:([0-9]{2}[A-Z]?|NS):", re.MULTILINE)
_TORN_TAG = re.compile(r"^:\n(?=[0-9]{2}[A-Z]?:)", re.MULTILINE)
# :61: value date, entry date, mark, funds code, amount, type, reference // bank's reference, and a further line.
_BOOKING = re.compile(
    r"(?P<value>[0-9]{6})(?P<entry>[0-9]{4}|[ ]{4})?(?P<mark>E?R?[DC])(?P<funds>[A-Z])?\s?(?P<amount>[0-9]+,?[0-9]*)"
    r"(?P<kind>[A-Z][A-Z0-9 ]{3})?(?P<rest>[^\n]*)(?:\n(?P<more>.*))?",
    re.DOTALL,
)
_BALANCE = re.compile(r"[DC][0-9]{6}([A-Z]{3})")
_LIMIT = re.compile(r"[0-9]*([A-Z]{3})[DC]?[0-9]")
_ACCOUNT_UNIT = re.compile(r"([0-9 .-]{6,})([A-Z]{3})$")
_SUBFIELD = re.compile(r"[?>]([0-9]{2})")
_CODE = re.compile(r"\b(EREF|KREF|MREF|CRED|DEBT|SVWZ|ABWA|ABWE|IBAN|BIC|COAM|OAMT|PURP)\+")
_SLASHED = re.compile(
    r"/(NAME|REMI|EREF|IBAN|ORDP|BENM|CNTP|TRTP|BIC|ISDT|MARF|CSID|RTRN|ADDR|ID|PREF|TR|PURP|ULTD|ULTC)/"
)
_NOTHING = {"NONREF", "NOTPROVIDED", "EREF", "KREF+", "KREF", ""}


def identify(head: bytes, name: str) -> bool:  # noqa: ARG001 - banks name these files as they like
    """Say whether a line of the file's beginning is a field of these messages."""
    return bool(_MARK.search(head.replace(b"\r", b"\n")))


@dataclass(slots=True)
class _Reading:
    """Where the scan stands: the account and currency of the message, and the booking not yet finished."""

    currency: str
    statement: Statement = field(default_factory=Statement)
    account: str = ""
    unit: str = ""
    booking: tuple[int, str] | None = None
    details: list[str] = field(default_factory=list)
    proprietary: str = ""
    is_statement: bool = False


def extract(content: bytes, name: str, mapping: Mapping, currency: str) -> Statement:  # noqa: ARG001
    """Return one line for each ``:61:`` of all the messages in a file.

    Refuses ``statement_unreadable`` for a file with neither bookings nor balances. A booking that cannot be read is
    listed and loses no other.
    """
    reading = _Reading(currency)
    for line, tag, value in _fields(text.decode(content)):
        _take(reading, line, tag, value)
    _finish(reading)
    if not reading.is_statement:
        raise Refused("statement_unreadable", place="no :60F:, :61:")
    return reading.statement


def _fields(plain: str) -> Iterator[tuple[int, str, str]]:
    """Yield the line, the tag and the value of each field; the frames around messages are left out."""
    plain = _TORN_TAG.sub(":", plain)
    marks = list(_TAG.finditer(plain))
    line, last = 1, 0
    for index, mark in enumerate(marks):
        line += plain.count("\n", last, mark.start())
        last = mark.start()
        value = plain[mark.end() : marks[index + 1].start() if index + 1 < len(marks) else len(plain)]
        end = re.search(r"^-(?:\}|\s*$)|^\{[1-5]:", value, re.MULTILINE)
        yield line, mark[1], (value[: end.start()] if end else value).rstrip()


def _take(reading: _Reading, line: int, tag: str, value: str) -> None:
    is_slip = tag == "25" and reading.booking and re.match(r"[0-9]{3}\?", value)  # meant for :86:
    if tag == "86" or is_slip:
        reading.details += [value] if reading.booking else []
        return
    if tag == "NS":
        reading.proprietary = value
        return
    _finish(reading)
    _told(reading, line, tag, value)


def _told(reading: _Reading, line: int, tag: str, value: str) -> None:
    """Note what a field other than a booking's details says."""
    if tag == "61":
        reading.booking, reading.is_statement = (line, value), True
    elif tag == "20":
        reading.account = reading.unit = ""
    elif tag in {"25", "25P"}:
        account = value.partition("\n")[0].strip()
        found = _ACCOUNT_UNIT.match(account)
        reading.account, reading.unit = (found[1].strip(), found[2]) if found else (text.clean(account), "")
    elif tag[:2] in {"60", "62"}:
        reading.is_statement = True
        if balance := _BALANCE.match(value):
            reading.unit = balance[1]
    elif tag in {"34F", "90C", "90D"} and (limit := _LIMIT.match(value)):
        reading.is_statement, reading.unit = True, reading.unit or limit[1]


def _finish(reading: _Reading) -> None:
    """Turn the booking that the last fields told of into a line."""
    if reading.booking:
        line, value = reading.booking
        try:
            reading.statement.lines.append(_line(reading, line, value))
        except Refused as refusal:
            reading.statement.unreadable.append(RowRefused(line, refusal.code, dict(refusal.values)))
    reading.booking, reading.details, reading.proprietary = None, [], ""


def _line(reading: _Reading, line: int, value: str) -> StatementLine:
    found = _BOOKING.match(value)
    if found is None:
        raise Refused("statement_unreadable", place=f":61:{text.clean(value, 40)}")
    value_on, booked_on = _days(found["value"], (found["entry"] or "").strip())
    unit = text.unit(reading.unit, reading.currency)
    exponent(unit)
    amount_minor = parse_minor(found["amount"].replace(",", "."), unit)
    # A reversed credit (RC) takes money out again, a reversed debit (RD) brings it back.
    is_in = found["mark"].removeprefix("E") in {"C", "RD"}
    own, _, bank_id = (found["rest"] or "").partition("//")
    detail = _detail("\n".join(reading.details), reading.proprietary)
    more = text.clean(found["more"] or "", 2_000)
    said = detail.get("text", "") or more
    return StatementLine(
        line,
        booked_on,
        value_on,
        amount_minor if is_in else -amount_minor,
        unit,
        text.clean(detail.get("name", "")),
        text.clean(detail.get("account", "")),
        _reference(text.clean(own), detail.get("reference", "")),
        text.clean(said, 2_000),
        text.clean(bank_id),
        None,
        "\n".join([f":61:{value}", *(f":86:{one}" for one in reading.details)])
        + (f"\n:NS:{reading.proprietary}" if reading.proprietary else ""),
        reading.account,
    )


def _reference(own: str, detailed: str) -> str:
    """Return the reference that the payer gave; the bank's word for none is none."""
    return next((one for one in (text.clean(detailed), own) if one.upper() not in _NOTHING), "")


def _days(value: str, entry: str) -> tuple[date, date]:
    """Return value date and entry date; the entry's year is the one that brings the two closest together."""
    year = int(value[:2]) + (1900 if int(value[:2]) >= 80 else 2000)
    value_on = _day(year, value[2:])
    if not entry or entry == "0000":
        return value_on, value_on
    near = [_day(value_on.year + step, entry) for step in (-1, 0, 1)]
    return value_on, min(near, key=lambda one: abs(one - value_on))


def _day(year: int, month_day: str) -> date:
    """Return a day; German banks count interest to February 30, which is that month's last day."""
    month, day = int(month_day[:2]), int(month_day[2:])
    if month == 2 and day in {29, 30}:
        day = min(day, monthrange(year, 2)[1])
    try:
        return date(year, month, day)
    except ValueError:
        raise Refused("date_unreadable", text=f"{year}-{month_day}", form="YYMMDD") from None


def _detail(details: str, proprietary: str) -> dict[str, str]:
    """Return name, account, reference and text of what ``:86:`` or ``:NS:`` says, however the bank arranges it."""
    if proprietary:
        return _of_numbered_lines(proprietary)
    start = re.match(r"\s?[0-9A-Z]{3}(?=[?>][0-9]{2})", details)
    if start or details.startswith(("?", ">")):
        return _of_subfields(details.replace("\n", ""))
    if len(_SLASHED.findall(details)) > 1:
        return _of_slashes(details.replace("\n", ""))
    return {"text": details}


def _of_subfields(details: str) -> dict[str, str]:
    """Read ``166?00…?20…?32…`` (DFÜ agreement of the German banks, used also in Poland and Luxembourg)."""
    parts = _SUBFIELD.split(details)
    pairs = [(int(parts[index]), parts[index + 1]) for index in range(1, len(parts) - 1, 2)]

    def joined(*numbers: int, mark: str = "") -> str:
        return mark.join(value for number, value in pairs if number in numbers)

    purpose = joined(*range(20, 30), *range(60, 64))
    coded = _CODE.split(purpose)
    codes = {coded[index]: coded[index + 1].strip() for index in range(1, len(coded) - 1, 2)}
    return {
        "name": joined(32, 33),
        "account": joined(38) or joined(31) or codes.get("IBAN", ""),
        "reference": codes.get("EREF", ""),
        "text": codes.get("SVWZ", "") or purpose or joined(0),
    }


def _of_slashes(details: str) -> dict[str, str]:
    """Read ``/EREF/…/NAME/…/REMI/…`` (Dutch banks)."""
    parts = _SLASHED.split(details)
    codes: dict[str, str] = {}
    for index in range(1, len(parts) - 1, 2):
        codes.setdefault(parts[index], parts[index + 1].strip(" /"))
    return {
        "name": codes.get("NAME", ""),
        "account": codes.get("IBAN", ""),
        "reference": codes.get("EREF", ""),
        "text": codes.get("REMI", "") or details,
    }


def _of_numbered_lines(block: str) -> dict[str, str]:
    """Read the lines of ``:NS:``, each of which begins with two digits that say what it is."""
    lines = [(line[:2], line[2:]) for line in block.split("\n") if line[:2].isdigit()]
    return {
        "name": " ".join(value for number, value in lines if number in {"15", "16"}),
        "account": "".join(value.strip() for number, value in lines if number == "34"),
        "text": " ".join(value for number, value in lines if number <= "14" or number == "17"),
    }

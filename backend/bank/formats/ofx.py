"""OFX 1.x (SGML), OFX 2.x (XML) and QFX: the bookings of a download, whoever's software wrote it."""

from __future__ import annotations

import html
import re
from dataclasses import dataclass, field
from datetime import date
from typing import TYPE_CHECKING

from backend.bank.formats import text
from backend.bank.line import Statement, StatementLine
from backend.importing import reading
from backend.importing.outcome import RowRefused
from shared.refusal import Refused

if TYPE_CHECKING:
    from backend.importing.mapping import Mapping

_START = re.compile(rb"(?i)OFXHEADER|<OFX\s*>")
_DOCTYPE = re.compile(r"<!(?:DOCTYPE|ENTITY)", re.IGNORECASE)
_TOKEN = re.compile(r"<(/?)([A-Za-z][A-Za-z0-9._]*)\s*(/?)>([^<]*(?:<!\[CDATA\[.*?\]\]>[^<]*)*)", re.DOTALL)
_CDATA = re.compile(r"<!\[CDATA\[(.*?)\]\]>", re.DOTALL)
_STATEMENTS = {"STMTRS", "CCSTMTRS", "INVSTMTRS", "LOANSTMTRS"}
_TRADES = {"INVTRAN"}
_GROUPS = {"BANKACCTTO", "CCACCTTO", "PAYEE", "CURRENCY", "ORIGCURRENCY", "EXTDNAME"}


def identify(head: bytes, name: str) -> bool:  # noqa: ARG001 - .ofx, .qfx, .qbo and .txt are all in use
    """Say whether the file's beginning is the header or the first element of OFX."""
    return bool(_START.search(head))


@dataclass(slots=True)
class _Scan:
    """Where the scan stands: the statement's account and currency, and the transaction not yet closed."""

    currency: str
    statement: Statement = field(default_factory=Statement)
    account: str = ""
    unit: str = ""
    count: int = 0
    message: str = ""
    fields: dict[str, str] | None = None
    start: tuple[int, int] = (0, 0)
    group: str = ""


def extract(content: bytes, name: str, mapping: Mapping, currency: str) -> Statement:  # noqa: ARG001
    """Return one line for each ``STMTTRN``, of banks, cards and the cash of investments; trades are ignored.

    Elements may be closed or not, in any order, empty, or in CDATA. Refuses ``statement_unreadable`` for a download
    without a statement (with the bank's own message where it sent one) and for document types and entities.
    """
    plain = text.decode(content)
    if doctype := _DOCTYPE.search(plain):
        raise Refused("statement_unreadable", place=doctype[0])
    scan, line, last = _Scan(currency), 1, 0
    for token in _TOKEN.finditer(plain):
        line += plain.count("\n", last, token.start())
        last = token.start()
        _take(scan, token, line, plain)
    if scan.fields is not None:
        raise Refused("statement_unreadable", place=f"line {scan.start[0]}: STMTTRN")
    if not scan.count:
        raise Refused("statement_unreadable", place=scan.message[:80] or "no STMTRS")
    return scan.statement


def _take(scan: _Scan, token: re.Match[str], line: int, plain: str) -> None:
    name, is_end = token[2].upper(), bool(token[1] or token[3])
    value = html.unescape(_CDATA.sub(lambda found: found[1], token[4])).strip() if not token[1] else ""
    if name == "STMTTRN":
        if is_end and not token[3]:
            _close(scan, plain[scan.start[1] : token.end(2) + 1])
        elif not is_end:
            if scan.fields is not None:
                _close(scan, plain[scan.start[1] : token.start()])
            scan.fields, scan.start, scan.group = {}, (line, token.start()), ""
    elif scan.fields is not None:
        _within(scan, scan.fields, name, value, is_end=is_end)
    elif not is_end:
        _around(scan, name, value)


def _around(scan: _Scan, name: str, value: str) -> None:
    """Note what stands outside of transactions."""
    if name in _STATEMENTS:
        scan.count += 1
        scan.account = scan.unit = ""
    elif name == "CURDEF":
        scan.unit = value.upper()
    elif name == "ACCTID" and scan.count:
        scan.account = text.clean(value)
    elif name == "MESSAGE" and not scan.count:
        scan.message = text.clean(value)
    elif name in _TRADES:
        scan.statement.ignored_count += 1


def _within(scan: _Scan, fields: dict[str, str], name: str, value: str, *, is_end: bool) -> None:
    """Note a field of a transaction; those of a group carry its name."""
    if name in _GROUPS:
        scan.group = "" if is_end else name
    elif name in {"BANKTRANLIST", *_STATEMENTS} and is_end:
        raise Refused("statement_unreadable", place=f"line {scan.start[0]}: STMTTRN")
    elif not is_end and value:
        fields.setdefault(f"{scan.group}.{name}" if scan.group else name, value)


def _close(scan: _Scan, raw: str) -> None:
    fields, line = scan.fields, scan.start[0]
    scan.fields = None
    if fields is None:
        return
    try:
        scan.statement.lines.append(_line(scan, fields, line, raw))
    except Refused as refusal:
        scan.statement.unreadable.append(RowRefused(line, refusal.code, dict(refusal.values)))


def _line(scan: _Scan, fields: dict[str, str], line: int, raw: str) -> StatementLine:
    unit = text.unit(fields.get("CURRENCY.CURSYM", "") or scan.unit, scan.currency)
    booked_on = _day(fields, "DTPOSTED")
    value_on = _day(fields, "DTAVAIL") if fields.get("DTAVAIL") else booked_on
    name = next((fields[key] for key in ("NAME", "PAYEE.NAME", "EXTDNAME") if fields.get(key)), "")
    return StatementLine(
        line,
        booked_on,
        value_on,
        _amount(fields, unit),
        unit,
        text.clean(name),
        text.clean(fields.get("BANKACCTTO.ACCTID", "") or fields.get("CCACCTTO.ACCTID", "")),
        text.clean(fields.get("REFNUM", "") or fields.get("CHECKNUM", "")),
        text.clean(fields.get("MEMO", ""), 2_000),
        text.clean(fields.get("FITID", "")),
        None,
        raw,
        scan.account,
    )


def _amount(fields: dict[str, str], unit: str) -> int:
    """Return ``TRNAMT``: its decimal mark is a point or a comma (OFX 3.2.9.2); where both stand, the last."""
    plain = fields.get("TRNAMT", "")
    if not plain:
        raise Refused("row_value_missing", column="TRNAMT")
    mark = "," if plain.rfind(",") > plain.rfind(".") else "."
    return reading.minor(plain, unit, mark)


def _day(fields: dict[str, str], name: str) -> date:
    plain = fields.get(name, "")
    if not plain:
        raise Refused("row_value_missing", column=name)
    found = re.match("([0-9]{4})([0-9]{2})([0-9]{2})", plain)
    try:
        year, month, day = (int(one) for one in found.groups()) if found else (0, 0, 0)
        return date(year, month, day)
    except ValueError:
        raise Refused("date_unreadable", text=plain[:40], form="YYYYMMDD") from None

"""Statements as tables (CSV, XLSX, XLS) of any bank, read through a column mapping."""

from __future__ import annotations

import re
import unicodedata
from typing import TYPE_CHECKING

from backend.bank.line import Statement, StatementLine
from backend.importing import reading, sheet
from backend.importing.outcome import RowRefused
from shared.refusal import Refused

if TYPE_CHECKING:
    from backend.importing.mapping import Mapping

# What stands below the bookings: totals and notes of the bank, never money.
_FOOTER = re.compile(
    r"合\s*计|总\s*计|小\s*计|总笔数|列表结束|期末|结束|^\s*#|^\s*-{3,}|\btotals?\b|closing balance", re.IGNORECASE
)
_REQUIRED = (("booked",), ("amount", "credit", "debit"))


def identify(content: bytes, file_name: str, mapping: Mapping) -> bool:
    """Say whether a file is a table with the columns of a mapping."""
    try:
        _table(content, file_name, mapping)
    except Refused:
        return False
    return True


def extract(content: bytes, file_name: str, mapping: Mapping, currency: str) -> Statement:
    """Return a statement's lines; ``currency`` is the account's and fills in where the file has none.

    Refuses the whole file as ``sheet.read`` and ``sheet.table`` do. Totals below the lines are left out; a row that
    should be a booking and cannot be read is listed and loses no other.
    """
    table = _table(content, file_name, mapping)
    statement = Statement()
    for row in table.rows:
        if _is_no_booking(row, table):
            statement.ignored_count += 1
            continue
        try:
            statement.lines.append(_line(row, table, mapping, currency))
        except Refused as refusal:
            statement.unreadable.append(RowRefused(row.line, refusal.code, dict(refusal.values)))
    return statement


def _table(content: bytes, file_name: str, mapping: Mapping) -> sheet.Table:
    rows = sheet.read(content, file_name, encoding=mapping.encoding, delimiter=mapping.delimiter)
    return sheet.table(rows, mapping.names, _REQUIRED, mapping.header_row)


def _is_no_booking(row: sheet.Row, table: sheet.Table) -> bool:
    """Say whether a row is a note or a total: it has no date where bookings have one, and says so or is nearly bare."""
    place = table.columns["booked"]
    date_text = row.cells[place] if place < len(row.cells) else ""
    if any(character.isdigit() for character in date_text) and not _FOOTER.search(date_text):
        return False
    filled = [cell for cell in row.cells if cell]
    return len(filled) <= 1 or any(_FOOTER.search(cell) for cell in filled)


def _line(row: sheet.Row, table: sheet.Table, mapping: Mapping, currency: str) -> StatementLine:
    cells = sheet.fields_of(row, table.columns, max(len(table.header.cells), *table.columns.values()))
    texts = {**mapping.constants, **{name: text for name, text in cells.items() if text}}
    unit = _currency(texts.get("currency", ""), currency)
    if unit != currency:
        raise Refused("currency_mismatch", expected=currency, got=unit)
    booked_on = reading.day(_needed(texts, "booked"), mapping.forms)
    value = texts.get("value", "")
    balance = texts.get("balance", "")
    return StatementLine(
        row.line,
        booked_on,
        booked_on if reading.is_empty(value) else reading.day(value, mapping.forms),
        _signed(texts, mapping, unit),
        unit,
        _said(texts, "counterparty_name", 200),
        _said(texts, "counterparty_account", 200),
        _said(texts, "reference", 200),
        _said(texts, "text", 2_000),
        _said(texts, "bank_id", 200),
        None if reading.is_empty(balance) else reading.minor(balance, unit, mapping.decimal_mark),
        row.raw,
    )


def _currency(text: str, usual: str) -> str:
    """Return a currency code; the words for the company's own money on Chinese statements mean CNY."""
    plain = unicodedata.normalize("NFKC", text).strip().upper()
    if not plain or plain == "-":
        return usual
    return "CNY" if plain in {"人民币", "人民币元", "RMB", "CNY", "元"} else plain[:3]


def _needed(texts: dict[str, str], name: str) -> str:
    if reading.is_empty(texts.get(name, "")):
        raise Refused("row_value_missing", column=name)
    return texts[name]


def _said(texts: dict[str, str], name: str, length: int) -> str:
    text = texts.get(name, "")
    return "" if reading.is_empty(text) else text[:length]


def _signed(texts: dict[str, str], mapping: Mapping, unit: str) -> int:
    """Return the amount, money in > 0: from two columns, from one with a direction, or from a signed one."""
    sides = [_side(texts, name, mapping, unit) for name in ("credit", "debit")]
    if any(sides):
        credit, debit = sides
        amount_minor = credit - abs(debit)
    elif not reading.is_empty(texts.get("amount", "")):
        amount_minor = reading.minor(texts["amount"], unit, mapping.decimal_mark)
        if direction := texts.get("direction", ""):
            incoming = direction.casefold() in {word.casefold() for word in mapping.credit_words}
            amount_minor = abs(amount_minor) if incoming else -abs(amount_minor)
    else:
        raise Refused("row_value_missing", column="amount")
    if amount_minor == 0:
        raise Refused("amount_unreadable", text="0")
    return -amount_minor if mapping.negate else amount_minor


def _side(texts: dict[str, str], name: str, mapping: Mapping, unit: str) -> int:
    text = texts.get(name, "")
    return 0 if reading.is_empty(text) else reading.minor(text, unit, mapping.decimal_mark)

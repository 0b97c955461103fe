"""Statements as tables (CSV, XLSX, XLS) of any bank, read through a column mapping."""

from __future__ import annotations

import re
import unicodedata
from typing import TYPE_CHECKING

import msgspec

from backend.bank.formats import dialect, workbook
from backend.bank.formats import text as text_of
from backend.bank.line import Statement, StatementLine
from backend.importing import reading, sheet
from backend.importing.outcome import RowRefused
from shared.refusal import Refused

if TYPE_CHECKING:
    from datetime import date

    from backend.importing.mapping import Mapping

# What stands below the bookings: totals and notes of the bank, never money.
_FOOTER = re.compile(
    r"合\s*计|总\s*计|小\s*计|总笔数|总交易单数|列表结束|期末|结束|^\s*#|^\s*-{3,}|\btotals?\b|closing balance",
    re.IGNORECASE,
)
_TOTALS = re.compile("总笔数|总交易单数")  # WeChat's bills end with a table of totals of its own
_STATUS = ("交易状态", "当前状态", "业务类型", "交易类型", "交易说明", "交易分类")
_SHOP = "商家实收"  # the amount in Alipay's bills of a shop's trade
_CLOSED = re.compile("交易关闭|已撤销|交易失败|支付失败")
_REFUND = re.compile("退款|REFUND|REVOKED")
_NEUTRAL = {"", "/", "不计收支", "中性交易", "其他"}
_NEUTRAL_IN = re.compile("退款|充值|转出-到零钱|卖出|赎回|收益")
_NOTE = re.compile(r"\s*[(（]已(?:全额)?退款?.*[)）]\s*$")
_JOINED_TIME = re.compile(r"([0-9]{4}-[0-9]{2}-[0-9]{2})[0-9]{2}:[0-9]{2}(?::[0-9]{2})?")
_MEGABYTES = 64
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

    An empty ``currency`` takes every line in the currency that it states, else in yuan. Refuses the whole file as
    ``sheet.read`` and ``sheet.table`` do. Totals below the lines are left out; a row that should be a booking and
    cannot be read is listed and loses no other.
    """
    table = _table(content, file_name, mapping)
    statement = Statement()
    rows = _bookings(table)
    statement.ignored_count = len(table.rows) - len(rows)
    mapping = _understood(rows, table, mapping)
    status = [place for place, cell in enumerate(table.header.cells) if sheet.heading(cell) in _STATUS]
    for row in rows:
        said = " ".join(row.cells[place] for place in status if place < len(row.cells))
        if _CLOSED.search(said):
            statement.ignored_count += 1
            continue
        try:
            statement.lines.append(_line(row, table, mapping, currency, said))
        except Refused as refusal:
            statement.unreadable.append(RowRefused(row.line, refusal.code, dict(refusal.values)))
    return statement


def _table(content: bytes, file_name: str, mapping: Mapping) -> sheet.Table:
    is_book = content.startswith((b"PK\x03\x04", b"\xd0\xcf\x11\xe0"))
    size = sheet.MEGABYTES if is_book else _MEGABYTES
    if is_book and len(content) <= size * 1024 * 1024:
        workbook.tried(content, file_name)
    try:
        rows = sheet.read(content, file_name, encoding=mapping.encoding, delimiter=mapping.delimiter, megabytes=size)
    except BaseException as fault:
        if type(fault).__name__ != "PanicException":  # calamine's, for a torn workbook; it is no Exception
            raise
        raise Refused("file_unreadable", place=file_name[:60]) from None
    return sheet.table(rows, mapping.names, _REQUIRED, mapping.header_row)


def _bookings(table: sheet.Table) -> list[sheet.Row]:
    """Return the rows that are bookings; below a table of totals there are none."""
    found = []
    for row in table.rows:
        if _TOTALS.search(row.cells[0]):
            break
        if not _is_no_booking(row, table):
            found.append(row)
    return found


def _understood(rows: list[sheet.Row], table: sheet.Table, mapping: Mapping) -> Mapping:
    """Return a mapping with the form of dates and the decimal mark of the file, where it says nothing of them."""

    def column(field: str) -> list[str]:
        place = table.columns.get(field)
        return [] if place is None else [row.cells[place] for row in rows if place < len(row.cells)]

    if not mapping.forms:
        mapping = msgspec.structs.replace(mapping, date_form=list(dialect.date_forms(column("booked"))))
    amounts = [text for field in ("amount", "credit", "debit") for text in column(field)]
    if mapping.decimal_mark == "." and dialect.is_comma_decimal(amounts):
        mapping = msgspec.structs.replace(mapping, decimal_mark=",")
    return mapping


def _is_no_booking(row: sheet.Row, table: sheet.Table) -> bool:
    """Say whether a row is a note or a total: it has no date where bookings have one, and says so or is nearly bare."""
    place = table.columns["booked"]
    date_text = row.cells[place] if place < len(row.cells) else ""
    if any(character.isdigit() for character in date_text) and not _FOOTER.search(date_text):
        return False
    filled = [cell for cell in row.cells if cell]
    return len(filled) <= 1 or any(_FOOTER.search(cell) for cell in filled)


def _line(row: sheet.Row, table: sheet.Table, mapping: Mapping, currency: str, status: str) -> StatementLine:
    cells = sheet.fields_of(row, table.columns, max(len(table.header.cells), *table.columns.values()))
    texts = {**mapping.constants, **{name: text for name, text in cells.items() if text}}
    unit = text_of.unit(_currency(texts.get("currency", "")), currency)
    if _SHOP in sheet.heading(table.header.cells[table.columns.get("amount", 0)]):
        texts["direction"] = "支出" if "退款" in status.split() else "收入"  # its versions sign refunds either way
    booked_on = _day(_needed(texts, "booked"), mapping)
    value = texts.get("value", "")
    balance = texts.get("balance", "")
    return StatementLine(
        row.line,
        booked_on,
        booked_on if reading.is_empty(value) else _day(value, mapping),
        _signed(texts, mapping, unit, status),
        unit,
        _said(texts, "counterparty_name", 200),
        _said(texts, "counterparty_account", 200),
        _said(texts, "reference", 200),
        _said(texts, "text", 2_000),
        _said(texts, "bank_id", 200),
        _balance(balance, unit, mapping),
        row.raw,
    )


def _currency(text: str) -> str:
    """Return a currency code, empty for none; the words for it on Chinese statements mean CNY."""
    plain = unicodedata.normalize("NFKC", text).strip().upper()
    if not plain or plain == "-":
        return ""
    return "CNY" if plain in {"人民币", "人民币元", "RMB", "CNY", "元"} else plain[:3]


def _needed(texts: dict[str, str], name: str) -> str:
    if reading.is_empty(texts.get(name, "")):
        raise Refused("row_value_missing", column=name)
    return texts[name]


def _said(texts: dict[str, str], name: str, length: int) -> str:
    text = texts.get(name, "")
    return "" if reading.is_empty(text) else text[:length]


def _day(plain: str, mapping: Mapping) -> date:
    """Return a day; WeChat's older bills join the time to it."""
    found = _JOINED_TIME.fullmatch(unicodedata.normalize("NFKC", plain).strip())
    return reading.day(found[1] if found else plain, mapping.forms)


def _balance(plain: str, unit: str, mapping: Mapping) -> int | None:
    """Return the balance after a booking; one that cannot be read loses no booking."""
    if reading.is_empty(plain):
        return None
    try:
        return reading.minor(plain, unit, mapping.decimal_mark)
    except Refused:
        return None


def _signed(texts: dict[str, str], mapping: Mapping, unit: str, status: str) -> int:
    """Return the amount, money in > 0: from two columns, from one with a direction, or from a signed one."""
    names = [name for name in ("credit", "debit") if not reading.is_empty(texts.get(name, ""))]
    if names:
        sides = {name: reading.minor(_plain(texts[name]), unit, mapping.decimal_mark) for name in names}
        # Bills with an order's total beside its refund repeat the total on the refund's row.
        is_refund = bool(sides.get("debit")) and bool(_REFUND.search(status))
        amount_minor = (0 if is_refund else sides.get("credit", 0)) - abs(sides.get("debit", 0))
    elif not reading.is_empty(texts.get("amount", "")):
        amount_minor = reading.minor(_plain(texts["amount"]), unit, mapping.decimal_mark)
        if "direction" in texts:
            amount_minor = abs(amount_minor) if _is_in(texts, mapping, status) else -abs(amount_minor)
    else:
        raise Refused("row_value_missing", column="amount")
    return -amount_minor if mapping.negate else amount_minor


def _is_in(texts: dict[str, str], mapping: Mapping, status: str) -> bool:
    """Say whether a direction is money in; bills that leave it open ("不计收支") tell by what happened."""
    direction = texts["direction"]
    if direction.strip() in _NEUTRAL:
        return bool(_NEUTRAL_IN.search(f"{status} {texts.get('text', '')}"))
    return direction.casefold() in {word.casefold() for word in mapping.credit_words}


def _plain(amount: str) -> str:
    """Return an amount without the note of what was given back of it."""
    return _NOTE.sub("", amount)

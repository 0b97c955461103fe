"""Invoices from a file: read each row into a draft; what cannot be read is refused alone."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

from backend.importing import reading
from backend.importing.sheet import Row, Table, fields_of
from backend.invoice import service
from shared.money import money_text
from shared.refusal import Refused

if TYPE_CHECKING:
    from backend.importing.mapping import Mapping
    from backend.importing.outcome import ImportOutcome

_KINDS = {
    **dict.fromkeys(("", "invoice", "发票", "蓝字发票", "应收单"), "invoice"),
    **dict.fromkeys(("credit_note", "credit note", "credit", "红字发票", "贷项", "贷项通知单", "红字"), "credit_note"),
    **dict.fromkeys(("opening", "opening balance", "期初", "期初余额"), "opening"),
}
_YES = {"1", "y", "yes", "true", "是", "disputed", "有争议"}


@dataclass(frozen=True, slots=True)
class Draft:
    """One row that can be read. ``due_on`` is None when the file has none; ``open_minor`` when it does not say."""

    line: int
    customer_number: str
    customer_name: str
    number: str
    kind: str
    issued_on: date
    due_on: date | None
    currency: str
    amount_minor: int
    open_minor: int | None
    settled_on: date
    note: str

    @property
    def key(self) -> tuple[str, str]:
        """What makes an invoice the same one: customer and number."""
        return (self.customer_number, self.number)


def read(table: Table, mapping: Mapping, as_of: date, currency: str, outcome: ImportOutcome) -> list[Draft]:
    """Read every row; those that cannot be read are refused, with line and reason, and lose no other."""
    drafts = []
    for row in table.rows:
        try:
            drafts.append(_draft(row, table, mapping, as_of, currency))
        except Refused as refusal:
            outcome.refuse(row.line, refusal)
    return drafts


def _draft(row: Row, table: Table, mapping: Mapping, as_of: date, currency: str) -> Draft:
    cells = fields_of(row, table.columns, len(table.header.cells))
    texts = {name: cells.get(name) or mapping.constants.get(name, "") for name in {*cells, *mapping.constants}}
    unit = (texts.get("currency") or currency).upper()
    kind = _kind(texts.get("kind", ""))
    amount_minor = _amount(texts, "amount" if texts.get("amount") else "open", unit, mapping)
    sign = -1 if kind == "credit_note" and amount_minor > 0 else 1  # a column says "credit note": its figures need no −
    amount_minor *= sign
    if kind == "invoice" and amount_minor < 0:
        kind = "credit_note"
    number = texts.get("number", "") or (f"OPENING-{unit}" if kind == "opening" else _needed(texts, "number"))
    service.check(kind, number, unit, amount_minor)
    opening_on = as_of if kind == "opening" else None
    settled_on, open_minor = _open(texts, mapping, as_of, unit, amount_minor, sign)
    check_open(open_minor, amount_minor, unit)
    return Draft(
        row.line,
        _short(_needed(texts, "customer"), "customer", 40),
        _short(texts.get("customer_name") or texts["customer"], "customer_name", 200),
        number,
        kind,
        _day(texts, "issued", mapping) or opening_on or reading.day(_needed(texts, "issued")),
        _day(texts, "due", mapping),
        unit,
        amount_minor,
        open_minor if mapping.states_open(table.columns) else None,
        settled_on,
        _note(texts),
    )


def check_open(open_minor: int | None, amount_minor: int, currency: str) -> None:
    """Refuse ``open_outside_amount``: more is open than the document's amount, or it is of the other sign."""
    if open_minor is not None and not min(0, amount_minor) <= open_minor <= max(0, amount_minor):
        amounts = {"open": money_text(open_minor, currency), "amount": money_text(amount_minor, currency)}
        raise Refused("open_outside_amount", **amounts)


def is_opening(text: str) -> bool:
    """Say whether a row's kind is an opening balance, which needs neither a number nor a day of issue."""
    return _KINDS.get(text.strip().casefold()) == "opening"


def _kind(text: str) -> str:
    kind = _KINDS.get(text.strip().casefold())
    if kind is None:
        raise Refused("row_kind_unknown", text=text[:40])
    return kind


def _needed(texts: dict[str, str], name: str) -> str:
    if not texts.get(name):
        raise Refused("row_value_missing", column=name)
    return texts[name]


def _short(text: str, name: str, length: int) -> str:
    if len(text) > length:
        raise Refused("value_too_long", column=name, length=length)
    return text


def _amount(texts: dict[str, str], name: str, unit: str, mapping: Mapping) -> int:
    return reading.minor(_needed(texts, name), unit, mapping.decimal_mark)


def _day(texts: dict[str, str], name: str, mapping: Mapping) -> date | None:
    text = texts.get(name, "")
    return None if reading.is_empty(text) else reading.day(text, mapping.forms)


def _note(texts: dict[str, str]) -> str:
    disputed = "disputed" if texts.get("disputed", "").casefold() in _YES else ""
    return " ".join(filter(None, (disputed, texts.get("note", ""))))[:200]


def _open(  # noqa: PLR0917 - one row's texts and everything they are read with
    texts: dict[str, str], mapping: Mapping, as_of: date, unit: str, amount_minor: int, sign: int
) -> tuple[date, int | None]:
    """Return when the settled part was settled, and what the row says is open as the file's date begins.

    A column of open amounts says it outright. A settlement date is only a day: one before the file's date settled the
    invoice, a later one did not yet. On the date itself it is open when the day begins and settled when it ends, so
    the row says nothing (None): a new invoice stays open, and ours, of which the ledger knows the end of the day, is
    not contradicted. So the receivables extract has 94 open rows at 2013-04-01, not the 89 left that evening.
    """
    if texts.get("open"):
        return as_of, sign * _amount(texts, "open", unit, mapping)
    if mapping.amount_is == "open":
        return as_of, amount_minor
    if texts.get("status", "").casefold() in {word.casefold() for word in mapping.closed_status}:
        return _day(texts, "settled", mapping) or as_of, 0
    settled_on = _day(texts, "settled", mapping)
    if settled_on == as_of:
        return as_of, None
    if settled_on is not None and settled_on > as_of:
        return as_of, amount_minor
    if settled_on is None and not texts.get("settled_amount"):
        return as_of, amount_minor
    if not texts.get("settled_amount"):
        return settled_on or as_of, 0
    return settled_on or as_of, amount_minor - sign * _amount(texts, "settled_amount", unit, mapping)

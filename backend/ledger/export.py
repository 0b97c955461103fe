"""The ledger as a journal that other programs check: hledger, beancount, or CSV."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Iterable
from dataclasses import dataclass
from datetime import date
from itertools import groupby

from sqlalchemy.ext.asyncio import AsyncSession

from backend.ledger import journal
from backend.ledger.journal import JournalLine
from backend.report.sheet import rows_text
from shared.money import decimal_text, exponent

FORMATS = ("hledger", "beancount", "csv")
# Where each kind of account stands in a chart of accounts.
_ROOTS = {
    "receivable": "Assets:Receivable",
    "custody": "Assets:Custody",
    "transit": "Assets:Transit",
    "clearing": "Assets:Clearing",
    "bank": "Assets:Bank",
    "unapplied": "Liabilities:Unapplied",
    "unidentified": "Liabilities:Unidentified",
    "charge": "Expenses:Charge",
    "discount": "Expenses:Discount",
    "variance": "Expenses:Variance",
    "writeoff": "Expenses:Writeoff",
    "fee": "Income:Fee",
    "opening": "Equity:Opening",
}
_HEAD = (
    "booked_on",
    "entry",
    "fact_kind",
    "fact",
    "reverses",
    "account",
    "kind",
    "key",
    "invoice",
    "currency",
    "amount",
)


@dataclass(frozen=True, slots=True)
class Chart:
    """The names of all accounts that occur, by (kind, key); the first day and the currencies."""

    names: dict[tuple[str, str], str]
    first: date
    currencies: tuple[str, ...]


async def export(reader: AsyncSession, form: str) -> AsyncIterator[str]:
    """Yield the whole ledger as text, piece by piece, in order of day and posting; ``form`` is one of ``FORMATS``."""
    chart = await _chart(reader)
    heads = {"hledger": hledger_head, "beancount": beancount_head, "csv": csv_head}
    entries = {"hledger": hledger_entry, "beancount": beancount_entry, "csv": csv_entry}
    yield heads[form](chart)
    async for page in journal.journal(reader):
        for _, lines in groupby(page, key=lambda line: line.entry_id):
            yield entries[form](chart, list(lines))


async def _chart(reader: AsyncSession) -> Chart:
    first, currencies, accounts = await journal.accounts(reader)
    labels = await journal.labels(reader)
    names: dict[tuple[str, str], str] = {}
    taken: set[str] = set()
    for kind, key in accounts:
        parts = [_ROOTS[kind], *(_component(labels.get(part, part)) for part in key.split(":") if part)]
        name = ":".join(parts)
        if name in taken:  # two numbers that differ only in characters which account names cannot hold
            name = f"{name}-{key.replace(':', '-')}"
        taken.add(name)
        names[kind, key] = name
    return Chart(names, first or date(2000, 1, 1), currencies)


def _component(label: str) -> str:
    """Return a label as part of an account's name: letters, digits and dashes, beginning with a capital or digit."""
    plain = re.sub(r"[^\w]+|_", "-", label).strip("-") or "X"
    first = plain[0].upper()
    return (first if first.isdigit() or first.isupper() else f"N{first}") + plain[1:]


def hledger_head(chart: Chart) -> str:
    """Declare commodities and accounts, so that ``hledger check --strict`` knows every one of them."""
    lines = ["; The ledger of Fieldtill", "decimal-mark .", ""]
    lines += [
        f"commodity {decimal_text(1000 * 10 ** exponent(one), one)}{_mark(one)} {one}" for one in chart.currencies
    ]
    lines += ["", *(f"account {name}" for name in sorted(chart.names.values())), ""]
    return "\n".join(lines) + "\n"


def _mark(currency: str) -> str:
    return "" if exponent(currency) else "."


def hledger_entry(chart: Chart, lines: list[JournalLine]) -> str:
    """Write one entry; two spaces stand before an amount."""
    head = lines[0]
    text = [f"{head.booked_on.isoformat()} ({head.entry_id}) {head.fact_kind} {head.fact_id}"]
    if head.reverses_id:
        text.append(f"    ; reverses:{head.reverses_id}")
    for line in lines:
        invoice = f"  ; invoice:{line.invoice_id}" if line.invoice_id else ""
        text.append(f"    {chart.names[line.kind, line.key]}  {_amount(line)} {line.currency}{invoice}")
    return "\n".join(text) + "\n\n"


def beancount_head(chart: Chart) -> str:
    """Open every account on the first day."""
    day = chart.first.isoformat()
    lines = ["; The ledger of Fieldtill", 'option "title" "Fieldtill"']
    lines += [f'option "operating_currency" "{one}"' for one in chart.currencies]
    lines += ["", *(f"{day} commodity {one}" for one in chart.currencies)]
    lines += ["", *(f"{day} open {name}" for name in sorted(chart.names.values())), ""]
    return "\n".join(lines) + "\n"


def beancount_entry(chart: Chart, lines: list[JournalLine]) -> str:
    """Write one entry."""
    head = lines[0]
    text = [f'{head.booked_on.isoformat()} * "{head.fact_kind}" "{head.fact_id}"', f'  entry: "{head.entry_id}"']
    if head.reverses_id:
        text.append(f'  reverses: "{head.reverses_id}"')
    for line in lines:
        text.append(f"  {chart.names[line.kind, line.key]}  {_amount(line)} {line.currency}")
        if line.invoice_id:
            text.append(f'    invoice: "{line.invoice_id}"')
    return "\n".join(text) + "\n\n"


def csv_head(_: Chart) -> str:
    """Name the columns."""
    return rows_text(_HEAD, ())


def csv_entry(chart: Chart, lines: list[JournalLine]) -> str:
    """Write one entry's postings, a row each."""
    rows: Iterable[tuple[object, ...]] = (
        (
            line.booked_on.isoformat(),
            line.entry_id,
            line.fact_kind,
            line.fact_id,
            line.reverses_id or "",
            chart.names[line.kind, line.key],
            line.kind,
            line.key,
            line.invoice_id,
            line.currency,
            _amount(line),
        )
        for line in lines
    )
    return rows_text((), rows).removeprefix("\r\n")


def _amount(line: JournalLine) -> str:
    return decimal_text(line.amount_minor, line.currency)

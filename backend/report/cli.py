"""`fieldtill report`: reports on the terminal or as files."""

from __future__ import annotations

import json
from datetime import datetime

import click

from backend.cli import Work, table, with_data
from backend.company import service as company
from backend.report import service, sheet
from shared.clock import business_date, to_ms
from shared.invoice import BUCKETS
from shared.language import N_, _
from shared.money import decimal_text

_HEAD = (N_("Customer"), N_("Name"), N_("Not due"), N_("1–30 days"), N_("31–60 days"), N_("61–90 days"))
_TAIL = (N_("Over 90 days"), N_("Total"), N_("Unapplied"), N_("Currency"))


@click.group()
def report() -> None:
    """Figures over the ledger."""


@report.command()
@click.option("--as-of", type=click.DateTime(["%Y-%m-%d"]), help="The day at whose end it is looked at; today.")
@click.option("--format", "form", type=click.Choice(["text", "csv", "json"]), default="text", show_default=True)
@with_data()
async def aged(work: Work, as_of: datetime | None, form: str) -> None:
    """Who owes what since when: not due, 1-30, 31-60, 61-90, over 90 days."""
    async with work.database.reading() as reader:
        settings = await company.company(reader)
        day = as_of.date() if as_of else business_date(to_ms(work.clock.now()), settings.zone)
        found = await service.aged(reader, day)
    writers = {"text": aged_table, "csv": sheet.aged_text, "json": aged_json}
    click.echo(writers[form](found), nl=form != "csv")


def aged_table(found: service.AgedReport) -> str:
    """Lay the report out in columns, with a line of totals for each currency."""
    rows = [tuple(_(word) for word in _HEAD + _TAIL)]
    for row in found.rows:
        amounts = [*(row.buckets[name] for name in BUCKETS), row.total_minor, row.unapplied_minor]
        rows.append((row.number, row.name, *(decimal_text(one, row.currency) for one in amounts), row.currency))
    for currency, sums in found.totals.items():
        amounts = [sums[name] for name in (*BUCKETS, "total", "unapplied")]
        rows.append((_("Total"), "", *(decimal_text(one, currency) for one in amounts), currency))
    return table(rows, right=frozenset(range(2, 9)))


def aged_json(found: service.AgedReport) -> str:
    """Write the report as JSON, amounts in minor units."""
    rows = [
        {
            "customer": row.number,
            "name": row.name,
            "currency": row.currency,
            **{f"{name}_minor": amount for name, amount in row.buckets.items()},
            "total_minor": row.total_minor,
            "unapplied_minor": row.unapplied_minor,
        }
        for row in found.rows
    ]
    body = {"as_of": found.as_of.isoformat(), "rows": rows, "totals": found.totals}
    return json.dumps(body, ensure_ascii=False, indent=2)


COMMANDS = [report]

"""`fieldtill ledger`: is it sound, and out with it."""

from __future__ import annotations

import sys

import click

from backend.cli import Work, table, with_data
from backend.ledger import export as journal
from backend.report.control import ControlTotal, control_totals
from shared.language import _
from shared.money import decimal_text


@click.group()
def ledger() -> None:
    """The double-entry ledger."""


@ledger.command()
@with_data()
async def check(work: Work) -> None:
    """Work out the control totals; exit status 1 when one of them does not hold."""
    async with work.database.reading() as reader:
        totals = await control_totals(reader)
    rows = [("", _("What must be equal"), _("From the facts"), _("In the ledger"), "")]
    rows += [(mark(one), one.sentence, text(one.expected, one), text(one.actual, one), one.currency) for one in totals]
    click.echo(table(rows, right=frozenset({2, 3})))
    for one in totals:
        for place in one.differences[:20]:
            click.echo(f"  {one.name} {place.key}: {text(place.expected, one)} ≠ {text(place.actual, one)}", err=True)
    sound = all(one.ok for one in totals)
    click.echo(_("Everything adds up.") if sound else _("Something does not add up."))
    sys.exit(0 if sound else 1)


def mark(one: ControlTotal) -> str:
    """Say with one character whether an equation holds."""
    return "✓" if one.ok else "✗"


def text(figure: int, one: ControlTotal) -> str:
    """Write an amount of the equation's currency, or a count."""
    return decimal_text(figure, one.currency) if one.currency else str(figure)


@ledger.command()
@click.option("--format", "form", type=click.Choice(journal.FORMATS), default="hledger", show_default=True)
@with_data()
async def export(work: Work, form: str) -> None:
    """Write the whole ledger; `hledger check --strict` and `bean-check` accept it."""
    async with work.database.reading() as reader:
        async for piece in journal.export(reader, form):
            click.echo(piece, nl=False)


COMMANDS = [ledger]

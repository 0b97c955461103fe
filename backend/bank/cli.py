"""Commands for the company's bank accounts and their statements."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from backend.bank import queries, service
from backend.bank.formats import csv as table_format
from backend.cli import table, with_data
from backend.company.service import company
from backend.importing import mapping as mappings
from backend.importing.cli import content_of, echo_refused
from shared.language import _
from shared.money import decimal_text, exponent, money_text
from shared.refusal import Refused

if TYPE_CHECKING:
    from backend.cli import Work
    from backend.importing.mapping import Mapping

_file = click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
_map = click.option("--map", "map_file", type=click.Path(path_type=Path), help="Mapping file (.toml or .json).")


@click.group()
def bank() -> None:
    """Bank accounts and statements."""


@bank.command("read")
@_file
@_map
@click.option("--currency", default="CNY", show_default=True, help="Currency of the account.")
def read_statement(file: Path, map_file: Path | None, currency: str) -> None:
    """Show how a statement file is understood; no data folder is touched."""
    exponent(currency)
    statement = table_format.extract(content_of(file), file.name, _mapping(map_file), currency)
    rows = [
        (
            str(line.line),
            line.booked_on.isoformat(),
            decimal_text(line.amount_minor, line.currency),
            line.counterparty_name[:24],
            f"{line.reference} {line.text}".strip()[:40],
        )
        for line in statement.lines
    ]
    click.echo(
        table([(_("line"), _("booked"), _("amount"), _("counterparty"), _("text")), *rows], right=frozenset({2}))
    )
    echo_refused(statement.unreadable)
    sys.exit(1 if statement.unreadable else 0)


@bank.command("import")
@_file
@click.option("--account", required=True, help="Number of the bank account.")
@_map
@click.option("--dry-run", is_flag=True, help="Only say what would be imported.")
@with_data(write=True)
async def import_statement(work: Work, *, file: Path, account: str, map_file: Path | None, dry_run: bool) -> None:
    """Import a statement; lines that are there already add nothing."""
    content, mapping = content_of(file), _mapping(map_file) if map_file else None
    async with work.database.reading() as reader:
        found = await queries.by_number(reader, account)
        if found is None:
            raise Refused("bank_account_not_found")
        options = {"account_id": found.id, "file_name": file.name, "content": content, "mapping": mapping}
        outcome = await service.preview_file(reader, work.actor, **options)  # type: ignore[arg-type]
    if not dry_run:
        async with work.database.writing() as session:
            outcome = await service.import_file(session, work.actor, work.clock, **options)  # type: ignore[arg-type]
    click.echo(
        _(
            "%(new)s new lines, %(known)s known, %(unreadable)s unreadable.",
            new=outcome.new_count,
            known=outcome.known_count,
            unreadable=outcome.unreadable_count,
        )
    )
    echo_refused(outcome.statement.unreadable)
    sys.exit(1 if outcome.unreadable_count else 0)


@bank.group()
def account() -> None:
    """The company's own accounts."""


@account.command("add")
@click.argument("number")
@click.option("--name", required=True, help="What people call it.")
@click.option("--currency", help="Its currency; the company's when left out.")
@with_data(write=True)
async def add_account(work: Work, *, number: str, name: str, currency: str | None) -> None:
    """Add an account."""
    async with work.database.writing() as session:
        unit = currency or (await company(session)).currency
        account_id = await service.add_account(session, work.actor, work.clock, name=name, number=number, currency=unit)
    click.echo(account_id)


@account.command("list")
@with_data()
async def list_accounts(work: Work) -> None:
    """List the accounts with the balance of what was imported, and the part of it not yet identified."""
    async with work.database.reading() as reader:
        sums = await queries.balances(reader)
        found = await queries.accounts(reader)
    rows = []
    for one in found:
        balance, waiting = (money_text(minor, one.currency) for minor in sums.get(one.id, (0, 0)))
        rows.append((one.number, one.name, one.currency, balance, waiting))
    heads = (_("Account number"), _("Name"), _("Currency"), _("Balance"), _("Unidentified"))
    click.echo(table([heads, *rows], right=frozenset({3, 4})))


def _mapping(map_file: Path | None) -> Mapping:
    return mappings.from_file(map_file, "bank") if map_file else mappings.usual("bank")


COMMANDS = [bank]

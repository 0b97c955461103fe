"""Commands for the company's bank accounts and their statements."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from backend.bank import formats, queries, service
from backend.cli import table, with_data
from backend.company.service import company
from backend.importing import mapping as mappings
from backend.importing.cli import echo_refused
from shared.language import _
from shared.money import exponent, money_text
from shared.refusal import Refused

if TYPE_CHECKING:
    from backend.bank.line import StatementLine
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
@click.option("--format", "kind", type=click.Choice(formats.NAMES), default="auto", show_default=True)
@click.option("--currency", default="", help="Currency of the account; lines in another are refused.")
def read_statement(file: Path, map_file: Path | None, kind: str, currency: str) -> None:
    """Print a statement's lines, one JSON object a line; no data folder is touched.

    Exit status: 0 all lines read, 1 some lines could not be read (listed on standard error), 2 no statement.
    """
    if currency:
        exponent(currency)
    statement = formats.extract(_content(file), file.name, _mapping(map_file), currency, kind=kind)
    for line in statement.lines:
        click.echo(json.dumps(_as_json(line), ensure_ascii=False))
    sums: dict[str, int] = {}
    for line in statement.lines:
        sums[line.currency] = sums.get(line.currency, 0) + line.amount_minor
    total = ", ".join(money_text(amount_minor, unit) for unit, amount_minor in sorted(sums.items()))
    counts = {"count": len(statement.lines), "unreadable": len(statement.unreadable)}
    click.echo(
        _(
            "%(count)s lines (%(total)s), %(unreadable)s unreadable, %(ignored)s rows are no bookings.",
            total=total or "0",
            ignored=statement.ignored_count,
            **counts,
        ),
        err=True,
    )
    echo_refused(statement.unreadable)
    sys.exit(1 if statement.unreadable else 0)


def _as_json(line: StatementLine) -> dict[str, object]:
    """Return a line as the command prints it; ``account`` and ``pending`` only where there is something to say."""
    return {
        **({"account": line.account} if line.account else {}),
        "amount_minor": line.amount_minor,
        "currency": line.currency,
        "date": line.booked_on.isoformat(),
        "value_date": line.value_on.isoformat(),
        "counterparty_name": line.counterparty_name,
        "counterparty_account": line.counterparty_account,
        "reference": line.reference,
        "text": line.text,
        "bank_id": line.bank_id,
        "balance_after_minor": line.balance_after_minor,
        **({"pending": True} if line.pending else {}),
    }


def _content(file: Path) -> bytes:
    """Return a file's bytes; refuses ``file_too_large`` before reading it."""
    if file.stat().st_size > formats.MEGABYTES * 1024 * 1024:
        raise Refused("file_too_large", megabytes=formats.MEGABYTES)
    return file.read_bytes()


@bank.command("import")
@_file
@click.option("--account", required=True, help="Number of the bank account.")
@_map
@click.option("--dry-run", is_flag=True, help="Only say what would be imported.")
@with_data(write=True)
async def import_statement(work: Work, *, file: Path, account: str, map_file: Path | None, dry_run: bool) -> None:
    """Import a statement; lines that are there already add nothing."""
    content, mapping = _content(file), _mapping(map_file) if map_file else None
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

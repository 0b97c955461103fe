"""Commands that import customers and invoices from files."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
from rich.progress import Progress as Bar

from backend.cli import with_data
from backend.importing import mapping as mappings
from backend.importing import service, sheet
from shared.language import _
from shared.money import money_text
from shared.refusal import Refused

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncSession

    from backend.cli import Work
    from backend.importing.mapping import Mapping
    from backend.importing.outcome import ImportOutcome, RowRefused

_SHOWN = 50
_file = click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
_map = click.option("--map", "mapping_name", help="Mapping file (.toml, .json) or the name of a saved one.")
_dry = click.option("--dry-run", is_flag=True, help="Only say what would be imported.")
_currency = click.option("--currency", default="", help="Currency of rows that name none; else the company's.")


@click.group("import")
def import_() -> None:
    """Import customers and invoices. Exit status: 0 all rows in, 1 some rows refused, 2 file refused."""


@import_.command()
@_file
@_map
@_dry
@_currency
@with_data(write=True)
async def customers(work: Work, *, file: Path, mapping_name: str | None, dry_run: bool, currency: str) -> None:
    """Import customers: new ones are added, changed ones updated."""
    options = {"content": content_of(file), "file_name": file.name, "currency": currency, "dry_run": dry_run}
    await _import(work, "customers", mapping_name, options)


@import_.command()
@_file
@_map
@_dry
@_currency
@click.option("--as-of", type=click.DateTime(["%Y-%m-%d"]), help="The day that the file speaks of; else today.")
@with_data(write=True)
async def invoices(
    work: Work, *, file: Path, mapping_name: str | None, dry_run: bool, currency: str, as_of: datetime | None
) -> None:
    """Import open invoices, credit notes (negative amounts) and opening balances."""
    options = {"content": content_of(file), "file_name": file.name, "currency": currency, "dry_run": dry_run}
    await _import(work, "invoices", mapping_name, {**options, "as_of": as_of.date() if as_of else None})


async def _import(work: Work, kind: str, mapping_name: str | None, options: dict[str, Any]) -> None:
    carry_out = service.import_customers if kind == "customers" else service.import_invoices
    with Bar(disable=not sys.stderr.isatty(), transient=True) as bar:
        task = bar.add_task(_("Importing"), total=None)
        async with work.database.reading() if options["dry_run"] else work.database.writing() as session:
            outcome = await carry_out(
                session,
                work.actor,
                work.clock,
                mapping=await _mapping(session, kind, mapping_name),
                progress=lambda done, total: bar.update(task, completed=done, total=total),
                **options,
            )
    _echo(outcome, dry_run=options["dry_run"])
    sys.exit(1 if outcome.refused else 0)


async def _mapping(session: AsyncSession, kind: str, name: str | None) -> Mapping | None:
    """Return the mapping of a file, of a saved name, or None for usual column names."""
    if name is None:
        return None
    if Path(name).suffix.lower() in {".toml", ".json"}:
        return mappings.from_file(Path(name), kind)
    return await service.saved_mapping(session, kind, name)


def content_of(file: Path) -> bytes:
    """Return a file's bytes; refuses ``file_too_large`` before reading it."""
    if file.stat().st_size > sheet.MEGABYTES * 1024 * 1024:
        raise Refused("file_too_large", megabytes=sheet.MEGABYTES)
    return file.read_bytes()


def _echo(outcome: ImportOutcome, *, dry_run: bool) -> None:
    if dry_run:
        click.echo(_("Dry run: nothing was written."))
    click.echo(
        _(
            "%(new)s new, %(changed)s changed, %(known)s known, %(refused)s refused.",
            new=outcome.new_count,
            changed=outcome.changed_count,
            known=outcome.known_count,
            refused=len(outcome.refused),
        )
    )
    if outcome.customers_added:
        click.echo(_("%(count)s customers added from the rows.", count=outcome.customers_added))
    echo_refused(outcome.refused)
    for one in outcome.differences[:_SHOWN]:
        amounts = {name: money_text(getattr(one, f"{name}_open_minor"), one.currency) for name in ("file", "ledger")}
        click.echo(_("Invoice %(number)s: open %(file)s in the file, %(ledger)s here.", number=one.number, **amounts))
    if outcome.missing:
        click.echo(_("%(count)s open invoices of ours are not in the file.", count=len(outcome.missing)))
        _echo_missing([one.number for one in outcome.missing])


def _echo_missing(numbers: Sequence[str]) -> None:
    """Print the numbers of invoices that the file lacks, at most 50; the console's page of the import has them all."""
    click.echo("  " + ", ".join(numbers[:_SHOWN]))
    if len(numbers) > _SHOWN:
        click.echo(_("… and %(count)s more.", count=len(numbers) - _SHOWN))


def echo_refused(rows: Sequence[RowRefused]) -> None:
    """Print refused rows with line and reason on standard error, at most 50."""
    for row in rows[:_SHOWN]:
        click.echo(_("Line %(line)s: %(sentence)s", line=row.line, sentence=row.sentence), err=True)
    if len(rows) > _SHOWN:
        click.echo(_("… and %(count)s more.", count=len(rows) - _SHOWN), err=True)


COMMANDS = [import_]

"""`fieldtill audit`: the tamper-evident log."""

from __future__ import annotations

import sys

import click

from backend.audit import sealer
from backend.cli import Work, with_data
from shared.language import _


@click.group()
def audit() -> None:
    """The log of every write."""


@audit.command()
@click.option("--head", default="", help="A head noted earlier: the chain must still hold it.")
@with_data()
async def verify(work: Work, head: str) -> None:
    """Walk the chain; exit status 1 when an event was changed, removed or inserted."""
    async with work.database.reading() as reader:
        found = await sealer.verify(reader, head)
    click.echo(_("%(count)s events are sealed, %(waiting)s wait.", count=found.sealed, waiting=found.unsealed))
    click.echo(_("Head: %(head)s", head=found.head or "-"))
    for broken in found.broken:
        click.echo(f"{broken.position}  {broken.event_id or '-'}  {_(sealer.WHAT[broken.what])}")
    click.echo(_("The log is what was written.") if found.ok else _("The log was changed."))
    sys.exit(0 if found.ok else 1)


@audit.command()
@with_data(write=True)
async def seal(work: Work) -> None:
    """Seal the events that wait (the server does so every two seconds)."""
    count = await sealer.seal(work.database, work.clock, "cli")
    click.echo(_("%(count)s events sealed.", count=count))


COMMANDS = [audit]

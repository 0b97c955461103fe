"""`fieldtill db`: the schema."""

from __future__ import annotations

import click

from backend.cli import Work, with_data
from backend.migrations import upgrade as schema
from shared.language import _


@click.group()
def db() -> None:
    """The schema of the database."""


@db.command()
@with_data(write=True)
async def upgrade(work: Work) -> None:
    """Bring the schema to this version (serve and every writing command do so too)."""
    click.echo(_("The schema is at %(revision)s.", revision=await schema.current(work.database)))


COMMANDS = [db]

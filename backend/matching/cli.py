"""The command that matches bank lines with expected money."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from backend.bank import queries as bank
from backend.cli import with_data
from backend.matching import service
from shared.language import _
from shared.refusal import Refused

if TYPE_CHECKING:
    from backend.cli import Work


@click.group()
def match() -> None:
    """Match bank lines with deposits and claimed payments."""


@match.command()
@click.option("--account", help="Number of one bank account; all when left out.")
@with_data(write=True)
async def run(work: Work, *, account: str | None) -> None:
    """Confirm what is unambiguous; the rest waits for review in the console."""
    async with work.database.writing() as session:
        chosen = await bank.by_number(session, account) if account else None
        if account and chosen is None:
            raise Refused("bank_account_not_found")
        done = await service.run(session, work.actor, work.clock, chosen.id if chosen else None)
    click.echo(
        _(
            "%(matched)s lines matched, %(proposed)s to review, %(open)s open.",
            matched=done.confirmed_count,
            proposed=done.proposed_count,
            open=done.open_count,
        )
    )


COMMANDS = [match]

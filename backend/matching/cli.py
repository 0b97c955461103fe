"""Commands that match bank lines with expected money and list what is still open."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from backend.bank import queries as bank
from backend.cli import table, with_data
from backend.matching import service
from shared.language import _
from shared.money import money_text
from shared.refusal import Refused

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncSession

    from backend.cli import Work


_account = click.option("--account", help="Number of one bank account; all when left out.")


@click.group()
def match() -> None:
    """Match bank lines with deposits and claimed payments."""


@match.command()
@_account
@with_data(write=True)
async def run(work: Work, *, account: str | None) -> None:
    """Confirm what is unambiguous; the rest waits for review in the console."""
    async with work.database.writing() as session:
        done = await service.run(session, work.actor, work.clock, await _account_id(session, account))
    click.echo(
        _(
            "%(matched)s lines matched, %(proposed)s to review, %(open)s open.",
            matched=done.confirmed_count,
            proposed=done.proposed_count,
            open=done.open_count,
        )
    )


@match.command("list")
@_account
@click.option("--limit", type=click.IntRange(1, 200), default=50, show_default=True, help="How many lines to list.")
@with_data()
async def list_open(work: Work, *, account: str | None, limit: int) -> None:
    """List the credits that nothing matches yet, with the likeliest proposal and why."""
    async with work.database.reading() as reader:
        account_id = await _account_id(reader, account)
        queue = await service.review(reader, work.actor, account_id=account_id, limit=limit)
    heads = (_("booked"), _("amount"), _("counterparty"), _("text"), _("proposed"))
    click.echo(table([heads, *map(_row, queue)], right=frozenset({1})))


def _row(one: service.Review) -> tuple[str, ...]:
    said = f"{one.line.reference} {one.line.text}".strip()
    likeliest = one.candidates[0] if one.candidates else None
    proposed = f"{likeliest.rule} {likeliest.evidence} ({likeliest.probability_bp // 100} %)" if likeliest else ""
    if len(one.candidates) > 1:
        proposed += f" +{len(one.candidates) - 1}"
    amount = money_text(one.line.amount_minor, one.line.currency)
    return (one.line.booked_on.isoformat(), amount, one.line.counterparty_name[:24], said[:40], proposed)


async def _account_id(session: AsyncSession, number: str | None) -> str | None:
    """Return the account with a number, None for all; refuses ``bank_account_not_found``."""
    found = await bank.by_number(session, number) if number else None
    if number and found is None:
        raise Refused("bank_account_not_found")
    return found.id if found else None


COMMANDS = [match]

"""Commands about incentive plans."""

from __future__ import annotations

from datetime import date, datetime
from typing import TYPE_CHECKING

import click

from backend.cli import table, with_data
from backend.company.service import company
from backend.incentive import queries, service
from shared.clock import business_date, to_ms
from shared.language import _
from shared.money import money_text, parse_minor

if TYPE_CHECKING:
    from backend.cli import Work


@click.group()
def incentive() -> None:
    """Incentive plans."""


@incentive.group()
def plan() -> None:
    """Versions of the plan: added, never changed."""


@plan.command("list")
@with_data()
async def list_plans(work: Work) -> None:
    """List the versions."""
    async with work.database.reading() as reader:
        found = await queries.plans(reader)
    head = (_("version"), _("from"), _("rate"), _("on time"), _("target"), _("bonus"))
    rows = [
        (
            str(one.version),
            one.valid_from.isoformat(),
            f"{one.rate_bp / 100:g} %",
            f"{one.on_time_bp / 100:g} %",
            money_text(one.target_minor, one.currency),
            money_text(one.target_bonus_minor, one.currency),
        )
        for one in found
    ]
    click.echo(table([head, *rows], right=frozenset({0, 2, 3, 4, 5})))


@plan.command("add")
@click.option("--from", "start", type=click.DateTime(["%Y-%m-%d"]), help="First day; today when left out.")
@click.option("--currency", help="Currency of target and bonus; the company's when left out.")
@click.option("--rate-bp", type=click.IntRange(0, 10_000), required=True, help="Share of arrived money, in 1/100 %.")
@click.option("--on-time-bp", type=click.IntRange(0, 10_000), default=0, help="More for what was paid on time.")
@click.option("--target", default="0", help="Monthly target, as an amount.")
@click.option("--bonus", default="0", help="Bonus for reaching the target, as an amount.")
@with_data(write=True)
async def add_plan(
    work: Work, *, start: datetime | None, currency: str | None, rate_bp: int, on_time_bp: int, target: str, bonus: str
) -> None:
    """Add a version."""
    async with work.database.writing() as session:
        settings = await company(session)
        unit = currency or settings.currency
        version = await service.add_plan(
            session,
            work.actor,
            work.clock,
            valid_from=_first_day(start, business_date(to_ms(work.clock.now()), settings.zone)),
            currency=unit,
            rate_bp=rate_bp,
            on_time_bp=on_time_bp,
            target_minor=parse_minor(target, unit),
            target_bonus_minor=parse_minor(bonus, unit),
        )
    click.echo(_("Plan %(version)s is in force.", version=version))


def _first_day(start: datetime | None, today: date) -> date:
    return start.date() if start else today


COMMANDS = [incentive]

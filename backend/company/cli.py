"""`fieldtill company`: the company's settings."""

from __future__ import annotations

import dataclasses
import json

import click

from backend.cli import Work, table, with_data
from backend.company import service
from shared.refusal import Refused


@click.group()
def company() -> None:
    """The company and its settings."""


@company.command()
@with_data()
async def show(work: Work) -> None:
    """Show the settings (never the secrets)."""
    async with work.database.reading() as reader:
        found = await service.company(reader)
    rows = [
        (key, value if isinstance(value, str) else json.dumps(value, ensure_ascii=False))
        for key, value in dataclasses.asdict(found).items()
    ]
    click.echo(table(rows))


@company.command("set")
@click.argument("pairs", nargs=-1, required=True, metavar="KEY=VALUE...")
@with_data(write=True)
async def set_settings(work: Work, pairs: tuple[str, ...]) -> None:
    """Change settings, or set the company up: name=… zone=Asia/Shanghai currency=CNY.

    A value is text, or JSON where a number, list or object is wanted: methods='["cash","transfer"]'.
    """
    wanted = dict(_pair(pair) for pair in pairs)
    async with work.database.writing() as session:
        if not await service.is_installed(session) and {"name", "zone", "currency"} <= set(wanted):
            name, zone, currency = (str(wanted.pop(key)) for key in ("name", "zone", "currency"))
            await service.install(session, work.clock, name=name, zone=zone, currency=currency)
        for key, value in wanted.items():
            await service.company(session)
            await service.put_setting(session, work.actor, work.clock, f"company.{key}", value)


def _pair(text: str) -> tuple[str, object]:
    key, equals, value = text.partition("=")
    if not equals:
        raise Refused("setting_invalid", key=key[:40], value="")
    if key in {"name", "zone", "currency"}:
        return key, value
    try:
        return key, json.loads(value)
    except ValueError:
        return key, value


COMMANDS = [company]

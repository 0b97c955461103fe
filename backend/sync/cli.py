"""`fieldtill device`: phones and their enrolment codes."""

from __future__ import annotations

import click

from backend.auth import queries as people
from backend.cli import Work, table, with_data
from backend.sync import queries, service
from shared.clock import from_ms
from shared.language import _
from shared.refusal import Refused


@click.group()
def device() -> None:
    """The phones."""


@device.command("list")
@with_data()
async def list_devices(work: Work) -> None:
    """List the phones, newest first."""
    async with work.database.reading() as reader:
        found = await queries.devices(reader)
    rows = [(_("Series"), _("User"), _("Enrolled"), _("Last contact"), _("State"), _("Device"))]
    for one, name in found:
        state = _("revoked") if one.revoked_at_ms else _("in use")
        rows.append((one.series, name, _at(one.enrolled_at_ms), _at(one.seen_at_ms), state, one.id))
    click.echo(table(rows))


@device.command()
@click.argument("login")
@with_data(write=True)
async def code(work: Work, login: str) -> None:
    """Issue a one-time code with which one phone can enrol for a user within ten minutes."""
    async with work.database.writing() as session:
        person = await people.user_by_login(session, login.strip().casefold())
        if person is None:
            raise Refused("user_not_found")
        issued = await service.issue_code(session, work.actor, work.clock, person.id)
    click.echo(issued)


@device.command()
@click.argument("device_id")
@with_data(write=True)
async def revoke(work: Work, device_id: str) -> None:
    """Take a phone out of use; what it signed can still be handed in."""
    async with work.database.writing() as session:
        await service.revoke(session, work.actor, work.clock, device_id)


def _at(at_ms: int) -> str:
    return from_ms(at_ms).strftime("%Y-%m-%d %H:%M UTC")


COMMANDS: list[click.Command] = [device]

"""`fieldtill user`: people."""

from __future__ import annotations

import click

from backend.auth import queries, service
from backend.auth.tables import UserAccount
from backend.cli import Work, table, with_data, yes_no
from shared.language import LANGUAGES, _
from shared.permission import ROLE_NAMES
from shared.refusal import Refused


@click.group()
def user() -> None:
    """The people who sign in."""


@user.command()
@click.argument("login")
@click.option("--name", default="", help="The name that others see.")
@click.option("--role", type=click.Choice(ROLE_NAMES), required=True)
@click.option("--lang", "language", type=click.Choice(LANGUAGES), default="en", show_default=True)
@click.password_option(help="Asked for when not given.")
@with_data(write=True)
async def add(work: Work, login: str, *, name: str, role: str, language: str, password: str) -> None:
    """Add a person."""
    async with work.database.writing() as session:
        user_id = await service.add_user(
            session,
            work.actor,
            work.clock,
            login=login,
            name=name or login,
            role=role,
            password=password,
            language=language,
        )
    click.echo(user_id)


@user.command("list")
@with_data()
async def list_users(work: Work) -> None:
    """List everybody."""
    rows = [(_("User name"), _("Name"), _("Role"), _("Language"), _("May sign in"))]
    async with work.database.reading() as reader:
        people = await queries.users(reader, limit=100_000)
    rows += [(one.login, one.name, one.role, one.language, yes_no(value=one.active)) for one in people]
    click.echo(table(rows))


@user.command()
@click.argument("login")
@with_data(write=True)
async def disable(work: Work, login: str) -> None:
    """Switch a person's sign-in off, at once and everywhere."""
    async with work.database.writing() as session:
        person = await _named(work, login)
        await service.disable_user(session, work.actor, work.clock, person.id)


@user.command()
@click.argument("login")
@with_data(write=True)
async def enable(work: Work, login: str) -> None:
    """Let a person sign in again."""
    async with work.database.writing() as session:
        person = await _named(work, login)
        await service.enable_user(session, work.actor, work.clock, person.id)


@user.command()
@click.argument("login")
@click.password_option(help="Asked for when not given.")
@with_data(write=True)
async def password(work: Work, login: str, password: str) -> None:
    """Give a person a new password; every sign-in of theirs ends."""
    async with work.database.writing() as session:
        person = await _named(work, login)
        await service.reset_password(session, work.actor, work.clock, person.id, password)


async def _named(work: Work, login: str) -> UserAccount:
    async with work.database.reading() as reader:
        person = await queries.user_by_login(reader, login.strip().casefold())
    if person is None:
        raise Refused("user_not_found")
    return person


COMMANDS = [user]

"""`fieldtill demo`: half a year of an invented distributor, then server, console and phone."""

from __future__ import annotations

import asyncio
import os
import shutil
import webbrowser
from pathlib import Path
from typing import TYPE_CHECKING

import click

from backend.demo.start import HOST, Part, Processes, Stopped, check_port
from backend.settings import DATABASE_FILE, Settings, folder_lock, read_settings
from shared.language import LANGUAGES, N_, _, choose_default, current
from shared.refusal import Refused

if TYPE_CHECKING:
    from backend.demo.prepare import Size

_READY = "demo.ready"  # stands in the folder once the whole story is in the database
_UNFINISHED = "demo.unfinished"
_PHONE = "phone"
_ROLES = {
    "salesperson": N_("Salesperson"),
    "supervisor": N_("Supervisor"),
    "cashier": N_("Cashier"),
    "reconciler": N_("Reconciler"),
    "credit": N_("Credit manager"),
    "auditor": N_("Auditor"),
    "admin": N_("Administrator"),
}
_PORT = click.IntRange(1, 65_535)


def default_folder() -> Path:
    """Return where the demo lives: ``fieldtill-demo`` in the user's data folder (XDG base directories)."""
    home = os.environ.get("XDG_DATA_HOME")
    return (Path(home) if home else Path.home() / ".local" / "share") / "fieldtill-demo"


@click.command()
@click.option("--port", default=8000, show_default=True, type=_PORT, help="Port of server and console.")
@click.option("--phone-port", default=8550, show_default=True, type=_PORT, help="Port of the phone.")
@click.option("--data", type=click.Path(file_okay=False, path_type=Path), help="Where the demo's data is kept.")
@click.option("--reset", is_flag=True, help="Make the data anew; what was done in the demo is lost.")
@click.option("--lang", type=click.Choice(LANGUAGES), help="Language of the demo's people; else the terminal's.")
@click.option("--prepare-only", is_flag=True, help="Make the data and exit.")
@click.option("--no-browser", is_flag=True, help="Open no browser.")
def demo(
    *,
    port: int,
    phone_port: int,
    data: Path | None,
    reset: bool,
    lang: str | None,
    prepare_only: bool,
    no_browser: bool,
) -> None:
    """Show Fieldtill with half a year of an invented food distributor's collections."""
    if lang:
        choose_default(lang)
    settings = read_settings(data or default_folder(), port=port)
    if not prepare_only:
        check_port(port, "--port")
        check_port(phone_port, "--phone-port")
    prepare_folder(settings, reset=reset)
    if not prepare_only:
        show(settings, phone_port, browser=not no_browser)


COMMANDS: list[click.Command] = [demo]


def prepare_folder(settings: Settings, *, reset: bool = False, size: Size | None = None) -> None:
    """Make the demo's data unless it is there; an unfinished story is begun anew. Refuses ``data_folder_busy``."""
    folder = _folder(settings)
    with folder_lock(settings):
        if reset or not (folder / _READY).exists():
            _clear(folder)
            (folder / _UNFINISHED).touch()
            asyncio.run(_prepare(settings, size))
            (folder / _UNFINISHED).rename(folder / _READY)
        else:
            click.echo(_("The demo's data is there already (--reset makes it anew)."))


def _is_ours(folder: Path) -> bool:
    return (folder / _READY).exists() or (folder / _UNFINISHED).exists()


def _folder(settings: Settings) -> Path:
    assert settings.data is not None  # noqa: S101 - the demo always names a folder
    return settings.data


def _clear(folder: Path) -> None:
    """Remove what the demo made; a company's own data in this folder is refused (``demo_folder_taken``)."""
    if (folder / DATABASE_FILE).exists() and not _is_ours(folder):
        raise Refused("demo_folder_taken", folder=str(folder))
    for path in (*folder.glob(f"{DATABASE_FILE}*"), folder / _READY, folder / _UNFINISHED):
        path.unlink(missing_ok=True)
    shutil.rmtree(folder / _PHONE, ignore_errors=True)


async def _prepare(settings: Settings, size: Size | None) -> None:
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn  # noqa: PLC0415

    from backend.database import Database  # noqa: PLC0415 - the command's help needs none of these
    from backend.demo.prepare import prepare  # noqa: PLC0415
    from backend.migrations.upgrade import upgrade  # noqa: PLC0415
    from shared.clock import SystemClock  # noqa: PLC0415

    database = Database(settings.database_url)
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    try:
        await upgrade(database)
        with Progress(*columns) as progress:
            task = progress.add_task(_("Half a year passes"), total=None)
            await prepare(
                database,
                now=SystemClock().now(),
                language=current(),
                size=size,
                tell=lambda _day, days: progress.update(task, total=days, advance=1),
            )
    finally:
        await database.close()


def show(settings: Settings, phone_port: int, *, browser: bool) -> None:
    """Run server and phone until SIGINT or SIGTERM; refuses ``demo_part_failed``."""
    folder, server = _folder(settings), f"http://{HOST}:{settings.port}"
    phone = f"http://{HOST}:{phone_port}"
    (folder / _PHONE).mkdir(exist_ok=True)
    serve_words = ("serve", "--host", HOST, "--port", str(settings.port), "--data", str(folder))
    phone_words = ("phone", "--server", server, "--host", HOST, "--port", str(phone_port))
    store = ("--store", str(folder / _PHONE / "phone.db"), "--lang", current(), "--no-browser")
    parts = [
        Part("serve", serve_words, f"{server}/health/ready"),
        Part("phone", phone_words + store, phone),
    ]
    try:
        with Processes(parts) as processes:
            processes.wait_until_ready()
            click.echo(_announcement(server, phone))
            for address in (f"{server}/console", phone) if browser else ():
                webbrowser.open(address)
            processes.wait()
    except Stopped:
        return


def _announcement(server: str, phone: str) -> str:
    """Return what the demo prints once everything answers."""
    from backend.cli import table  # noqa: PLC0415 - it imports this module by name
    from backend.demo.people import PASSWORD, PEOPLE  # noqa: PLC0415

    addresses = table(
        [
            ("  " + _("Server (API)"), f"{server}/schema"),
            ("  " + _("Console"), f"{server}/console"),
            ("  " + _("Phone"), phone),
        ]
    )
    people = table([("  " + person.login, person.name, _(_ROLES[person.role])) for person in PEOPLE])
    password = _("Everyone's password: %(password)s", password=PASSWORD)
    hint = _("Sign in on the phone as a salesperson, in the console as anyone else. Ctrl+C stops everything.")
    return "\n".join(("", "Fieldtill is ready", "", addresses, "", people, "", f"  {password}", f"  {hint}", ""))

"""The command `fieldtill`: one word a domain, loaded when it is asked for, over a data folder or a PostgreSQL."""

from __future__ import annotations

import asyncio
import importlib
import importlib.util
import os
import sys
from collections.abc import Awaitable, Callable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from functools import wraps
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from backend.settings import DATABASE_FILE, Settings, folder_lock, read_settings
from shared.language import _, choose_default
from shared.refusal import Refused

if TYPE_CHECKING:
    from backend.auth.actor import Actor
    from backend.database import Database
    from shared.clock import Clock

T = TypeVar("T")

# Where each word's commands live; a module exports COMMANDS.
WORDS = {
    "serve": "backend.serve",
    "db": "backend.migrations.cli",
    "user": "backend.auth.cli",
    "company": "backend.company.cli",
    "ledger": "backend.ledger.cli",
    "audit": "backend.audit.cli",
    "report": "backend.report.cli",
    "import": "backend.importing.cli",
    "customer": "backend.customer.cli",
    "bank": "backend.bank.cli",
    "match": "backend.matching.cli",
    "incentive": "backend.incentive.cli",
    "device": "backend.sync.cli",
    "demo": "backend.demo.cli",
    "paycode": "backend.paycode.cli",
    "phone": "mobile.cli",
}


class Words(click.Group):
    """A group whose commands are imported only when they are named or listed."""

    def list_commands(self, _ctx: click.Context) -> list[str]:
        """Name every command whose module is there."""
        return [word for word in WORDS if self._load(word) is not None]

    def get_command(self, _ctx: click.Context, name: str) -> click.Command | None:
        """Import and return one command."""
        return self._load(name)

    @staticmethod
    def _load(word: str) -> click.Command | None:
        module = WORDS.get(word)
        if module is None or importlib.util.find_spec(module) is None:
            return None
        commands: list[click.Command] = importlib.import_module(module).COMMANDS
        return next((command for command in commands if command.name == word), None)


@click.group(cls=Words, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110})
@click.option("--lang", type=click.Choice(["en", "zh_CN"]), help="Language of the answers; else the terminal's.")
def cli(lang: str | None) -> None:
    """Fieldtill: collections in the field, provable to the last unit."""
    spoken = os.environ.get("LC_ALL") or os.environ.get("LC_MESSAGES") or os.environ.get("LANG") or ""
    choose_default(lang or ("zh_CN" if spoken.startswith("zh") else "en"))


def main() -> None:
    """Run a command; a refusal is one sentence on standard error and exit status 2."""
    try:
        cli()
    except Refused as refusal:
        click.echo(str(refusal), err=True)
        sys.exit(2)


@dataclass(frozen=True, slots=True)
class Work:
    """What a command works with: the opened database, who acts (the system), the clock and the settings."""

    database: Database
    actor: Actor
    clock: Clock
    settings: Settings


def data_option(command: Callable[..., T]) -> Callable[..., T]:
    """Add the option --data."""
    return click.option(
        "--data",
        type=click.Path(file_okay=False, path_type=Path),
        help="Data folder; else FIELDTILL_DATABASE_URL, FIELDTILL_DATA, or var/fieldtill.",
    )(command)


def with_data(*, write: bool = False) -> Callable[[Callable[..., Awaitable[T]]], Callable[..., T]]:
    """Make an async function ``f(work, **options)`` a command's callback that works on one company's data.

    A writing command holds the data folder (``data_folder_busy`` while a server runs) and brings the schema up to
    date; a reading one refuses ``company_missing`` where there is no data.
    """

    def decorate(function: Callable[..., Awaitable[T]]) -> Callable[..., T]:
        @data_option
        @wraps(function)
        def run(*, data: Path | None, **options: Any) -> T:
            settings = read_settings(data)
            if not write and settings.data is not None and not (settings.data / DATABASE_FILE).exists():
                raise Refused("company_missing")
            with ExitStack() as stack:
                if write:
                    stack.enter_context(folder_lock(settings))
                return asyncio.run(_work(function, settings, options, write=write))

        return run

    return decorate


async def _work(
    function: Callable[..., Awaitable[T]], settings: Settings, options: dict[str, Any], *, write: bool
) -> T:
    from backend.auth.actor import SYSTEM
    from backend.database import Database
    from backend.migrations.upgrade import upgrade
    from shared.clock import SystemClock

    database = Database(settings.database_url)
    try:
        if write:
            await upgrade(database)
        return await function(Work(database, SYSTEM, SystemClock(), settings), **options)
    finally:
        await database.close()


def table(rows: Sequence[tuple[str, ...]], *, right: frozenset[int] = frozenset()) -> str:
    """Lay out rows in columns (Chinese characters are two wide); the columns in ``right`` are right-aligned."""
    widths = [max(map(_width, column)) for column in zip(*rows, strict=True)]
    return "\n".join(
        "  ".join(
            " " * (widths[i] - _width(cell)) + cell if i in right else cell + " " * (widths[i] - _width(cell))
            for i, cell in enumerate(row)
        ).rstrip()
        for row in rows
    )


def _width(text: str) -> int:
    import unicodedata

    return sum(2 if unicodedata.east_asian_width(character) in "WF" else 1 for character in text)


def yes_no(*, value: bool) -> str:
    """Say yes or no."""
    return _("yes") if value else _("no")

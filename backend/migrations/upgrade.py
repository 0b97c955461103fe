"""Bringing a database to the schema of this version, in one transaction on either database."""

from __future__ import annotations

from functools import partial
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, text

from backend.database import Database

HEAD = "head"
_LOCK = 7_310_042  # any number that nothing else in the database locks


def config(connection: Connection | None = None) -> Config:
    """Return alembic's configuration without a file; revisions run on the given connection."""
    found = Config()
    found.set_main_option("script_location", str(Path(__file__).parent))
    found.attributes["connection"] = connection
    return found


async def upgrade(database: Database, revision: str = HEAD) -> None:
    """Run every revision up to one; a database that is there already stays as it is."""
    await database.change_schema(partial(_run, command.upgrade, revision))


async def downgrade(database: Database, revision: str) -> None:
    """Undo every revision after one (``base``: all, with every row)."""
    await database.change_schema(partial(_run, command.downgrade, revision))


async def current(database: Database) -> str:
    """Return the revision that a database is at; empty before the first."""
    found: list[str] = []
    await database.change_schema(lambda connection: found.append(_current(connection)))
    return found[0]


def revisions() -> list[str]:
    """Return all revisions, oldest first."""
    return [script.revision for script in ScriptDirectory.from_config(config()).walk_revisions()][::-1]


def _run(step: object, revision: str, connection: Connection) -> None:
    assert callable(step)  # noqa: S101 - one of alembic's two commands
    if connection.dialect.name == "postgresql":  # several servers may start at once; SQLite has one writer anyway
        connection.execute(text(f"SELECT pg_advisory_xact_lock({_LOCK})"))
    step(config(connection), revision)


def _current(connection: Connection) -> str:
    return MigrationContext.configure(connection).get_current_revision() or ""

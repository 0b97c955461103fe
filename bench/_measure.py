"""What the figures share: an empty database in a folder of its own, and the floor that they are compared with."""

from __future__ import annotations

import asyncio
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from sqlalchemy import insert, select

from backend.database import Database
from backend.migrations.upgrade import upgrade
from backend.settings import sqlite_url
from backend.tables import metadata

Rows = dict[str, list[dict[str, object]]]


async def empty(folder: str, name: str) -> Database:
    """Open a fresh SQLite database with every table."""
    database = Database(sqlite_url(Path(folder) / f"{name}.sqlite3"))
    await upgrade(database)
    return database


async def rows_of(database: Database) -> Rows:
    """Read every row of every table, in an order in which foreign keys can be inserted."""
    async with database.reading() as reader:
        return {
            table.name: [dict(row) for row in (await reader.execute(select(table))).mappings()]
            for table in metadata.sorted_tables
        }


def difference(after: Rows, before: Rows) -> Rows:
    """Return the rows whose primary key is new."""
    new: Rows = {}
    for table in metadata.sorted_tables:
        keys = [column.name for column in table.primary_key]
        known = {tuple(row[key] for key in keys) for row in before[table.name]}
        new[table.name] = [row for row in after[table.name] if tuple(row[key] for key in keys) not in known]
    return new


async def insert_bare(database: Database, rows: Rows) -> float:
    """Insert rows with SQLAlchemy Core in one transaction; return the seconds it took."""
    start = time.perf_counter()
    async with database.writing() as session:
        for table in metadata.sorted_tables:
            if rows[table.name]:
                await session.execute(insert(table), rows[table.name])
    return time.perf_counter() - start


def report(what: str, count: int, seconds: float, floor: float) -> None:
    """Print one figure and its ratio to the floor."""
    each, bare = 1000 * seconds / count, 1000 * floor / count
    print(
        f"{what}: {count:,} in {seconds:.2f} s ({each:.2f} ms each; bare {bare:.2f} ms): {seconds / floor:.1f} × floor"
    )


def run(figure: Callable[[str], Awaitable[None]]) -> None:
    """Run one figure in a folder that is removed afterwards."""
    with tempfile.TemporaryDirectory() as folder:
        asyncio.run(figure(folder))

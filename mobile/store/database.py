"""The store's connections: one writer whose transactions are durable, one reader, one process."""

from __future__ import annotations

import asyncio
import fcntl
import os
import sqlite3
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Any

import aiosqlite

from mobile.store import migrations
from shared.refusal import Refused

Connection = aiosqlite.Connection
Row = sqlite3.Row

_FULL = "database or disk is full"


class Database:
    """One SQLite file: WAL, ``synchronous=FULL``, and a lock file that keeps a second process out."""

    def __init__(self, path: Path) -> None:
        """Name the file; nothing is opened yet."""
        self.path = path
        self._lock_file = -1
        self._writer: Connection | None = None
        self._reader: Connection | None = None
        self._writing = asyncio.Lock()
        self._reading = asyncio.Lock()

    async def open(self, version: int | None = None) -> Database:
        """Lock, open and upgrade the file; refuses ``store_locked`` when another process has it."""
        self.path.parent.mkdir(parents=True, exist_ok=True)
        self._lock_file = _lock(self.path.with_name(self.path.name + ".lock"))
        try:
            self._writer = await _connect(self.path)
            await self._writer.execute("PRAGMA journal_mode = WAL")
            await self._writer.execute("PRAGMA synchronous = FULL")
            await migrations.upgrade(self._writer, version)
            if version is None:  # the lock file proves that whoever held a lease is dead
                await self._writer.execute("DELETE FROM lease")
            self._reader = await _connect(self.path)
            await self._reader.execute("PRAGMA query_only = ON")
        except BaseException:
            await self.close()
            raise
        return self

    async def close(self) -> None:
        """Close the file and give the lock back; closing twice is allowed."""
        for connection in (self._reader, self._writer):
            if connection:
                await connection.close()
        self._reader = self._writer = None
        if self._lock_file >= 0:
            os.close(self._lock_file)
            self._lock_file = -1

    @asynccontextmanager
    async def writing(self) -> AsyncIterator[Connection]:
        """Give the one writer for one transaction, committed to the disk on the way out, undone by any error.

        Refuses ``store_full`` when the disk is full; nothing was saved then.
        """
        async with self._writing:
            connection = _opened(self._writer)
            try:
                await connection.execute("BEGIN IMMEDIATE")
                yield connection
                await connection.execute("COMMIT")
            except BaseException as error:
                with suppress(sqlite3.Error):
                    await connection.execute("ROLLBACK")
                if isinstance(error, sqlite3.OperationalError) and _FULL in str(error):
                    raise Refused("store_full") from error
                raise

    @asynccontextmanager
    async def reading(self) -> AsyncIterator[Connection]:
        """Give the reader for one consistent look at the store."""
        async with self._reading:
            connection = _opened(self._reader)
            try:
                await connection.execute("BEGIN")
                yield connection
            finally:
                with suppress(sqlite3.Error):
                    await connection.execute("ROLLBACK")


async def rows(connection: Connection, sql: str, values: Iterable[Any] | dict[str, Any] = ()) -> list[Row]:
    """Run a query and return all its rows."""
    async with connection.execute(sql, values) as cursor:
        return list(await cursor.fetchall())


async def row(connection: Connection, sql: str, values: Iterable[Any] | dict[str, Any] = ()) -> Row | None:
    """Run a query and return its first row, if any."""
    async with connection.execute(sql, values) as cursor:
        return await cursor.fetchone()


async def number(connection: Connection, sql: str, values: Iterable[Any] | dict[str, Any] = ()) -> int:
    """Run a query for one whole number; nothing counts as 0."""
    found = await row(connection, sql, values)
    return int(found[0] or 0) if found else 0


async def _connect(path: Path) -> Connection:
    connection = await aiosqlite.connect(path, isolation_level=None, timeout=10)
    connection.row_factory = sqlite3.Row
    await connection.execute("PRAGMA foreign_keys = ON")
    return connection


def _opened(connection: Connection | None) -> Connection:
    if connection is None:
        raise RuntimeError("the store is not open")
    return connection


def _lock(path: Path) -> int:
    """Hold an advisory lock for as long as the process lives; the system frees it when the process is killed."""
    file = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        os.close(file)
        raise Refused("store_locked") from None
    return file

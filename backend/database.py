"""The database: one commit point, SQLite with a single writer or PostgreSQL, the same SQL on both."""

from __future__ import annotations

from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any

from sqlalchemy import event
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker, create_async_engine

import backend.tables  # noqa: F401 - every table is known before the first flush
from backend.sqlite import connect
from backend.sync.feed import publish
from shared.refusal import Refused

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable

    from sqlalchemy import Connection
    from sqlalchemy.ext.asyncio import AsyncEngine

_PRAGMAS = ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", "busy_timeout=5000", "cache_size=-65536")


class RefusedAndNoted(Refused):
    """A refusal whose traces stay: a wrong password is counted, a stolen token's family is revoked."""


class Database:
    """Readers and the writer of one company's data.

    On SQLite the writer is one connection whose transactions are BEGIN IMMEDIATE (SYNC.md, last paragraph); readers
    see the last commit. On PostgreSQL both are one pool.
    """

    def __init__(self, url: str) -> None:
        """Open nothing yet: connections are made when first used."""
        self.url = url
        self.is_sqlite = url.startswith("sqlite")
        if self.is_sqlite:
            self._writer = _sqlite_engine(url, "BEGIN IMMEDIATE", size=1)
            self._reader = _sqlite_engine(url, "BEGIN", size=4)
        else:
            self._writer = self._reader = create_async_engine(url, pool_size=10, max_overflow=10)
        self._write = async_sessionmaker(self._writer, expire_on_commit=False, autoflush=False)
        self._read = async_sessionmaker(self._reader, expire_on_commit=False, autoflush=False)

    @asynccontextmanager
    async def writing(self) -> AsyncIterator[AsyncSession]:
        """Give the session of one transaction; the change feed is written last, then COMMIT. The only commit point.

        A refusal or error inside rolls everything back, but for ``RefusedAndNoted``, which is raised again after
        COMMIT; a COMMIT that fails is raised to the caller.
        """
        noted: RefusedAndNoted | None = None
        async with self._write.begin() as session:
            try:
                yield session
            except RefusedAndNoted as refusal:
                noted = refusal
            await session.flush()
            await publish(session)
        if noted is not None:
            raise noted

    @asynccontextmanager
    async def reading(self) -> AsyncIterator[AsyncSession]:
        """Give a session for reading; nothing it does is kept."""
        async with self._read() as session:
            yield session

    async def change_schema(self, change: Callable[[Connection], None]) -> None:
        """Run a change of the schema on the writing connection and commit it whole, or roll it back."""
        async with self._writer.begin() as connection:
            await connection.run_sync(change)

    async def close(self) -> None:
        """Close all connections."""
        await self._writer.dispose()
        if self._reader is not self._writer:
            await self._reader.dispose()


def _sqlite_engine(url: str, begin: str, size: int) -> AsyncEngine:
    """Make an engine that begins transactions itself, since sqlite3's own BEGIN comes too late for writers."""
    engine = create_async_engine(url, pool_size=size, max_overflow=0, pool_timeout=60)
    event.listen(engine.sync_engine, "do_connect", connect)

    @event.listens_for(engine.sync_engine, "connect")
    def _connect(connection: Any, _record: Any) -> None:
        connection.isolation_level = None
        cursor = connection.cursor()
        for pragma in _PRAGMAS:
            cursor.execute(f"PRAGMA {pragma}")
        cursor.close()

    @event.listens_for(engine.sync_engine, "begin")
    def _begin(connection: Any) -> None:
        connection.exec_driver_sql(begin)

    return engine

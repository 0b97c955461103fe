"""SQLite's connections: each statement is one trip to the connection's thread, where the driver makes four.

aiosqlite runs a connection in a thread of its own; SQLAlchemy's adapter goes there to make a cursor, to execute, to
fetch and to close. The trips cost several times what SQLite itself does, and nothing is streamed: so one does it all.
"""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING, Any

from sqlalchemy.dialects.sqlite.aiosqlite import AsyncAdapt_aiosqlite_connection, AsyncAdapt_aiosqlite_cursor

if TYPE_CHECKING:
    import sqlite3

    from sqlalchemy import Dialect


class OneTripCursor(AsyncAdapt_aiosqlite_cursor):
    """A cursor that is made, run, read and closed in one trip; its rows are all here afterwards."""

    __slots__ = ()
    _awaitable_cursor_close = False  # it is closed before anybody could ask

    def _aenter_cursor(self, cursor: Any) -> Any:
        cursor.close()  # a coroutine that only would have made a cursor
        return None

    async def _execute_async(self, operation: Any, parameters: Any) -> None:
        await self._trip("execute", operation, parameters or ())

    async def _executemany_async(self, operation: Any, seq_of_parameters: Any) -> None:
        await self._trip("executemany", operation, seq_of_parameters)

    async def _trip(self, verb: str, operation: str, parameters: Any) -> None:
        driver: Any = self._connection

        def there() -> tuple[sqlite3.Cursor, deque[Any]]:
            cursor = driver._conn.cursor()  # noqa: SLF001 - what aiosqlite's own cursor runs in this thread
            try:
                getattr(cursor, verb)(operation, parameters)
                return cursor, deque(cursor.fetchall() if cursor.description else ())
            finally:
                cursor.close()

        async with self._adapt_connection._execute_mutex:  # noqa: SLF001 - as the method that this one replaces
            self._cursor, self._rows = await driver._execute(there)  # noqa: SLF001

    def close(self) -> None:
        """Forget the rows."""
        self._rows.clear()


class OneTripConnection(AsyncAdapt_aiosqlite_connection):
    """A connection with such cursors."""

    __slots__ = ()
    _cursor_cls = OneTripCursor


def connect(dialect: Dialect, _record: Any, arguments: Any, options: Any) -> OneTripConnection:
    """Open a connection (an engine's ``do_connect``)."""
    opened: Any = dialect.connect(*arguments, **options)
    return OneTripConnection(dialect.loaded_dbapi, opened._connection)  # noqa: SLF001 - the driver's own

"""Small settings of this phone: language, theme, cursor, server address."""

from __future__ import annotations

from mobile.store.database import Connection, Database, row


async def read(connection: Connection, key: str) -> str:
    """Return a setting; empty when it was never set."""
    found = await row(connection, "SELECT value FROM meta WHERE key = ?", (key,))
    return str(found["value"]) if found else ""


async def write(connection: Connection, key: str, value: str) -> None:
    """Set a setting within a transaction."""
    await connection.execute(
        "INSERT INTO meta (key, value) VALUES (?, ?) ON CONFLICT (key) DO UPDATE SET value = excluded.value",
        (key, value),
    )


async def get(database: Database, key: str) -> str:
    """Read one setting."""
    async with database.reading() as connection:
        return await read(connection, key)


async def put(database: Database, key: str, value: str) -> None:
    """Write one setting."""
    async with database.writing() as connection:
        await write(connection, key, value)

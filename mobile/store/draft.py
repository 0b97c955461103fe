"""What was being typed when the phone died: kept by key, forgotten in the transaction that makes it a fact."""

from __future__ import annotations

import msgspec

from mobile.store.database import Connection, Database, row


async def keep(database: Database, key: str, body: dict[str, object], at_ms: int) -> None:
    """Keep a draft."""
    async with database.writing() as connection:
        await connection.execute(
            "INSERT OR REPLACE INTO draft (key, body, at_ms) VALUES (?, ?, ?)",
            (key, msgspec.json.encode(body).decode(), at_ms),
        )


async def of(database: Database, key: str) -> dict[str, object]:
    """Return a draft; empty when there is none."""
    async with database.reading() as connection:
        found = await row(connection, "SELECT body FROM draft WHERE key = ?", (key,))
    return msgspec.json.decode(found["body"], type=dict[str, object]) if found else {}


async def forget(connection: Connection, key: str) -> None:
    """Forget a draft within the transaction that made it a fact."""
    await connection.execute("DELETE FROM draft WHERE key = ?", (key,))


async def discard(database: Database, key: str) -> None:
    """Forget a draft that the salesperson gave up."""
    async with database.writing() as connection:
        await forget(connection, key)

"""The store as the sync engine sees it (``sync.port.Store``): every method one durable transaction."""

from __future__ import annotations

import msgspec

from mobile.device.keys import TOKENS, Keys
from mobile.store import identity, meta, mirror, operation
from mobile.store.database import Database, row
from shared.clock import Clock, to_ms
from sync.message import Operation, Page, PushAnswer, Tokens
from sync.outbox import settles
from sync.port import Identity


class EngineStore:
    """Wraps the database for the engine; tokens live with the keys, not in the database."""

    def __init__(self, database: Database, keys: Keys, clock: Clock) -> None:
        """Wrap a database that is open."""
        self.database = database
        self.keys = keys
        self.clock = clock

    async def lock(self, owner: str, now_ms: int, until_ms: int) -> bool:
        """Take or prolong the drain lease; another owner's that has not run out stands."""
        async with self.database.writing() as connection:
            held = await row(connection, "SELECT owner, until_ms FROM lease WHERE name = 'drain'")
            if held and held["owner"] != owner and held["until_ms"] > now_ms:
                return False
            await connection.execute("INSERT OR REPLACE INTO lease VALUES ('drain', ?, ?)", (owner, until_ms))
            return True

    async def unlock(self, owner: str) -> None:
        """Give the lease back; another owner's is left alone."""
        async with self.database.writing() as connection:
            await connection.execute("DELETE FROM lease WHERE name = 'drain' AND owner = ?", (owner,))

    async def identity(self) -> Identity | None:
        """Return who this phone is."""
        return await identity.of(self.database)

    async def unsettled(self, after_seq: int, limit: int) -> list[Operation]:
        """Return unsettled operations in sequence."""
        return await operation.unsettled(self.database, after_seq, limit)

    async def settle(self, answer: PushAnswer) -> None:
        """Keep the verdicts and the time token; only ids that the answer names change."""
        now_ms = to_ms(self.clock.now())
        async with self.database.writing() as connection:
            for verdict in answer.verdicts:
                done = settles(verdict.status)
                await connection.execute(
                    "UPDATE operation SET verdict = ?, code = ?, what = ?, next = ?, status = ?, settled_at_ms = ?"
                    " WHERE id = ? AND status = 'unsent'",
                    (
                        *(verdict.status, verdict.code, verdict.what, verdict.next),
                        *(("settled", now_ms) if done else ("unsent", 0)),
                        verdict.id,
                    ),
                )
            await connection.execute("UPDATE device SET time_token = ?", (answer.time_token,))
            await mirror.sweep(connection)

    async def resend(self, from_seq: int) -> int:
        """Make kept operations from a sequence number on unsettled again; return how many."""
        async with self.database.writing() as connection:
            cursor = await connection.execute(
                "UPDATE operation SET status = 'unsent', verdict = '' WHERE status = 'settled' AND seq >= ?"
                " AND device_id = (SELECT device_id FROM device)",
                (from_seq,),
            )
            return cursor.rowcount

    async def adopt_epoch(self, epoch: str) -> None:
        """Note a restored server: everything kept is sent again, and the mirror is pulled from the beginning."""
        async with self.database.writing() as connection:
            await connection.execute("UPDATE device SET epoch = ?", (epoch,))
            await connection.execute(
                "UPDATE operation SET status = 'unsent', verdict = '' WHERE device_id = (SELECT device_id FROM device)"
            )
            await meta.write(connection, "cursor", "")

    async def cursor(self) -> str:
        """Return the cursor of the last applied page."""
        return await meta.get(self.database, "cursor")

    async def apply_page(self, page: Page) -> None:
        """Apply a page; one that answers an empty cursor starts the mirror anew, which shows with its last page."""
        async with self.database.writing() as connection:
            anew = page.restart or not await meta.read(connection, "cursor")
            await mirror.renew(connection, page, anew=anew)
            await connection.execute("UPDATE device SET time_token = ?", (page.time_token,))

    async def tokens(self) -> Tokens | None:
        """Return the tokens of the signed-in user."""
        kept = await self.keys.get(TOKENS)
        return msgspec.json.decode(kept, type=Tokens) if kept else None

    async def keep_tokens(self, tokens: Tokens | None) -> None:
        """Keep a new pair, or forget the pair; operations stay."""
        await self.keys.put(TOKENS, msgspec.json.encode(tokens).decode() if tokens else "")

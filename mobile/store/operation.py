"""The chain of operations that is also the outbox: gapless, hashed, and never changed once written."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import msgspec

from mobile.store.database import Connection, Database, Row, number, row, rows
from shared.clock import Clock, to_ms
from shared.ident import uuid7
from shared.refusal import Refused
from sync.message import Operation

_COLUMNS = "id, device_id, seq, kind, version, payload, device_time_ms, uptime_ms, time_token, prev_hash"
MONEY_KINDS = ("collection.record", "custody.hand_over", "custody.deposit")


@dataclass(frozen=True, slots=True)
class Unsent:
    """What only this phone knows of: payments first of all."""

    count: int
    since_ms: int
    money_minor: int
    collections: int


@dataclass(frozen=True, slots=True)
class OutboxRow:
    """One operation as the outbox shows it."""

    id: str
    seq: int
    kind: str
    title: str
    currency: str
    amount_minor: int
    device_time_ms: int
    status: str
    verdict: str
    code: str
    what: str
    next: str


async def append(
    connection: Connection,
    clock: Clock,
    kind: str,
    payload: Any,
    *,
    currency: str = "",
    amount_minor: int = 0,
    title: str,
) -> Operation:
    """Chain one more operation behind the last, inside the caller's transaction.

    Refuses ``token_missing`` when the phone is not enrolled.
    """
    device = await row(connection, "SELECT * FROM device")
    if device is None:
        raise Refused("token_missing")
    now_ms = to_ms(clock.now())
    operation = Operation(
        id=uuid7(now_ms),
        device_id=device["device_id"],
        seq=device["next_seq"],
        kind=kind,
        version=1,
        payload=msgspec.json.encode(payload).decode(),
        device_time_ms=now_ms,
        uptime_ms=clock.uptime_ms(),
        time_token=device["time_token"],
        prev_hash=device["last_hash"],
    )
    await insert(connection, operation, currency, amount_minor, title)
    await connection.execute("UPDATE device SET next_seq = next_seq + 1, last_hash = ?", (operation.hash,))
    return operation


async def insert(connection: Connection, operation: Operation, currency: str, amount_minor: int, title: str) -> None:
    """Write one operation's row."""
    await connection.execute(
        f"INSERT INTO operation ({_COLUMNS}, hash, currency, amount_minor, title)"  # noqa: S608 - fixed column names
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (*msgspec.structs.astuple(operation), operation.hash, currency, amount_minor, title),
    )


def from_row(found: Row) -> Operation:
    """Read an operation back exactly as it was chained."""
    return Operation(**{name: found[name] for name in Operation.__struct_fields__})


async def unsettled(database: Database, after_seq: int, limit: int) -> list[Operation]:
    """Return operations of the present chain that the server has not settled, in sequence."""
    async with database.reading() as connection:
        found = await rows(
            connection,
            f"SELECT {_COLUMNS} FROM operation WHERE status = 'unsent' AND seq > ?"  # noqa: S608 - fixed column names
            " AND device_id = (SELECT device_id FROM device) ORDER BY seq LIMIT ?",
            (after_seq, limit),
        )
    return [from_row(one) for one in found]


async def unsent(database: Database) -> Unsent:
    """Count what has not reached the server."""
    async with database.reading() as connection:
        return await count_unsent(connection)


async def count_unsent(connection: Connection) -> Unsent:
    """Count what has not reached the server, within a transaction."""
    found = await row(
        connection,
        """SELECT count(*) AS n, min(device_time_ms) AS since,
            sum(CASE WHEN kind = 'collection.record' THEN amount_minor ELSE 0 END) AS money,
            sum(kind = 'collection.record') AS collections
        FROM operation WHERE status = 'unsent'""",
    )
    if found is None or not found["n"]:
        return Unsent(0, 0, 0, 0)
    return Unsent(found["n"], found["since"], found["money"], found["collections"])


async def needing_attention(database: Database) -> int:
    """Count operations that the server set aside for a person."""
    async with database.reading() as connection:
        return await number(
            connection,
            """SELECT count(*) FROM operation o WHERE o.verdict IN ('quarantined', 'held')
            AND NOT EXISTS (SELECT 1 FROM collection c JOIN collection_seen s ON s.id = c.id
                WHERE c.operation_id = o.id)
            AND NOT EXISTS (SELECT 1 FROM remittance r JOIN remittance_seen s ON s.id = r.id
                WHERE r.operation_id = o.id)""",
        )


async def outbox(database: Database, limit: int = 100) -> list[OutboxRow]:
    """Return what is unsent or set aside, oldest first, then the latest that were settled."""
    fields = ", ".join(OutboxRow.__slots__)
    async with database.reading() as connection:
        waiting: Sequence[Row] = await rows(
            connection,
            f"SELECT {fields} FROM operation WHERE status = 'unsent' OR verdict = 'quarantined'"  # noqa: S608
            " ORDER BY status DESC, seq LIMIT ?",
            (limit,),
        )
        done = await rows(
            connection,
            f"SELECT {fields} FROM operation WHERE status = 'settled' AND verdict <> 'quarantined'"  # noqa: S608
            " ORDER BY settled_at_ms DESC, seq DESC LIMIT 20",
        )
    return [OutboxRow(**dict(one)) for one in (*waiting, *done)]

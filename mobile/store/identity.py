"""Who this phone is: the device row, made at enrolment, and what a new enrolment does to a chain not yet sent."""

from __future__ import annotations

from dataclasses import dataclass

import msgspec

from mobile.store import mirror, operation
from mobile.store.database import Connection, Database, number, row, rows
from mobile.store.meta import write as write_meta
from shared.refusal import Refused
from sync.message import EnrolAnswer
from sync.port import Identity


@dataclass(frozen=True, slots=True)
class Numbering:
    """Where this phone's chain and receipt counter stand."""

    next_seq: int
    next_counter: int


async def of(database: Database) -> Identity | None:
    """Return who this phone is; ``None`` before enrolment."""
    async with database.reading() as connection:
        return await read(connection)


async def read(connection: Connection) -> Identity | None:
    """Return who this phone is, within a transaction."""
    found = await row(connection, "SELECT device_id, series, epoch, user_id, user_name, role FROM device")
    return Identity(**dict(found)) if found else None


async def adopt(database: Database, answer: EnrolAnswer) -> None:
    """Keep an enrolment; what was not sent yet is wrapped in the new chain with its ids and paper numbers.

    Refuses ``money_unsent`` when another user's payments wait here: the outbox belongs to its user (SYNC.md, 16).
    """
    async with database.writing() as connection:
        before = await read(connection)
        if before and before.user_id != answer.user_id:
            await refuse_unsent(connection)
        if before is None or before.user_id != answer.user_id or before.epoch != answer.epoch:
            await mirror.drop(connection)
        await connection.execute("DELETE FROM device")
        await connection.execute(
            "INSERT INTO device (one, device_id, series, next_seq, next_counter, epoch, time_token, user_id,"
            " user_name, role) VALUES (1, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (
                *(answer.device_id, answer.series, answer.next_seq, answer.next_counter),
                *(answer.epoch, answer.time_token, answer.user_id, answer.user_name, answer.role),
            ),
        )
        await _wrap_anew(connection, answer)
        await write_meta(connection, "signed_out", "")


async def _wrap_anew(connection: Connection, answer: EnrolAnswer) -> None:
    waiting = await rows(
        connection,
        "SELECT * FROM operation WHERE status = 'unsent' AND device_id <> ? ORDER BY device_time_ms, seq",
        (answer.device_id,),
    )
    head, seq = "", answer.next_seq
    for found in waiting:
        wrapped = msgspec.structs.replace(
            operation.from_row(found), device_id=answer.device_id, seq=seq, prev_hash=head
        )
        await connection.execute(
            "UPDATE operation SET device_id = ?, seq = ?, prev_hash = ?, hash = ? WHERE id = ?",
            (wrapped.device_id, seq, head, wrapped.hash, wrapped.id),
        )
        head, seq = wrapped.hash, seq + 1
    await connection.execute("UPDATE device SET next_seq = ?, last_hash = ?", (seq, head))


async def refuse_unsent(connection: Connection) -> None:
    """Refuse ``money_unsent`` while anything waits to be sent."""
    waiting = await operation.count_unsent(connection)
    if waiting.count:
        from mobile.store.company import currency_of
        from shared.money import money_text

        amount = money_text(waiting.money_minor, await currency_of(connection))
        raise Refused("money_unsent", count=waiting.count, amount=amount)


async def sign_out(database: Database) -> None:
    """End the sign-in; refuses ``money_unsent``. What was recorded stays in the store."""
    async with database.writing() as connection:
        await refuse_unsent(connection)
        await write_meta(connection, "signed_out", "yes")


async def is_signed_out(database: Database) -> bool:
    """Say whether somebody signed out here on purpose (an expired sign-in is not that)."""
    async with database.reading() as connection:
        return bool(await number(connection, "SELECT count(*) FROM meta WHERE key = 'signed_out' AND value <> ''"))


async def sign_in_again(database: Database) -> None:
    """Note that the enrolled user signed in again."""
    async with database.writing() as connection:
        await write_meta(connection, "signed_out", "")


async def numbering(database: Database) -> Numbering:
    """Return the next sequence number and receipt counter."""
    async with database.reading() as connection:
        found = await row(connection, "SELECT next_seq, next_counter FROM device")
    return Numbering(found["next_seq"], found["next_counter"]) if found else Numbering(1, 1)

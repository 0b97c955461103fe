"""Taking in what phones made: check the chain, book each operation in its own savepoint, answer with verdicts."""

from __future__ import annotations

import json
import re
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any

import msgspec
import structlog
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncSession

from backend.audit import service as audit
from backend.auth.actor import Actor
from backend.auth.service import actor_of
from backend.collection import queries as collections
from backend.collection import service as collection
from backend.company import service as company
from backend.custody import service as custody
from backend.sync import queries
from backend.sync.tables import Device, OperationConflict, OperationRecord
from shared.clock import Clock, to_ms
from shared.collection import CollectionRecorded
from shared.custody import DepositMade
from shared.ident import is_uuid
from shared.language import choose
from shared.refusal import Refused
from sync import outbox, signing
from sync.message import BATCH_OPERATIONS, PAYLOADS, Batch, Operation, PushAnswer, Verdict

_log = structlog.get_logger(__name__)
_LAST_SEQ = 2**31 - 2
_LATEST_MS = 2**53
_VERSION = 1
_HASH = re.compile("[0-9a-f]{64}")

Handler = Callable[[AsyncSession, Actor, Clock, Operation, Any], Awaitable[object]]


async def _deposit(
    session: AsyncSession, actor: Actor, clock: Clock, operation: Operation, payload: DepositMade
) -> None:
    await custody.deposit(session, actor, clock, payload, operation.id)


# kind of operation -> the use case that books its payload (types: sync.message.PAYLOADS)
HANDLERS: dict[str, Handler] = {
    "collection.record": collection.book,
    "collection.void": collection.request_void,
    "custody.hand_over": custody.give,
    "custody.deposit": _deposit,
}


async def push(session: AsyncSession, clock: Clock, batch: Batch) -> PushAnswer:
    """Take in one batch; the answer has a verdict for each operation, and for held ones that it released.

    The device's signature alone authenticates it: it works with an expired login, a disabled user, a revoked device.
    Refuses ``device_not_found``, ``signature_invalid`` (nothing of it is kept) and ``batch_unreadable``.
    """
    device = await queries.device(session, batch.device_id, lock=True) if is_uuid(batch.device_id) else None
    person = await queries.user(session, device.user_id) if device else None
    if device is None or person is None:
        raise Refused("device_not_found")
    check(device, batch)
    actor = actor_of(person, device.id)
    choose(actor.language)
    intake = Intake(session, clock, device, actor)
    await intake.prepare(batch.operations)
    for operation in batch.operations:
        await intake.take(operation)
    await intake.release()
    now = to_ms(clock.now())
    device.seen_at_ms = now
    if batch.operations:
        device.clock_offset_ms = batch.operations[-1].device_time_ms - now
    secret = await company.secret(session, company.TIME_SECRET)
    return PushAnswer(
        epoch=await company.epoch(session),
        verdicts=list(intake.verdicts.values()),
        next_seq=device.next_seq,
        time_token=signing.time_token(secret, now),
    )


def check(device: Device, batch: Batch) -> None:
    """Refuse a batch that this device's key did not sign whole, or whose envelopes no table could hold."""
    operations = batch.operations
    if len(operations) > BATCH_OPERATIONS:
        raise Refused("batch_too_large")
    if not all(map(_is_sound, operations)):
        raise Refused("batch_unreadable")
    own = all(operation.device_id == device.id for operation in operations)
    if not (own and outbox.is_chain(operations)):
        raise Refused("signature_invalid")
    if not signing.verify(device.public_key, batch.head_message, batch.signature):
        raise Refused("signature_invalid")


def _is_sound(operation: Operation) -> bool:
    return (
        is_uuid(operation.id)
        and 1 <= operation.seq <= _LAST_SEQ
        and 0 <= operation.version <= 1_000_000
        and 0 < len(operation.kind) <= 40
        and operation.kind.isascii()
        and operation.kind.isprintable()
        and abs(operation.device_time_ms) <= _LATEST_MS
        and 0 <= operation.uptime_ms <= _LATEST_MS
        and len(operation.time_token) <= 1_000
        and operation.time_token.isascii()
        and "\0" not in operation.time_token
        and "\0" not in operation.payload
        and (operation.prev_hash == "" or _HASH.fullmatch(operation.prev_hash) is not None)
    )


@dataclass
class Intake:
    """One batch on its way in: what is stored already, and the verdicts so far."""

    session: AsyncSession
    clock: Clock
    device: Device
    actor: Actor
    by_seq: dict[int, OperationRecord] = field(default_factory=dict)
    by_id: dict[str, OperationRecord] = field(default_factory=dict)
    verdicts: dict[str, Verdict] = field(default_factory=dict)

    async def prepare(self, operations: list[Operation]) -> None:
        """Load what is known of these operations in two statements, and lock their customers in one order."""
        if not operations:
            return
        first, last = operations[0].seq - 1, operations[-1].seq
        self.by_seq = await queries.stored(self.session, self.device.id, first, last)
        self.by_id = await queries.stored_by_id(self.session, [operation.id for operation in operations])
        await collections.locked_customers(self.session, _customers(operations))

    async def take(self, operation: Operation) -> None:
        """Reach the verdict on one operation; what is here already gets its first answer again."""
        known, taken = self.by_id.get(operation.id), self.by_seq.get(operation.seq)
        if known is not None and known.hash == operation.hash:
            self.verdicts[operation.id] = first_answer(known)
        elif known is not None or taken is not None:
            await self._conflict(operation)
        elif operation.seq > self.device.next_seq:
            self._keep(operation, "held", Refused("operation_gap"))
        elif operation.prev_hash != self._hash_before(operation.seq):
            await self._conflict(operation)
        else:
            await self._settle(operation)

    async def release(self) -> None:
        """Book what was held and now has all its predecessors, in order."""
        while row := await queries.stored_from(self.session, self.device.id, self.device.next_seq):
            operation = _operation(row)
            before = await queries.stored_from(self.session, self.device.id, row.seq - 1)
            if operation.prev_hash != (before.hash if before else ""):
                refused: Refused | None = Refused("operation_conflict")
            else:
                refused = await self._book(operation)
            self._answer(row, refused)
            self.device.next_seq = row.seq + 1
            self.verdicts[row.id] = verdict_of(row)
            await self.session.flush()

    def _hash_before(self, seq: int) -> str:
        before = self.by_seq.get(seq - 1)
        return before.hash if before else ""

    async def _settle(self, operation: Operation) -> None:
        refused = await self._book(operation)
        self._keep(operation, "accepted", refused)
        self.device.next_seq = operation.seq + 1
        await self.session.flush()

    async def _book(self, operation: Operation) -> Refused | None:
        """Book in a savepoint, so that an operation that cannot be booked is undone alone; return why it was not.

        An outage of the database is not the operation's fault: it is raised, nothing of the batch is kept, and the
        phone sends again.
        """
        if self.device.revoked_at_ms is not None:
            return Refused("device_revoked")
        try:
            payload = decode(operation)
            async with self.session.begin_nested():
                await HANDLERS[operation.kind](self.session, self.actor, self.clock, operation, payload)
        except Refused as refused:
            return refused
        except Exception as error:
            if _is_outage(error):
                raise
            _log.exception("operation not booked", operation_id=operation.id, kind=operation.kind)
            return Refused("operation_failed")
        return None

    def _keep(self, operation: Operation, status: str, refused: Refused | None) -> None:
        """Store the operation for ever, with its answer."""
        row = OperationRecord(
            **{name: getattr(operation, name) for name in operation.__struct_fields__},
            hash=operation.hash,
            received_at_ms=to_ms(self.clock.now()),
            status=status,
            code="",
            detail="{}",
        )
        self._answer(row, refused)
        self.session.add(row)
        self.by_seq[row.seq] = self.by_id[row.id] = row
        self.verdicts[row.id] = verdict_of(row)

    def _answer(self, row: OperationRecord, refused: Refused | None) -> None:
        if refused is None:
            row.status, row.code, row.detail = "accepted", "", "{}"
            return
        row.status = "held" if refused.code == "operation_gap" else "quarantined"
        row.code, row.detail = refused.code, json.dumps(refused.values, default=str)
        if row.status == "quarantined":
            audit.record(
                self.session, self.actor, self.clock, "sync.push", "operation", row.id, code=row.code, seq=row.seq
            )

    async def _conflict(self, operation: Operation) -> None:
        """Keep an operation that contradicts the chain beside it, whole, and tell the auditor once."""
        refused = Refused("operation_conflict")
        self.verdicts[operation.id] = Verdict(operation.id, "quarantined", refused.code, refused.what, refused.next)
        if await queries.conflict(self.session, operation.hash):
            return
        row = OperationConflict(
            hash=operation.hash,
            operation_id=operation.id,
            device_id=self.device.id,
            seq=operation.seq,
            body=msgspec.json.encode(operation).decode(),
            received_at_ms=to_ms(self.clock.now()),
        )
        self.session.add(row)
        audit.record(
            self.session, self.actor, self.clock, "sync.push", "operation", operation.id, code=refused.code,
            seq=operation.seq, hash=operation.hash,
        )  # fmt: skip
        await self.session.flush()


def decode(operation: Operation) -> Any:
    """Read a payload strictly by its kind; refuses ``operation_unknown`` and ``operation_unreadable``."""
    kind = PAYLOADS.get(operation.kind)
    if kind is None or operation.version != _VERSION:
        raise Refused("operation_unknown", kind=operation.kind)
    try:
        return msgspec.json.decode(operation.payload, type=kind)
    except (msgspec.MsgspecError, UnicodeError, RecursionError):
        raise Refused("operation_unreadable") from None


def first_answer(row: OperationRecord) -> Verdict:
    """Return the answer to an operation sent again: ``duplicate`` if it was booked, else its first verdict."""
    return Verdict(row.id, "duplicate") if row.status == "accepted" else verdict_of(row)


def verdict_of(row: OperationRecord) -> Verdict:
    """Say a stored operation's verdict in the language in force."""
    if row.status == "accepted":
        return Verdict(row.id, "accepted")
    refused = Refused(row.code, **json.loads(row.detail))
    return Verdict(row.id, "held" if row.status == "held" else "quarantined", refused.code, refused.what, refused.next)


def _operation(row: OperationRecord) -> Operation:
    return Operation(**{name: getattr(row, name) for name in Operation.__struct_fields__})


def _customers(operations: list[Operation]) -> set[str]:
    """Return the customers that a batch's payments name, as far as they can be read."""
    found = set()
    for operation in operations:
        try:
            payload = decode(operation)
        except Refused:
            continue
        if isinstance(payload, CollectionRecorded) and is_uuid(payload.customer_id):
            found.add(payload.customer_id)
    return found


def _is_outage(error: Exception) -> bool:
    """Tell a database that failed (or chose a victim of a deadlock) from a value that it cannot hold."""
    if not isinstance(error, DBAPIError):
        return False
    state = getattr(error.orig, "sqlstate", None)
    if state is not None:
        return str(state)[:2] not in ("22", "23")  # data exception, integrity constraint violation
    return type(error).__name__ in ("OperationalError", "InterfaceError", "InternalError", "DBAPIError")

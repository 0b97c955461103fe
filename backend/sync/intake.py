"""One batch on its way in: each operation finds its place in the device's chain, is booked, and gets its verdict."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal, Protocol

import msgspec
from sqlalchemy.ext.asyncio import AsyncSession

from backend.audit import service as audit
from backend.auth.actor import Actor
from backend.collection.booking_queries import lock_customers
from backend.sync import booking, queries
from backend.sync.queries import Stored
from backend.sync.tables import Device, OperationConflict
from shared.clock import Clock, to_ms
from shared.collection import CollectionRecorded
from shared.ident import is_uuid
from shared.refusal import Refused
from sync.message import Operation, Verdict

Standing = Literal["known", "conflict", "gap", "next"]


class Answered(Protocol):
    """An operation that is here, with its answer."""

    @property
    def id(self) -> str: ...
    @property
    def status(self) -> str: ...
    @property
    def code(self) -> str: ...
    @property
    def detail(self) -> str: ...


@dataclass
class Intake:
    """What is stored already of a batch, and the verdicts so far."""

    session: AsyncSession
    clock: Clock
    device: Device
    actor: Actor
    by_seq: dict[int, Stored] = field(default_factory=dict)
    by_id: dict[str, Stored] = field(default_factory=dict)
    verdicts: dict[str, Verdict] = field(default_factory=dict)
    rows: list[dict[str, Any]] = field(default_factory=list)
    next_seq: int = 0

    async def take(self, operations: Sequence[Operation]) -> None:
        """Reach a verdict on every operation, store them all, and book what had waited for them.

        Operations of one kind that come next in the chain are gathered into a run as far as they can be booked
        together; everything else first waits for the run before it.
        """
        await self._prepare(operations)
        run: list[Operation] = []
        for operation in operations:
            standing = self._standing(operation)
            if run and not (standing == "next" and operation.kind == run[0].kind and operation.kind in booking.MANY):
                await self._settle(run)
                run = []
            if standing == "next":
                run.append(operation)
                self._remember(operation, "accepted", "", "{}")  # what follows in the chain builds on it
                self.next_seq = operation.seq + 1
            elif standing == "known":
                self.verdicts[operation.id] = first_answer(self.by_id[operation.id])
            elif standing == "gap":
                self._keep(operation, Refused("operation_gap"))
            else:
                await self._conflict(operation)
        await self._settle(run)
        await queries.add_operations(self.session, self.rows)
        await self._release()

    async def _prepare(self, operations: Sequence[Operation]) -> None:
        """Load what is known of these operations in two statements, and lock their customers in one order."""
        self.next_seq = self.device.next_seq
        if not operations:
            return
        first, last = operations[0].seq - 1, operations[-1].seq
        self.by_seq = await queries.stored(self.session, self.device.id, first, last)
        self.by_id = await queries.stored_by_id(self.session, {operation.id for operation in operations})
        await lock_customers(self.session, _customers(operations))

    def _standing(self, operation: Operation) -> Standing:
        """Find an operation's place: what is here already gets its first answer again."""
        known, taken = self.by_id.get(operation.id), self.by_seq.get(operation.seq)
        if known is not None and known.hash == operation.hash:
            return "known"
        if known is not None or taken is not None:
            return "conflict"
        if operation.seq > self.next_seq:
            return "gap"
        before = self.by_seq.get(operation.seq - 1)
        return "next" if operation.prev_hash == (before.hash if before else "") else "conflict"

    async def _settle(self, run: Sequence[Operation]) -> None:
        """Book a run and keep its operations with their answers."""
        for operation, refused in zip(run, await self._book(run), strict=True):
            self._keep(operation, refused)

    async def _book(self, run: Sequence[Operation]) -> list[Refused | None]:
        if self.device.revoked_at_ms is not None:
            return [Refused("device_revoked") for _ in run]
        return await booking.book(self.session, self.actor, self.clock, run)

    async def _release(self) -> None:
        """Book what was held and now has all its predecessors, in order."""
        while row := await queries.stored_from(self.session, self.device.id, self.next_seq):
            operation = Operation(**{name: getattr(row, name) for name in Operation.__struct_fields__})
            before = await queries.stored_from(self.session, self.device.id, row.seq - 1)
            if operation.prev_hash != (before.hash if before else ""):
                refused: Refused | None = Refused("operation_conflict")
            else:
                (refused,) = await self._book([operation])
            row.status, row.code, row.detail = self._answer(operation, refused)
            self.next_seq = row.seq + 1
            self.verdicts[row.id] = verdict_of(row)
            await self.session.flush()

    def _keep(self, operation: Operation, refused: Refused | None) -> None:
        """Keep an operation for ever, with its answer."""
        stored = self._remember(operation, *self._answer(operation, refused))
        row = {name: getattr(operation, name) for name in operation.__struct_fields__}
        answer = {"hash": stored.hash, "status": stored.status, "code": stored.code, "detail": stored.detail}
        self.rows.append(row | answer | {"received_at_ms": to_ms(self.clock.now())})
        self.verdicts[operation.id] = verdict_of(stored)

    def _remember(self, operation: Operation, status: str, code: str, detail: str) -> Stored:
        stored = Stored(operation.id, operation.seq, operation.hash, status, code, detail)
        self.by_seq[operation.seq] = self.by_id[operation.id] = stored
        return stored

    def _answer(self, operation: Operation, refused: Refused | None) -> tuple[str, str, str]:
        """Return status, code and detail; the auditor hears of what was not booked."""
        if refused is None:
            return "accepted", "", "{}"
        status = "held" if refused.code == "operation_gap" else "quarantined"
        if status == "quarantined":
            self._note(operation, code=refused.code, seq=operation.seq)
        return status, refused.code, json.dumps(refused.values, default=str)

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
        self._note(operation, code=refused.code, seq=operation.seq, hash=operation.hash)
        await self.session.flush()

    def _note(self, operation: Operation, **detail: object) -> None:
        audit.record(self.session, self.actor, self.clock, "sync.push", "operation", operation.id, **detail)


def first_answer(stored: Answered) -> Verdict:
    """Return the answer to an operation sent again: ``duplicate`` if it was booked, else its first verdict."""
    return Verdict(stored.id, "duplicate") if stored.status == "accepted" else verdict_of(stored)


def verdict_of(stored: Answered) -> Verdict:
    """Say a stored operation's verdict in the language in force."""
    if stored.status == "accepted":
        return Verdict(stored.id, "accepted")
    refused = Refused(stored.code, **json.loads(stored.detail))
    status: Literal["held", "quarantined"] = "held" if stored.status == "held" else "quarantined"
    return Verdict(stored.id, status, refused.code, refused.what, refused.next)


def _customers(operations: Iterable[Operation]) -> set[str]:
    """Return the customers that a batch's payments name, as far as they can be read."""
    found = set()
    for operation in operations:
        try:
            payload = booking.decode(operation)
        except Refused:
            continue
        if isinstance(payload, CollectionRecorded) and is_uuid(payload.customer_id):
            found.add(payload.customer_id)
    return found

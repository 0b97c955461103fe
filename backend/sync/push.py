"""Taking in what phones made: one signature over a chain, then each operation is booked and gets its verdict."""

from __future__ import annotations

import re

from sqlalchemy.ext.asyncio import AsyncSession

from backend.auth.service import actor_of
from backend.company import service as company
from backend.sync import queries
from backend.sync.booking import HANDLERS
from backend.sync.intake import Intake, verdict_of
from backend.sync.tables import Device
from shared.clock import Clock, to_ms
from shared.ident import is_uuid
from shared.language import choose
from shared.refusal import Refused
from sync import outbox, signing
from sync.message import BATCH_OPERATIONS, Batch, Operation, PushAnswer

__all__ = ["HANDLERS", "check", "push", "verdict_of"]

_LAST_SEQ = 2**31 - 2
_LATEST_MS = 2**53
_HASH = re.compile("[0-9a-f]{64}")


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
    await intake.take(batch.operations)
    now = to_ms(clock.now())
    device.next_seq, device.seen_at_ms = intake.next_seq, now
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

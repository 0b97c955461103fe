"""Binding phones to people: one-time codes, enrolment, revocation."""

from __future__ import annotations

import hashlib
import secrets

from sqlalchemy.ext.asyncio import AsyncSession

from backend.audit import service as audit
from backend.auth import service as auth
from backend.auth.actor import Actor
from backend.auth.tables import UserAccount
from backend.company import service as company
from backend.sync import queries
from backend.sync.feed import touch
from backend.sync.rows.company import EVERYONE
from backend.sync.tables import Device, EnrolmentCode
from shared.clock import Clock, to_ms
from shared.ident import device_series, is_uuid, parse_receipt_number, uuid7
from shared.permission import may
from shared.refusal import Refused
from sync.message import EnrolAnswer, EnrolRequest
from sync.signing import is_public_key, time_token

CODE_LENGTH = 10
CODE_LIFE_MS = 600_000
_ALPHABET = "23456789ABCDEFGHJKMNPQRSTVWXYZ"  # nothing that is misread or misheard as another
_SERIES = "#series"  # a counter among the feed's counters


async def issue_code(session: AsyncSession, actor: Actor, clock: Clock, user_id: str) -> str:
    """Make a one-time code with which one phone can enrol for a user within ten minutes; only its hash is kept.

    Refuses ``permission_missing`` and ``user_not_found`` (also a user whose role carries no phone).
    """
    actor.require("device.enrol")
    person = await queries.user(session, user_id) if is_uuid(user_id) else None
    if person is None or not person.active or not may(person.role, "sync.push"):
        raise Refused("user_not_found")
    code = "".join(secrets.choice(_ALPHABET) for _ in range(CODE_LENGTH))
    row = EnrolmentCode(
        hash=_hash(code),
        user_id=user_id,
        issued_by=actor.user_id,
        expires_at_ms=to_ms(clock.now()) + CODE_LIFE_MS,
        used_at_ms=None,
    )
    session.add(row)
    audit.record(session, actor, clock, "device.enrol", "user", user_id, step="code")
    await session.flush()
    return code


async def enrol(session: AsyncSession, actor: Actor | None, clock: Clock, request: EnrolRequest) -> EnrolAnswer:
    """Bind a phone's key to a user, by one-time code or (no code) to the signed-in ``actor``; give it a series.

    Asking again with the same key, because the answer was lost, gives the same device. Refuses ``request_invalid``
    (the key), ``enrolment_code_invalid``, ``token_missing``, ``permission_missing``, ``device_revoked``.
    """
    now = to_ms(clock.now())
    if not is_public_key(request.public_key) or "\0" in request.device_name + request.app_version:
        raise Refused("request_invalid", problem="public_key")
    device = await queries.device_by_key(session, request.public_key)
    person = await _person(session, actor, request.code, device, now)
    if not person.active or not may(person.role, "sync.push"):
        raise Refused("permission_missing", permission="sync.push")
    if device is not None and device.user_id != person.id:
        raise Refused("request_invalid", problem="public_key")
    if device is not None and device.revoked_at_ms is not None:
        raise Refused("device_revoked")
    if device is None:
        device = await _add(session, person, clock, request)
    if not await queries.has_feed_row(session, EVERYONE, "company", "company"):
        touch(session, "company", "company")
    return await _answer(session, person, clock, device)


async def _person(
    session: AsyncSession, actor: Actor | None, code: str, device: Device | None, now: int
) -> UserAccount:
    """Return for whom to enrol: whom the code was issued for, or who is signed in."""
    if code:
        code_hash = _hash(code)
        user_id = await queries.spend_code(session, code_hash, now) or await _spent_for(session, code_hash, device)
        if user_id is None:
            raise Refused("enrolment_code_invalid")
    elif actor is None:
        raise Refused("token_missing")
    else:
        user_id = actor.user_id
    person = await queries.user(session, user_id)
    if person is None:
        raise Refused("user_not_found")
    return person


async def _spent_for(session: AsyncSession, code_hash: str, device: Device | None) -> str | None:
    """Return the user of a spent code when this very device was enrolled with it (its answer was lost)."""
    row = await session.get(EnrolmentCode, code_hash)
    same = row is not None and device is not None and device.enrolled_at_ms == row.used_at_ms
    return row.user_id if row is not None and same else None


async def _add(session: AsyncSession, person: UserAccount, clock: Clock, request: EnrolRequest) -> Device:
    now = to_ms(clock.now())
    device = Device(
        id=uuid7(now),
        user_id=person.id,
        name=request.device_name[:200],
        public_key=request.public_key,
        series=device_series(await queries.draw(session, _SERIES)),
        app_version=request.app_version[:40],
        enrolled_at_ms=now,
        seen_at_ms=now,
        clock_offset_ms=0,
        revoked_at_ms=None,
        next_seq=1,
    )
    session.add(device)
    await session.flush()
    audit.record(
        session, auth.actor_of(person, device.id), clock, "device.enrol", "device", device.id, series=device.series
    )
    return device


async def _answer(session: AsyncSession, person: UserAccount, clock: Clock, device: Device) -> EnrolAnswer:
    used = await queries.last_receipt_number(session, device.id, device.series)
    secret = await company.secret(session, company.TIME_SECRET)
    return EnrolAnswer(
        device_id=device.id,
        series=device.series,
        next_seq=device.next_seq,
        next_counter=parse_receipt_number(used).counter + 1 if used else 1,
        epoch=await company.epoch(session),
        time_token=time_token(secret, to_ms(clock.now())),
        user_id=person.id,
        user_name=person.name,
        role=person.role,
        tokens=await auth.issue(session, clock, person, device.id),
    )


async def revoke(session: AsyncSession, actor: Actor, clock: Clock, device_id: str) -> None:
    """Take a device out of use: it may still hand in what it signed, which then waits for a person.

    Refuses ``permission_missing`` and ``device_not_found``. Revoking twice changes nothing.
    """
    actor.require("device.revoke")
    device = await queries.device(session, device_id, lock=True) if is_uuid(device_id) else None
    if device is None:
        raise Refused("device_not_found")
    if device.revoked_at_ms is None:
        device.revoked_at_ms = to_ms(clock.now())
        audit.record(session, actor, clock, "device.revoke", "device", device.id, series=device.series)
        await session.flush()


def _hash(code: str) -> str:
    """Hash a code as typed: blanks, dashes and case do not matter."""
    plain = "".join(c for c in code.upper()[:64] if c.isalnum())
    return hashlib.sha256(f"fieldtill-enrolment\n{plain}".encode()).hexdigest()

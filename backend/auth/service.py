"""Signing in: phones by access and refresh tokens, browsers by console sessions."""

from __future__ import annotations

import hashlib
import secrets

from sqlalchemy.ext.asyncio import AsyncSession

from backend.audit import service as audit
from backend.auth import queries, token
from backend.auth.actor import Actor
from backend.auth.password import is_password
from backend.auth.people import add_user, canonical, disable_user, enable_user, reset_password
from backend.auth.tables import ConsoleSession, RefreshToken, UserAccount
from backend.company import service as company
from backend.database import RefusedAndNoted
from shared.clock import Clock, to_ms
from shared.ident import uuid7
from shared.refusal import Refused
from sync.message import Tokens

__all__ = [
    "actor_of",
    "add_user",
    "bearer_actor",
    "close_console_session",
    "console_actor",
    "disable_user",
    "enable_user",
    "issue",
    "keep_console_session",
    "open_console_session",
    "refresh",
    "reset_password",
    "sign_in",
    "sign_out",
]

REFRESH_LIFE_MS = 30 * 86_400_000
IDLE_MS = 30 * 60_000
ABSOLUTE_MS = 12 * 3_600_000
SEEN_STEP_MS = 60_000  # how exactly the last use of a console session is kept
FREE_TRIES = 5
LONGEST_LOCK_MS = 15 * 60_000


async def sign_in(session: AsyncSession, clock: Clock, *, login: str, password: str, device_id: str = "") -> Tokens:
    """Sign a person in on a phone (``device_id`` once it is enrolled) and begin a family of refresh tokens.

    Refuses ``sign_in_failed``, ``sign_in_wait``, ``user_disabled``, ``device_not_found`` and ``device_revoked``.
    """
    person = await _check_password(session, clock, login, password)
    if device_id:
        await _check_device(session, device_id, person.id)
    actor = actor_of(person, device_id)
    audit.record(session, actor, clock, "auth.sign_in", "user", person.id, by="phone")
    return await issue(session, clock, person, device_id)


async def issue(
    session: AsyncSession, clock: Clock, person: UserAccount, device_id: str, *, family_id: str = ""
) -> Tokens:
    """Issue an access and a refresh token; without ``family_id`` they begin a new family."""
    now, opaque = to_ms(clock.now()), secrets.token_urlsafe(32)
    key = await company.secret(session, company.TOKEN_SECRET)
    access, expires_at_ms = token.make(key, token.Claims(person.id, person.role, device_id), now)
    session.add(
        RefreshToken(
            hash=_hash(opaque),
            family_id=family_id or uuid7(now),
            user_id=person.id,
            device_id=device_id,
            issued_at_ms=now,
            expires_at_ms=now + REFRESH_LIFE_MS,
            used_at_ms=None,
            revoked_at_ms=None,
        )
    )
    await session.flush()
    return Tokens(access, opaque, expires_at_ms, person.id, person.name, person.role)


async def refresh(session: AsyncSession, clock: Clock, *, refresh_token: str) -> Tokens:
    """Spend a refresh token for a new pair; one that was spent before revokes its whole family.

    Refuses ``token_invalid``, ``token_reused``, ``token_expired``, ``user_disabled`` and ``device_revoked``.
    """
    now = to_ms(clock.now())
    spent = await queries.refresh_token(session, _hash(refresh_token))
    if spent is None:
        raise Refused("token_invalid")
    person = await queries.user(session, spent.user_id)
    if person is None or spent.revoked_at_ms is not None:
        raise Refused("token_invalid")
    if spent.used_at_ms is not None:
        await queries.revoke_tokens(session, now, family_id=spent.family_id)
        audit.record(session, actor_of(person, spent.device_id), clock, "auth.token_reused", "user", person.id)
        raise RefusedAndNoted("token_reused")
    if now >= spent.expires_at_ms:
        raise Refused("token_expired")
    _check_active(person)
    if spent.device_id:
        await _check_device(session, spent.device_id, person.id)
    spent.used_at_ms = now
    return await issue(session, clock, person, spent.device_id, family_id=spent.family_id)


async def sign_out(session: AsyncSession, clock: Clock, *, refresh_token: str) -> None:
    """Revoke the family of a refresh token; one that is unknown changes nothing."""
    held = await queries.refresh_token(session, _hash(refresh_token))
    person = await queries.user(session, held.user_id) if held else None
    if held is None or person is None:
        return
    await queries.revoke_tokens(session, to_ms(clock.now()), family_id=held.family_id)
    audit.record(session, actor_of(person, held.device_id), clock, "auth.sign_out", "user", person.id, by="phone")


async def bearer_actor(reader: AsyncSession, clock: Clock, access_token: str) -> Actor:
    """Return who an access token stands for, as the database knows them now.

    Refuses ``token_missing``, ``token_invalid``, ``token_expired``, ``user_disabled`` and ``device_revoked``.
    """
    if not access_token:
        raise Refused("token_missing")
    key = await company.secret(reader, company.TOKEN_SECRET)
    claims = token.read(key, access_token, to_ms(clock.now()))
    person = await queries.user(reader, claims.user_id)
    if person is None or person.role != claims.role:
        raise Refused("token_invalid")
    _check_active(person)
    if claims.device_id:
        await _check_device(reader, claims.device_id, person.id)
    return actor_of(person, claims.device_id)


async def open_console_session(session: AsyncSession, clock: Clock, *, login: str, password: str) -> tuple[str, Actor]:
    """Sign a person in to the console: return the opaque cookie value and who it stands for.

    Refuses ``sign_in_failed``, ``sign_in_wait`` and ``user_disabled``.
    """
    person = await _check_password(session, clock, login, password)
    cookie, now = secrets.token_urlsafe(32), to_ms(clock.now())
    session.add(ConsoleSession(hash=_hash(cookie), user_id=person.id, created_at_ms=now, seen_at_ms=now))
    audit.record(session, actor_of(person), clock, "auth.sign_in", "user", person.id, by="console")
    return cookie, actor_of(person)


async def console_actor(reader: AsyncSession, clock: Clock, cookie: str) -> tuple[Actor, bool]:
    """Return who a cookie stands for, and whether its last use is so old that it must be kept alive.

    Idle for 30 minutes or 12 hours old in all: refuses ``token_expired``; else ``token_missing``, ``user_disabled``.
    """
    held = await queries.console_session(reader, _hash(cookie)) if cookie else None
    if held is None:
        raise Refused("token_missing")
    now = to_ms(clock.now())
    if now - held.seen_at_ms >= IDLE_MS or now - held.created_at_ms >= ABSOLUTE_MS:
        raise Refused("token_expired")
    person = await queries.user(reader, held.user_id)
    if person is None:
        raise Refused("token_missing")
    _check_active(person)
    return actor_of(person), now - held.seen_at_ms >= SEEN_STEP_MS


async def keep_console_session(session: AsyncSession, clock: Clock, cookie: str) -> None:
    """Note that a console session is in use."""
    held = await queries.console_session(session, _hash(cookie))
    if held is not None:
        held.seen_at_ms = to_ms(clock.now())


async def close_console_session(session: AsyncSession, actor: Actor, clock: Clock, cookie: str) -> None:
    """Sign out of the console."""
    await queries.end_console_sessions(session, cookie_hash=_hash(cookie))
    audit.record(session, actor, clock, "auth.sign_out", "user", actor.user_id, by="console")


def actor_of(person: UserAccount, device_id: str = "") -> Actor:
    """Return a person as the one who acts."""
    return Actor(person.id, person.role, person.name, device_id, person.language)


async def _check_password(session: AsyncSession, clock: Clock, login: str, password: str) -> UserAccount:
    """Return the person whose password this is; wrong ones are counted and, from the fifth, make everyone wait."""
    now = to_ms(clock.now())
    person = await queries.user_by_login(session, canonical(login).replace("\0", ""), lock=True)
    if person is not None and now < person.locked_until_ms:
        raise Refused("sign_in_wait", seconds=(person.locked_until_ms - now + 999) // 1000)
    right = await is_password(person.password_hash if person else "", password)
    if person is None:
        raise Refused("sign_in_failed")
    if not right:
        person.failed_count += 1
        person.locked_until_ms = now + lock_ms(person.failed_count)
        audit.record(session, actor_of(person), clock, "auth.refused", "user", person.id, tries=person.failed_count)
        raise RefusedAndNoted("sign_in_failed")
    _check_active(person)
    person.failed_count = person.locked_until_ms = 0
    return person


def lock_ms(failed_count: int) -> int:
    """Return how long to wait after so many wrong passwords: 0 up to four, then 30 s doubling up to 15 minutes."""
    if failed_count < FREE_TRIES:
        return 0
    return min(LONGEST_LOCK_MS, 30_000 << min(failed_count - FREE_TRIES, 10))


def _check_active(person: UserAccount) -> None:
    if not person.active:
        raise Refused("user_disabled")


async def _check_device(session: AsyncSession, device_id: str, user_id: str) -> None:
    device = await queries.device(session, device_id)
    if device is None or device.user_id != user_id:
        raise Refused("device_not_found")
    if device.revoked_at_ms is not None:
        raise Refused("device_revoked")


def _hash(opaque: str) -> str:
    return hashlib.sha256(opaque.encode()).hexdigest()

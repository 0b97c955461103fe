"""People: added, switched off and on, given new passwords by an administrator."""

from __future__ import annotations

import re

from sqlalchemy.ext.asyncio import AsyncSession

from backend.audit import service as audit
from backend.auth import queries
from backend.auth.actor import Actor
from backend.auth.password import hash_password
from backend.auth.tables import UserAccount
from shared.clock import Clock, to_ms
from shared.ident import uuid7
from shared.language import LANGUAGES
from shared.permission import ROLE_NAMES
from shared.refusal import Refused

_LOGIN = re.compile(r"[\w.@-]{1,60}")


async def add_user(
    session: AsyncSession,
    actor: Actor,
    clock: Clock,
    *,
    login: str,
    name: str,
    role: str,
    password: str,
    language: str = "en",
) -> str:
    """Add a person who may sign in; user names are compared without case.

    Refuses ``permission_missing``, ``login_invalid``, ``role_unknown``, ``language_unknown``, ``password_weak`` and
    ``user_exists``.
    """
    actor.require("user.edit")
    login, now = canonical(login), to_ms(clock.now())
    _check(login, name, role, language)
    if await queries.user_by_login(session, login):
        raise Refused("user_exists", login=login)
    person = UserAccount(
        id=uuid7(now),
        login=login,
        name=name.strip() or login,
        role=role,
        password_hash=await hash_password(password),
        language=language,
        active=True,
        created_at_ms=now,
        failed_count=0,
        locked_until_ms=0,
    )
    session.add(person)
    await session.flush()
    audit.record(session, actor, clock, "user.edit", "user", person.id, change="added", login=login, role=role)
    return person.id


async def disable_user(session: AsyncSession, actor: Actor, clock: Clock, user_id: str) -> None:
    """Switch a person's sign-in off at once, on phones and in browsers (pushing stays allowed: SYNC.md, 16).

    Refuses ``permission_missing``, ``user_not_found`` and ``user_own``.
    """
    person = await _other(session, actor, user_id)
    person.active = False
    await _sign_out_everywhere(session, clock, user_id)
    audit.record(session, actor, clock, "user.edit", "user", user_id, change="disabled", login=person.login)


async def enable_user(session: AsyncSession, actor: Actor, clock: Clock, user_id: str) -> None:
    """Let a person sign in again; refuses as ``disable_user``."""
    person = await _other(session, actor, user_id)
    person.active, person.failed_count, person.locked_until_ms = True, 0, 0
    audit.record(session, actor, clock, "user.edit", "user", user_id, change="enabled", login=person.login)


async def reset_password(session: AsyncSession, actor: Actor, clock: Clock, user_id: str, password: str) -> None:
    """Give a person a new password and end every sign-in; refuses as ``disable_user``, and ``password_weak``."""
    person = await _other(session, actor, user_id)
    person.password_hash = await hash_password(password)
    person.failed_count = person.locked_until_ms = 0
    await _sign_out_everywhere(session, clock, user_id)
    audit.record(session, actor, clock, "user.edit", "user", user_id, change="password", login=person.login)


def canonical(login: str) -> str:
    """Return the form in which user names are stored and compared."""
    return login.strip().casefold()


def _check(login: str, name: str, role: str, language: str) -> None:
    if not _LOGIN.fullmatch(login) or "\0" in name or len(name) > 200:
        raise Refused("login_invalid", login=login[:60].replace("\0", ""))
    if role not in ROLE_NAMES:
        raise Refused("role_unknown", role=role[:40], roles=", ".join(ROLE_NAMES))
    if language not in LANGUAGES:
        raise Refused("language_unknown", language=language[:20])


async def _other(session: AsyncSession, actor: Actor, user_id: str) -> UserAccount:
    actor.require("user.edit")
    if user_id == actor.user_id:
        raise Refused("user_own")
    person = await queries.user(session, user_id, lock=True)
    if person is None:
        raise Refused("user_not_found")
    return person


async def _sign_out_everywhere(session: AsyncSession, clock: Clock, user_id: str) -> None:
    await queries.revoke_tokens(session, to_ms(clock.now()), user_id=user_id)
    await queries.end_console_sessions(session, user_id=user_id)

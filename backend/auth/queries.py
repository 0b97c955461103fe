"""SQL over people, their refresh tokens and console sessions."""

from __future__ import annotations

from sqlalchemy import delete, or_, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from backend.auth.tables import ConsoleSession, RefreshToken, UserAccount
from backend.sync.tables import Device


async def user(session: AsyncSession, user_id: str, *, lock: bool = False) -> UserAccount | None:
    """Return a person by id."""
    return await session.get(UserAccount, user_id, with_for_update=lock or None)


async def user_by_login(session: AsyncSession, login: str, *, lock: bool = False) -> UserAccount | None:
    """Return a person by user name."""
    query = select(UserAccount).where(UserAccount.login == login)
    return await session.scalar(query.with_for_update() if lock else query)


async def users(
    session: AsyncSession, *, after: str = "", limit: int = 200, role: str = "", search: str = ""
) -> list[UserAccount]:
    """Return people in order of their user names, behind ``after``."""
    query = select(UserAccount).where(UserAccount.login > after).order_by(UserAccount.login).limit(limit)
    if role:
        query = query.where(UserAccount.role == role)
    if search:
        query = query.where(
            or_(
                UserAccount.login.icontains(search, autoescape=True),
                UserAccount.name.icontains(search, autoescape=True),
            )
        )
    return list(await session.scalars(query))


async def names(session: AsyncSession) -> dict[str, str]:
    """Return everybody's name by id."""
    rows = await session.execute(select(UserAccount.id, UserAccount.name))
    return {user_id: name for user_id, name in rows}  # noqa: C416 - rows are not pairs to mypy


async def device(session: AsyncSession, device_id: str) -> Device | None:
    """Return a device by id."""
    return await session.get(Device, device_id)


async def refresh_token(session: AsyncSession, token_hash: str) -> RefreshToken | None:
    """Return a refresh token by its hash, locked until the transaction ends."""
    return await session.get(RefreshToken, token_hash, with_for_update=True)


async def revoke_tokens(session: AsyncSession, at_ms: int, *, family_id: str = "", user_id: str = "") -> None:
    """Revoke a family's or a person's refresh tokens."""
    query = update(RefreshToken).where(RefreshToken.revoked_at_ms.is_(None)).values(revoked_at_ms=at_ms)
    if family_id:
        query = query.where(RefreshToken.family_id == family_id)
    else:
        query = query.where(RefreshToken.user_id == user_id)
    await session.execute(query)


async def console_session(session: AsyncSession, cookie_hash: str) -> ConsoleSession | None:
    """Return a console session by its cookie's hash."""
    return await session.get(ConsoleSession, cookie_hash)


async def end_console_sessions(session: AsyncSession, *, cookie_hash: str = "", user_id: str = "") -> None:
    """Forget one console session, or all of a person."""
    column, wanted = (ConsoleSession.hash, cookie_hash) if cookie_hash else (ConsoleSession.user_id, user_id)
    await session.execute(delete(ConsoleSession).where(column == wanted))


async def forget_old(session: AsyncSession, sessions_before_ms: int, tokens_before_ms: int) -> None:
    """Forget console sessions and refresh tokens that have long been useless."""
    await session.execute(delete(ConsoleSession).where(ConsoleSession.seen_at_ms < sessions_before_ms))
    await session.execute(delete(RefreshToken).where(RefreshToken.expires_at_ms < tokens_before_ms))

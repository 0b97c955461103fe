"""SQL over the company's settings."""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from backend.company.tables import Setting


async def values(session: AsyncSession, keys: Iterable[str]) -> dict[str, str]:
    """Return the stored JSON of the settings that exist."""
    query = select(Setting.key, Setting.value).where(Setting.key.in_(list(keys)))
    return {key: value for key, value in await session.execute(query)}  # noqa: C416 - rows are not pairs to mypy


async def put(session: AsyncSession, key: str, value: str, at_ms: int) -> None:
    """Write one setting's JSON."""
    row = await session.get(Setting, key)
    if row is None:
        session.add(Setting(key=key, value=value, changed_at_ms=at_ms))
    else:
        row.value, row.changed_at_ms = value, at_ms
    await session.flush()

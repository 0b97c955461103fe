"""SQL over the company's settings."""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from backend.company.tables import Setting

_READ = "settings"


async def values(session: AsyncSession, keys: Iterable[str]) -> dict[str, str]:
    """Return the stored JSON of the settings that exist; all are read once a session, which is a request."""
    every: dict[str, str] | None = session.info.get(_READ)
    if every is None:
        rows = await session.execute(select(Setting.key, Setting.value))
        every = session.info[_READ] = {key: value for key, value in rows}  # noqa: C416 - rows are not pairs to mypy
    return {key: every[key] for key in keys if key in every}


async def put(session: AsyncSession, key: str, value: str, at_ms: int) -> None:
    """Write one setting's JSON."""
    session.info.pop(_READ, None)
    row = await session.get(Setting, key)
    if row is None:
        session.add(Setting(key=key, value=value, changed_at_ms=at_ms))
    else:
        row.value, row.changed_at_ms = value, at_ms
    await session.flush()

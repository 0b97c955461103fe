"""What a salesperson must know: rejections, changed allocations, records settled by a person."""

from __future__ import annotations

from dataclasses import dataclass

import msgspec

from mobile.store.database import Database, rows


@dataclass(frozen=True, slots=True)
class Notice:
    """One notice with the values for its sentence."""

    id: str
    at_ms: int
    subject_kind: str
    subject_id: str
    code: str
    values: dict[str, str]


async def latest(database: Database, limit: int = 20) -> list[Notice]:
    """Return the newest notices."""
    async with database.reading() as connection:
        found = await rows(connection, "SELECT * FROM notice ORDER BY at_ms DESC, id LIMIT ?", (limit,))
    return [
        Notice(
            one["id"],
            one["at_ms"],
            one["subject_kind"],
            one["subject_id"],
            one["code"],
            msgspec.json.decode(one["body"], type=dict[str, str]),
        )
        for one in found
    ]

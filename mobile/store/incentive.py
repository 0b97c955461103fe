"""The salesperson's incentive as the server scored it: each line with the arithmetic that made it."""

from __future__ import annotations

from dataclasses import dataclass

from mobile.store.database import Database, rows


@dataclass(frozen=True, slots=True)
class Line:
    """One vested, clawed-back or pending line."""

    id: str
    currency: str
    amount_minor: int
    kind: str
    state: str
    subject: str
    title: str
    base_minor: int
    rate_bp: int
    plan_version: int
    at_ms: int


@dataclass(frozen=True, slots=True)
class Summary:
    """What a span of time earned, and what is still on its way."""

    earned_minor: int
    pending_minor: int


async def lines(database: Database, from_ms: int = 0, limit: int = 100) -> list[Line]:
    """Return lines since a moment, newest first."""
    sql = f"SELECT {', '.join(Line.__slots__)} FROM incentive WHERE at_ms >= ? ORDER BY at_ms DESC, id LIMIT ?"  # noqa: S608
    async with database.reading() as connection:
        return [Line(**dict(one)) for one in await rows(connection, sql, (from_ms, limit))]


async def summary(database: Database, from_ms: int, currency: str) -> Summary:
    """Sum what vested less what was clawed back since a moment, and everything pending."""
    async with database.reading() as connection:
        found = await rows(
            connection,
            "SELECT state, at_ms >= ? AS now, sum(amount_minor) AS total FROM incentive WHERE currency = ?"
            " GROUP BY state, now",
            (from_ms, currency),
        )
    earned = sum(one["total"] for one in found if one["state"] != "pending" and one["now"])
    pending = sum(one["total"] for one in found if one["state"] == "pending")
    return Summary(earned, pending)

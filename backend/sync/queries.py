"""SQL over devices, operations and the feed."""

from __future__ import annotations

from collections.abc import Collection as Ids
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import and_, bindparam, func, insert, or_, select, text, tuple_, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncSession

from backend.among import among
from backend.auth.tables import UserAccount
from backend.collection.tables import Collection
from backend.sync.tables import Device, EnrolmentCode, FeedRow, FeedScope, OperationConflict, OperationRecord


def scope_of(user_id: str) -> str:
    """Return the feed scope of a salesperson; nobody's records have none."""
    return f"s:{user_id}" if user_id else ""


def _chunks(items: Iterable[Any], size: int) -> Iterable[list[Any]]:
    every = list(items)
    return (every[start : start + size] for start in range(0, len(every), size))


# ---- devices ----


async def device(session: AsyncSession, device_id: str, *, lock: bool = False) -> Device | None:
    """Return a device; locked, its operations are taken in by one transaction at a time."""
    query = select(Device).where(Device.id == device_id)
    return await session.scalar(query.with_for_update() if lock else query)


async def device_by_key(session: AsyncSession, public_key: str) -> Device | None:
    """Return the device that has this public key."""
    return await session.scalar(select(Device).where(Device.public_key == public_key))


async def devices(session: AsyncSession, user_id: str = "") -> list[tuple[Device, str]]:
    """Return devices (of one user) with their users' names, newest first."""
    query = select(Device, UserAccount.name).join(UserAccount, UserAccount.id == Device.user_id)
    query = query.order_by(Device.enrolled_at_ms.desc(), Device.id.desc())
    if user_id:
        query = query.where(Device.user_id == user_id)
    return [(one, name) for one, name in await session.execute(query)]


async def draw(session: AsyncSession, counter: str) -> int:
    """Return the next number of a counter (0 …), whose row stays locked until COMMIT: no two ever draw the same."""
    return (await advance(session, [counter]))[counter] - 1


async def last_receipt_number(session: AsyncSession, device_id: str, series: str) -> str:
    """Return the highest paper number of a device's series that has arrived; empty before the first."""
    query = select(func.max(Collection.receipt_number)).where(
        Collection.device_id == device_id, Collection.receipt_number.startswith(f"{series}-")
    )
    return await session.scalar(query) or ""


async def user(session: AsyncSession, user_id: str) -> UserAccount | None:
    """Return one person."""
    return await session.get(UserAccount, user_id)


async def spend_code(session: AsyncSession, code_hash: str, now: int) -> str | None:
    """Use up a one-time code and return its user's id; ``None`` when it is wrong, used or too old."""
    query = (
        update(EnrolmentCode)
        .where(EnrolmentCode.hash == code_hash, EnrolmentCode.used_at_ms.is_(None), EnrolmentCode.expires_at_ms > now)
        .values(used_at_ms=now)
        .returning(EnrolmentCode.user_id)
    )
    return await session.scalar(query)


# ---- operations ----


@dataclass(frozen=True, slots=True)
class Stored:
    """What is remembered of an operation that is here: its hash and the answer it got."""

    id: str
    seq: int
    hash: str
    status: str
    code: str
    detail: str


_STORED = (
    OperationRecord.id, OperationRecord.seq, OperationRecord.hash, OperationRecord.status, OperationRecord.code,
    OperationRecord.detail,
)  # fmt: skip


async def stored(session: AsyncSession, device_id: str, first: int, last: int) -> dict[int, Stored]:
    """Return a device's stored operations from ``first`` to ``last`` by sequence number."""
    query = select(*_STORED).where(
        OperationRecord.device_id == device_id, OperationRecord.seq >= first, OperationRecord.seq <= last
    )
    return {row.seq: Stored(*row) for row in await session.execute(query)}


async def stored_by_id(session: AsyncSession, ids: Iterable[str]) -> dict[str, Stored]:
    """Return stored operations of any device by id."""
    found: dict[str, Stored] = {}
    for chunk in _chunks(ids, 900):
        rows = await session.execute(select(*_STORED).where(among(OperationRecord.id, chunk)))
        found |= {row.id: Stored(*row) for row in rows}
    return found


async def add_operations(session: AsyncSession, rows: Sequence[dict[str, Any]]) -> None:
    """Store operations with one statement."""
    if rows:
        await session.execute(insert(OperationRecord.__table__), rows)  # type: ignore[arg-type]  # a Table


async def stored_from(session: AsyncSession, device_id: str, seq: int) -> OperationRecord | None:
    """Return one stored operation of a device."""
    query = select(OperationRecord).where(OperationRecord.device_id == device_id, OperationRecord.seq == seq)
    return await session.scalar(query)


async def conflict(session: AsyncSession, operation_hash: str) -> OperationConflict | None:
    """Return a conflicting operation that is kept already."""
    return await session.get(OperationConflict, operation_hash)


async def operation_counts(session: AsyncSession, device_id: str = "") -> dict[str, int]:
    """Count operations by status."""
    query = select(OperationRecord.status, func.count()).group_by(OperationRecord.status)
    if device_id:
        query = query.where(OperationRecord.device_id == device_id)
    return {status: int(number) for status, number in await session.execute(query)}


async def quarantine(session: AsyncSession, *, after: str = "", limit: int = 50) -> list[OperationRecord]:
    """Return held and quarantined operations, newest first by id, behind an id already shown."""
    query = select(OperationRecord).where(OperationRecord.status.in_(["held", "quarantined"]))
    if after:
        query = query.where(OperationRecord.id < after)
    return list(await session.scalars(query.order_by(OperationRecord.id.desc()).limit(limit)))


# ---- feed ----


async def advance(session: AsyncSession, scopes: Sequence[str]) -> dict[str, int]:
    """Move the counters of scopes, given in sorted order, and return them; their rows stay locked until COMMIT."""
    statement = text(
        "INSERT INTO feed_scope (scope, position) VALUES (:scope, 1) "
        "ON CONFLICT (scope) DO UPDATE SET position = feed_scope.position + 1 RETURNING position"
    )
    return {scope: int(await session.scalar(statement, {"scope": scope}) or 0) for scope in scopes}


async def seen(session: AsyncSession, touched: dict[str, set[str]]) -> dict[tuple[str, str], set[str]]:
    """Return the scopes in which the feed shows records now, by (kind, id)."""
    found: dict[tuple[str, str], set[str]] = {}
    for kind, ids in touched.items():
        for chunk in _chunks(sorted(ids), 900):
            query = select(FeedRow.record_id, FeedRow.scope).where(
                FeedRow.kind == kind, among(FeedRow.record_id, chunk), FeedRow.body != ""
            )
            for one, scope in await session.execute(query):
                found.setdefault((kind, one), set()).add(scope)
    return found


async def write_feed(session: AsyncSession, rows: Sequence[dict[str, Any]]) -> None:
    """Put rows into the feed, over those that are there."""
    if not rows:
        return
    upsert = sqlite.insert if session.get_bind().dialect.name == "sqlite" else postgresql.insert
    statement = upsert(FeedRow.__table__)  # type: ignore[arg-type]  # a Table
    latest = {"position": statement.excluded.position, "body": statement.excluded.body}
    statement = statement.on_conflict_do_update(index_elements=["scope", "kind", "record_id"], set_=latest)
    await session.execute(statement, rows)


async def positions(session: AsyncSession, scopes: Ids[str]) -> dict[str, int]:
    """Return the counters of scopes as committed."""
    query = select(FeedScope.scope, FeedScope.position).where(FeedScope.scope.in_(sorted(scopes)))
    return {scope: int(position) for scope, position in await session.execute(query)}


Place = tuple[int, str, str]  # position, and (kind, id) of the last row of it that was read ("": all of it)


async def feed(session: AsyncSession, scope: str, place: Place, limit: int) -> list[tuple[int, str, str, str]]:
    """Return (position, kind, id, body) behind a place in a scope's feed, in order."""
    position, kind, one = place
    behind = FeedRow.position > position
    if kind:
        rest = tuple_(FeedRow.kind, FeedRow.record_id) > tuple_(bindparam("kind", kind), bindparam("one", one))
        behind = or_(behind, and_(FeedRow.position == position, rest))
    query = (
        select(FeedRow.position, FeedRow.kind, FeedRow.record_id, FeedRow.body)
        .where(FeedRow.scope == scope, behind)
        .order_by(FeedRow.position, FeedRow.kind, FeedRow.record_id)
        .limit(limit)
    )
    return [(int(at), what, which, body) for at, what, which, body in await session.execute(query)]


async def has_feed_row(session: AsyncSession, scope: str, kind: str, record_id: str) -> bool:
    """Say whether the feed holds a record in a scope."""
    return await session.get(FeedRow, (scope, kind, record_id)) is not None

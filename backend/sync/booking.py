"""Booking operations by their kind: payments that follow each other at once, all else one by one in a savepoint."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from typing import Any

import msgspec
import structlog
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncSession

from backend.auth.actor import Actor
from backend.collection import service as collection
from backend.custody import service as custody
from shared.clock import Clock
from shared.custody import DepositMade
from shared.refusal import Refused
from sync.message import PAYLOADS, Operation

_log = structlog.get_logger(__name__)
_VERSION = 1

One = Callable[[AsyncSession, Actor, Clock, Operation, Any], Awaitable[object]]
Many = Callable[[AsyncSession, Actor, Clock, Sequence[tuple[Operation, Any]]], Awaitable[list[Refused | None]]]


async def _deposit(
    session: AsyncSession, actor: Actor, clock: Clock, operation: Operation, payload: DepositMade
) -> None:
    await custody.deposit(session, actor, clock, payload, operation.id)


# kind of operation -> the use case that books its payload (types: sync.message.PAYLOADS)
HANDLERS: dict[str, One] = {
    "collection.record": collection.book,
    "collection.void": collection.request_void,
    "custody.hand_over": custody.give,
    "custody.deposit": _deposit,
}
# kind -> the same use case for many operations in their order: it gives what one after the other would give
MANY: dict[str, Many] = {"collection.record": collection.book_many}


async def book(session: AsyncSession, actor: Actor, clock: Clock, run: Sequence[Operation]) -> list[Refused | None]:
    """Book operations of one kind in their order; return why each was not booked, or None.

    Those of a kind in ``MANY`` go in together. When that fails, it is undone whole and each is booked alone, so that
    an operation that makes the server stumble loses only itself. An outage of the database is no operation's fault:
    it is raised, nothing of the batch is kept, and the phone sends again.
    """
    if len(run) > 1 and run[0].kind in MANY:
        try:
            async with session.begin_nested():
                return await _together(session, actor, clock, run)
        except Exception as error:
            if _is_outage(error):
                raise
            _log.warning("operations are booked one by one", kind=run[0].kind, count=len(run), exc_info=True)
    return [await _alone(session, actor, clock, operation) for operation in run]


async def _together(
    session: AsyncSession, actor: Actor, clock: Clock, run: Sequence[Operation]
) -> list[Refused | None]:
    found: list[Any] = [_readable(operation) for operation in run]
    readable = [(one, payload) for one, payload in zip(run, found, strict=True) if not isinstance(payload, Refused)]
    refusals = iter(await MANY[run[0].kind](session, actor, clock, readable))
    return [payload if isinstance(payload, Refused) else next(refusals) for payload in found]


def _readable(operation: Operation) -> Any:
    """Return an operation's payload, or why there is none."""
    try:
        return decode(operation)
    except Refused as refused:
        return refused


async def _alone(session: AsyncSession, actor: Actor, clock: Clock, operation: Operation) -> Refused | None:
    try:
        payload = decode(operation)
        async with session.begin_nested():
            await HANDLERS[operation.kind](session, actor, clock, operation, payload)
    except Refused as refused:
        return refused
    except Exception as error:
        if _is_outage(error):
            raise
        _log.exception("operation not booked", operation_id=operation.id, kind=operation.kind)
        return Refused("operation_failed")
    return None


def decode(operation: Operation) -> Any:
    """Read a payload strictly by its kind; refuses ``operation_unknown`` and ``operation_unreadable``."""
    kind = PAYLOADS.get(operation.kind)
    if kind is None or operation.version != _VERSION:
        raise Refused("operation_unknown", kind=operation.kind)
    try:
        return msgspec.json.decode(operation.payload, type=kind)
    except (msgspec.MsgspecError, UnicodeError, RecursionError):
        raise Refused("operation_unreadable") from None


def _is_outage(error: Exception) -> bool:
    """Tell a database that failed (or chose a victim of a deadlock) from a value that it cannot hold."""
    if not isinstance(error, DBAPIError):
        return False
    state = getattr(error.orig, "sqlstate", None)
    if state is not None:
        return str(state)[:2] not in ("22", "23")  # data exception, integrity constraint violation
    return type(error).__name__ in ("OperationalError", "InterfaceError", "InternalError", "DBAPIError")

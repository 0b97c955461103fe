"""Who may call a handler: every route names its permission, or says that it is public."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

from litestar.connection import ASGIConnection
from litestar.handlers import BaseRouteHandler

from backend.auth import service as auth
from backend.auth.actor import Actor
from backend.database import Database
from shared.clock import Clock
from shared.language import choose

CONSOLE_COOKIE = "fieldtill_console"
Connection = ASGIConnection[Any, Any, Any, Any]
Guard = Callable[[Connection, BaseRouteHandler], Awaitable[None]]


async def authenticate(connection: Connection) -> Actor:
    """Return who is calling: by bearer token under /api, by cookie elsewhere; refuses as ``auth.service`` does."""
    known = connection.scope["state"].get("actor")
    if isinstance(known, Actor):
        return known
    database, clock = connection.app.state.database, connection.app.state.clock
    if connection.url.path.startswith("/console"):
        actor = await _by_cookie(database, clock, connection.cookies.get(CONSOLE_COOKIE, ""))
    else:
        actor = await _by_token(database, clock, connection.headers.get("Authorization", ""))
    if not connection.scope["state"].get("language_asked"):
        choose(actor.language)
    connection.scope["state"]["actor"] = actor
    return actor


async def _by_token(database: Database, clock: Clock, header: str) -> Actor:
    scheme, _, token = header.partition(" ")
    async with database.reading() as reader:
        return await auth.bearer_actor(reader, clock, token.strip() if scheme.lower() == "bearer" else "")


async def _by_cookie(database: Database, clock: Clock, cookie: str) -> Actor:
    async with database.reading() as reader:
        actor, stale = await auth.console_actor(reader, clock, cookie)
    if stale:
        async with database.writing() as session:
            await auth.keep_console_session(session, clock, cookie)
    return actor


def requires(permission: str) -> Guard:
    """Make the guard that lets only holders of a permission in; refuses ``permission_missing``."""

    async def guard(connection: Connection, _: BaseRouteHandler) -> None:
        (await authenticate(connection)).require(permission)

    guard.permission = permission  # type: ignore[attr-defined]  # read by tests/house: which route needs what
    return guard


async def signed_in(connection: Connection, _: BaseRouteHandler) -> None:
    """Guard: let everybody in who is signed in."""
    await authenticate(connection)


async def public(_connection: Connection, _handler: BaseRouteHandler) -> None:
    """Guard: let everybody in, and say so (a route without any guard is a mistake that a test finds)."""


def provide_actor(request: Connection) -> Actor:
    """Give the handler who is calling; the route's guard has found out before."""
    actor = request.scope["state"]["actor"]
    assert isinstance(actor, Actor)  # noqa: S101 - the route lacks its guard: a mistake of ours
    return actor

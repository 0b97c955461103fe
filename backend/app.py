"""The server: every domain's routes under one roof, with one way to sessions, errors, logs and documents."""

from __future__ import annotations

import importlib
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import asynccontextmanager
from ipaddress import ip_address
from typing import Any

from litestar import Litestar, Response, get
from litestar.config.compression import CompressionConfig
from litestar.datastructures import State
from litestar.di import NamedDependency, Provide
from litestar.handlers import BaseRouteHandler
from litestar.openapi.config import OpenAPIConfig
from litestar.openapi.plugins import JsonRenderPlugin, YamlRenderPlugin
from litestar.openapi.spec import Components, SecurityScheme, Server
from litestar.plugins.prometheus import PrometheusConfig, PrometheusController
from litestar.response import Redirect
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from backend import __doc__ as _about
from backend.database import Database
from backend.edge import edge, no_nul
from backend.errors import HANDLERS, document_problems
from backend.guards import Connection, provide_actor, public, requires
from backend.jobs import running_jobs
from backend.settings import Settings
from shared.clock import Clock, SystemClock

VERSION = "0.1.0"
DOMAINS = (
    *("auth", "company", "audit", "ledger", "report", "customer", "invoice", "importing", "collection"),
    *("approval", "custody", "sync", "bank", "matching", "incentive"),
)


@get("/health/live", guards=[public], tags=["health"], operation_id="live")
async def live() -> dict[str, str]:
    """Say that the process answers."""
    return {"status": "live"}


@get("/health/ready", guards=[public], tags=["health"], operation_id="ready")
async def ready(database: NamedDependency[Database]) -> Response[dict[str, str]]:
    """Say whether the database answers: 503 when it does not."""
    try:
        async with database.reading() as reader:
            await reader.execute(text("SELECT 1 FROM setting"))
    except Exception:  # noqa: BLE001 - whatever is wrong with the database, the answer is the same
        return Response({"status": "database unavailable"}, status_code=503)
    return Response({"status": "ready"})


@get("/", guards=[public], include_in_schema=False)
async def door() -> Redirect:
    """Lead a browser that knows only the address to the console."""
    return Redirect("/console", status_code=303)


async def watches(connection: Connection, handler: BaseRouteHandler) -> None:
    """Guard: let in who asks from this machine without a proxy, and whoever may verify the audit log elsewhere."""
    host = connection.client.host if connection.client else ""
    forwarded = any(name in connection.headers for name in ("forwarded", "x-forwarded-for"))
    if forwarded or not _is_loopback(host):
        await requires("audit.verify")(connection, handler)


def _is_loopback(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False


class Metrics(PrometheusController):
    """Figures for Prometheus: for a collector on the same machine, or with an administrator's or auditor's token."""

    path = "/metrics"
    guards = [watches]
    include_in_schema = False


async def provide_session(database: NamedDependency[Database]) -> AsyncGenerator[AsyncSession]:
    """Give the session of the request's one transaction, committed when the handler has returned."""
    async with database.writing() as session:
        yield session


async def provide_reader(database: NamedDependency[Database]) -> AsyncGenerator[AsyncSession]:
    """Give a session for reading."""
    async with database.reading() as session:
        yield session


def provide_database(state: State) -> Database:
    """Give the database itself, for handlers with several transactions."""
    return state.database  # type: ignore[no-any-return]  # set in create_app


def provide_clock(state: State) -> Clock:
    """Give the clock that the application was made with."""
    return state.clock  # type: ignore[no-any-return]  # set in create_app


def routes() -> list[Any]:
    """Gather the routes of all domains."""
    found: list[Any] = [live, ready, Metrics]
    for domain in DOMAINS:
        found += importlib.import_module(f"backend.{domain}.controller").ROUTES
    return found


def console() -> tuple[list[Any], dict[str, Any]]:
    """Return the console's routes, and what it asks of the application (templates, protection of forms)."""
    page = importlib.import_module("backend.console.page")
    asked = {"template_config": "TEMPLATE_CONFIG", "csrf_config": "CSRF"}
    options = {option: getattr(page, name) for option, name in asked.items() if getattr(page, name, None)}
    return [door, *page.ROUTES, *getattr(page, "STATIC", ())], options


def create_app(
    database: Database, clock: Clock | None = None, settings: Settings | None = None, *, with_console: bool = True
) -> Litestar:
    """Make the application over an opened database; it closes nothing and starts jobs only when settings say so."""
    settings = settings or Settings(database_url=database.url, run_jobs=False)
    clock = clock or SystemClock()
    documented = routes()
    document_problems(documented)
    console_routes, options = console() if with_console else ([], {})

    @asynccontextmanager
    async def with_jobs(_: Litestar) -> AsyncIterator[None]:
        async with running_jobs(database, clock, switched_on=settings.run_jobs):
            yield

    app = Litestar(
        route_handlers=[*documented, *console_routes],
        state=State({"database": database, "clock": clock, "settings": settings}),
        dependencies={
            "database": Provide(provide_database, sync_to_thread=False),
            "clock": Provide(provide_clock, sync_to_thread=False),
            "actor": Provide(provide_actor, sync_to_thread=False),
            "session": Provide(provide_session),
            "reader": Provide(provide_reader),
        },
        exception_handlers=HANDLERS,
        before_request=no_nul,
        middleware=[PrometheusConfig(app_name="fieldtill", group_path=True).middleware],
        compression_config=CompressionConfig(backend="gzip", gzip_compress_level=6, exclude=["^/api/sync/pu(sh|ll)$"]),
        request_max_body_size=settings.request_bytes,
        openapi_config=_openapi(),
        lifespan=[with_jobs],
        logging_config=None,
        **options,
    )
    app.asgi_handler = edge(app.asgi_handler)  # around routing too: a 404 has a language and headers as well
    return app


def _openapi() -> OpenAPIConfig:
    return OpenAPIConfig(
        title="Fieldtill",
        version=VERSION,
        description=_about,
        path="/schema",
        render_plugins=[JsonRenderPlugin(), YamlRenderPlugin()],  # pages that draw it would need a CDN
        servers=[Server(url="/")],
        security=[{"bearer": []}],
        components=Components(
            security_schemes={"bearer": SecurityScheme(type="http", scheme="bearer", bearer_format="JWT")}
        ),
    )

"""What a console handler may ask for: the page of someone signed in, or of a stranger."""

from __future__ import annotations

from typing import Any

from litestar import Request
from litestar.connection import ASGIConnection
from litestar.di import NamedDependency
from litestar.handlers import BaseRouteHandler
from sqlalchemy.ext.asyncio import AsyncSession

from backend.auth import queries as people
from backend.auth.actor import Actor
from backend.company.service import Company, company, is_installed
from backend.console.view import View, language_of
from backend.edge import no_nul
from shared.clock import Clock
from shared.language import choose


async def provide_view(
    request: Request[Any, Any, Any],
    clock: NamedDependency[Clock],
    actor: NamedDependency[Actor],
    reader: NamedDependency[AsyncSession],
) -> View:
    """Give the page of someone signed in."""
    return View(request, clock, actor, _company(request), await people.names(reader))


async def provide_visitor(request: Request[Any, Any, Any], clock: NamedDependency[Clock]) -> View:
    """Give the page of a stranger, who learns the company's name and nothing else."""
    return View(request, clock, company=_company(request))


async def know_company(connection: ASGIConnection[Any, Any, Any, Any], _: BaseRouteHandler) -> None:
    """Guard, before all others: note the company, so that the page of a refusal can show its name."""
    async with connection.app.state.database.reading() as reader:
        connection.scope["state"]["company"] = await company(reader) if await is_installed(reader) else None


def _company(request: Request[Any, Any, Any]) -> Company | None:
    found: Company | None = request.scope["state"]["company"]
    return found


async def speak(request: Request[Any, Any, Any]) -> None:
    """Before each handler: refuse what no database can hold, and choose the language of everything that is said."""
    await no_nul(request)
    known = request.scope["state"].get("actor")
    choose(language_of(request, known if isinstance(known, Actor) else Actor("", "")))

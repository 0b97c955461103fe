"""Control totals: equations that hold whatever happened, both sides shown."""

from __future__ import annotations

from typing import Any

from litestar import Response, get
from litestar.di import NamedDependency
from sqlalchemy.ext.asyncio import AsyncSession

from backend.console.view import View
from backend.guards import requires
from backend.report import service


@get("/controls", name="console.controls", guards=[requires("ledger.view")])
async def controls(view: NamedDependency[View], reader: NamedDependency[AsyncSession]) -> Response[Any]:
    """Show every equation, those that do not hold first."""
    totals = await service.control_totals(reader)
    totals.sort(key=lambda total: total.ok)
    return view.show("controls.html", totals=totals, wrong=sum(not total.ok for total in totals))


PAGES = [controls]

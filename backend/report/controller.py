"""Reports under /api."""

from __future__ import annotations

from datetime import date
from typing import Annotated

import msgspec
from litestar import Controller, Response, get
from litestar.di import NamedDependency
from litestar.params import FromQuery, ParameterKwarg
from sqlalchemy.ext.asyncio import AsyncSession

from backend.auth.actor import Actor
from backend.company import service as company
from backend.guards import requires
from backend.report import service, sheet
from backend.report.control import ControlTotal
from shared.clock import Clock, business_date, to_ms

_Id = Annotated[str, ParameterKwarg(max_length=36, pattern=r"^[0-9a-f-]*$")]


class AgedBody(msgspec.Struct, frozen=True):
    """The aged report; amounts in minor units."""

    as_of: date
    rows: tuple[service.AgedRow, ...]
    totals: dict[str, dict[str, int]]


class ControlBody(msgspec.Struct, frozen=True):
    """One equation, whether it holds, and where it does not."""

    total: ControlTotal
    sentence: str
    ok: bool


class Reports(Controller):
    """Figures; a salesperson sees only their own customers and money."""

    path = "/api/report"
    tags = ["report"]

    @get("/aged", guards=[requires("report.view")])
    async def aged(
        self,
        *,
        reader: NamedDependency[AsyncSession],
        actor: NamedDependency[Actor],
        clock: NamedDependency[Clock],
        as_of: FromQuery[date | None] = None,
        customer_id: FromQuery[_Id] = "",
    ) -> AgedBody:
        """Say who owes what since when, as of the end of a day (today)."""
        report = await _aged(reader, actor, clock, as_of, customer_id)
        return AgedBody(report.as_of, report.rows, report.totals)

    @get("/aged.csv", guards=[requires("report.view")], media_type="text/csv")
    async def aged_file(
        self,
        *,
        reader: NamedDependency[AsyncSession],
        actor: NamedDependency[Actor],
        clock: NamedDependency[Clock],
        as_of: FromQuery[date | None] = None,
    ) -> Response[str]:
        """Export the aged report."""
        report = await _aged(reader, actor, clock, as_of)
        name = f"attachment; filename=aged-{report.as_of.isoformat()}.csv"
        return Response(sheet.aged_text(report), media_type="text/csv", headers={"Content-Disposition": name})

    @get("/dashboard", guards=[requires("report.view")])
    async def dashboard(
        self, reader: NamedDependency[AsyncSession], actor: NamedDependency[Actor], clock: NamedDependency[Clock]
    ) -> service.Dashboard:
        """Gather the figures of the first page."""
        return await service.dashboard(reader, actor, clock)

    @get("/control", guards=[requires("ledger.view")])
    async def control(self, reader: NamedDependency[AsyncSession]) -> list[ControlBody]:
        """Work out the control totals."""
        return [ControlBody(one, one.sentence, one.ok) for one in await service.control_totals(reader)]


async def _aged(
    reader: AsyncSession, actor: Actor, clock: Clock, as_of: date | None, customer_id: str = ""
) -> service.AgedReport:
    day = as_of or business_date(to_ms(clock.now()), (await company.company(reader)).zone)
    own = actor.user_id if actor.only_own else ""
    return await service.aged(reader, day, salesperson_id=own, customer_id=customer_id)


ROUTES = [Reports]

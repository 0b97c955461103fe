"""Incentives under /api: one's own lines, or the team's with ``team.view``."""

from __future__ import annotations

from datetime import date

import msgspec
from litestar import Controller, Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromQuery, JSONBody
from sqlalchemy.ext.asyncio import AsyncSession

from backend.auth.actor import Actor
from backend.bounds import MinorAmount, PageLimit, WordText
from backend.export import csv_response
from backend.guards import requires
from backend.incentive import queries, service
from backend.incentive.service import Line, Summary
from shared.clock import Clock
from shared.incentive import Plan
from shared.money import decimal_text


class PlanBody(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A version of the plan: rates in basis points, amounts in minor units."""

    valid_from: date
    currency: WordText
    rate_bp: MinorAmount
    on_time_bp: MinorAmount = 0
    target_minor: MinorAmount = 0
    target_bonus_minor: MinorAmount = 0


class Incentives(Controller):
    """Plans and what they earned."""

    path = "/api/incentives"
    tags = ["incentives"]

    @get("/lines", guards=[requires("incentive.view")])
    async def lines(
        self,
        reader: NamedDependency[AsyncSession],
        actor: NamedDependency[Actor],
        salesperson_id: FromQuery[WordText] = "",
        after: FromQuery[WordText] = "",
        limit: FromQuery[PageLimit] = 50,
    ) -> list[Line]:
        """List vested and clawed-back lines with their reasons, newest first."""
        return await service.lines(reader, whose(actor, salesperson_id), after=after, limit=limit)

    @get("/summary", guards=[requires("incentive.view")])
    async def summary(
        self,
        reader: NamedDependency[AsyncSession],
        actor: NamedDependency[Actor],
        salesperson_id: FromQuery[WordText] = "",
    ) -> list[Summary]:
        """Say what is earned and what is still on its way."""
        return await service.summary(reader, whose(actor, salesperson_id))

    @get("/export", guards=[requires("incentive.view")], media_type="text/csv")
    async def export(
        self,
        reader: NamedDependency[AsyncSession],
        actor: NamedDependency[Actor],
        salesperson_id: FromQuery[WordText] = "",
    ) -> Response[bytes]:
        """Export lines as CSV."""
        found = await service.lines(reader, whose(actor, salesperson_id), limit=100_000)
        header = ["title", "kind", "state", "currency", "amount", "base", "rate_bp", "plan", "explanation"]
        return csv_response("incentive", header, map(_csv_row, found))

    @get("/plans", guards=[requires("incentive.view")])
    async def plans(self, reader: NamedDependency[AsyncSession]) -> list[Plan]:
        """List plan versions, oldest first."""
        return await queries.plans(reader)

    @post("/plans", guards=[requires("incentive.edit")])
    async def add_plan(
        self,
        session: NamedDependency[AsyncSession],
        actor: NamedDependency[Actor],
        clock: NamedDependency[Clock],
        data: JSONBody[PlanBody],
    ) -> dict[str, int]:
        """Add a version of the plan."""
        return {"version": await service.add_plan(session, actor, clock, **msgspec.structs.asdict(data))}


def whose(actor: Actor, salesperson_id: str) -> str:
    """Return whose lines to show: one's own unless the actor sees the team."""
    if salesperson_id and salesperson_id != actor.user_id:
        actor.require("team.view")
    return salesperson_id or actor.user_id


def _csv_row(line: Line) -> list[object]:
    amounts = [decimal_text(minor, line.currency) for minor in (line.amount_minor, line.base_minor)]
    return [
        *(line.title, line.kind, line.state, line.currency),
        *amounts,
        *(line.rate_bp, line.plan_version, line.explanation),
    ]


ROUTES = [Incentives]

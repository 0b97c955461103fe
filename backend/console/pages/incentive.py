"""Incentive: what each salesperson has earned with every line explained, and the versions of the plan."""

from __future__ import annotations

from typing import Any

from litestar import Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath
from sqlalchemy.ext.asyncio import AsyncSession

from backend.auth import queries as people
from backend.auth.actor import Actor
from backend.console.form import Form
from backend.console.view import View
from backend.guards import requires
from backend.incentive import queries, service
from shared.clock import Clock
from shared.language import _
from shared.refusal import Refused


@get("/incentive", name="console.incentive", guards=[requires("incentive.view")])
async def everybody(view: NamedDependency[View], reader: NamedDependency[AsyncSession]) -> Response[Any]:
    """List salespeople with what has vested and what is on its way; below, the plan's versions."""
    wanted = (
        [view.actor.user_id] if view.actor.only_own else [p.id for p in await people.users(reader, role="salesperson")]
    )
    rows = [summary for user_id in wanted for summary in await service.summary(reader, user_id)]
    return view.show("incentive.html", rows=rows, plans=await queries.plans(reader))


@get("/incentive/{user_id:str}", name="console.incentive.person", guards=[requires("incentive.view")])
async def person(
    view: NamedDependency[View], reader: NamedDependency[AsyncSession], user_id: FromPath[str]
) -> Response[Any]:
    """Show one salesperson's lines, each with its arithmetic."""
    if view.actor.only_own and user_id != view.actor.user_id:
        raise Refused("permission_missing", permission="team.view")
    lines = await service.lines(reader, user_id, after=view.asked("after"), limit=101)
    summary = await service.summary(reader, user_id)
    return view.show(
        "incentive_person.html", user_id=user_id, lines=lines[:100], more=len(lines) > 100, summary=summary
    )


@post("/incentive/plans", name="console.incentive.plan", status_code=303, guards=[requires("incentive.edit")])
async def add_plan(
    view: NamedDependency[View],
    form: NamedDependency[Form],
    session: NamedDependency[AsyncSession],
    actor: NamedDependency[Actor],
    clock: NamedDependency[Clock],
) -> Response[Any]:
    """Add a version of the plan."""
    currency = form.text("currency")
    version = await service.add_plan(
        session,
        actor,
        clock,
        valid_from=form.day("valid_from"),
        currency=currency,
        rate_bp=form.basis_points("rate"),
        on_time_bp=form.basis_points("on_time"),
        target_minor=form.minor("target", currency),
        target_bonus_minor=form.minor("target_bonus", currency),
    )
    return view.go("/console/incentive", _("Plan %(version)s was added.", version=version))


PAGES = [everybody, person, add_plan]

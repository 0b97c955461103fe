"""Incentive: what each salesperson has earned with every line explained, and the versions of the plan."""

from __future__ import annotations

from typing import Any

from litestar import Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath
from sqlalchemy.ext.asyncio import AsyncSession

from backend.auth import queries as people
from backend.auth.actor import Actor
from backend.console import wording
from backend.console.form import Form
from backend.console.view import View
from backend.export import every
from backend.guards import requires
from backend.incentive import queries, service
from shared.clock import Clock
from shared.language import N_, _
from shared.money import decimal_text
from shared.refusal import Refused

HEADS = (N_("Salesperson"), N_("Currency"), N_("Earned so far"), N_("Still to come"))
LINE_HEADS = (N_("When"), N_("For"), N_("Kind"), N_("How it is worked out"), N_("Currency"), N_("Amount"))


def _cells(view: View, row: service.Summary) -> list[object]:
    amounts = [decimal_text(minor, row.currency) for minor in (row.vested_minor, row.pending_minor)]
    return [view.people.get(row.salesperson_id, row.salesperson_id), row.currency, *amounts]


def _line_cells(view: View, line: service.Line) -> list[object]:
    about = [view.written(line.booked_at_ms), line.title, wording.word(wording.INCENTIVES, line.kind), line.explanation]
    return [*about, line.currency, decimal_text(line.amount_minor, line.currency)]


@get("/incentive", name="console.incentive", guards=[requires("incentive.view")])
async def everybody(view: NamedDependency[View], reader: NamedDependency[AsyncSession]) -> Response[Any]:
    """List salespeople with what has vested and what is on its way; below, the plan's versions."""
    wanted = (
        [view.actor.user_id]
        if view.actor.only_own
        else [
            one.id
            for one in await every(
                lambda after, limit: people.users(reader, after=after, limit=limit, role="salesperson"),
                lambda one: one.login,
                "",
            )
        ]
    )
    rows = [summary for user_id in wanted for summary in await service.summary(reader, user_id)]
    if view.wants_csv:
        return view.export("incentive", [_(head) for head in HEADS], (_cells(view, row) for row in rows))
    return view.show("incentive.html", rows=rows, plans=await queries.plans(reader))


@get("/incentive/{user_id:str}", name="console.incentive.person", guards=[requires("incentive.view")])
async def person(
    view: NamedDependency[View], reader: NamedDependency[AsyncSession], user_id: FromPath[str]
) -> Response[Any]:
    """Show one salesperson's lines, each with its arithmetic."""
    if view.actor.only_own and user_id != view.actor.user_id:
        raise Refused("permission_missing", permission="team.view")
    if view.wants_csv:
        found = await every(
            lambda after, limit: service.lines(reader, user_id, after=after, limit=limit), lambda line: line.id, ""
        )
        return view.export("incentive", [_(head) for head in LINE_HEADS], (_line_cells(view, line) for line in found))
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

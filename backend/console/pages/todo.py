"""To do: what waits for this person, and how the company stands: each figure leads to its rows."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from litestar import Response, get
from litestar.di import NamedDependency
from sqlalchemy.ext.asyncio import AsyncSession

from backend.auth.actor import Actor
from backend.console.view import View
from backend.guards import signed_in
from backend.incentive import service as incentive
from backend.report import service
from backend.report.service import Dashboard
from shared.language import N_


@dataclass(frozen=True, slots=True)
class Work:
    """One work list: what waits, for whom, and where it is done."""

    kind: str
    title: str
    permission: str
    path: str


WORK = (
    Work("approvals", N_("Payments to approve"), "collection.approve", "/console/approvals"),
    Work("voids", N_("Voids to decide"), "collection.approve", "/console/approvals"),
    Work("hand_overs", N_("Hand-overs to count"), "custody.receive", "/console/money"),
    Work("proposals", N_("Proposed matches to review"), "matching.confirm", "/console/matching"),
    Work("lines", N_("Bank lines without a match"), "matching.confirm", "/console/matching"),
    Work("deposits", N_("Deposits not at the bank yet"), "custody.view", "/console/money"),
    Work("differences", N_("Open amounts that differ"), "invoice.settle", "/console/differences"),
    Work("operations", N_("Phone records that wait for a person"), "device.view", "/console/devices"),
)


@get("/", name="console.todo", guards=[signed_in])
async def todo(view: NamedDependency[View], reader: NamedDependency[AsyncSession]) -> Response[Any]:
    """Show the work lists of the role, then the charts."""
    board = await service.dashboard(reader, view.actor, view.clock)
    mine = await incentive.summary(reader, view.actor.user_id) if view.actor.only_own else []
    overdue = {currency: service.overdue_minor(sums) for currency, sums in board.ageing.items()}
    values: dict[str, Any] = {"board": board, "work": _work(view.actor, board), "mine": mine, "overdue": overdue}
    return view.show("todo.html", **values)


def _work(actor: Actor, board: Dashboard) -> list[tuple[Work, int, int]]:
    """Return the lists that the role may work on: (list, how many, age of the oldest in days)."""
    return [
        (work, board.waiting[work.kind].count, board.waiting[work.kind].oldest_days)
        for work in WORK
        if actor.may(work.permission) and work.kind in board.waiting
    ]


PAGES = [todo]

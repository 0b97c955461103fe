"""Control totals: equations that hold whatever happened, both sides shown."""

from __future__ import annotations

from typing import Any

from litestar import Response, get
from litestar.di import NamedDependency
from sqlalchemy.ext.asyncio import AsyncSession

from backend.console.view import View
from backend.guards import requires
from backend.report import service
from shared.language import N_, _
from shared.money import decimal_text

HEADS = (
    *(N_("What must be equal"), N_("Currency"), N_("From the facts"), N_("In the ledger"), N_("Difference")),
    N_("Holds"),
)


def _cells(total: service.ControlTotal) -> list[object]:
    sides = (total.expected, total.actual, total.actual - total.expected)
    shown = [decimal_text(side, total.currency) if total.currency else str(side) for side in sides]
    return [total.sentence, total.currency, *shown, _("yes") if total.ok else _("no")]


@get("/controls", name="console.controls", guards=[requires("ledger.view")])
async def controls(view: NamedDependency[View], reader: NamedDependency[AsyncSession]) -> Response[Any]:
    """Show every equation, those that do not hold first; ``format=csv`` sends them."""
    totals = await service.control_totals(reader)
    totals.sort(key=lambda total: total.ok)
    if view.wants_csv:
        return view.export("controls", [_(head) for head in HEADS], map(_cells, totals))
    return view.show("controls.html", totals=totals, wrong=sum(not total.ok for total in totals))


PAGES = [controls]

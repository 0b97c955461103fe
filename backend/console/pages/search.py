"""One search over everything: customers, invoices and receipts."""

from __future__ import annotations

from typing import Any

from litestar import Response, get
from litestar.di import NamedDependency
from sqlalchemy.ext.asyncio import AsyncSession

from backend.collection import queries as collections
from backend.collection.queries import Filter
from backend.console.view import View
from backend.customer import service as customers
from backend.guards import signed_in
from backend.invoice import service as invoices


@get("/search", name="console.search", guards=[signed_in])
async def search(view: NamedDependency[View], reader: NamedDependency[AsyncSession]) -> Response[Any]:
    """Show the first hits of each kind that the person may see."""
    wanted, actor = view.asked("q"), view.actor
    mine = actor.user_id if actor.only_own else ""
    found: dict[str, Any] = {"customers": [], "invoices": [], "collections": []}
    if wanted and actor.may("customer.view"):
        found["customers"] = await customers.search(reader, actor, view.clock, query=wanted, limit=10)
    if wanted and actor.may("invoice.view"):
        found["invoices"] = await invoices.search(reader, actor, query=wanted, limit=10)
    if wanted and actor.may("collection.view"):
        narrowed = Filter(receipt_number=wanted.upper(), salesperson_id=mine)
        found["collections"] = await collections.page(reader, narrowed, limit=10)
    return view.show("search.html", wanted=wanted, **found)


PAGES = [search]

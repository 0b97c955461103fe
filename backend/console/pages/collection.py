"""Collections: the list with filters, and one payment with everything that is known of it."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from litestar import Response, get
from litestar.di import NamedDependency
from litestar.params import FromPath
from sqlalchemy.ext.asyncio import AsyncSession

from backend.audit import queries as audit
from backend.auth import queries as people
from backend.collection import queries
from backend.collection.queries import Filter, Listed
from backend.collection.tables import Collection
from backend.console.form import day_or_none
from backend.console.timeline import posted, state_of
from backend.console.view import View
from backend.custody import queries as custody
from backend.customer import queries as customers
from backend.export import every
from backend.guards import requires
from backend.incentive import service as incentive
from backend.matching import queries as matching
from shared.ident import is_uuid
from shared.language import N_, _
from shared.money import decimal_text
from shared.refusal import Refused

LIMIT = 50
ASKED = ("q", "salesperson", "customer", "method", "flag", "from", "to")
HEADS = (
    *(N_("Receipt"), N_("Taken at"), N_("Customer"), N_("Customer name"), N_("Salesperson"), N_("Method")),
    *(N_("Currency"), N_("Amount"), N_("Unapplied"), N_("States")),
)


@get("/collections", name="console.collections", guards=[requires("collection.view")])
async def collections(view: NamedDependency[View], reader: NamedDependency[AsyncSession]) -> Response[Any]:
    """List payments, newest first; ``format=csv`` sends them."""
    asked = {name: view.asked(name) for name in ASKED}
    wanted = _filter(view, asked)
    if view.wants_csv:
        found = await every(
            lambda after, limit: queries.page(reader, wanted, after=after, limit=limit),
            lambda row: (row.collection.taken_at_ms, row.collection.id),
            None,
        )
        return view.export("collections", [_(head) for head in HEADS], (_cells(view, row) for row in found))
    rows = await queries.page(reader, wanted, after=view.behind(), limit=LIMIT + 1)
    salespeople = await people.users(reader, role="salesperson")
    more = len(rows) > LIMIT
    return view.show("collections.html", rows=rows[:LIMIT], more=more, asked=asked, salespeople=salespeople)


def _filter(view: View, asked: dict[str, str]) -> Filter:
    first, last = day_or_none(asked["from"]), day_or_none(asked["to"])
    return Filter(
        salesperson_id=view.actor.user_id if view.actor.only_own else asked["salesperson"],
        customer_id=asked["customer"],
        method=asked["method"],
        receipt_number=asked["q"].upper(),
        flag=asked["flag"],
        since_ms=view.begins_ms(first) if first else None,
        until_ms=view.begins_ms(last + timedelta(days=1)) if last else None,
    )


def _cells(view: View, row: Listed) -> list[object]:
    c = row.collection
    amounts = [c.currency, decimal_text(c.amount_minor, c.currency), decimal_text(c.unapplied_minor, c.currency)]
    about = [c.receipt_number, view.written(c.taken_at_ms), row.customer_number, row.customer_name]
    return [*about, row.salesperson_name, c.method, *amounts, " ".join(state_of(row))]


@get("/collections/{collection_id:str}", name="console.collection", guards=[requires("collection.view")])
async def collection(
    view: NamedDependency[View], reader: NamedDependency[AsyncSession], collection_id: FromPath[str]
) -> Response[Any]:
    """Show one payment: as intended and as applied, decided, carried, arrived, posted, audited."""
    found = await queries.get(reader, collection_id) if is_uuid(collection_id) else None
    if found is None or (view.actor.only_own and found.salesperson_id != view.actor.user_id):
        raise Refused("collection_not_found")
    return view.show("collection.html", c=found, **await _facts(reader, found))


async def _facts(reader: AsyncSession, found: Collection) -> dict[str, Any]:
    """Gather what the domains know of one payment."""
    voids = await queries.void_requests(reader, found.id)
    decision = await queries.decision_on(reader, found.id)
    return {
        "customer": await customers.customer(reader, found.customer_id),
        "standing": (await queries.standings(reader, [found.id]))[found.id],
        "allocations": (await queries.parts(reader, [found.id])).get(found.id, []),
        "decision": decision,
        "voids": voids,
        "held": await custody.held_of(reader, found.id),
        "pending": (await incentive.pending(reader, [found.id])).get(found.id),
        "entries": await posted(reader, "collection", [found.id])
        + await posted(reader, "approval", [decision.id] if decision else []),
        "events": await audit.of_subject(reader, "collection", found.id),
        "matches": await matching.of_expected(reader, found.id),
    }


PAGES = [collections, collection]

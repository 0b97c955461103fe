"""Customers: the list with search, one customer with everything that is open, adding, giving to a salesperson."""

from __future__ import annotations

from typing import Any

from litestar import Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath
from sqlalchemy.ext.asyncio import AsyncSession

from backend.audit import queries as audit
from backend.auth.actor import Actor
from backend.console.form import Form
from backend.console.timeline import of_customer
from backend.console.view import View
from backend.customer import queries, service
from backend.export import every
from backend.guards import requires
from shared.clock import Clock
from shared.language import N_, _
from shared.money import decimal_text

LIMIT = 50
HEADS = (
    N_("Number"),
    N_("Customer name"),
    N_("Salesperson"),
    N_("Currency"),
    N_("Open"),
    N_("Overdue"),
    N_("Unapplied"),
)


@get("/customers", name="console.customers", guards=[requires("customer.view")])
async def customers(view: NamedDependency[View], reader: NamedDependency[AsyncSession]) -> Response[Any]:
    """List customers with their balances; ``format=csv`` sends them."""
    asked = {name: view.asked(name) for name in ("q", "salesperson", "overdue", "after")}

    async def page(after: str, limit: int) -> list[service.Listed]:
        options: dict[str, Any] = {"query": asked["q"], "salesperson_id": asked["salesperson"]}
        options |= {"overdue": bool(asked["overdue"]), "after": after, "limit": limit}
        return await service.search(reader, view.actor, view.clock, **options)

    if view.wants_csv:
        found = await every(page, lambda row: row.record.number, "")
        return view.export("customers", [_(head) for head in HEADS], _cells(found))
    rows = await page(asked["after"], LIMIT + 1)
    people = await queries.people(reader)
    return view.show("customers.html", rows=rows[:LIMIT], more=len(rows) > LIMIT, asked=asked, people=_named(people))


def _cells(rows: list[service.Listed]) -> list[list[str]]:
    return [
        [row.record.number, row.record.name, row.salesperson_name, b.currency]
        + [decimal_text(minor, b.currency) for minor in (b.open_minor, b.overdue_minor, b.unapplied_minor)]
        for row in rows
        for b in row.balances or [queries.Balance(row.record.currency, 0, 0, 0)]
    ]


def _named(people: dict[str, str]) -> list[tuple[str, str]]:
    """Return (id, name) pairs once each, from ids by login and by name."""
    names: dict[str, str] = {}
    for name, user_id in people.items():
        names.setdefault(user_id, name)
    return sorted(names.items(), key=lambda pair: pair[1])


@get("/customers/{customer_id:str}", name="console.customer", guards=[requires("customer.view")])
async def customer(
    view: NamedDependency[View], reader: NamedDependency[AsyncSession], customer_id: FromPath[str]
) -> Response[Any]:
    """Show one customer: balance, ageing, open invoices, everything that happened, the audit log."""
    detail = await service.detail(reader, view.actor, view.clock, customer_id)
    events = await audit.of_subject(reader, "customer", customer_id)
    facts = await of_customer(reader, view.actor, customer_id)
    people = _named(await queries.people(reader))
    return view.show("customer.html", detail=detail, facts=facts, events=events, people=people)


@post("/customers", name="console.customer.add", status_code=303, guards=[requires("customer.edit")])
async def add(
    view: NamedDependency[View],
    form: NamedDependency[Form],
    session: NamedDependency[AsyncSession],
    actor: NamedDependency[Actor],
    clock: NamedDependency[Clock],
) -> Response[Any]:
    """Add a customer."""
    number, name = form.text("number", longest=41), form.text("name", longest=201)
    added = await service.add(
        session,
        actor,
        clock,
        number=number,
        name=name,
        salesperson_id=form.text("salesperson"),
        phone=form.text("phone"),
    )
    return view.go(f"/console/customers/{added}", _("%(name)s was added.", name=name))


@post(
    "/customers/{customer_id:str}/reassign",
    name="console.customer.reassign",
    status_code=303,
    guards=[requires("customer.reassign")],
)
async def reassign(
    *,
    view: NamedDependency[View],
    form: NamedDependency[Form],
    session: NamedDependency[AsyncSession],
    actor: NamedDependency[Actor],
    clock: NamedDependency[Clock],
    customer_id: FromPath[str],
) -> Response[Any]:
    """Give the customer to another salesperson."""
    chosen = form.text("salesperson")
    await service.reassign(session, actor, clock, customer_id=customer_id, salesperson_id=chosen)
    return view.go(
        f"/console/customers/{customer_id}", _("The customer and its open invoices move with the next sync.")
    )


PAGES = [customers, customer, add, reassign]

"""Invoices: the list with what is open, and one invoice with its payments, settlements and postings."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from litestar import Response, get
from litestar.di import NamedDependency
from litestar.params import FromPath
from sqlalchemy.ext.asyncio import AsyncSession

from backend.console.timeline import of_invoice, posted
from backend.console.view import View
from backend.customer import service as customers
from backend.export import every
from backend.guards import requires
from backend.invoice import queries, service
from backend.ledger import queries as ledger
from shared.language import N_, _
from shared.money import decimal_text

LIMIT = 50
HEADS = (
    N_("Number"),
    N_("Customer"),
    N_("Customer name"),
    N_("Kind"),
    N_("Issued"),
    N_("Due"),
    N_("Currency"),
    N_("Amount"),
    N_("Open"),
)


@get("/invoices", name="console.invoices", guards=[requires("invoice.view")])
async def invoices(view: NamedDependency[View], reader: NamedDependency[AsyncSession]) -> Response[Any]:
    """List invoices and credit notes; ``format=csv`` sends them."""
    asked = {name: view.asked(name) for name in ("q", "customer", "all", "after")}

    async def page(after: str, limit: int) -> Sequence[queries.Listed]:
        options: dict[str, Any] = {"query": asked["q"], "customer_id": asked["customer"]}
        options |= {"only_open": not asked["all"], "after": after, "limit": limit}
        return await service.search(reader, view.actor, **options)

    if view.wants_csv:
        found = await every(page, lambda row: row.record.id, "")
        return view.export("invoices", [_(head) for head in HEADS], (_cells(row) for row in found))
    rows = await page(asked["after"], LIMIT + 1)
    return view.show("invoices.html", rows=rows[:LIMIT], more=len(rows) > LIMIT, asked=asked)


def _cells(row: queries.Listed) -> list[object]:
    made = row.record
    amounts = [decimal_text(made.amount_minor, made.currency), decimal_text(row.open_minor, made.currency)]
    about = [made.number, row.customer_number, row.customer_name, made.kind]
    return [*about, made.issued_on, made.due_on, made.currency, *amounts]


@get("/invoices/{invoice_id:str}", name="console.invoice", guards=[requires("invoice.view")])
async def invoice(
    view: NamedDependency[View], reader: NamedDependency[AsyncSession], invoice_id: FromPath[str]
) -> Response[Any]:
    """Show one invoice: what is open, who paid, what was settled elsewhere, what was posted."""
    record = await service.found(reader, view.actor, invoice_id)
    values: dict[str, Any] = {
        "customer": await customers.found(reader, view.actor, record.customer_id),
        "open_minor": (await ledger.open_minor(reader, [invoice_id]))[invoice_id],
        "settlements": await queries.settlements(reader, invoice_id),
        "payments": await of_invoice(reader, view.actor, record.customer_id, invoice_id),
        "entries": await posted(reader, "invoice", [invoice_id]),
    }
    return view.show("invoice.html", invoice=record, **values)


PAGES = [invoices, invoice]

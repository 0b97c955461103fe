"""Invoices under /api."""

from __future__ import annotations

from datetime import date
from typing import Any

import msgspec
from litestar import Controller, Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery, JSONBody
from sqlalchemy.ext.asyncio import AsyncSession

from backend.auth.actor import Actor
from backend.bounds import IdText, MinorAmount, NameText, PageLimit, PositiveMinor, WordText
from backend.export import csv_response, every
from backend.guards import requires
from backend.invoice import service
from backend.invoice.queries import Listed
from shared.clock import Clock
from shared.money import decimal_text


class InvoiceRow(msgspec.Struct, frozen=True):
    """An invoice, credit note or opening balance in a list."""

    id: str
    customer_id: str
    customer_number: str
    customer_name: str
    number: str
    kind: str
    issued_on: date
    due_on: date
    currency: str
    amount_minor: int
    open_minor: int
    note: str


class InvoiceBody(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A document to issue: ``kind`` is invoice (> 0), credit_note (< 0) or opening."""

    customer_id: IdText
    number: WordText
    kind: WordText
    issued_on: date
    due_on: date
    currency: WordText
    amount_minor: MinorAmount
    note: NameText = ""


class SettlementBody(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A payment that was booked outside Fieldtill."""

    amount_minor: PositiveMinor
    settled_on: date


class Invoices(Controller):
    """Receivable documents; what is open is a sum over the ledger."""

    path = "/api/invoices"
    tags = ["invoices"]

    @get("/", guards=[requires("invoice.view")])
    async def invoices(
        self,
        *,
        reader: NamedDependency[AsyncSession],
        actor: NamedDependency[Actor],
        search: FromQuery[NameText] = "",
        customer_id: FromQuery[WordText] = "",
        only_open: FromQuery[bool] = False,
        after: FromQuery[WordText] = "",
        limit: FromQuery[PageLimit] = 50,
    ) -> list[InvoiceRow]:
        """List invoices, newest first; the next page is asked for with the last id as ``after``."""
        options: dict[str, Any] = {"customer_id": customer_id, "only_open": only_open, "after": after, "limit": limit}
        return [invoice_row(one) for one in await service.search(reader, actor, query=search, **options)]

    @get("/export", guards=[requires("invoice.view")], media_type="text/csv")
    async def export(
        self,
        *,
        reader: NamedDependency[AsyncSession],
        actor: NamedDependency[Actor],
        search: FromQuery[NameText] = "",
        only_open: FromQuery[bool] = True,
    ) -> Response[bytes]:
        """Export invoices as CSV."""
        rows = await every(
            lambda after, limit: service.search(
                reader, actor, query=search, only_open=only_open, after=after, limit=limit
            ),
            lambda row: row.record.id,
            "",
        )
        header = ["customer", "name", "number", "kind", "issued", "due", "currency", "amount", "open"]
        return csv_response("invoices", header, map(_csv_row, rows))

    @post("/", guards=[requires("invoice.import")])
    async def issue(
        self,
        session: NamedDependency[AsyncSession],
        actor: NamedDependency[Actor],
        clock: NamedDependency[Clock],
        data: JSONBody[InvoiceBody],
    ) -> dict[str, str]:
        """Issue an invoice, a credit note or an opening balance."""
        return {"id": await service.issue(session, actor, clock, **msgspec.structs.asdict(data))}

    @post("/{invoice_id:str}/settlements", guards=[requires("invoice.settle")])
    async def settle(
        self,
        session: NamedDependency[AsyncSession],
        actor: NamedDependency[Actor],
        clock: NamedDependency[Clock],
        invoice_id: FromPath[IdText],
        data: JSONBody[SettlementBody],
    ) -> dict[str, str]:
        """Note that an invoice was paid outside Fieldtill."""
        options = msgspec.structs.asdict(data)
        return {"id": await service.settle(session, actor, clock, invoice_id=invoice_id, **options)}


def invoice_row(one: Listed) -> InvoiceRow:
    """Return an invoice as the API lists it."""
    named: dict[str, Any] = {
        "customer_number": one.customer_number,
        "customer_name": one.customer_name,
        "open_minor": one.open_minor,
    }
    names = [name for name in InvoiceRow.__struct_fields__ if name not in named]
    return InvoiceRow(**{name: getattr(one.record, name) for name in names}, **named)


def _csv_row(one: Listed) -> list[object]:
    record = one.record
    amounts = [decimal_text(minor, record.currency) for minor in (record.amount_minor, one.open_minor)]
    head = [one.customer_number, one.customer_name, record.number, record.kind]
    return [*head, record.issued_on, record.due_on, record.currency, *amounts]


ROUTES = [Invoices]

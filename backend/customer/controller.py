"""Customers under /api."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any

import msgspec
from litestar import Controller, Response, get, patch, post
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery, JSONBody
from sqlalchemy.ext.asyncio import AsyncSession

from backend.auth.actor import Actor
from backend.bounds import IdText, MinorAmount, NameText, PageLimit, WordText
from backend.customer import service
from backend.customer.service import Listed
from backend.export import csv_response, every
from backend.guards import requires
from shared.clock import Clock
from shared.money import decimal_text

_Days = Annotated[int, msgspec.Meta(ge=0, le=3650)]


class BalanceRow(msgspec.Struct, frozen=True):
    """What a customer owes in one currency."""

    currency: str
    open_minor: int
    overdue_minor: int
    unapplied_minor: int


class CustomerRow(msgspec.Struct, frozen=True):
    """A customer in a list."""

    id: str
    number: str
    name: str
    pinyin: str
    class_code: str
    phone: str
    address: str
    contact: str
    terms_days: int
    limit_minor: int
    currency: str
    on_hold: bool
    salesperson_id: str
    salesperson_name: str
    balances: list[BalanceRow]


class OpenInvoice(msgspec.Struct, frozen=True):
    """An invoice or credit note on which something is open."""

    id: str
    number: str
    kind: str
    issued_on: date
    due_on: date
    currency: str
    amount_minor: int
    open_minor: int


class CustomerDetail(msgspec.Struct, frozen=True):
    """A customer with what is open, by invoice and by age (classes of shared.invoice) for each currency."""

    customer: CustomerRow
    invoices: list[OpenInvoice]
    aged: dict[str, dict[str, int]]


class CustomerBody(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A customer to add."""

    number: WordText
    name: NameText
    salesperson_id: WordText = ""
    class_code: WordText = "B"
    phone: WordText = ""
    address: NameText = ""
    contact: NameText = ""
    terms_days: _Days = 30
    limit_minor: MinorAmount = 0
    currency: WordText | msgspec.UnsetType = msgspec.UNSET
    on_hold: bool = False


class CustomerChanges(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Fields to change; those left out stay."""

    name: NameText | msgspec.UnsetType = msgspec.UNSET
    class_code: WordText | msgspec.UnsetType = msgspec.UNSET
    phone: WordText | msgspec.UnsetType = msgspec.UNSET
    address: NameText | msgspec.UnsetType = msgspec.UNSET
    contact: NameText | msgspec.UnsetType = msgspec.UNSET
    terms_days: _Days | msgspec.UnsetType = msgspec.UNSET
    limit_minor: MinorAmount | msgspec.UnsetType = msgspec.UNSET
    currency: WordText | msgspec.UnsetType = msgspec.UNSET
    on_hold: bool | msgspec.UnsetType = msgspec.UNSET


class Assignee(msgspec.Struct, frozen=True):
    """Who is to serve a customer; empty: nobody."""

    salesperson_id: WordText


class Customers(Controller):
    """Customers: a salesperson sees their own."""

    path = "/api/customers"
    tags = ["customers"]

    @get("/", guards=[requires("customer.view")])
    async def customers(
        self,
        *,
        reader: NamedDependency[AsyncSession],
        actor: NamedDependency[Actor],
        clock: NamedDependency[Clock],
        search: FromQuery[NameText] = "",
        salesperson_id: FromQuery[WordText] = "",
        overdue: FromQuery[bool] = False,
        after: FromQuery[WordText] = "",
        limit: FromQuery[PageLimit] = 50,
    ) -> list[CustomerRow]:
        """List customers by number; the next page is asked for with the last number as ``after``."""
        options: dict[str, Any] = {"salesperson_id": salesperson_id, "overdue": overdue, "after": after, "limit": limit}
        return [customer_row(one) for one in await service.search(reader, actor, clock, query=search, **options)]

    @get("/export", guards=[requires("customer.view")], media_type="text/csv")
    async def export(
        self,
        *,
        reader: NamedDependency[AsyncSession],
        actor: NamedDependency[Actor],
        clock: NamedDependency[Clock],
        search: FromQuery[NameText] = "",
        overdue: FromQuery[bool] = False,
    ) -> Response[bytes]:
        """Export customers with their balances as CSV."""
        rows = await every(
            lambda after, limit: service.search(
                reader, actor, clock, query=search, overdue=overdue, after=after, limit=limit
            ),
            lambda row: row.record.number,
            "",
        )
        header = ["number", "name", "salesperson", "currency", "open", "overdue", "unapplied"]
        return csv_response("customers", header, [line for row in rows for line in _csv_rows(row)])

    @get("/{customer_id:str}", guards=[requires("customer.view")])
    async def customer(
        self,
        reader: NamedDependency[AsyncSession],
        actor: NamedDependency[Actor],
        clock: NamedDependency[Clock],
        customer_id: FromPath[IdText],
    ) -> CustomerDetail:
        """Show one customer with what is open; another salesperson's is not found."""
        found = await service.detail(reader, actor, clock, customer_id)
        row = customer_row(Listed(found.record, "", found.balances))
        return CustomerDetail(
            row, [msgspec.convert(one, OpenInvoice, from_attributes=True) for one in found.invoices], found.aged
        )

    @post("/", guards=[requires("customer.edit")])
    async def add(
        self,
        session: NamedDependency[AsyncSession],
        actor: NamedDependency[Actor],
        clock: NamedDependency[Clock],
        data: JSONBody[CustomerBody],
    ) -> dict[str, str]:
        """Add a customer."""
        return {"id": await service.add(session, actor, clock, **_given(data))}

    @patch("/{customer_id:str}", guards=[requires("customer.edit")], status_code=204)
    async def edit(
        self,
        session: NamedDependency[AsyncSession],
        actor: NamedDependency[Actor],
        clock: NamedDependency[Clock],
        customer_id: FromPath[IdText],
        data: JSONBody[CustomerChanges],
    ) -> None:
        """Change a customer's fields."""
        await service.edit(session, actor, clock, customer_id=customer_id, changes=_given(data))

    @post("/{customer_id:str}/assignment", guards=[requires("customer.reassign")], status_code=204)
    async def reassign(
        self,
        session: NamedDependency[AsyncSession],
        actor: NamedDependency[Actor],
        clock: NamedDependency[Clock],
        customer_id: FromPath[IdText],
        data: JSONBody[Assignee],
    ) -> None:
        """Give a customer to another salesperson."""
        await service.reassign(session, actor, clock, customer_id=customer_id, salesperson_id=data.salesperson_id)


def _given(body: msgspec.Struct) -> dict[str, Any]:
    """Return the fields that a request names."""
    return {name: value for name, value in msgspec.structs.asdict(body).items() if value is not msgspec.UNSET}


def customer_row(one: Listed) -> CustomerRow:
    """Return a customer as the API lists it."""
    record = one.record
    names = [name for name in CustomerRow.__struct_fields__ if name not in {"salesperson_name", "balances"}]
    return CustomerRow(
        **{name: getattr(record, name) for name in names},
        salesperson_name=one.salesperson_name,
        balances=[BalanceRow(*balance) for balance in one.balances],
    )


def _csv_rows(row: Listed) -> list[list[object]]:
    head = [row.record.number, row.record.name, row.salesperson_name]
    if not row.balances:
        return [[*head, row.record.currency, "0", "0", "0"]]
    return [
        [*head, balance.currency, *(decimal_text(minor, balance.currency) for minor in balance[1:])]
        for balance in row.balances
    ]


ROUTES = [Customers]

"""The ledger, under /api."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Annotated, Literal

import msgspec
from litestar import Controller, get
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery, ParameterKwarg
from litestar.response import Stream
from sqlalchemy.ext.asyncio import AsyncSession

from backend.bounds import WordText
from backend.database import Database
from backend.guards import requires
from backend.ledger import export, queries
from shared.ledger import ACCOUNT_KINDS

_FactId = Annotated[str, ParameterKwarg(max_length=40, pattern=r"^[0-9A-Za-z:-]+$")]


class Balance(msgspec.Struct, frozen=True):
    """One account's balance in minor units, debit > 0."""

    kind: str
    key: str
    currency: str
    amount_minor: int


class PostingBody(msgspec.Struct, frozen=True):
    """One side of an entry in minor units, debit > 0."""

    kind: str
    key: str
    currency: str
    amount_minor: int
    invoice_id: str


class EntryRow(msgspec.Struct, frozen=True):
    """One balanced entry."""

    id: str
    fact_kind: str
    fact_id: str
    booked_on: str
    reverses_id: str | None
    postings: list[PostingBody]


class Ledger(Controller):
    """Balances and entries."""

    path = "/api/ledger"
    tags = ["ledger"]

    @get("/balances", guards=[requires("ledger.view")])
    async def balances(self, reader: NamedDependency[AsyncSession], kind: FromQuery[WordText] = "") -> list[Balance]:
        """List accounts of a kind that are not at zero; without a kind, the sums of every kind."""
        if kind in ACCOUNT_KINDS:
            return [Balance(kind, *row) for row in await queries.balances(reader, kind)]
        return [Balance(one, "", currency, amount) for one, currency, amount in await queries.kind_sums(reader)]

    @get("/facts/{fact_id:str}", guards=[requires("ledger.view")])
    async def fact(self, reader: NamedDependency[AsyncSession], fact_id: FromPath[_FactId]) -> list[EntryRow]:
        """List the entries behind one fact, with those that undid them."""
        entries = await queries.entries_about(reader, fact_id)
        postings = await queries.postings_of(reader, [entry.id for entry in entries])
        return [
            EntryRow(
                entry.id,
                entry.fact_kind,
                entry.fact_id,
                entry.booked_on.isoformat(),
                entry.reverses_id,
                [PostingBody(*posting) for posting in postings.get(entry.id, ())],
            )
            for entry in entries
        ]

    @get("/export", guards=[requires("ledger.export")], media_type="text/plain")
    async def export(
        self,
        database: NamedDependency[Database],
        format: FromQuery[Literal["hledger", "beancount", "csv"]] = "hledger",  # noqa: A002 - the parameter's name
    ) -> Stream:
        """Export the whole ledger as a journal."""

        async def pieces() -> AsyncIterator[str]:
            async with database.reading() as reader:
                async for piece in export.export(reader, format):
                    yield piece

        return Stream(pieces(), media_type="text/csv" if format == "csv" else "text/plain; charset=utf-8")


ROUTES = [Ledger]

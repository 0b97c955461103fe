"""Imports of customers and invoices under /api: preview, import, saved mappings, differences."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any, Literal

import msgspec
from litestar import Controller, get, post, put
from litestar.datastructures import UploadFile
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery, JSONBody, MultipartBody
from sqlalchemy.ext.asyncio import AsyncSession

from backend.auth.actor import Actor
from backend.bounds import IdText, NameText, PageLimit, WordText
from backend.guards import requires, signed_in
from backend.importing import mapping as mappings
from backend.importing import queries, service
from backend.importing.mapping import Mapping
from backend.importing.outcome import Difference, ImportOutcome, Missing, RowRefused
from shared.clock import Clock
from shared.refusal import Refused

RowKind = Literal["customers", "invoices"]
_LISTED = 500


class RefusedRow(msgspec.Struct, frozen=True):
    """A row that was not taken, and why."""

    line: int
    code: str
    sentence: str


class ImportAnswer(msgspec.Struct, frozen=True):
    """What a file holds and what became of it; ``import_id`` is empty for a preview. Lists end after 500 rows."""

    import_id: str
    new_count: int
    known_count: int
    changed_count: int
    refused_count: int
    customers_added: int
    missing_count: int
    refused: list[RefusedRow]
    differences: list[Difference]
    missing: list[Missing]
    sample: list[dict[str, str]]


@dataclass
class Upload:
    """A file and how to read it: a mapping (JSON) or a saved one's name; without either the usual column names."""

    file: UploadFile
    mapping: str = ""
    saved: str = ""
    as_of: str = ""
    currency: str = ""


class BatchRow(msgspec.Struct, frozen=True):
    """One import."""

    id: str
    kind: str
    file_name: str
    as_of: date | None
    imported_by: str
    imported_at_ms: int
    new_count: int
    known_count: int


class DifferenceRow(msgspec.Struct, frozen=True):
    """An open amount of a file that differs from the ledger's."""

    import_id: str
    invoice_id: str
    customer_name: str
    number: str
    currency: str
    file_open_minor: int
    ledger_open_minor: int
    state: str


class SavedMapping(msgspec.Struct, frozen=True):
    """A mapping with its name."""

    name: str
    mapping: Mapping


class Imports(Controller):
    """Files of customers and invoices."""

    path = "/api/imports"
    tags = ["imports"]

    @get("/", guards=[requires("invoice.import")])
    async def batches(
        self, reader: NamedDependency[AsyncSession], after: FromQuery[WordText] = "", limit: FromQuery[PageLimit] = 50
    ) -> list[BatchRow]:
        """List imports, newest first."""
        found = await queries.batches(reader, after=after, limit=limit)
        return [msgspec.convert(one, BatchRow, from_attributes=True) for one in found]

    @get("/{import_id:str}/refused", guards=[requires("invoice.import")])
    async def refused(self, reader: NamedDependency[AsyncSession], import_id: FromPath[IdText]) -> list[RefusedRow]:
        """List the rows that an import refused, with reasons."""
        batch = await queries.batch(reader, import_id)
        if batch is None:
            raise Refused("import_not_found")
        stored = msgspec.json.decode(batch.refused, type=list[tuple[int, str, dict[str, Any]]])
        return refused_rows(RowRefused(*one) for one in stored)

    @post("/{kind:str}/preview", guards=[signed_in], status_code=200)
    async def preview(
        self,
        reader: NamedDependency[AsyncSession],
        actor: NamedDependency[Actor],
        clock: NamedDependency[Clock],
        kind: FromPath[RowKind],
        data: MultipartBody[Upload],
    ) -> ImportAnswer:
        """Say what an import would do; nothing is written. Needs the permission that the import needs."""
        actor.require(f"{kind.removesuffix('s')}.import")
        options = await _options(reader, kind, data)
        as_of = _as_of(data.as_of)
        return answer(await service.preview(reader, actor, clock, kind=kind, as_of=as_of, **options))

    @post("/customers", guards=[requires("customer.import")])
    async def import_customers(
        self,
        session: NamedDependency[AsyncSession],
        actor: NamedDependency[Actor],
        clock: NamedDependency[Clock],
        data: MultipartBody[Upload],
    ) -> ImportAnswer:
        """Import customers; bad rows are refused alone."""
        options = await _options(session, "customers", data)
        return answer(await service.import_customers(session, actor, clock, **options))

    @post("/invoices", guards=[requires("invoice.import")])
    async def import_invoices(
        self,
        session: NamedDependency[AsyncSession],
        actor: NamedDependency[Actor],
        clock: NamedDependency[Clock],
        data: MultipartBody[Upload],
    ) -> ImportAnswer:
        """Import invoices; bad rows are refused alone, differing open amounts are proposed."""
        options = await _options(session, "invoices", data)
        as_of = _as_of(data.as_of)
        return answer(await service.import_invoices(session, actor, clock, as_of=as_of, **options))

    @get("/mappings/{kind:str}", guards=[signed_in])
    async def saved(
        self, reader: NamedDependency[AsyncSession], actor: NamedDependency[Actor], kind: FromPath[mappings.Kind]
    ) -> list[SavedMapping]:
        """List saved mappings of a kind of file."""
        actor.require({"customers": "customer.import", "invoices": "invoice.import", "bank": "bank.import"}[kind])
        found = await queries.mappings(reader, kind)
        return [SavedMapping(one.name, mappings.from_text(one.body, kind)) for one in found]

    @put("/mappings/{name:str}", guards=[signed_in], status_code=204)
    async def save(
        self,
        session: NamedDependency[AsyncSession],
        actor: NamedDependency[Actor],
        clock: NamedDependency[Clock],
        name: FromPath[NameText],
        data: JSONBody[Mapping],
    ) -> None:
        """Save a mapping by name. Needs the permission of its kind of import."""
        await service.save_mapping(session, actor, clock, name=name, mapping=data)

    @get("/differences", guards=[requires("invoice.view"), requires("team.view")])
    async def differences(
        self,
        reader: NamedDependency[AsyncSession],
        import_id: FromQuery[WordText] = "",
        after: FromQuery[WordText] = "",
        limit: FromQuery[PageLimit] = 200,
    ) -> list[DifferenceRow]:
        """List proposed differences; the next page is asked for with the last invoice id as ``after``."""
        found = await queries.differences(reader, import_id=import_id, after=after, limit=limit)
        return [
            DifferenceRow(
                one.import_id,
                one.invoice_id,
                customer_name,
                invoice.number,
                invoice.currency,
                one.file_open_minor,
                one.ledger_open_minor,
                one.state,
            )
            for one, invoice, customer_name in found
        ]

    @post("/{import_id:str}/differences/{invoice_id:str}/accept", guards=[requires("invoice.settle")], status_code=200)
    async def accept(
        self,
        session: NamedDependency[AsyncSession],
        actor: NamedDependency[Actor],
        clock: NamedDependency[Clock],
        import_id: FromPath[IdText],
        invoice_id: FromPath[IdText],
    ) -> dict[str, str]:
        """Settle what the file says was settled elsewhere."""
        settled = await service.accept_difference(session, actor, clock, import_id=import_id, invoice_id=invoice_id)
        return {"settlement_id": settled}

    @post("/{import_id:str}/differences/{invoice_id:str}/dismiss", guards=[requires("invoice.settle")], status_code=204)
    async def dismiss(
        self,
        session: NamedDependency[AsyncSession],
        actor: NamedDependency[Actor],
        clock: NamedDependency[Clock],
        import_id: FromPath[IdText],
        invoice_id: FromPath[IdText],
    ) -> None:
        """Leave the ledger as it is."""
        await service.dismiss_difference(session, actor, clock, import_id=import_id, invoice_id=invoice_id)


async def _options(reader: AsyncSession, kind: str, data: Upload) -> dict[str, Any]:
    mapping = mappings.from_text(data.mapping, kind) if data.mapping else None
    if mapping is None and data.saved:
        mapping = await service.saved_mapping(reader, kind, data.saved)
    name = data.file.filename[:200].replace("\0", "")
    return {"content": await data.file.read(), "file_name": name, "mapping": mapping, "currency": data.currency}


def _as_of(text: str) -> date | None:
    try:
        return date.fromisoformat(text) if text else None
    except ValueError:
        raise Refused("date_unreadable", text=text[:40], form="%Y-%m-%d") from None


def refused_rows(rows: Iterable[RowRefused]) -> list[RefusedRow]:
    """Return refused rows with their sentences in the language in force, at most 500."""
    return [RefusedRow(row.line, row.code, row.sentence) for row in list(rows)[:_LISTED]]


def answer(outcome: ImportOutcome) -> ImportAnswer:
    """Return what became of a file as the API says it."""
    return ImportAnswer(
        outcome.import_id,
        outcome.new_count,
        outcome.known_count,
        outcome.changed_count,
        len(outcome.refused),
        outcome.customers_added,
        len(outcome.missing),
        refused_rows(outcome.refused),
        outcome.differences[:_LISTED],
        outcome.missing[:_LISTED],
        outcome.sample,
    )


ROUTES = [Imports]

"""Imports of customers and invoices: upload, preview, import; what was refused; open amounts that differ."""

from __future__ import annotations

import json
from typing import Any

from litestar import Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath
from sqlalchemy.ext.asyncio import AsyncSession

from backend.auth.actor import Actor
from backend.console.form import Form, day_or_none, keep
from backend.console.view import View
from backend.export import every
from backend.guards import requires
from backend.importing import mapping as mappings
from backend.importing import queries, service
from backend.importing.mapping import Mapping
from backend.importing.outcome import ImportOutcome, RowRefused
from backend.importing.tables import OpenDifference
from backend.invoice.tables import InvoiceRecord
from shared.clock import Clock
from shared.language import N_, _
from shared.money import decimal_text
from shared.refusal import Refused

KINDS = ("customers", "invoices")
LIMIT = 50
MISSING_HEADS = (
    *(N_("Number"), N_("Customer name"), N_("Issued"), N_("Due"), N_("Currency")),
    N_("Open"),
)


@get("/imports", name="console.imports", guards=[requires("customer.import")])
async def imports(view: NamedDependency[View], reader: NamedDependency[AsyncSession]) -> Response[Any]:
    """List imports, and the differences that wait for a person."""
    batches = await queries.batches(reader, after=view.asked("after"), limit=51)
    differences = await queries.differences(reader)
    importers = await queries.importers(reader, [row[0].import_id for row in differences])
    return view.show(
        "imports.html", batches=batches[:50], more=len(batches) > 50, differences=differences, importers=importers
    )


@get("/differences", name="console.differences", guards=[requires("invoice.settle")])
async def differing(view: NamedDependency[View], reader: NamedDependency[AsyncSession]) -> Response[Any]:
    """List the differences that wait for a person."""
    rows = await queries.differences(reader, after=view.asked("after"), limit=LIMIT + 1)
    importers = await queries.importers(reader, [row[0].import_id for row in rows])
    return view.show("differences.html", differences=rows[:LIMIT], more=len(rows) > LIMIT, importers=importers)


@get("/imports/{kind:str}", name="console.imports.new", guards=[requires("customer.import")])
async def upload(
    view: NamedDependency[View], reader: NamedDependency[AsyncSession], kind: FromPath[str]
) -> Response[Any]:
    """Ask for a file and how to read it."""
    _check(kind)
    return view.show(
        "import_upload.html", kind=kind, saved=await queries.mappings(reader, kind), mapping="", fields=_fields(kind)
    )


@post(
    "/imports/{kind:str}/preview", name="console.imports.preview", status_code=200, guards=[requires("customer.import")]
)
async def preview(
    *,
    view: NamedDependency[View],
    form: NamedDependency[Form],
    reader: NamedDependency[AsyncSession],
    actor: NamedDependency[Actor],
    kind: FromPath[str],
) -> Response[Any]:
    """Do everything but write: say what the import would do, row by row where rows are refused."""
    _check(kind)
    name, content = await form.file("file")
    mapping, day = await _mapping(reader, form, kind), day_or_none(form.text("as_of"))
    outcome = await service.preview(
        reader, actor, view.clock, kind=kind, content=content, file_name=name, mapping=mapping, as_of=day
    )
    text = mappings.to_text(mapping) if mapping else ""
    return view.show("import_preview.html", kind=kind, outcome=outcome, kept=keep(content), mapping=text, as_of=day)


@post("/imports/{kind:str}", name="console.imports.import", status_code=303, guards=[requires("customer.import")])
async def bring_in(
    *,
    view: NamedDependency[View],
    form: NamedDependency[Form],
    session: NamedDependency[AsyncSession],
    actor: NamedDependency[Actor],
    clock: NamedDependency[Clock],
    kind: FromPath[str],
) -> Response[Any]:
    """Import what was previewed; save the mapping if it was given a name."""
    _check(kind)
    name, content = await form.file("file")
    mapping = await _mapping(session, form, kind)
    if mapping and form.text("save_as"):
        await service.save_mapping(session, actor, clock, name=form.text("save_as"), mapping=mapping)
    outcome = await _import(session, actor, clock, kind, name, content, mapping, form)
    known = outcome.known_count + outcome.changed_count
    counts = {"new": outcome.new_count, "known": known, "refused": len(outcome.refused)}
    said = _("%(new)s new, %(known)s known, %(refused)s refused.", **counts)
    return view.go(f"/console/imports/done/{outcome.import_id}", said)


async def _import(  # noqa: PLR0917 - what both imports take
    session: AsyncSession,
    actor: Actor,
    clock: Clock,
    kind: str,
    name: str,
    content: bytes,
    mapping: Mapping | None,
    form: Form,
) -> ImportOutcome:
    if kind == "customers":
        return await service.import_customers(session, actor, clock, content=content, file_name=name, mapping=mapping)
    day = day_or_none(form.text("as_of"))
    return await service.import_invoices(
        session, actor, clock, content=content, file_name=name, mapping=mapping, as_of=day
    )


@get("/imports/done/{import_id:str}", name="console.imports.done", guards=[requires("customer.import")])
async def done(
    view: NamedDependency[View], reader: NamedDependency[AsyncSession], import_id: FromPath[str]
) -> Response[Any]:
    """Show one import: refused rows, differences, and which open invoices it lacks (``format=csv`` sends these)."""
    batch = await queries.batch(reader, import_id)
    if batch is None:
        raise Refused("import_not_found")
    refused = [RowRefused(line, code, values) for line, code, values in json.loads(batch.refused)]
    if view.wants_csv:
        found = await _all_missing(reader, import_id)
        return view.export("missing", [_(head) for head in MISSING_HEADS], (_missing_cells(*row) for row in found))
    return view.show(
        "import_done.html",
        batch=batch,
        refused=refused,
        differences=await queries.differences(reader, import_id=import_id, state=""),
        importers={import_id: batch.imported_by},
        missing=await queries.differences(reader, import_id=import_id, state="missing", limit=LIMIT),
        missing_count=await queries.missing_count(reader, import_id),
    )


async def _all_missing(reader: AsyncSession, import_id: str) -> list[tuple[OpenDifference, InvoiceRecord, str]]:
    return await every(
        lambda after, limit: queries.differences(
            reader, import_id=import_id, state="missing", after=after, limit=limit
        ),
        lambda row: row[0].invoice_id,
        "",
    )


def _missing_cells(missing: OpenDifference, invoice: InvoiceRecord, customer_name: str) -> list[object]:
    open_amount = decimal_text(missing.ledger_open_minor, invoice.currency)
    return [invoice.number, customer_name, invoice.issued_on, invoice.due_on, invoice.currency, open_amount]


@post("/imports/difference", name="console.imports.difference", status_code=303, guards=[requires("invoice.settle")])
async def decide_difference(
    view: NamedDependency[View],
    form: NamedDependency[Form],
    session: NamedDependency[AsyncSession],
    actor: NamedDependency[Actor],
    clock: NamedDependency[Clock],
) -> Response[Any]:
    """Accept what the file says was settled elsewhere, or leave our ledger as it is."""
    chosen = {"import_id": form.text("import"), "invoice_id": form.text("invoice")}
    if form.text("decision") == "accepted":
        await service.accept_difference(session, actor, clock, **chosen)
        return view.go("/console/differences", _("The difference is posted as settled elsewhere."))
    await service.dismiss_difference(session, actor, clock, **chosen)
    return view.go("/console/differences", _("The difference is dismissed; nothing was posted."))


async def _mapping(reader: AsyncSession, form: Form, kind: str) -> Mapping | None:
    """Return the mapping that the form gives as text or by name; None: columns with usual names."""
    if form.text("mapping", longest=20_000):
        text = form.text("mapping", longest=20_000)
        return mappings.from_text(text, kind, toml=not text.startswith("{"))
    return await service.saved_mapping(reader, kind, form.text("saved")) if form.text("saved") else None


def _check(kind: str) -> None:
    if kind not in KINDS:
        raise Refused("not_found")


def _fields(kind: str) -> list[str]:
    return sorted(mappings.FIELDS[kind])


PAGES = [imports, differing, upload, preview, bring_in, done, decide_difference]

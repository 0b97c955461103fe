"""Importing customers and open invoices from files: preview, dry run, import, and the differences they show."""

from __future__ import annotations

import hashlib
import json
from datetime import date
from typing import TYPE_CHECKING

from backend.audit import service as audit
from backend.company.service import company
from backend.customer import service as customers
from backend.importing import customer as customer_rows
from backend.importing import invoice as invoice_rows
from backend.importing import invoice_row, queries, sheet
from backend.importing import mapping as mappings
from backend.importing.mapping import Mapping
from backend.importing.outcome import ImportOutcome, Progress
from backend.importing.tables import ImportBatch, ImportMapping, OpenDifference
from backend.invoice import queries as invoice_queries
from backend.invoice import service as invoices
from backend.ledger import queries as ledger
from shared.clock import Clock, business_date, to_ms
from shared.ident import uuid7
from shared.refusal import Refused

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncSession

    from backend.auth.actor import Actor
    from backend.invoice.tables import InvoiceRecord

_PERMISSION = {"customers": "customer.import", "invoices": "invoice.import", "bank": "bank.import"}


async def preview(
    reader: AsyncSession,
    actor: Actor,
    clock: Clock,
    *,
    kind: str,
    content: bytes,
    file_name: str,
    mapping: Mapping | None = None,
    as_of: date | None = None,
    currency: str = "",
) -> ImportOutcome:
    """Say what an import would do, with the first rows as they were understood; writes nothing."""
    options = {"content": content, "file_name": file_name, "mapping": mapping, "currency": currency}
    if kind == "customers":
        return await import_customers(reader, actor, clock, **options, dry_run=True)  # type: ignore[arg-type]
    return await import_invoices(reader, actor, clock, **options, as_of=as_of, dry_run=True)  # type: ignore[arg-type]


async def import_customers(
    session: AsyncSession,
    actor: Actor,
    clock: Clock,
    *,
    content: bytes,
    file_name: str,
    mapping: Mapping | None = None,
    currency: str = "",
    dry_run: bool = False,
    progress: Progress | None = None,
) -> ImportOutcome:
    """Add new customers and change those that differ; a bad row is refused alone.

    Refuses the whole file as ``sheet.read`` and ``sheet.table`` do, before anything is written.
    """
    actor.require("customer.import")
    mapping = mappings.checked(mapping or mappings.usual("customers"), "customers")
    outcome = ImportOutcome("customers", file_name)
    table = _table(content, file_name, mapping)
    unit = currency or (await company(session)).currency
    made = await customer_rows.plan(session, table, mapping, unit, outcome)
    if not dry_run:
        await customer_rows.write(session, actor, clock, made, progress)
        _keep(session, actor, clock, outcome, content, mapping)
        await session.flush()
    return outcome


async def import_invoices(
    session: AsyncSession,
    actor: Actor,
    clock: Clock,
    *,
    content: bytes,
    file_name: str,
    mapping: Mapping | None = None,
    as_of: date | None = None,
    currency: str = "",
    dry_run: bool = False,
    progress: Progress | None = None,
) -> ImportOutcome:
    """Post new invoices with what is settled on them; propose where open amounts differ; list what is missing.

    ``as_of`` is the day that the file speaks of (else the mapping's, else today); what a settlement date on that day
    means, ``invoice_row`` says. Refuses the whole file as
    ``sheet.read`` and ``sheet.table`` do, before anything is written.
    """
    actor.require("invoice.import")
    mapping = mappings.checked(mapping or mappings.usual("invoices"), "invoices")
    settings = await company(session)
    day = as_of or mapping.as_of or business_date(to_ms(clock.now()), settings.zone)
    outcome = ImportOutcome("invoices", file_name, as_of=day)
    unit = currency or settings.currency
    table = _table(content, file_name, mapping)
    drafts = invoice_row.read(table, mapping, day, unit, outcome)
    states_open = mapping.states_open(table.columns)
    made = await invoice_rows.plan(session, drafts, mapping, as_of=day, states_open=states_open, outcome=outcome)
    if not dry_run:
        outcome.import_id = uuid7(to_ms(clock.now()))
        await invoice_rows.write(
            session, actor, clock, made, import_id=outcome.import_id, currency=unit, progress=progress
        )
        _keep(session, actor, clock, outcome, content, mapping)
        await _propose(session, outcome)
    return outcome


def _table(content: bytes, file_name: str, mapping: Mapping) -> sheet.Table:
    rows = sheet.read(content, file_name, encoding=mapping.encoding, delimiter=mapping.delimiter)
    try:
        return sheet.table(rows, mapping.names, mapping.required, mapping.header_row)
    except Refused as refusal:
        if refusal.code != "column_missing" or mapping.kind != "invoices":
            raise
        if found := _openings(rows, mapping):
            return found
        raise


def _openings(rows: list[sheet.Row], mapping: Mapping) -> sheet.Table | None:
    """Return a table without numbers or days of issue if its own column of kinds names opening balances."""
    try:
        found = sheet.table(rows, mapping.names, (("kind",), *mappings.OPENING), mapping.header_row)
    except Refused:
        return None
    column = found.columns["kind"]
    kinds = [row.cells[column] for row in found.rows if column < len(row.cells)]
    return found if any(map(invoice_row.is_opening, kinds)) else None


def _keep(  # noqa: PLR0917 - who, when and what
    session: AsyncSession, actor: Actor, clock: Clock, outcome: ImportOutcome, content: bytes, mapping: Mapping
) -> None:
    """Keep what was imported, by whom and with what result, and audit it once."""
    outcome.import_id = outcome.import_id or uuid7(to_ms(clock.now()))
    outcome.refused.sort(key=lambda row: row.line)
    session.add(
        ImportBatch(
            id=outcome.import_id,
            kind=outcome.kind,
            file_name=outcome.file_name[:200],
            file_hash=hashlib.sha256(content).hexdigest(),
            mapping=mappings.to_text(mapping),
            as_of=outcome.as_of,
            imported_by=actor.user_id,
            imported_at_ms=to_ms(clock.now()),
            new_count=outcome.new_count,
            known_count=outcome.known_count,
            refused=json.dumps([[row.line, row.code, row.values] for row in outcome.refused], default=str),
        )
    )
    audit.record(
        session,
        actor,
        clock,
        _PERMISSION[outcome.kind],
        "import",
        outcome.import_id,
        file_name=outcome.file_name[:200],
        new=outcome.new_count,
        changed=outcome.changed_count,
        known=outcome.known_count,
        refused=len(outcome.refused),
    )


async def _propose(session: AsyncSession, outcome: ImportOutcome) -> None:
    """Keep what differs for a person to decide, and, only to be listed, what the file lacks."""
    await queries.supersede(session, [one.invoice_id for one in outcome.differences])
    found = [(one.invoice_id, one.file_open_minor, one.ledger_open_minor, "proposed") for one in outcome.differences]
    found += [(one.invoice_id, 0, one.open_minor, "missing") for one in outcome.missing]
    session.add_all(
        OpenDifference(
            import_id=outcome.import_id,
            invoice_id=invoice_id,
            file_open_minor=file_open_minor,
            ledger_open_minor=ledger_open_minor,
            state=state,
            decided_by="",
        )
        for invoice_id, file_open_minor, ledger_open_minor, state in found
    )
    await session.flush()


async def accept_difference(
    session: AsyncSession, actor: Actor, clock: Clock, *, import_id: str, invoice_id: str
) -> str:
    """Settle what the file says was settled elsewhere; return the settlement's id ("" when nothing is left to do).

    What differed is computed again as of the file's date, because a late payment may have arrived since; a payment
    made after that date is never settled twice, and what is open stays between zero and the invoice's amount.
    Refuses ``difference_not_found``, ``already_decided`` and ``approval_own``: who imported a file does not accept
    what it says (nobody but the system has imported by command line).
    """
    actor.require("invoice.settle")
    difference, batch, invoice = await _undecided(session, import_id, invoice_id)
    if batch.imported_by == actor.user_id:
        raise Refused("approval_own")
    await customers.found(session, actor, invoice.customer_id, lock=True)
    day = batch.as_of or business_date(to_ms(clock.now()), (await company(session)).zone)
    at_day = (await invoice_queries.open_at(session, day, [invoice_id]))[invoice_id]
    now = (await ledger.open_minor(session, [invoice_id]))[invoice_id]
    amount_minor = _settled_minor(at_day - difference.file_open_minor, now, invoice.amount_minor)
    difference.state, difference.decided_by = "accepted", actor.user_id
    settlement_id = ""
    if amount_minor:
        settlement_id = await invoices.put_settlement(
            session, actor, clock, invoice, amount_minor=amount_minor, settled_on=day, import_id=import_id
        )
    audit.record(session, actor, clock, "invoice.settle", "invoice", invoice_id, amount_minor=amount_minor)
    await session.flush()
    return settlement_id


def _settled_minor(wanted_minor: int, open_minor: int, amount_minor: int) -> int:
    """Return how much of a difference can be settled so that the open amount stays between 0 and the document's."""
    lowest, highest = sorted((0, amount_minor))
    left_minor = min(max(open_minor - wanted_minor, lowest), highest)
    return open_minor - left_minor if (open_minor - left_minor) * wanted_minor > 0 else 0


async def dismiss_difference(
    session: AsyncSession, actor: Actor, clock: Clock, *, import_id: str, invoice_id: str
) -> None:
    """Leave our ledger as it is; refuses ``difference_not_found`` and ``already_decided``."""
    actor.require("invoice.settle")
    difference, _batch, _invoice = await _undecided(session, import_id, invoice_id)
    difference.state, difference.decided_by = "dismissed", actor.user_id
    audit.record(session, actor, clock, "invoice.settle", "invoice", invoice_id, dismissed=True)
    await session.flush()


async def _undecided(
    session: AsyncSession, import_id: str, invoice_id: str
) -> tuple[OpenDifference, ImportBatch, InvoiceRecord]:
    row = await queries.difference(session, import_id, invoice_id)
    if row is None or row[0].state == "missing":
        raise Refused("difference_not_found")
    if row[0].state != "proposed":
        raise Refused("already_decided")
    return row


async def save_mapping(session: AsyncSession, actor: Actor, clock: Clock, *, name: str, mapping: Mapping) -> None:
    """Save a mapping by name for its kind of file, over an older one; refuses ``mapping_invalid``."""
    actor.require(_PERMISSION[mapping.kind])
    mappings.checked(mapping, mapping.kind)
    if not name.strip() or len(name) > 200:
        raise Refused("mapping_invalid", problem="name")
    record = await queries.mapping(session, mapping.kind, name)
    if record is None:
        record = ImportMapping(kind=mapping.kind, name=name, body="", saved_by="", saved_at_ms=0)
        session.add(record)
    record.body, record.saved_by = mappings.to_text(mapping), actor.user_id
    record.saved_at_ms = to_ms(clock.now())
    audit.record(session, actor, clock, _PERMISSION[mapping.kind], "mapping", "", name=name, kind=mapping.kind)
    await session.flush()


async def saved_mapping(reader: AsyncSession, kind: str, name: str) -> Mapping:
    """Return a saved mapping; refuses ``mapping_not_found``."""
    record = await queries.mapping(reader, kind, name)
    if record is None:
        raise Refused("mapping_not_found", name=name[:60])
    return mappings.from_text(record.body, kind)

"""Invoices from a file: compare its rows with ours, write what is new, propose what differs."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from typing import TYPE_CHECKING

from backend.customer import queries as customers
from backend.customer import service as customer_service
from backend.importing.invoice_row import Draft, check_open
from backend.importing.outcome import Difference, ImportOutcome, Missing, Progress
from backend.invoice import queries, service
from backend.invoice.tables import InvoiceRecord
from backend.ledger import queries as ledger
from shared.clock import Clock, to_ms
from shared.ident import uuid7
from shared.invoice import due_date
from shared.refusal import Refused

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncSession

    from backend.auth.actor import Actor
    from backend.customer.tables import CustomerRecord
    from backend.importing.mapping import Mapping

CHUNK = 500


@dataclass(slots=True)
class Plan:
    """What the file would change; ``new_customers`` are numbers with the name to give them."""

    outcome: ImportOutcome
    as_of: date
    customers: dict[str, CustomerRecord]
    new_customers: dict[str, str] = field(default_factory=dict)
    new: list[Draft] = field(default_factory=list)
    compared: list[str] = field(default_factory=list)


async def plan(
    session: AsyncSession,
    drafts: list[Draft],
    mapping: Mapping,
    *,
    as_of: date,
    states_open: bool,
    outcome: ImportOutcome,
) -> Plan:
    """Compare the rows with the invoices we have; writes nothing."""
    have = await customers.by_numbers(session, {draft.customer_number for draft in drafts})
    made = Plan(outcome, as_of, have)
    pairs = [(have[d.customer_number].id, d.number) for d in drafts if d.customer_number in have]
    known = await queries.by_numbers(session, pairs)
    seen: dict[tuple[str, str], Draft] = {}
    stated: dict[str, Draft] = {}
    for draft in drafts:
        try:
            record = _look_up(draft, made, known, seen, mapping)
        except Refused as refusal:
            outcome.refuse(draft.line, refusal)
            continue
        if record is not None and draft.open_minor is not None and record.issued_on <= as_of:
            stated[record.id] = draft
    outcome.new_count, outcome.customers_added = len(made.new), len(made.new_customers)
    outcome.sample = [_sample(draft) for draft in drafts[:20]]
    if states_open:
        await _compare(session, made, stated, {record.id for record in known.values()})
    return made


def _look_up(
    draft: Draft,
    made: Plan,
    known: dict[tuple[str, str], InvoiceRecord],
    seen: dict[tuple[str, str], Draft],
    mapping: Mapping,
) -> InvoiceRecord | None:
    """Sort one row into new, known and refused; return our invoice when it is known."""
    twin = seen.setdefault(draft.key, draft)
    if twin is not draft:
        if (draft.amount_minor, draft.issued_on, draft.currency) != (twin.amount_minor, twin.issued_on, twin.currency):
            raise Refused("row_twice", number=draft.number)
        made.outcome.known_count += 1
        return None
    customer = made.customers.get(draft.customer_number)
    if customer is None:
        if not mapping.customer_from_row:
            raise Refused("customer_unknown", number=draft.customer_number)
        made.new_customers.setdefault(draft.customer_number, draft.customer_name)
    record = known.get((customer.id, draft.number)) if customer else None
    if record is None:
        made.new.append(draft)
        return None
    _same(draft, record, mapping)
    made.outcome.known_count += 1
    return record


def _same(draft: Draft, record: InvoiceRecord, mapping: Mapping) -> None:
    """Refuse ``invoice_changed`` when a known invoice stands in the file with other facts.

    In a file of open amounts only these are compared with our invoice: refuses ``open_outside_amount``.
    """
    pairs = {
        "currency": (draft.currency, record.currency),
        "issued": (draft.issued_on, record.issued_on),
        "due": (draft.due_on or record.due_on, record.due_on),
        "amount": (draft.amount_minor, record.amount_minor),
    }
    if mapping.amount_is == "open":
        del pairs["amount"]
        if draft.currency == record.currency:
            check_open(draft.open_minor, record.amount_minor, record.currency)
    for name, (theirs, ours) in pairs.items():
        if theirs != ours:
            raise Refused("invoice_changed", number=draft.number, field=name)


def _sample(draft: Draft) -> dict[str, str]:
    shown = {name: getattr(draft, name) for name in Draft.__slots__}
    return {name: "" if value is None else str(value) for name, value in shown.items()}


async def _compare(session: AsyncSession, made: Plan, stated: dict[str, Draft], in_file: set[str]) -> None:
    """Find where file and ledger disagree about what was open at the file's date, and what the file lacks."""
    ours = await queries.open_at(session, made.as_of, stated)
    for invoice_id, draft in stated.items():
        if draft.open_minor is not None and draft.open_minor != ours[invoice_id]:
            made.outcome.differences.append(
                Difference(
                    invoice_id,
                    draft.customer_number,
                    draft.number,
                    draft.currency,
                    draft.open_minor,
                    ours[invoice_id],
                )
            )
    for invoice in await ledger.open_invoices(session, as_of=made.as_of):
        if invoice.id not in in_file:
            made.outcome.missing.append(
                Missing(invoice.id, invoice.customer_id, invoice.number, invoice.currency, invoice.open_minor)
            )


async def write(
    session: AsyncSession,
    actor: Actor,
    clock: Clock,
    made: Plan,
    *,
    import_id: str,
    currency: str,
    progress: Progress | None = None,
) -> None:
    """Write a plan in chunks, each its own savepoint; a row that another request overtook is refused alone."""
    for number, name in made.new_customers.items():
        values = customer_service.checked({"number": number, "name": name, "currency": currency})
        made.customers[number] = customer_service.put_new(session, actor, clock, **values)
    await session.flush()
    for start in range(0, len(made.new), CHUNK):
        chunk = made.new[start : start + CHUNK]
        try:
            await _write_chunk(session, actor, clock, made, chunk, import_id)
        except Refused:
            await _write_singly(session, actor, clock, made, chunk, import_id)
        if progress:
            progress(min(start + CHUNK, len(made.new)), len(made.new))


async def _write_chunk(  # noqa: PLR0917 - some rows and whose they are
    session: AsyncSession, actor: Actor, clock: Clock, made: Plan, chunk: list[Draft], import_id: str
) -> None:
    """Write rows with their settlements, every table's in one statement; refused whole or written whole."""
    now_ms = to_ms(clock.now())
    records = [_record(draft, made.customers[draft.customer_number], import_id, now_ms) for draft in chunk]
    settled = [
        (record, draft.amount_minor - draft.open_minor, draft.settled_on)
        for draft, record in zip(chunk, records, strict=True)
        if draft.open_minor is not None and draft.open_minor != draft.amount_minor
    ]
    async with session.begin_nested():
        await service.put_new(session, clock, records)
        await service.put_settlements(session, actor, clock, settled, import_id=import_id)


async def _write_singly(  # noqa: PLR0917 - some rows and whose they are
    session: AsyncSession, actor: Actor, clock: Clock, made: Plan, chunk: list[Draft], import_id: str
) -> None:
    """Write a chunk again row by row, because one of them was refused."""
    for draft in chunk:
        try:
            await _write_chunk(session, actor, clock, made, [draft], import_id)
        except Refused as refusal:
            made.outcome.refuse(draft.line, refusal)
            made.outcome.new_count -= 1


def _record(draft: Draft, customer: CustomerRecord, import_id: str, now_ms: int) -> InvoiceRecord:
    return InvoiceRecord(
        id=uuid7(now_ms),
        customer_id=customer.id,
        number=draft.number,
        kind=draft.kind,
        issued_on=draft.issued_on,
        due_on=draft.due_on or due_date(draft.issued_on, customer.terms_days),
        currency=draft.currency,
        amount_minor=draft.amount_minor,
        note=draft.note,
        import_id=import_id,
        created_at_ms=now_ms,
    )

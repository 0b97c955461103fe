"""Invoices from a file: read its rows, compare them with ours, write what is new, propose what differs."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from typing import TYPE_CHECKING

from backend.customer import queries as customers
from backend.customer import service as customer_service
from backend.importing import reading
from backend.importing.outcome import Difference, ImportOutcome, Missing, Progress
from backend.importing.sheet import Row, Table, fields_of
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
_KINDS = {
    **dict.fromkeys(("", "invoice", "发票", "蓝字发票", "应收单"), "invoice"),
    **dict.fromkeys(("credit_note", "credit note", "credit", "红字发票", "贷项", "贷项通知单", "红字"), "credit_note"),
    **dict.fromkeys(("opening", "opening balance", "期初", "期初余额"), "opening"),
}
_YES = {"1", "y", "yes", "true", "是", "disputed", "有争议"}


@dataclass(frozen=True, slots=True)
class Draft:
    """One row that can be read. ``due_on`` is None when the file has none; ``open_minor`` when it does not say."""

    line: int
    customer_number: str
    customer_name: str
    number: str
    kind: str
    issued_on: date
    due_on: date | None
    currency: str
    amount_minor: int
    open_minor: int | None
    settled_on: date
    note: str

    @property
    def key(self) -> tuple[str, str]:
        """What makes an invoice the same one: customer and number."""
        return (self.customer_number, self.number)


@dataclass(slots=True)
class Plan:
    """What the file would change; ``new_customers`` are numbers with the name to give them."""

    outcome: ImportOutcome
    as_of: date
    customers: dict[str, CustomerRecord]
    new_customers: dict[str, str] = field(default_factory=dict)
    new: list[Draft] = field(default_factory=list)
    compared: list[str] = field(default_factory=list)


def read(table: Table, mapping: Mapping, as_of: date, currency: str, outcome: ImportOutcome) -> list[Draft]:
    """Read every row; those that cannot be read are refused, with line and reason, and lose no other."""
    drafts = []
    for row in table.rows:
        try:
            drafts.append(_draft(row, table, mapping, as_of, currency))
        except Refused as refusal:
            outcome.refuse(row.line, refusal)
    return drafts


def _draft(row: Row, table: Table, mapping: Mapping, as_of: date, currency: str) -> Draft:
    cells = fields_of(row, table.columns, len(table.header.cells))
    texts = {name: cells.get(name) or mapping.constants.get(name, "") for name in {*cells, *mapping.constants}}
    unit = (texts.get("currency") or currency).upper()
    kind = _kind(texts.get("kind", ""))
    amount_minor = _amount(texts, "amount" if texts.get("amount") else "open", unit, mapping)
    if kind == "credit_note":
        amount_minor = -abs(amount_minor)
    elif kind == "invoice" and amount_minor < 0:
        kind = "credit_note"
    number = texts.get("number", "") or (f"OPENING-{unit}" if kind == "opening" else _needed(texts, "number"))
    service.check(kind, number, unit, amount_minor)
    opening_on = as_of if kind == "opening" else None
    settled_on, open_minor = _open(texts, mapping, as_of, unit, amount_minor)
    return Draft(
        row.line,
        _short(_needed(texts, "customer"), "customer", 40),
        _short(texts.get("customer_name") or texts["customer"], "customer_name", 200),
        number,
        kind,
        _day(texts, "issued", mapping) or opening_on or reading.day(_needed(texts, "issued")),
        _day(texts, "due", mapping),
        unit,
        amount_minor,
        open_minor if mapping.states_open(table.columns) else None,
        settled_on,
        _note(texts),
    )


def _kind(text: str) -> str:
    kind = _KINDS.get(text.strip().casefold())
    if kind is None:
        raise Refused("request_invalid", problem=text[:40])
    return kind


def _needed(texts: dict[str, str], name: str) -> str:
    if not texts.get(name):
        raise Refused("row_value_missing", column=name)
    return texts[name]


def _short(text: str, name: str, length: int) -> str:
    if len(text) > length:
        raise Refused("value_too_long", column=name, length=length)
    return text


def _amount(texts: dict[str, str], name: str, unit: str, mapping: Mapping) -> int:
    return reading.minor(_needed(texts, name), unit, mapping.decimal_mark)


def _day(texts: dict[str, str], name: str, mapping: Mapping) -> date | None:
    text = texts.get(name, "")
    return None if reading.is_empty(text) else reading.day(text, mapping.forms)


def _note(texts: dict[str, str]) -> str:
    disputed = "disputed" if texts.get("disputed", "").casefold() in _YES else ""
    return " ".join(filter(None, (disputed, texts.get("note", ""))))[:200]


def _open(texts: dict[str, str], mapping: Mapping, as_of: date, unit: str, amount_minor: int) -> tuple[date, int]:
    """Return when the settled part was settled, and what the row says is open at the file's date."""
    if texts.get("open"):
        return as_of, _amount(texts, "open", unit, mapping)
    if mapping.amount_is == "open":
        return as_of, amount_minor
    if texts.get("status", "").casefold() in {word.casefold() for word in mapping.closed_status}:
        return _day(texts, "settled", mapping) or as_of, 0
    settled_on = _day(texts, "settled", mapping)
    if settled_on is not None or texts.get("settled_amount"):
        paid_minor = _amount(texts, "settled_amount", unit, mapping) if texts.get("settled_amount") else amount_minor
        settled = settled_on is None or settled_on < as_of  # what is settled that day is still open that day
        return settled_on or as_of, amount_minor - paid_minor if settled else amount_minor
    return as_of, amount_minor


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
        if record is not None and draft.open_minor is not None:
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
    """Refuse ``invoice_changed`` when a known invoice stands in the file with other facts."""
    pairs = {
        "currency": (draft.currency, record.currency),
        "issued": (draft.issued_on, record.issued_on),
        "due": (draft.due_on or record.due_on, record.due_on),
        "amount": (draft.amount_minor, record.amount_minor),
    }
    if mapping.amount_is == "open":
        del pairs["amount"]
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
    async with session.begin_nested():
        for draft in chunk:
            await _write_one(session, actor, clock, draft, made.customers[draft.customer_number], import_id)


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


async def _write_one(  # noqa: PLR0917 - one row and whose it is
    session: AsyncSession, actor: Actor, clock: Clock, draft: Draft, customer: CustomerRecord, import_id: str
) -> None:
    record = InvoiceRecord(
        id=uuid7(to_ms(clock.now())),
        customer_id=customer.id,
        number=draft.number,
        kind=draft.kind,
        issued_on=draft.issued_on,
        due_on=draft.due_on or due_date(draft.issued_on, customer.terms_days),
        currency=draft.currency,
        amount_minor=draft.amount_minor,
        note=draft.note,
        import_id=import_id,
        created_at_ms=to_ms(clock.now()),
    )
    await service.put_new(session, clock, record)
    if draft.open_minor is not None and draft.open_minor != draft.amount_minor:
        await service.put_settlement(
            session,
            actor,
            clock,
            record,
            amount_minor=draft.amount_minor - draft.open_minor,
            settled_on=draft.settled_on,
            import_id=import_id,
        )

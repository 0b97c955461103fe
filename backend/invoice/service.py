"""Invoices, credit notes and opening balances; and settlements that the company's accounting booked elsewhere."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

from sqlalchemy.exc import IntegrityError

from backend.audit import service as audit
from backend.customer import service as customers
from backend.invoice import queries
from backend.invoice.tables import InvoiceRecord, Settlement
from backend.ledger import queries as ledger_queries
from backend.ledger import service as ledger
from backend.sync.feed import touch
from shared import ledger as rules
from shared.clock import Clock, to_ms
from shared.ident import uuid7
from shared.money import MAX_MINOR, exponent, money_text
from shared.refusal import Refused

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy.ext.asyncio import AsyncSession

    from backend.auth.actor import Actor

KINDS = ("invoice", "credit_note", "opening")


async def issue(
    session: AsyncSession,
    actor: Actor,
    clock: Clock,
    *,
    customer_id: str,
    number: str,
    kind: str,
    issued_on: date,
    due_on: date,
    currency: str,
    amount_minor: int,
    note: str = "",
    import_id: str = "",
    open_minor: int | None = None,
) -> str:
    """Issue an invoice (> 0), a credit note (< 0) or an opening balance, post it and return its id.

    ``open_minor`` less than the amount says that the rest was settled elsewhere: that is a settlement of the same
    day. Refuses ``customer_not_found``, ``invoice_exists`` and what ``check`` refuses.
    """
    actor.require("invoice.import")
    check(kind, number, currency, amount_minor)
    await customers.found(session, actor, customer_id)
    if await queries.by_numbers(session, [(customer_id, number)]):
        raise Refused("invoice_exists", number=number)
    record = InvoiceRecord(
        id=uuid7(to_ms(clock.now())),
        customer_id=customer_id,
        number=number,
        kind=kind,
        issued_on=issued_on,
        due_on=due_on,
        currency=currency,
        amount_minor=amount_minor,
        note=note[:200],
        import_id=import_id,
        created_at_ms=to_ms(clock.now()),
    )
    await put_new(session, clock, [record])
    if open_minor is not None and open_minor != amount_minor:
        await put_settlement(
            session,
            actor,
            clock,
            record,
            amount_minor=amount_minor - open_minor,
            settled_on=issued_on,
            import_id=import_id,
        )
    audit.record(
        session, actor, clock, "invoice.import", "invoice", record.id, number=number, amount_minor=amount_minor
    )
    return record.id


def check(kind: str, number: str, currency: str, amount_minor: int) -> None:
    """Refuse ``request_invalid``, ``value_too_long``, ``currency_unknown``, ``amount_too_large``, ``invoice_sign``."""
    exponent(currency)
    if kind not in KINDS or not number.strip() or "\0" in number:
        raise Refused("request_invalid", problem="kind, number")
    if len(number) > 40:
        raise Refused("value_too_long", column="number", length=40)
    if abs(amount_minor) > MAX_MINOR:
        raise Refused("amount_too_large", text=str(amount_minor))
    right = {"invoice": amount_minor > 0, "credit_note": amount_minor < 0, "opening": amount_minor != 0}
    if not right[kind]:
        raise Refused("invoice_sign")


async def put_new(session: AsyncSession, clock: Clock, records: Sequence[InvoiceRecord]) -> None:
    """Save checked documents and post them: what ``issue`` and the imports share; neither looks nor audits."""
    session.add_all(records)
    try:
        await session.flush()
    except IntegrityError:  # another request issued one of them since we looked
        raise Refused("invoice_exists", number=records[0].number) from None
    facts = [
        ledger.Fact(
            "invoice",
            record.id,
            record.issued_on,
            rules.invoice(record.customer_id, record.id, record.currency, record.amount_minor),
        )
        for record in records
    ]
    await ledger.post_many(session, clock, facts)
    for record in records:
        touch(session, "invoice", record.id)


async def settle(
    session: AsyncSession,
    actor: Actor,
    clock: Clock,
    *,
    invoice_id: str,
    amount_minor: int,
    settled_on: date,
) -> str:
    """Note that an invoice was paid (or reduced) outside Fieldtill; return the settlement's id.

    Refuses ``invoice_not_found``, ``amount_not_positive`` and ``settlement_above_open``.
    """
    actor.require("invoice.settle")
    record = await found(session, actor, invoice_id)
    await customers.found(session, actor, record.customer_id, lock=True)
    if amount_minor <= 0:
        raise Refused("amount_not_positive")
    open_minor = (await ledger_queries.open_minor(session, [invoice_id]))[invoice_id]
    if amount_minor > open_minor:
        raise Refused("settlement_above_open", open=money_text(open_minor, record.currency))
    settlement_id = await put_settlement(
        session, actor, clock, record, amount_minor=amount_minor, settled_on=settled_on
    )
    audit.record(session, actor, clock, "invoice.settle", "invoice", invoice_id, amount_minor=amount_minor)
    return settlement_id


async def put_settlement(
    session: AsyncSession,
    actor: Actor,
    clock: Clock,
    record: InvoiceRecord,
    *,
    amount_minor: int,
    settled_on: date,
    import_id: str = "",
) -> str:
    """Save a settlement and post it; a negative amount opens an invoice again (or settles a credit note)."""
    settled = [(record, amount_minor, settled_on)]
    return (await put_settlements(session, actor, clock, settled, import_id=import_id))[0]


async def put_settlements(
    session: AsyncSession,
    actor: Actor,
    clock: Clock,
    settled: Sequence[tuple[InvoiceRecord, int, date]],
    *,
    import_id: str = "",
) -> list[str]:
    """Save and post what was settled of invoices (minor units) and on which day; return the settlements' ids."""
    now_ms = to_ms(clock.now())
    settlements = [
        Settlement(
            id=uuid7(now_ms),
            invoice_id=record.id,
            amount_minor=amount_minor,
            settled_on=settled_on,
            import_id=import_id,
            accepted_by=actor.user_id,
            created_at_ms=now_ms,
        )
        for record, amount_minor, settled_on in settled
    ]
    session.add_all(settlements)
    facts = [
        ledger.Fact(
            "settlement",
            one.id,
            one.settled_on,
            rules.settlement(record.customer_id, record.id, record.currency, one.amount_minor),
        )
        for one, (record, _amount_minor, _settled_on) in zip(settlements, settled, strict=True)
    ]
    await ledger.post_many(session, clock, facts)
    for record, _amount_minor, _settled_on in settled:
        touch(session, "invoice", record.id)
    return [one.id for one in settlements]


async def found(session: AsyncSession, actor: Actor, invoice_id: str) -> InvoiceRecord:
    """Return an invoice that the actor may see; another salesperson's is ``invoice_not_found``."""
    row = await queries.invoice(session, invoice_id)
    if row is None or (actor.only_own and row[1] != actor.user_id):
        raise Refused("invoice_not_found")
    return row[0]


async def search(
    reader: AsyncSession,
    actor: Actor,
    *,
    query: str = "",
    customer_id: str = "",
    only_open: bool = False,
    after: str = "",
    limit: int = 50,
) -> Sequence[queries.Listed]:
    """Return a page of invoices; a salesperson sees only those of their own customers."""
    actor.require("invoice.view")
    return await queries.page(
        reader,
        query=query,
        customer_id=customer_id,
        salesperson_id=actor.user_id if actor.only_own else None,
        only_open=only_open,
        after=after,
        limit=limit,
    )

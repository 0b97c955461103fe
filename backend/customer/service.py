"""Customers: adding, editing, giving them to a salesperson, and looking them up."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy.exc import IntegrityError

from backend.audit import service as audit
from backend.company.service import company
from backend.customer import queries
from backend.customer.pinyin import pinyin_of
from backend.customer.tables import Assignment, CustomerRecord
from backend.ledger import queries as ledger
from backend.sync.feed import touch
from shared.clock import Clock, business_date, to_ms
from shared.ident import uuid7
from shared.invoice import Invoice, aged
from shared.money import MAX_MINOR, exponent
from shared.refusal import Refused

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncSession

    from backend.auth.actor import Actor
    from backend.customer.queries import Balance

# field -> longest text that its column takes
TEXTS = {"number": 40, "name": 200, "class_code": 40, "phone": 40, "address": 200, "contact": 200, "currency": 3}
EDITABLE = frozenset(TEXTS) - {"number"} | {"terms_days", "limit_minor", "on_hold"}


@dataclass(frozen=True, slots=True)
class Listed:
    """One row of the customer list."""

    record: CustomerRecord
    salesperson_name: str
    balances: tuple[Balance, ...]


@dataclass(frozen=True, slots=True)
class Detail:
    """One customer with its balances, open invoices, and their ageing by currency."""

    record: CustomerRecord
    balances: tuple[Balance, ...]
    invoices: tuple[Invoice, ...]
    aged: dict[str, dict[str, int]]


async def add(
    session: AsyncSession,
    actor: Actor,
    clock: Clock,
    *,
    number: str,
    name: str,
    salesperson_id: str = "",
    **fields: object,
) -> str:
    """Add a customer and return its id. ``fields`` are those of ``EDITABLE``; what is missing has a usual value.

    Refuses ``customer_exists``, ``user_not_found`` and what ``checked`` refuses.
    """
    actor.require("customer.edit")
    if salesperson_id and not await queries.serves(session, salesperson_id):
        raise Refused("user_not_found")
    values = checked({"number": number, "name": name, **fields})
    values.setdefault("currency", (await company(session)).currency)
    if await queries.by_numbers(session, [values["number"]]):
        raise Refused("customer_exists", number=values["number"])
    record = put_new(session, actor, clock, salesperson_id=salesperson_id, **values)
    audit.record(session, actor, clock, "customer.edit", "customer", record.id, number=record.number, added=True)
    try:
        await session.flush()
    except IntegrityError:  # another request added it since we looked
        raise Refused("customer_exists", number=record.number) from None
    return record.id


def put_new(
    session: AsyncSession, actor: Actor, clock: Clock, *, salesperson_id: str = "", **values: Any
) -> CustomerRecord:
    """Put a checked customer into the session: what ``add`` and the imports share; neither looks nor audits."""
    now_ms = to_ms(clock.now())
    usual = {"class_code": "B", "phone": "", "address": "", "contact": "", "terms_days": 30, "limit_minor": 0}
    record = CustomerRecord(
        id=uuid7(now_ms),
        salesperson_id="",
        created_at_ms=now_ms,
        pinyin=pinyin_of(values["name"]),
        **{**usual, "on_hold": False, **values},
    )
    session.add(record)
    give(session, actor, clock, record, salesperson_id)
    touch(session, "customer", record.id)
    return record


def give(session: AsyncSession, actor: Actor, clock: Clock, record: CustomerRecord, salesperson_id: str) -> None:
    """Note who serves a customer from now on, as a fact and on its row; nothing when that is so already."""
    if record.salesperson_id == salesperson_id:
        return
    now_ms = to_ms(clock.now())
    record.salesperson_id = salesperson_id
    session.add(
        Assignment(
            id=uuid7(now_ms),
            customer_id=record.id,
            salesperson_id=salesperson_id,
            assigned_by=actor.user_id,
            assigned_at_ms=now_ms,
        )
    )


def checked(values: Mapping[str, object]) -> dict[str, Any]:
    """Return fields that the table takes, texts stripped.

    Refuses ``row_value_missing``, ``value_too_long``, ``currency_unknown`` and ``request_invalid``.
    """
    clean: dict[str, Any] = {}
    for field, value in values.items():
        clean[field] = value.strip() if isinstance(value, str) else value
        if field in TEXTS and len(str(clean[field])) > TEXTS[field] and field != "currency":
            raise Refused("value_too_long", column=field, length=TEXTS[field])
        if "\0" in str(value):
            raise Refused("request_invalid", problem=field)
    for field in ("number", "name"):
        if clean.get(field) == "":
            raise Refused("row_value_missing", column=field)
    if "currency" in clean:
        exponent(clean["currency"])
    if not (0 <= clean.get("terms_days", 0) <= 3650 and 0 <= clean.get("limit_minor", 0) <= MAX_MINOR):
        raise Refused("request_invalid", problem="terms_days, limit_minor")
    return clean


async def edit(
    session: AsyncSession, actor: Actor, clock: Clock, *, customer_id: str, changes: Mapping[str, object]
) -> None:
    """Change fields of ``EDITABLE``; refuses ``customer_not_found`` and what ``checked`` refuses."""
    actor.require("customer.edit")
    unknown = sorted(set(changes) - EDITABLE)
    if unknown:
        raise Refused("request_invalid", problem=", ".join(unknown)[:60])
    record = await found(session, actor, customer_id, lock=True)
    differing = change(session, record, checked(changes))
    audit.record(session, actor, clock, "customer.edit", "customer", record.id, changed=differing)
    await session.flush()


def change(session: AsyncSession, record: CustomerRecord, values: Mapping[str, Any]) -> list[str]:
    """Write checked fields into a customer's row and return the names of those that differed."""
    differing = sorted(field for field, value in values.items() if getattr(record, field) != value)
    for field in differing:
        setattr(record, field, values[field])
    if "name" in differing:
        record.pinyin = pinyin_of(record.name)
    if differing:
        touch(session, "customer", record.id)
    return differing


async def reassign(session: AsyncSession, actor: Actor, clock: Clock, *, customer_id: str, salesperson_id: str) -> None:
    """Give a customer to another salesperson (or, with "", to nobody); its open invoices follow.

    Refuses ``customer_not_found`` and ``user_not_found``. What the old owner still sends is accepted (SYNC.md, 13).
    """
    actor.require("customer.reassign")
    record = await found(session, actor, customer_id, lock=True)
    if salesperson_id and not await queries.serves(session, salesperson_id):
        raise Refused("user_not_found")
    before = record.salesperson_id
    await hand_to(session, actor, clock, [(record, salesperson_id)])
    audit.record(session, actor, clock, "customer.reassign", "customer", record.id, before=before, after=salesperson_id)
    await session.flush()


async def hand_to(
    session: AsyncSession, actor: Actor, clock: Clock, handed: Iterable[tuple[CustomerRecord, str]]
) -> None:
    """Give customers with their open invoices to others (by user id), so that their feeds follow; it does not audit."""
    moved = []
    for record, salesperson_id in handed:
        give(session, actor, clock, record, salesperson_id)
        touch(session, "customer", record.id)
        moved.append(record.id)
    for invoice_id in await ledger.open_ids(session, moved):
        touch(session, "invoice", invoice_id)


async def found(session: AsyncSession, actor: Actor, customer_id: str, *, lock: bool = False) -> CustomerRecord:
    """Return a customer that the actor may see; another salesperson's is ``customer_not_found`` like none at all."""
    record = await queries.customer(session, customer_id, lock=lock)
    if record is None or (actor.only_own and record.salesperson_id != actor.user_id):
        raise Refused("customer_not_found")
    return record


async def search(
    reader: AsyncSession,
    actor: Actor,
    clock: Clock,
    *,
    query: str = "",
    salesperson_id: str = "",
    overdue: bool = False,
    after: str = "",
    limit: int = 50,
) -> list[Listed]:
    """Return a page of customers (by number) with balances; a salesperson sees only their own."""
    actor.require("customer.view")
    today = business_date(to_ms(clock.now()), (await company(reader)).zone)
    owner = actor.user_id if actor.only_own else salesperson_id or None
    rows = await queries.page(
        reader,
        query=query,
        salesperson_id=owner,
        overdue_on=today if overdue else None,
        after=after,
        limit=limit,
    )
    sums = await queries.balances(reader, [record.id for record, _name in rows], today)
    return [Listed(record, name, tuple(sums.get(record.id, ()))) for record, name in rows]


async def detail(reader: AsyncSession, actor: Actor, clock: Clock, customer_id: str) -> Detail:
    """Return one customer with everything that is open; refuses ``customer_not_found``."""
    actor.require("customer.view")
    record = await found(reader, actor, customer_id)
    today = business_date(to_ms(clock.now()), (await company(reader)).zone)
    sums = await queries.balances(reader, [customer_id], today)
    invoices = await ledger.open_invoices(reader, customer_id)
    by_currency = {
        currency: aged([(i.due_on, i.open_minor) for i in invoices if i.currency == currency], today)
        for currency in sorted({i.currency for i in invoices})
    }
    return Detail(record, tuple(sums.get(customer_id, ())), tuple(invoices), by_currency)

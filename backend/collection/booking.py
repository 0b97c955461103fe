"""Booking payments that phones recorded: what they touch is read once, then they are decided in turn and written whole.

One payment or five hundred: the same code, with the same rules that the phone used, asked again.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from backend.audit import service as audit
from backend.auth.actor import Actor
from backend.collection import booking_queries as queries
from backend.collection import unusual
from backend.company import service as company
from backend.custody import service as custody
from backend.ledger import queries as balances
from backend.ledger import service as ledger
from backend.ledger.service import Fact
from backend.sync.feed import touch
from shared import ledger as posting
from shared.clock import Clock, business_date, to_ms
from shared.collection import Applied, CollectionRecorded, Place, apply, record, unapplied_minor
from shared.ident import is_uuid, parse_receipt_number
from shared.refusal import Refused
from sync.message import Operation

# 2000-01-01 to 2100-01-01: a clock may be wrong, but a calendar must be able to show it.
_EARLIEST_MS, _LATEST_MS = 946_684_800_000, 4_102_444_800_000
_NOTE_LENGTH = 2_000

Recorded = tuple[Operation, CollectionRecorded]


async def book(
    session: AsyncSession, actor: Actor, clock: Clock, operation: Operation, payload: CollectionRecorded
) -> None:
    """Book one payment: collection, allocations, custody, postings, audit event and feed, in one transaction.

    Refuses what ``shared.collection.record`` refuses, ``customer_not_found`` (also for one that was never this
    salesperson's: it would disclose the customer), ``receipt_number_invalid``,
    ``operation_unreadable``, ``operation_conflict`` (the id is taken) and ``permission_missing``. Never refuses for a
    clock, a reassignment or a balance: those are flags.
    """
    (refused,) = await book_many(session, actor, clock, [(operation, payload)])
    if refused is not None:
        raise refused


async def book_many(
    session: AsyncSession, actor: Actor, clock: Clock, recorded: Sequence[Recorded]
) -> list[Refused | None]:
    """Book payments in their order as ``book`` would one after the other; return why each was not booked, or None.

    A refused payment leaves nothing behind. Any other exception means that none of them may be kept.
    """
    refusals = [_refusal(actor, payload) for _operation, payload in recorded]
    sound = [one for one, refused in zip(recorded, refusals, strict=True) if refused is None]
    survey = await _survey(session, actor, clock, sound)
    booked: list[Booked] = []
    for n, (operation, payload) in enumerate(recorded):
        if refusals[n] is None:
            found = survey.take(operation, payload)
            if isinstance(found, Refused):
                refusals[n] = found
            else:
                booked.append(found)
    await _write(session, actor, clock, booked)
    return refusals


def _refusal(actor: Actor, payload: CollectionRecorded) -> Refused | None:
    """Say why a payment cannot be booked whatever the books say."""
    try:
        actor.require("collection.record")
        _check(actor, record(payload))
    except Refused as refused:
        return refused
    return None


def _check(actor: Actor, payload: CollectionRecorded) -> None:
    """Refuse what the tables could not hold, and payments recorded in another person's name."""
    parse_receipt_number(payload.receipt_number)
    ids = (payload.id, payload.customer_id, payload.salesperson_id, *(part.invoice_id for part in payload.allocations))
    texts = (payload.reference, payload.note, payload.request_id, payload.receipt_number)
    if (
        not all(map(is_uuid, ids))
        or any("\0" in text for text in texts)
        or len(payload.reference) > 200
        or len(payload.request_id) > 36
        or not _EARLIEST_MS <= payload.taken_at_ms < _LATEST_MS
    ):
        raise Refused("operation_unreadable")
    if payload.salesperson_id != actor.user_id:
        raise Refused("permission_missing", permission="collection.record")


@dataclass(frozen=True, slots=True)
class Booked:
    """A payment with what was decided about it."""

    operation: Operation
    payload: CollectionRecorded
    applied: tuple[Applied, ...]
    flags: str
    booked_on: date
    received_at_ms: int


@dataclass(slots=True)
class Survey:
    """What payments touch, as it is when the next one is taken: each one taken changes it."""

    actor: Actor
    now_ms: int
    zone: str
    secret: bytes
    series: dict[str, str]  # by device
    customers: dict[str, str]  # whose each one is; locked, so that nobody else pays their invoices meanwhile
    served: set[str]  # customers that the actor serves or served once
    invoices: dict[str, tuple[str, str]]  # customer and currency
    open_minor: dict[str, int]  # by invoice
    known: set[str]
    numbers: set[str]

    def take(self, operation: Operation, payload: CollectionRecorded) -> Booked | Refused:
        """Decide about the next payment, and know it from now on."""
        if not self._may_pay(payload.customer_id):
            return Refused("customer_not_found")
        if payload.id in self.known:
            return Refused("operation_conflict")
        applied = self._apply(payload)
        clock_off = unusual.clock_is_off(operation, payload.taken_at_ms, self.now_ms, self.secret)
        salesperson_id = self.customers[payload.customer_id]
        flags = unusual.flags(
            applied,
            clock_off=clock_off,
            reassigned=self.actor.only_own and salesperson_id != self.actor.user_id,
            foreign_series=self.series.get(operation.device_id) != parse_receipt_number(payload.receipt_number).series,
            number_used=payload.receipt_number in self.numbers,
        )
        booked_on = business_date(self.now_ms if clock_off else payload.taken_at_ms, self.zone)
        for part in applied:
            if part.applied_minor:
                self.open_minor[part.invoice_id] -= part.applied_minor
        self.known.add(payload.id)
        self.numbers.add(payload.receipt_number)
        return Booked(operation, payload, applied, flags, booked_on, self.now_ms)

    def _may_pay(self, customer_id: str) -> bool:
        """Say whether there is such a customer, and it is or was one of the actor's, who may see no others."""
        if customer_id not in self.customers:
            return False
        mine = self.customers[customer_id] == self.actor.user_id or customer_id in self.served
        return mine or not self.actor.only_own

    def _apply(self, payload: CollectionRecorded) -> tuple[Applied, ...]:
        """Apply the customer's choice to what is open now on the customer's own invoices of this currency."""
        own = (payload.customer_id, payload.currency)
        payable = {
            part.invoice_id: self.open_minor[part.invoice_id]
            for part in payload.allocations
            if self.invoices.get(part.invoice_id) == own
        }
        return apply(payload.allocations, payable)


async def _survey(session: AsyncSession, actor: Actor, clock: Clock, recorded: Iterable[Recorded]) -> Survey:
    """Lock the customers, then read what else the payments touch: a statement for each question."""
    payloads = [payload for _operation, payload in recorded]
    customers = await queries.lock_customers(session, {payload.customer_id for payload in payloads})
    wanted = {part.invoice_id for payload in payloads for part in payload.allocations}
    invoices = await queries.invoice_owners(session, wanted)
    return Survey(
        actor=actor,
        now_ms=to_ms(clock.now()),
        zone=(await company.company(session)).zone,
        secret=await company.secret(session, company.TIME_SECRET),
        series=await queries.series_of(session, {operation.device_id for operation, _payload in recorded}),
        customers=customers,
        served=await queries.served(session, actor.user_id, customers),
        invoices=invoices,
        open_minor=await balances.open_minor(session, invoices) if invoices else {},
        known=await queries.known(session, [payload.id for payload in payloads]),
        numbers=await queries.used_numbers(session, [payload.receipt_number for payload in payloads]),
    )


async def _write(session: AsyncSession, actor: Actor, clock: Clock, booked: Sequence[Booked]) -> None:
    """Write payments with all that follows from them: a statement for each table."""
    if not booked:
        return
    await queries.add(session, [_row(one) for one in booked], [row for one in booked for row in _allocations(one)])
    await custody.take_in(session, [one.payload for one in booked])
    await ledger.post_many(session, clock, [_fact(one) for one in booked])
    details = {
        one.payload.id: {
            "receipt": one.payload.receipt_number,
            "amount_minor": one.payload.amount_minor,
            "currency": one.payload.currency,
            "flags": one.flags,
        }
        for one in booked
    }
    await audit.record_many(session, actor, clock, "collection.record", "collection", details)
    for one in booked:
        _touch(session, one)


def _row(booked: Booked) -> dict[str, Any]:
    operation, payload = booked.operation, booked.payload
    place = payload.place if payload.place and _is_on_earth(payload.place) else None
    return {
        "id": payload.id,
        "salesperson_id": payload.salesperson_id,
        "customer_id": payload.customer_id,
        "device_id": operation.device_id,
        "operation_id": operation.id,
        "currency": payload.currency,
        "amount_minor": payload.amount_minor,
        "unapplied_minor": unapplied_minor(payload.amount_minor, booked.applied),
        "method": payload.method,
        "receipt_number": payload.receipt_number,
        "reference": payload.reference,
        "note": payload.note[:_NOTE_LENGTH],  # the operation keeps it whole
        "request_id": payload.request_id,
        "latitude_e5": place and place.latitude_e5,
        "longitude_e5": place and place.longitude_e5,
        "accuracy_m": place and place.accuracy_m,
        "mocked": place and place.mocked,
        "taken_at_ms": payload.taken_at_ms,
        "received_at_ms": booked.received_at_ms,
        "flags": booked.flags,
    }


def _is_on_earth(place: Place) -> bool:
    return (
        abs(place.latitude_e5) <= 9_000_000
        and abs(place.longitude_e5) <= 18_000_000
        and 0 <= place.accuracy_m <= 1_000_000
    )


def _allocations(booked: Booked) -> list[dict[str, Any]]:
    return [
        {
            "collection_id": booked.payload.id,
            "line": line,
            "invoice_id": part.invoice_id,
            "intended_minor": part.intended_minor,
            "applied_minor": part.applied_minor,
        }
        for line, part in enumerate(booked.applied)
    ]


def _fact(booked: Booked) -> Fact:
    payload = booked.payload
    postings = posting.collection(
        customer_id=payload.customer_id,
        salesperson_id=payload.salesperson_id,
        method=payload.method,
        currency=payload.currency,
        amount_minor=payload.amount_minor,
        applied=booked.applied,
    )
    return Fact("collection", payload.id, booked.booked_on, postings)


def _touch(session: AsyncSession, booked: Booked) -> None:
    touch(session, "collection", booked.payload.id)
    touch(session, "customer", booked.payload.customer_id)
    for part in booked.applied:
        touch(session, "invoice", part.invoice_id)
    if "changed" in booked.flags.split():
        touch(session, "notice", booked.payload.id)

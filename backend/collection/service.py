"""Booking payments that phones recorded, and voiding them: the same rules that the phone used, asked again."""

from __future__ import annotations

from datetime import date

from sqlalchemy.ext.asyncio import AsyncSession

from backend.audit import service as audit
from backend.auth.actor import Actor
from backend.collection import queries, unusual
from backend.collection.tables import Allocation, Collection, VoidRequest
from backend.company import service as company
from backend.custody import service as custody
from backend.ledger import queries as balances
from backend.ledger import service as ledger
from backend.sync.feed import touch
from backend.sync.tables import Device
from shared import ledger as posting
from shared.clock import Clock, business_date, to_ms
from shared.collection import Applied, CollectionRecorded, Place, VoidRequested, apply, record, unapplied_minor
from shared.ident import is_uuid, parse_receipt_number
from shared.refusal import Refused
from sync.message import Operation

# 2000-01-01 to 2100-01-01: a clock may be wrong, but a calendar must be able to show it.
_EARLIEST_MS, _LATEST_MS = 946_684_800_000, 4_102_444_800_000


async def book(
    session: AsyncSession, actor: Actor, clock: Clock, operation: Operation, payload: CollectionRecorded
) -> Collection:
    """Book one payment: collection, allocations, custody, postings, audit event and feed, in one transaction.

    Refuses what ``shared.collection.record`` refuses, ``customer_not_found``, ``receipt_number_invalid``,
    ``operation_unreadable``, ``operation_conflict`` (the id is taken) and ``permission_missing``. Never refuses for a
    clock, a reassignment or a balance: those are flags.
    """
    actor.require("collection.record")
    _check(actor, record(payload))
    customers = await queries.locked_customers(session, [payload.customer_id])
    if payload.customer_id not in customers:
        raise Refused("customer_not_found")
    if await queries.get(session, payload.id):
        raise Refused("operation_conflict")
    applied = await _apply(session, payload)
    now = to_ms(clock.now())
    secret = await company.secret(session, company.TIME_SECRET)
    clock_off = unusual.clock_is_off(operation, payload.taken_at_ms, now, secret)
    device = await session.get(Device, operation.device_id)
    series = parse_receipt_number(payload.receipt_number).series
    flags = unusual.flags(
        applied,
        clock_off=clock_off,
        reassigned=actor.only_own and customers[payload.customer_id].salesperson_id != actor.user_id,
        foreign_series=device is None or device.series != series,
        number_used=await queries.number_is_used(session, payload.receipt_number),
    )
    collection = _row(operation, payload, applied, flags, now)
    session.add(collection)
    await session.flush()
    session.add_all(_allocations(payload.id, applied))
    await custody.take_in(session, collection)
    zone = (await company.company(session)).zone
    await _post(session, clock, collection, applied, business_date(now if clock_off else payload.taken_at_ms, zone))
    audit.record(
        session, actor, clock, "collection.record", "collection", payload.id, receipt=payload.receipt_number,
        amount_minor=payload.amount_minor, currency=payload.currency, flags=flags,
    )  # fmt: skip
    _touch(session, collection, applied)
    return collection


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


async def _apply(session: AsyncSession, payload: CollectionRecorded) -> tuple[Applied, ...]:
    """Apply the customer's choice to what is open now; the customer's row is locked, so nobody else does."""
    wanted = [part.invoice_id for part in payload.allocations]
    known = await queries.payable(session, payload.customer_id, payload.currency, wanted)
    return apply(payload.allocations, await balances.open_minor(session, known) if known else {})


def _row(
    operation: Operation, payload: CollectionRecorded, applied: tuple[Applied, ...], flags: str, now: int
) -> Collection:
    place = payload.place if payload.place and _is_on_earth(payload.place) else None
    return Collection(
        id=payload.id,
        salesperson_id=payload.salesperson_id,
        customer_id=payload.customer_id,
        device_id=operation.device_id,
        operation_id=operation.id,
        currency=payload.currency,
        amount_minor=payload.amount_minor,
        unapplied_minor=unapplied_minor(payload.amount_minor, applied),
        method=payload.method,
        receipt_number=payload.receipt_number,
        reference=payload.reference,
        note=payload.note,
        request_id=payload.request_id,
        latitude_e5=place and place.latitude_e5,
        longitude_e5=place and place.longitude_e5,
        accuracy_m=place and place.accuracy_m,
        mocked=place and place.mocked,
        taken_at_ms=payload.taken_at_ms,
        received_at_ms=now,
        flags=flags,
    )


def _is_on_earth(place: Place) -> bool:
    return (
        abs(place.latitude_e5) <= 9_000_000
        and abs(place.longitude_e5) <= 18_000_000
        and 0 <= place.accuracy_m <= 1_000_000
    )


def _allocations(collection_id: str, applied: tuple[Applied, ...]) -> list[Allocation]:
    return [
        Allocation(
            collection_id=collection_id,
            line=line,
            invoice_id=part.invoice_id,
            intended_minor=part.intended_minor,
            applied_minor=part.applied_minor,
        )
        for line, part in enumerate(applied)
    ]


async def _post(
    session: AsyncSession, clock: Clock, collection: Collection, applied: tuple[Applied, ...], booked_on: date
) -> None:
    postings = posting.collection(
        customer_id=collection.customer_id,
        salesperson_id=collection.salesperson_id,
        method=collection.method,
        currency=collection.currency,
        amount_minor=collection.amount_minor,
        applied=applied,
    )
    await ledger.post(
        session, clock, fact_kind="collection", fact_id=collection.id, booked_on=booked_on, postings=postings
    )


def _touch(session: AsyncSession, collection: Collection, applied: tuple[Applied, ...]) -> None:
    touch(session, "collection", collection.id)
    touch(session, "customer", collection.customer_id)
    for part in applied:
        touch(session, "invoice", part.invoice_id)
    if "changed" in collection.flags.split():
        touch(session, "notice", collection.id)


async def request_void(
    session: AsyncSession, actor: Actor, clock: Clock, _operation: Operation, payload: VoidRequested
) -> VoidRequest:
    """Note the wish to void a collection; nothing moves until someone else approves it.

    Refuses ``collection_not_found`` (also for another person's), ``already_voided``, ``void_already_asked`` and
    ``reason_missing``.
    """
    actor.require("collection.void")
    if not is_uuid(payload.id) or not is_uuid(payload.collection_id) or "\0" in payload.reason:
        raise Refused("operation_unreadable")
    if not payload.reason.strip():
        raise Refused("reason_missing")
    collection = await queries.get(session, payload.collection_id)
    if collection is None or (actor.only_own and collection.salesperson_id != actor.user_id):
        raise Refused("collection_not_found")
    await refuse_voided(session, collection)
    if (await queries.standings(session, [collection.id]))[collection.id].void == "asked":
        raise Refused("void_already_asked", number=collection.receipt_number)
    now = to_ms(clock.now())
    request = VoidRequest(
        id=payload.id, collection_id=collection.id, reason=payload.reason, asked_by=actor.user_id, asked_at_ms=now
    )
    session.add(request)
    await session.flush()
    audit.record(
        session, actor, clock, "collection.void", "collection", collection.id, reason=payload.reason, void=payload.id
    )
    touch(session, "collection", collection.id)
    return request


async def refuse_voided(session: AsyncSession, collection: Collection) -> None:
    """Refuse ``already_voided`` when a request to void this collection was approved."""
    if (await queries.standings(session, [collection.id]))[collection.id].void == "voided":
        raise Refused("already_voided", number=collection.receipt_number)


async def void(session: AsyncSession, clock: Clock, collection: Collection, request_id: str) -> None:
    """Undo a collection because its void was approved: ledger reversed, custody given up; a part of that use case.

    Refuses ``already_voided``, ``custody_moved`` (someone else holds it or it was deposited) and ``match_taken`` (the
    bank has it).
    """
    await refuse_voided(session, collection)
    if (await queries.standings(session, [collection.id]))[collection.id].matched_minor:
        raise Refused("match_taken")
    await custody.give_up(session, collection, request_id)
    decision = await queries.decision_on(session, collection.id)
    entries = await ledger.entries_of(session, "collection", collection.id)
    if decision is not None:
        entries += await ledger.entries_of(session, "approval", decision.id)
    day = business_date(to_ms(clock.now()), (await company.company(session)).zone)
    for entry in entries:
        await ledger.reverse(session, clock, entry_id=entry.id, fact_kind="void", fact_id=request_id, booked_on=day)
    _touch(session, collection, await applied_of(session, collection.id))


async def applied_of(session: AsyncSession, collection_id: str) -> tuple[Applied, ...]:
    """Return what became of a collection's intents when it was booked."""
    parts = (await queries.parts(session, [collection_id])).get(collection_id, [])
    return tuple(Applied(part.invoice_id, part.intended_minor, part.applied_minor) for part in parts)

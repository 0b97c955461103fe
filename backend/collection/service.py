"""Payments: booked (in ``booking``), and voided: a wish first, undone when somebody else has approved it."""

from __future__ import annotations

from sqlalchemy.ext.asyncio import AsyncSession

from backend.audit import service as audit
from backend.auth.actor import Actor
from backend.collection import queries
from backend.collection.booking import book, book_many
from backend.collection.tables import Collection, VoidRequest
from backend.company import service as company
from backend.custody import service as custody
from backend.ledger import service as ledger
from backend.sync.feed import touch
from shared.clock import Clock, business_date, to_ms
from shared.collection import HELD_METHODS, Applied, VoidRequested
from shared.ident import is_uuid
from shared.refusal import Refused
from sync.message import Operation

__all__ = ["applied_of", "book", "book_many", "refuse_matched_claim", "refuse_voided", "request_void", "void"]


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
    if await queries.void_of(session, collection.id) == "asked":
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
    if await queries.void_of(session, collection.id) == "voided":
        raise Refused("already_voided", number=collection.receipt_number)


async def refuse_matched_claim(session: AsyncSession, collection: Collection) -> None:
    """Refuse ``match_taken`` when the bank has a claimed payment: the match goes first.

    The collection is locked by who asks, and matching locks it before it confirms: neither overtakes the other.
    """
    if collection.method in HELD_METHODS:
        return  # a rejection leaves held money where it is
    if (await queries.standings(session, [collection.id]))[collection.id].matched_minor:
        raise Refused("match_taken")


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
    touch(session, "collection", collection.id)
    touch(session, "customer", collection.customer_id)
    for part in await applied_of(session, collection.id):
        touch(session, "invoice", part.invoice_id)
    if "changed" in collection.flags.split():
        touch(session, "notice", collection.id)


async def applied_of(session: AsyncSession, collection_id: str) -> tuple[Applied, ...]:
    """Return what became of a collection's intents when it was booked."""
    parts = (await queries.parts(session, [collection_id])).get(collection_id, [])
    return tuple(Applied(part.invoice_id, part.intended_minor, part.applied_minor) for part in parts)

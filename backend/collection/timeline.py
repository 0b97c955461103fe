"""Everything that happened to one collection, from its facts, oldest first."""

from __future__ import annotations

import msgspec
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from backend.approval.tables import Approval
from backend.collection import queries
from backend.collection.tables import Collection
from backend.custody.tables import CustodyMove, Deposit, HandOver, HandOverReceipt
from backend.matching.tables import Match, Unmatch


class Event(msgspec.Struct, frozen=True):
    """One fact: its word, when (server time; device time for ``taken``), who, how much of it, and why."""

    what: str
    at_ms: int
    by: str
    amount_minor: int
    note: str = ""


async def timeline(session: AsyncSession, collection: Collection) -> list[Event]:
    """Gather the facts; ``by`` are user ids (``auto`` for a match made by rule)."""
    of, amount = collection, collection.amount_minor
    events = [
        Event("taken", of.taken_at_ms, of.salesperson_id, amount, of.flags),
        Event("received", of.received_at_ms, of.device_id, amount),
    ]
    decision = await queries.decision_on(session, of.id)
    if decision:
        events.append(_decided("", decision, amount))
    for asked, answer in await queries.void_requests(session, of.id):
        events.append(Event("void_asked", asked.asked_at_ms, asked.asked_by, amount, asked.reason))
        if answer:
            events.append(_decided("void_", answer, amount))
    moved = await _moves(session, of.id)
    return sorted([*events, *moved, *await _matches(session, of.id, moved)], key=lambda event: event.at_ms)


def _decided(prefix: str, decision: Approval, amount_minor: int) -> Event:
    return Event(prefix + decision.decision, decision.decided_at_ms, decision.decided_by, amount_minor, decision.reason)


async def _moves(session: AsyncSession, collection_id: str) -> list[Event]:
    """Return hand-overs and deposits of (parts of) the collection; ``note`` is the fact's id."""
    handed = (
        select(HandOverReceipt.counted_at_ms, HandOver.giver_id, CustodyMove.amount_minor, HandOver.id)
        .join(HandOver, HandOver.id == CustodyMove.fact_id)
        .join(HandOverReceipt, HandOverReceipt.hand_over_id == HandOver.id)
        .where(CustodyMove.collection_id == collection_id, CustodyMove.holder_id == HandOver.giver_id)
    )
    paid_in = (
        select(Deposit.recorded_at_ms, Deposit.holder_id, CustodyMove.amount_minor, Deposit.id)
        .join(Deposit, Deposit.id == CustodyMove.fact_id)
        .where(CustodyMove.collection_id == collection_id)
    )
    return [
        Event(what, at_ms, who, -amount, fact)
        for what, query in (("handed_over", handed), ("deposited", paid_in))
        for at_ms, who, amount, fact in await session.execute(query)
    ]


async def _matches(session: AsyncSession, collection_id: str, moved: list[Event]) -> list[Event]:
    """Return matches (and their undoing) of the claim itself or of the deposits that hold the collection's money."""
    wanted = [collection_id, *(event.note for event in moved if event.what == "deposited")]
    query = select(Match, Unmatch).outerjoin(Unmatch, Unmatch.match_id == Match.id).where(Match.expected_id.in_(wanted))
    events = []
    for match, undoing in await session.execute(query):
        undone: Unmatch | None = undoing
        events.append(Event("matched", match.confirmed_at_ms, match.confirmed_by, match.amount_minor, match.rule))
        if undone is not None:
            events.append(Event("unmatched", undone.undone_at_ms, undone.undone_by, match.amount_minor, undone.reason))
    return events

"""The approval queue and decisions, under /api."""

from __future__ import annotations

from typing import Annotated, Literal

import msgspec
from litestar import Controller, get, post
from litestar.di import NamedDependency
from litestar.params import FromQuery, JSONBody
from sqlalchemy.ext.asyncio import AsyncSession

from backend.approval import queries, service
from backend.auth.actor import Actor
from backend.bounds import IdText, NoteText, PageLimit
from backend.collection.place import PlaceText, place, place_text
from backend.guards import requires
from shared.approval import Decision, Subject
from shared.clock import Clock


class SubjectBody(msgspec.Struct, frozen=True):
    """What is decided on."""

    kind: Literal["collection", "void"]
    id: IdText


class DecisionBody(msgspec.Struct, frozen=True):
    """One decision on one or many subjects; a rejection says why."""

    subjects: Annotated[list[SubjectBody], msgspec.Meta(min_length=1, max_length=200)]
    decision: Literal["approved", "rejected"]
    reason: NoteText = ""


class WaitingRow(msgspec.Struct, frozen=True):
    """What waits for a decision; ``unusual`` says what to look at."""

    subject_kind: Subject
    subject_id: str
    since_ms: int
    reason: str
    collection_id: str
    receipt_number: str
    customer_number: str
    customer_name: str
    salesperson_id: str
    salesperson_name: str
    currency: str
    amount_minor: int
    method: str
    taken_at_ms: int
    unusual: list[str]


class Queue(msgspec.Struct, frozen=True):
    """What waits, oldest first; ``after`` asks for the next page, empty at the end."""

    waiting: list[WaitingRow]
    total: int
    after: str


class OutcomeRow(msgspec.Struct, frozen=True, omit_defaults=True):
    """What became of one decision; ``code`` is empty when it was taken."""

    kind: Subject
    id: str
    code: str = ""
    what: str = ""
    next: str = ""


class Approvals(Controller):
    """Approving and rejecting collections and requests to void them."""

    path = "/api/approvals"
    tags = ["approval"]

    @get("/", guards=[requires("collection.approve")])
    async def queue(
        self,
        reader: NamedDependency[AsyncSession],
        after: FromQuery[PlaceText] = "",
        limit: FromQuery[PageLimit] = 50,
    ) -> Queue:
        """List what waits for a decision."""
        found = await queries.queue(reader, after=place(after), limit=limit)
        more = place_text(found[-1].since_ms, found[-1].subject_id) if len(found) == limit else ""
        return Queue([waiting_row(one) for one in found], await queries.count(reader), more)

    @post("/", guards=[requires("collection.approve")], status_code=200)
    async def decide(
        self,
        session: NamedDependency[AsyncSession],
        actor: NamedDependency[Actor],
        clock: NamedDependency[Clock],
        data: JSONBody[DecisionBody],
    ) -> list[OutcomeRow]:
        """Take one decision on many subjects; each outcome stands for itself."""
        subjects: list[tuple[Subject, str]] = [(one.kind, one.id) for one in data.subjects]
        decision: Decision = data.decision
        outcomes = await service.decide_many(
            session, actor, clock, subjects=subjects, decision=decision, reason=data.reason
        )
        return [_outcome_row(one) for one in outcomes]


def waiting_row(one: queries.Waiting) -> WaitingRow:
    """Return one waiting subject as it is shown."""
    of = one.collection
    return WaitingRow(
        subject_kind="void" if one.subject_kind == "void" else "collection",
        subject_id=one.subject_id,
        since_ms=one.since_ms,
        reason=one.reason,
        collection_id=of.id,
        receipt_number=of.receipt_number,
        customer_number=one.customer_number,
        customer_name=one.customer_name,
        salesperson_id=of.salesperson_id,
        salesperson_name=one.salesperson_name,
        currency=of.currency,
        amount_minor=of.amount_minor,
        method=of.method,
        taken_at_ms=of.taken_at_ms,
        unusual=list(one.unusual),
    )


def _outcome_row(one: service.Outcome) -> OutcomeRow:
    if one.refused is None:
        return OutcomeRow(one.subject_kind, one.subject_id)
    return OutcomeRow(one.subject_kind, one.subject_id, one.refused.code, one.refused.what, one.refused.next)


ROUTES = [Approvals]

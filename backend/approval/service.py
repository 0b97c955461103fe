"""Deciding on recorded collections and on requests to void them: one decision each, by someone else."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from backend.approval import queries
from backend.audit import service as audit
from backend.auth.actor import Actor
from backend.collection import queries as collections
from backend.collection import service as collection_service
from backend.collection.tables import Collection
from backend.company import service as company
from backend.incentive import service as incentive
from backend.ledger import service as ledger
from backend.sync.feed import touch
from shared import approval as rule
from shared import ledger as posting
from shared.approval import Decision, Subject
from shared.clock import Clock, business_date, to_ms
from shared.ident import is_uuid, uuid7
from shared.refusal import Refused

_WORD: dict[Decision, str] = {"approved": "collection.approve", "rejected": "collection.reject"}


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one of many decisions; ``refused`` is None when it was taken."""

    subject_kind: Subject
    subject_id: str
    refused: Refused | None = None


async def decide(
    session: AsyncSession,
    actor: Actor,
    clock: Clock,
    *,
    subject_kind: Subject,
    subject_id: str,
    decision: Decision,
    reason: str = "",
) -> str:
    """Approve or reject a collection or a void request; return the decision's id.

    Refuses ``collection_not_found``, what ``shared.approval.decide`` refuses (a void is decided neither by who asked
    nor by whose collection it is), ``already_voided``, ``match_taken`` for a rejected claim or an approved void whose
    money the bank has, and for an approved void ``custody_moved``. A rejected collection's credit moves from
    receivable to unapplied, a claim without money is reversed; custody stays.
    """
    actor.require(_WORD[decision])
    if subject_kind == "collection" and decision == "approved":
        found = (await _approve(session, actor, clock, [subject_id], reason))[subject_id]
        if isinstance(found, Refused):
            raise found
        return found
    collection, recorder_id = await _subject(session, subject_kind, subject_id)
    if actor.user_id == collection.salesperson_id:
        raise Refused("approval_own")
    before = await queries.decision(session, subject_kind, subject_id)
    rule.decide(
        role=actor.role,
        decider_id=actor.user_id,
        recorder_id=recorder_id,
        decision=decision,
        reason=reason,
        decided_before=before is not None,
    )
    if subject_kind == "collection":
        await collection_service.refuse_voided(session, collection)
        await collection_service.refuse_matched_claim(session, collection)
    row = _row(actor, clock, (subject_kind, subject_id), decision, reason)
    if subject_kind == "void" and decision == "approved":
        await collection_service.void(session, clock, collection, subject_id)
    await queries.add(session, [row])
    if subject_kind == "collection":
        await _reject(session, clock, collection, row["id"])
    audit.record(
        session, actor, clock, _WORD[decision], subject_kind, subject_id, collection=collection.id, reason=reason
    )
    if decision == "rejected":
        touch(session, "notice", row["id"])
    await _tell(session, clock, [collection])
    return str(row["id"])


async def _approve(
    session: AsyncSession, actor: Actor, clock: Clock, ids: Sequence[str], reason: str
) -> dict[str, str | Refused]:
    """Approve collections, in a handful of statements however many; return each decision's id, or why it is none."""
    known = await collections.locked(session, [one for one in ids if is_uuid(one)])
    decided = await queries.decided(session, "collection", known)
    voids = await collections.voids(session, known)
    found: dict[str, str | Refused] = {}
    rows: list[dict[str, Any]] = []
    for one in ids:
        refused = _objection(actor, known.get(one), reason, decided_before=one in decided, void=voids.get(one, ""))
        if refused is None:
            rows.append(_row(actor, clock, ("collection", one), "approved", reason))
        found[one] = refused or rows[-1]["id"]
    await queries.add(session, rows)
    approved = [known[row["subject_id"]] for row in rows]
    details = {one.id: {"collection": one.id, "reason": reason} for one in approved}
    await audit.record_many(session, actor, clock, _WORD["approved"], "collection", details)
    await _tell(session, clock, approved)
    return found


def _objection(
    actor: Actor, collection: Collection | None, reason: str, *, decided_before: bool, void: str
) -> Refused | None:
    """Say why a collection cannot be approved, or None."""
    if collection is None:
        return Refused("collection_not_found")
    try:
        rule.decide(
            role=actor.role,
            decider_id=actor.user_id,
            recorder_id=collection.salesperson_id,
            decision="approved",
            reason=reason,
            decided_before=decided_before,
        )
    except Refused as refused:
        return refused
    return Refused("already_voided", number=collection.receipt_number) if void == "voided" else None


async def decide_many(
    session: AsyncSession,
    actor: Actor,
    clock: Clock,
    *,
    subjects: Sequence[tuple[Subject, str]],
    decision: Decision,
    reason: str = "",
) -> list[Outcome]:
    """Take one decision on many subjects, each for itself: one refusal never loses the rest.

    Approvals of collections are taken together, all else one by one in a savepoint.
    """
    wanted = sorted(set(subjects))
    outcomes = []
    if decision == "approved" and actor.may(_WORD[decision]):
        ids = [one for kind, one in wanted if kind == "collection"]
        for one, found in (await _approve(session, actor, clock, ids, reason)).items():
            outcomes.append(Outcome("collection", one, found if isinstance(found, Refused) else None))
        wanted = [subject for subject in wanted if subject[0] != "collection"]
    for kind, one in wanted:
        try:
            async with session.begin_nested():
                await decide(session, actor, clock, subject_kind=kind, subject_id=one, decision=decision, reason=reason)
        except Refused as refused:
            outcomes.append(Outcome(kind, one, refused))
        else:
            outcomes.append(Outcome(kind, one))
    return outcomes


async def _subject(session: AsyncSession, subject_kind: Subject, subject_id: str) -> tuple[Collection, str]:
    """Lock and return the collection, with who recorded it or asked for its void."""
    recorder_id, collection_id = "", subject_id
    if not is_uuid(subject_id):
        raise Refused("collection_not_found")
    if subject_kind == "void":
        request = await collections.void_request(session, subject_id)
        if request is None:
            raise Refused("collection_not_found")
        recorder_id, collection_id = request.asked_by, request.collection_id
    collection = await collections.get(session, collection_id, lock=True)
    if collection is None:
        raise Refused("collection_not_found")
    return collection, recorder_id or collection.salesperson_id


def _row(actor: Actor, clock: Clock, subject: tuple[Subject, str], decision: Decision, reason: str) -> dict[str, Any]:
    now = to_ms(clock.now())
    return {
        "id": uuid7(now),
        "subject_kind": subject[0],
        "subject_id": subject[1],
        "decision": decision,
        "reason": reason.strip(),
        "decided_by": actor.user_id,
        "decided_at_ms": now,
    }


async def _reject(session: AsyncSession, clock: Clock, collection: Collection, approval_id: str) -> None:
    postings = posting.rejection(
        customer_id=collection.customer_id,
        salesperson_id=collection.salesperson_id,
        method=collection.method,
        currency=collection.currency,
        amount_minor=collection.amount_minor,
        applied=await collection_service.applied_of(session, collection.id),
    )
    day = business_date(to_ms(clock.now()), (await company.company(session)).zone)
    await ledger.post(session, clock, fact_kind="approval", fact_id=approval_id, booked_on=day, postings=postings)


async def _tell(session: AsyncSession, clock: Clock, decided: Sequence[Collection]) -> None:
    """Score anew what depends on the decisions, and let the phones know."""
    if not decided:
        return
    ids = [collection.id for collection in decided]
    await incentive.rescore(session, clock, ids)
    for collection in decided:
        touch(session, "collection", collection.id)
        touch(session, "customer", collection.customer_id)
    for parts in (await collections.parts(session, ids)).values():
        for part in parts:
            touch(session, "invoice", part.invoice_id)

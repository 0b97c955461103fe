"""Posting to the ledger: balanced entries behind facts, undone only by their opposite."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from backend.ledger import queries
from backend.ledger.tables import Entry
from shared import ledger
from shared.clock import Clock, to_ms
from shared.ident import uuid7
from shared.ledger import ACCOUNT_KINDS, Posting, Postings


class Unbalanced(ValueError):
    """Postings that do not sum to zero, or name no account: a mistake in a posting rule, never a user's."""


@dataclass(frozen=True, slots=True)
class Fact:
    """What moved money on a day, and its postings; ``reverses_id`` names the entry that it undoes."""

    kind: str
    id: str
    booked_on: date
    postings: Postings
    reverses_id: str | None = None


async def post(
    session: AsyncSession,
    clock: Clock,
    *,
    fact_kind: str,
    fact_id: str,
    booked_on: date,
    postings: Iterable[Posting],
    reverses_id: str | None = None,
) -> str:
    """Post one balanced entry and return its id; no postings (nothing moved) post nothing and return "".

    Raises ``Unbalanced``. The rows are in the database when this returns, so that sums see them.
    """
    fact = Fact(fact_kind, fact_id, booked_on, tuple(postings), reverses_id)
    return (await post_many(session, clock, [fact]))[0]


async def post_many(session: AsyncSession, clock: Clock, facts: Iterable[Fact]) -> list[str]:
    """Post one entry behind each fact with two statements in all; return their ids ("" where nothing moved).

    Raises ``Unbalanced`` before anything is written. The rows are in the database when this returns.
    """
    now = to_ms(clock.now())
    posted = [(fact, _entry(fact, now) if fact.postings else None) for fact in facts]
    rows = [(entry, fact.postings) for fact, entry in posted if entry]
    if rows:
        await session.flush()
        await queries.insert_entries(session, rows)
    return [str(entry["id"]) if entry else "" for _fact, entry in posted]


def _entry(fact: Fact, now_ms: int) -> dict[str, Any]:
    if not ledger.is_balanced(fact.postings) or any(row.kind not in ACCOUNT_KINDS for row in fact.postings):
        raise Unbalanced(fact.postings)
    return {
        "id": uuid7(now_ms),
        "fact_kind": fact.kind,
        "fact_id": fact.id,
        "booked_on": fact.booked_on,
        "posted_at_ms": now_ms,
        "reverses_id": fact.reverses_id,
    }


async def reverse(
    session: AsyncSession, clock: Clock, *, entry_id: str, fact_kind: str, fact_id: str, booked_on: date
) -> str:
    """Post an entry's opposite because of another fact; an entry is reversed at most once (the table sees to it)."""
    postings = (await queries.postings_of(session, [entry_id]))[entry_id]
    return await post(
        session,
        clock,
        fact_kind=fact_kind,
        fact_id=fact_id,
        booked_on=booked_on,
        postings=ledger.reverse(postings),
        reverses_id=entry_id,
    )


async def entries_of(session: AsyncSession, fact_kind: str, fact_id: str) -> list[Entry]:
    """Return a fact's entries that nothing has reversed, oldest first."""
    return await queries.entries_of(session, fact_kind, fact_id)

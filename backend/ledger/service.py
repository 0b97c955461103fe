"""Posting to the ledger: balanced entries behind facts, undone only by their opposite."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from sqlalchemy.ext.asyncio import AsyncSession

from backend.ledger import queries
from backend.ledger.tables import Entry
from shared import ledger
from shared.clock import Clock, to_ms
from shared.ident import uuid7
from shared.ledger import ACCOUNT_KINDS, Posting


class Unbalanced(ValueError):
    """Postings that do not sum to zero, or name no account: a mistake in a posting rule, never a user's."""


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
    rows = tuple(postings)
    if not rows:
        return ""
    if not ledger.is_balanced(rows) or any(row.kind not in ACCOUNT_KINDS for row in rows):
        raise Unbalanced(rows)
    now = to_ms(clock.now())
    entry = {
        "id": uuid7(now),
        "fact_kind": fact_kind,
        "fact_id": fact_id,
        "booked_on": booked_on,
        "posted_at_ms": now,
        "reverses_id": reverses_id,
    }
    await session.flush()
    await queries.insert_entry(session, entry, rows)
    return str(entry["id"])


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

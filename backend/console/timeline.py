"""Facts put together for one page from several domains: payments of a customer or invoice, entries with postings."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from sqlalchemy.ext.asyncio import AsyncSession

from backend.auth.actor import Actor
from backend.collection import queries as collections
from backend.collection.queries import Filter, Listed
from backend.ledger import queries as ledger
from shared.ledger import Posting


@dataclass(frozen=True, slots=True)
class Posted:
    """One ledger entry with its postings, for showing."""

    fact_kind: str
    booked_on: date
    postings: tuple[Posting, ...]


async def of_customer(reader: AsyncSession, actor: Actor, customer_id: str, limit: int = 30) -> list[Listed]:
    """Return a customer's latest payments, newest first; a salesperson sees their own."""
    mine = actor.user_id if actor.only_own else ""
    return await collections.page(reader, Filter(customer_id=customer_id, salesperson_id=mine), limit=limit)


async def of_invoice(reader: AsyncSession, actor: Actor, customer_id: str, invoice_id: str) -> list[Listed]:
    """Return the customer's payments that were meant for one invoice, newest first."""
    paid = await of_customer(reader, actor, customer_id, limit=200)
    parts = await collections.parts(reader, {listed.collection.id for listed in paid})
    return [one for one in paid if any(part.invoice_id == invoice_id for part in parts.get(one.collection.id, ()))]


async def posted(reader: AsyncSession, fact_kind: str, fact_ids: Iterable[str]) -> list[Posted]:
    """Return the entries of facts that nothing has reversed, with their postings."""
    entries = [entry for one in fact_ids for entry in await ledger.entries_of(reader, fact_kind, one)]
    postings = await ledger.postings_of(reader, [entry.id for entry in entries])
    return [Posted(entry.fact_kind, entry.booked_on, postings.get(entry.id, ())) for entry in entries]


def state_of(listed: Listed) -> list[str]:
    """Return the states of a payment as words of ``wording.STATES``: decision, void, arrival."""
    standing = listed.standing
    words = {"asked": "void_waiting", "voided": "voided"}
    states = [words[standing.void]] if standing.void in words else []
    if "voided" not in states:
        states.append(standing.decision or "waiting")
    if standing.matched_minor >= listed.collection.amount_minor:
        states.append("matched")
    elif standing.matched_minor:
        states.append("part_matched")
    return states

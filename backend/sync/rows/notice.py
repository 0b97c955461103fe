"""Notices, derived from facts: a rejection by the decision's id, a changed allocation by the collection's."""

from __future__ import annotations

from collections.abc import Collection as Ids

from sqlalchemy import and_, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from backend.among import among
from backend.approval.tables import Approval
from backend.auth.tables import UserAccount
from backend.collection import queries
from backend.collection.queries import chunks
from backend.collection.tables import Collection, VoidRequest
from backend.sync.queries import scope_of
from shared.money import money_text
from sync.message import NoticeRow

# The collection of a decision: decided itself, or through a request to void it.
_DECIDED = or_(
    and_(Approval.subject_kind == "collection", Collection.id == Approval.subject_id),
    and_(Approval.subject_kind == "void", Collection.id == VoidRequest.collection_id),
)


async def scopes(session: AsyncSession, ids: Ids[str]) -> dict[str, str]:
    """Return who must know: the salesperson who took the payment."""
    found: dict[str, str] = {}
    for chunk in chunks(ids):
        decided = (
            select(Approval.id, Collection.salesperson_id)
            .outerjoin(VoidRequest, VoidRequest.id == Approval.subject_id)
            .join(Collection, _DECIDED)
            .where(among(Approval.id, chunk))
        )
        changed = select(Collection.id, Collection.salesperson_id).where(among(Collection.id, chunk))
        for query in (decided, changed):
            found |= {one: scope_of(who) for one, who in await session.execute(query)}
    return found


async def bodies(session: AsyncSession, ids: Ids[str]) -> dict[str, NoticeRow]:
    """Return what each notice says."""
    found: dict[str, NoticeRow] = {}
    for chunk in chunks(ids):
        found |= await _rejections(session, chunk)
        found |= await _changes(session, chunk)
    return found


async def _rejections(session: AsyncSession, ids: list[str]) -> dict[str, NoticeRow]:
    query = (
        select(
            Approval.id, Approval.decided_at_ms, Approval.subject_kind, Approval.reason, Collection.id,
            Collection.receipt_number, UserAccount.name,
        )
        .outerjoin(VoidRequest, VoidRequest.id == Approval.subject_id)
        .join(Collection, _DECIDED)
        .outerjoin(UserAccount, UserAccount.id == Approval.decided_by)
        .where(among(Approval.id, ids), Approval.decision == "rejected")
    )  # fmt: skip
    return {
        one: NoticeRow(
            at_ms, "collection", of, f"{kind}_rejected", {"number": number, "reason": reason, "by": who or ""}
        )
        for one, at_ms, kind, reason, of, number, who in await session.execute(query)
    }


async def _changes(session: AsyncSession, ids: list[str]) -> dict[str, NoticeRow]:
    columns = (
        Collection.id,
        Collection.received_at_ms,
        Collection.receipt_number,
        Collection.currency,
        Collection.flags,
    )
    parts = await queries.parts(session, ids)
    found: dict[str, NoticeRow] = {}
    for one, at_ms, number, currency, flags in await session.execute(select(*columns).where(among(Collection.id, ids))):
        if "changed" in flags.split():
            intended = sum(part.intended_minor for part in parts.get(one, ()))
            applied = sum(part.applied_minor for part in parts.get(one, ()))
            amounts = {"intended": money_text(intended, currency), "applied": money_text(applied, currency)}
            found[one] = NoticeRow(at_ms, "collection", one, "allocation_changed", {"number": number, **amounts})
    return found

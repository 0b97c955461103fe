"""Bank accounts, imports and lines."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any

from sqlalchemy import ColumnElement, insert, or_, select
from sqlalchemy.orm import aliased

from backend.bank.tables import BankAccount, BankImport, BankLineRecord
from backend.ledger.queries import total
from backend.ledger.tables import PostingRow
from backend.matching.tables import Claim

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from sqlalchemy.ext.asyncio import AsyncSession

_CHUNK = 500


async def account(session: AsyncSession, account_id: str, *, lock: bool = False) -> BankAccount | None:
    """Return one account; ``lock`` keeps its row for this transaction, so that imports and matching take turns."""
    query = select(BankAccount).where(BankAccount.id == account_id)
    return await session.scalar(query.with_for_update() if lock else query)


async def by_number(session: AsyncSession, number: str) -> BankAccount | None:
    """Return the account with a number."""
    return await session.scalar(select(BankAccount).where(BankAccount.number == number))


async def accounts(reader: AsyncSession, *, lock: bool = False) -> list[BankAccount]:
    """Return all accounts, locked in this order if asked."""
    query = select(BankAccount).order_by(BankAccount.id)
    return list(await reader.scalars(query.with_for_update() if lock else query))


async def balances(reader: AsyncSession) -> dict[str, tuple[int, int]]:
    """Return by account (imported balance, part of it not yet identified; money in > 0), in minor units."""
    query = (
        select(PostingRow.kind, PostingRow.key, total(PostingRow.amount_minor))
        .where(PostingRow.kind.in_(("bank", "unidentified")))
        .group_by(PostingRow.kind, PostingRow.key)
    )
    found: dict[str, tuple[int, int]] = {}
    for kind, key, amount_minor in await reader.execute(query):
        bank, waiting = found.get(key, (0, 0))
        found[key] = (int(amount_minor), waiting) if kind == "bank" else (bank, -int(amount_minor))
    return found


async def known(session: AsyncSession, account_id: str, marks: Iterable[str]) -> set[tuple[str, int]]:
    """Return which (fingerprint, occurrence) of an account are there already."""
    wanted, found = sorted(set(marks)), set[tuple[str, int]]()
    for start in range(0, len(wanted), _CHUNK):
        query = select(BankLineRecord.fingerprint, BankLineRecord.occurrence).where(
            BankLineRecord.account_id == account_id,
            BankLineRecord.fingerprint.in_(wanted[start : start + _CHUNK]),
        )
        found |= {(mark, occurrence) for mark, occurrence in await session.execute(query)}
    return found


async def insert_lines(session: AsyncSession, rows: Sequence[dict[str, Any]]) -> None:
    """Add new lines with one statement."""
    await session.execute(insert(BankLineRecord), rows)


async def lines(
    reader: AsyncSession,
    *,
    account_id: str = "",
    import_id: str = "",
    only_open: bool = False,
    since: date | None = None,
    after: str = "",
    limit: int = 50,
) -> list[tuple[BankLineRecord, str | None]]:
    """Return lines with the match in force (None: open), the latest day first, a day's lines as their files had them.

    ``after`` is the last id of the page before.
    """
    query = (
        select(BankLineRecord, Claim.match_id)
        .outerjoin(Claim, Claim.subject_id == BankLineRecord.id)
        .order_by(BankLineRecord.booked_on.desc(), BankLineRecord.id)
        .limit(limit)
    )
    if account_id:
        query = query.where(BankLineRecord.account_id == account_id)
    if import_id:
        query = query.where(BankLineRecord.import_id == import_id)
    if only_open:
        query = query.where(Claim.match_id.is_(None))
    if since is not None:
        query = query.where(BankLineRecord.booked_on >= since)
    if after:
        query = query.where(_comes_after(after))
    return [(record, match_id) for record, match_id in await reader.execute(query)]


def _comes_after(line_id: str) -> ColumnElement[bool]:
    last = aliased(BankLineRecord)
    day = select(last.booked_on).where(last.id == line_id).scalar_subquery()
    same = (BankLineRecord.booked_on == day) & (BankLineRecord.id > line_id)
    return or_(BankLineRecord.booked_on < day, same)


async def imports(reader: AsyncSession, *, after: str = "", limit: int = 50) -> list[tuple[BankImport, str]]:
    """Return imports with their account's name, newest first."""
    query = (
        select(BankImport, BankAccount.name)
        .join(BankAccount, BankAccount.id == BankImport.account_id)
        .order_by(BankImport.id.desc())
        .limit(limit)
    )
    if after:
        query = query.where(BankImport.id < after)
    return [(record, name) for record, name in await reader.execute(query)]

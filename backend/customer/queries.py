"""Customers and their balances, always a page or a set at a time."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any, NamedTuple

from sqlalchemy import case, func, or_, select

from backend.auth.tables import UserAccount
from backend.customer.tables import CustomerRecord
from backend.invoice.tables import InvoiceRecord
from backend.ledger.queries import total
from backend.ledger.tables import PostingRow

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from sqlalchemy import Select
    from sqlalchemy.ext.asyncio import AsyncSession

_CHUNK = 500


class Balance(NamedTuple):
    """What a customer owes in one currency (minor units): open, the overdue part of it, and unapplied money held."""

    currency: str
    open_minor: int
    overdue_minor: int
    unapplied_minor: int


async def customer(session: AsyncSession, customer_id: str, *, lock: bool = False) -> CustomerRecord | None:
    """Return one customer; ``lock`` keeps its row for this transaction (PostgreSQL)."""
    query = select(CustomerRecord).where(CustomerRecord.id == customer_id)
    return await session.scalar(query.with_for_update() if lock else query)


async def by_numbers(session: AsyncSession, numbers: Iterable[str]) -> dict[str, CustomerRecord]:
    """Return the customers with these numbers, by number."""
    wanted, found = sorted(set(numbers)), dict[str, CustomerRecord]()
    for start in range(0, len(wanted), _CHUNK):
        query = select(CustomerRecord).where(CustomerRecord.number.in_(wanted[start : start + _CHUNK]))
        found |= {record.number: record for record in await session.scalars(query)}
    return found


async def people(session: AsyncSession) -> dict[str, str]:
    """Return who may serve customers: user id by login and by name, of active salespeople and supervisors."""
    query = select(UserAccount).where(UserAccount.active, UserAccount.role.in_(("salesperson", "supervisor")))
    found: dict[str, str] = {}
    for user in await session.scalars(query.order_by(UserAccount.login)):
        found.setdefault(user.name, user.id)
        found[user.login] = user.id
    return found


async def serves(session: AsyncSession, user_id: str) -> bool:
    """Say whether a user may be given customers."""
    query = select(UserAccount.id).where(
        UserAccount.id == user_id, UserAccount.active, UserAccount.role.in_(("salesperson", "supervisor"))
    )
    return await session.scalar(query) is not None


async def page(
    reader: AsyncSession,
    *,
    query: str = "",
    salesperson_id: str | None = None,
    overdue_on: date | None = None,
    after: str = "",
    limit: int = 50,
) -> Sequence[tuple[CustomerRecord, str]]:
    """Return customers with their salesperson's name, by number; every word of ``query`` must occur in one.

    ``overdue_on`` keeps those with an invoice past due on that day; ``after`` is the last number of the page before.
    """
    chosen = (
        select(CustomerRecord, func.coalesce(UserAccount.name, ""))
        .outerjoin(UserAccount, UserAccount.id == CustomerRecord.salesperson_id)
        .order_by(CustomerRecord.number)
        .limit(limit)
    )
    for word in query.lower().split():
        chosen = chosen.where(_holds(word))
    if salesperson_id is not None:
        chosen = chosen.where(CustomerRecord.salesperson_id == salesperson_id)
    if overdue_on is not None:
        chosen = chosen.where(CustomerRecord.id.in_(_overdue_customers(overdue_on)))
    if after:
        chosen = chosen.where(CustomerRecord.number > after)
    return [(record, name) for record, name in await reader.execute(chosen)]


def _holds(word: str) -> Any:
    columns = (CustomerRecord.number, CustomerRecord.name, CustomerRecord.pinyin, CustomerRecord.phone)
    return or_(*(func.lower(column).contains(word, autoescape=True) for column in columns))


def _overdue_customers(day: date) -> Select[Any]:
    return (
        select(PostingRow.key)
        .join(InvoiceRecord, InvoiceRecord.id == PostingRow.invoice_id)
        .where(PostingRow.kind == "receivable", InvoiceRecord.due_on < day)
        .group_by(PostingRow.key, PostingRow.invoice_id)
        .having(func.sum(PostingRow.amount_minor) > 0)
    )


async def balances(reader: AsyncSession, customer_ids: Iterable[str], today: date) -> dict[str, list[Balance]]:
    """Return each customer's balances by currency; one without money facts is missing."""
    wanted, found = sorted(set(customer_ids)), dict[str, list[Balance]]()
    late = case((InvoiceRecord.due_on < today, PostingRow.amount_minor), else_=0)
    for start in range(0, len(wanted), _CHUNK):
        query = (
            select(
                PostingRow.key,
                PostingRow.currency,
                total(case((PostingRow.kind == "receivable", PostingRow.amount_minor), else_=0)),
                total(case((PostingRow.kind == "receivable", late), else_=0)),
                total(case((PostingRow.kind == "unapplied", -PostingRow.amount_minor), else_=0)),
            )
            .outerjoin(InvoiceRecord, InvoiceRecord.id == PostingRow.invoice_id)
            .where(PostingRow.key.in_(wanted[start : start + _CHUNK]), PostingRow.kind.in_(("receivable", "unapplied")))
            .group_by(PostingRow.key, PostingRow.currency)
            .order_by(PostingRow.key, PostingRow.currency)
        )
        for key, currency, open_minor, late_minor, unapplied_minor in await reader.execute(query):
            row = Balance(currency, int(open_minor), int(late_minor), int(unapplied_minor))
            found.setdefault(key, []).append(row)
    return found

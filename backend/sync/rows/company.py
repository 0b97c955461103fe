"""The company's one row, in the scope that every phone reads."""

from __future__ import annotations

from collections.abc import Collection

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from backend.bank.tables import BankAccount
from backend.company import service as company
from sync.message import BankAccountRow, CompanyRow

EVERYONE = "c"


async def scopes(_session: AsyncSession, ids: Collection[str]) -> dict[str, str]:
    """Return the scope of all phones."""
    return dict.fromkeys(ids, EVERYONE)


async def bodies(session: AsyncSession, ids: Collection[str]) -> dict[str, CompanyRow]:
    """Return the company as phones need it."""
    now = await company.company(session)
    columns = (BankAccount.id, BankAccount.name, BankAccount.number, BankAccount.currency)
    accounts = [BankAccountRow(*row) for row in await session.execute(select(*columns).order_by(BankAccount.number))]
    row = CompanyRow(
        now.name,
        now.zone,
        now.currency,
        list(now.methods),
        now.carry_limit_minor,
        now.month_target_minor,
        dict(now.paycode),
        accounts,
    )
    return dict.fromkeys(ids, row)

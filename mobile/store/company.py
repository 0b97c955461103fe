"""What the phone knows of the company: name, zone, currency, methods, targets, accounts."""

from __future__ import annotations

import msgspec

from mobile.store.database import Connection, Database, row
from sync.message import CompanyRow

UNKNOWN = CompanyRow(
    name="",
    zone="Asia/Shanghai",
    currency="CNY",
    methods=["cash"],
    carry_limit_minor=0,
    month_target_minor=0,
    paycode={},
    bank_accounts=[],
)


async def of(database: Database) -> CompanyRow:
    """Return the company as last pulled; a plain default before the first pull."""
    async with database.reading() as connection:
        return await read(connection)


async def read(connection: Connection) -> CompanyRow:
    """Return the company within a transaction."""
    found = await row(connection, "SELECT body FROM company LIMIT 1")
    return msgspec.json.decode(found["body"], type=CompanyRow) if found else UNKNOWN


async def currency_of(connection: Connection) -> str:
    """Return the company's own currency."""
    return (await read(connection)).currency

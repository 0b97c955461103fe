"""Applying a page of the feed: rows, removals and cursor in the caller's one transaction."""

from __future__ import annotations

from typing import Any

import msgspec

from mobile.store.database import Connection, row, rows
from mobile.store.meta import read as read_meta
from mobile.store.meta import write as write_meta
from shared.customer import search_key
from sync.message import (
    ROWS,
    CollectionRow,
    CompanyRow,
    CustomerRow,
    IncentiveRow,
    InvoiceRow,
    NoticeRow,
    Page,
    RemittanceRow,
)

TABLES = {
    "company": "company",
    "customer": "customer",
    "invoice": "invoice",
    "collection": "collection_seen",
    "remittance": "remittance_seen",
    "incentive": "incentive",
    "notice": "notice",
}


async def renew(connection: Connection, page: Page, *, anew: bool) -> None:
    """Store a page; one that begins the mirror anew, and those after it, change what is seen only with the last.

    A phone that shows nothing yet shows what there is at once.
    """
    if anew:
        await connection.execute("DELETE FROM arriving")
        seen = await row(connection, "SELECT 1 FROM company UNION ALL SELECT 1 FROM customer LIMIT 1")
        await write_meta(connection, "renewing", "yes" if seen else "")
    if not await read_meta(connection, "renewing"):
        await apply(connection, page)
        return
    await _set_aside(connection, page)
    if not page.more:
        await _change_over(connection)
    await write_meta(connection, "cursor", page.cursor)


async def _set_aside(connection: Connection, page: Page) -> None:
    for kind, record_id, body in page.rows:
        await connection.execute(
            "INSERT OR REPLACE INTO arriving (kind, id, body) VALUES (?, ?, ?)", (kind, record_id, bytes(body).decode())
        )
    for kind, record_id in page.removals:
        await connection.execute("DELETE FROM arriving WHERE kind = ? AND id = ?", (kind, record_id))


async def _change_over(connection: Connection) -> None:
    """Put what arrived in the place of the old mirror, in the transaction of the last page."""
    arrived = await rows(connection, "SELECT kind, id, body FROM arriving")
    await drop(connection)
    for kind, record_id, body in arrived:
        if kind in ROWS:
            await _keep(connection, TABLES[kind], _values(record_id, msgspec.json.decode(body, type=ROWS[kind])))


async def apply(connection: Connection, page: Page) -> None:
    """Store a page; applying it twice changes nothing. Kinds of a newer server are passed over."""
    if page.restart:
        await drop(connection)
    for kind, record_id, body in page.rows:
        if kind in ROWS:
            await _keep(connection, TABLES[kind], _values(record_id, msgspec.json.decode(body, type=ROWS[kind])))
    for kind, record_id in page.removals:
        if kind == "customer":
            await _let_go(connection, record_id)
        elif kind in TABLES:
            await connection.execute(f"DELETE FROM {TABLES[kind]} WHERE id = ?", (record_id,))  # noqa: S608
    await write_meta(connection, "cursor", page.cursor)


async def drop(connection: Connection) -> None:
    """Empty the mirror and the cursor; own facts and operations are never touched."""
    for table in TABLES.values():
        await connection.execute(f"DELETE FROM {table}")  # noqa: S608 - fixed table names
    await connection.execute("DELETE FROM arriving")
    await write_meta(connection, "renewing", "")
    await write_meta(connection, "cursor", "")


async def sweep(connection: Connection) -> None:
    """Let customers go that left this phone's scope, once nothing unsent points to them."""
    await connection.execute(
        "DELETE FROM customer WHERE gone = 1 AND id NOT IN (SELECT c.customer_id FROM collection c"
        " JOIN operation o ON o.id = c.operation_id WHERE o.status = 'unsent')"
    )


async def _let_go(connection: Connection, customer_id: str) -> None:
    """A customer who left the scope stays in view while something unsent points to them (SYNC.md, 13)."""
    await connection.execute("UPDATE customer SET gone = 1 WHERE id = ?", (customer_id,))
    await sweep(connection)


async def _keep(connection: Connection, table: str, values: dict[str, Any]) -> None:
    names = ", ".join(values)
    places = ", ".join("?" * len(values))
    await connection.execute(
        f"INSERT OR REPLACE INTO {table} ({names}) VALUES ({places})",  # noqa: S608 - names are our own columns
        tuple(values.values()),
    )


def _values(record_id: str, body: Any) -> dict[str, Any]:
    """Turn a row of the feed into the columns of its table."""
    match body:
        case CompanyRow():
            return {"id": record_id, "body": _text(body)}
        case CustomerRow():
            plain = msgspec.structs.asdict(body)
            pinyin = plain.pop("pinyin")
            plain["on_hold"] = int(body.on_hold)
            search = search_key(body.number, body.name, pinyin, body.phone)
            return {"id": record_id, **plain, "search": search}
        case CollectionRow():
            plain = msgspec.structs.asdict(body)
            return {"id": record_id, **plain, "applied": _text(body.applied), "flags": _text(body.flags)}
        case NoticeRow():
            plain = msgspec.structs.asdict(body)
            return {"id": record_id, "body": _text(plain.pop("values")), **plain}
        case InvoiceRow() | RemittanceRow() | IncentiveRow():
            return {"id": record_id, **msgspec.structs.asdict(body)}
        case _:
            raise TypeError(type(body).__name__)


def _text(value: Any) -> str:
    return msgspec.json.encode(value).decode()

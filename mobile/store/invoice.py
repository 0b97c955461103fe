"""Open invoices as this phone knows them: the server's open amount less what was taken here and not yet absorbed."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from mobile.store.database import Connection, Database, Row, row, rows
from shared.invoice import Invoice


async def of_customer(database: Database, customer_id: str) -> list[Invoice]:
    """Return a customer's invoices and credit notes with something open, oldest due first."""
    async with database.reading() as connection:
        return await read_of_customer(connection, customer_id)


async def read_of_customer(connection: Connection, customer_id: str) -> list[Invoice]:
    """Return a customer's open documents within a transaction."""
    found = await rows(
        connection,
        "SELECT * FROM invoice_open WHERE customer_id = ? AND (left_minor > 0 OR open_minor < 0)"
        " ORDER BY due_on, issued_on, number, id",
        (customer_id,),
    )
    return [from_row(one) for one in found]


async def left_minor(connection: Connection, invoice_ids: Sequence[str]) -> dict[str, tuple[str, int]]:
    """Return number and local open amount by invoice id, for those that this phone knows."""
    known = {}
    for invoice_id in invoice_ids:
        found = await row(connection, "SELECT number, left_minor FROM invoice_open WHERE id = ?", (invoice_id,))
        if found:
            known[invoice_id] = (str(found["number"]), int(found["left_minor"]))
    return known


async def one(database: Database, invoice_id: str) -> Invoice | None:
    """Return one invoice with its local open amount."""
    async with database.reading() as connection:
        found = await row(connection, "SELECT * FROM invoice_open WHERE id = ?", (invoice_id,))
    return from_row(found) if found else None


def from_row(found: Row) -> Invoice:
    """Read one invoice; its open amount is the local one and never below zero for an invoice."""
    left = int(found["left_minor"])
    return Invoice(
        id=found["id"],
        customer_id=found["customer_id"],
        number=found["number"],
        kind=found["kind"],
        issued_on=date.fromisoformat(found["issued_on"]),
        due_on=date.fromisoformat(found["due_on"]),
        currency=found["currency"],
        amount_minor=found["amount_minor"],
        open_minor=left if found["open_minor"] < 0 else max(0, left),
    )

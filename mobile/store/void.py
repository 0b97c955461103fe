"""Asking to void a receipt: an operation in the chain; whether it is voided, someone else decides."""

from __future__ import annotations

from mobile.store import collection, operation
from mobile.store.database import Database
from shared.clock import Clock, to_ms
from shared.collection import VoidRequested
from shared.ident import uuid7
from shared.refusal import Refused


async def ask(database: Database, clock: Clock, collection_id: str, reason: str) -> str:
    """Record the wish to void a payment in one durable transaction; return the request's id.

    Refuses ``reason_missing``, ``collection_not_found``, ``already_voided`` and ``void_already_asked``.
    """
    if not reason.strip():
        raise Refused("reason_missing")
    async with database.writing() as connection:
        found = await collection.read(connection, collection_id)
        if found is None:
            raise Refused("collection_not_found")
        if found.void == "voided":
            raise Refused("already_voided", number=found.receipt_number)
        if found.void == "asked":
            raise Refused("void_already_asked", number=found.receipt_number)
        wish = VoidRequested(uuid7(to_ms(clock.now())), collection_id, reason.strip())
        await operation.append(
            connection,
            clock,
            "collection.void",
            wish,
            currency=found.currency,
            amount_minor=found.amount_minor,
            title=f"{found.receipt_number} · {found.customer_name}",
        )
    return wish.id

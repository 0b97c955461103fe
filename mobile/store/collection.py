"""Recording a payment in one transaction, and looking at payments: what this phone took and what the server says."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import msgspec

from mobile.store import customer as customers
from mobile.store import draft, invoice, operation
from mobile.store.database import Connection, Database, Row, row, rows
from shared.clock import Clock, to_ms
from shared.collection import AllocationIntent, CollectionRecorded, record
from shared.ident import ReceiptNumber
from shared.receipt import ReceiptLine
from shared.refusal import Refused
from sync.message import AppliedRow


@dataclass(frozen=True, slots=True)
class Taken:
    """A payment about to be recorded; ``id`` is made when the screen opens, so that two taps are one payment."""

    id: str
    customer_id: str
    currency: str
    amount_minor: int
    method: str
    allocations: tuple[AllocationIntent, ...] = ()
    reference: str = ""
    note: str = ""


@dataclass(frozen=True, slots=True)
class Shown:
    """A payment as a screen shows it: own facts first, the server's word beside them."""

    id: str
    customer_id: str
    customer_name: str
    currency: str
    amount_minor: int
    method: str
    receipt_number: str
    taken_at_ms: int
    balance_minor: int
    lines: tuple[ReceiptLine, ...]
    unapplied_minor: int
    sent: bool
    verdict: str
    what: str
    next: str
    decision: str
    reason: str
    void: str
    matched_minor: int
    reference: str = ""
    local: bool = True

    @property
    def status(self) -> str:
        """Return the one word for where this payment stands, computed from its facts."""
        if self.void in {"asked", "voided"}:
            return self.void
        if self.decision == "rejected":
            return "rejected"
        if self.matched_minor >= self.amount_minor:
            return "matched"
        if self.decision == "approved":
            return "approved"
        if self.verdict in {"quarantined", "held"} and self.sent is False:
            return self.verdict
        return "booked" if self.sent else "unsent"


async def record_collection(database: Database, clock: Clock, taken: Taken) -> str:
    """Record payment, allocation, receipt and operation in one durable transaction; return the collection's id.

    The receipt counter and the sequence number are taken in that same transaction, so neither has gaps. Recording the
    same id again changes nothing. Refuses what ``shared.collection.record`` refuses, ``customer_not_found``,
    ``token_missing`` (not enrolled) and ``store_full``.
    """
    async with database.writing() as connection:
        if await row(connection, "SELECT 1 FROM collection WHERE id = ?", (taken.id,)):
            return taken.id
        device = await row(connection, "SELECT * FROM device")
        if device is None:
            raise Refused("token_missing")
        name = await _name_of(connection, taken.customer_id)
        payload = record(
            CollectionRecorded(
                id=taken.id,
                customer_id=taken.customer_id,
                salesperson_id=device["user_id"],
                currency=taken.currency,
                amount_minor=taken.amount_minor,
                method=taken.method,
                receipt_number=str(ReceiptNumber(device["series"], device["next_counter"])),
                taken_at_ms=to_ms(clock.now()),
                allocations=taken.allocations,
                reference=taken.reference.strip(),
                note=taken.note.strip(),
            )
        )
        await connection.execute("UPDATE device SET next_counter = next_counter + 1")
        chained = await operation.append(
            connection,
            clock,
            "collection.record",
            payload,
            currency=payload.currency,
            amount_minor=payload.amount_minor,
            title=f"{payload.receipt_number} · {name}",
        )
        await _keep(connection, payload, chained.id, name)
        await draft.forget(connection, f"collect:{taken.customer_id}")
    return payload.id


async def _name_of(connection: Connection, customer_id: str) -> str:
    found = await row(connection, "SELECT name FROM customer WHERE id = ?", (customer_id,))
    if found is None:
        raise Refused("customer_not_found")
    return str(found["name"])


async def _keep(connection: Connection, payload: CollectionRecorded, operation_id: str, name: str) -> None:
    before = await customers.balance_minor(connection, payload.customer_id)
    known = await invoice.left_minor(connection, [part.invoice_id for part in payload.allocations])
    await connection.execute(
        "INSERT INTO collection (id, operation_id, customer_id, customer_name, currency, amount_minor, method,"
        " receipt_number, taken_at_ms, reference, note, balance_minor) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (
            *(payload.id, operation_id, payload.customer_id, name, payload.currency, payload.amount_minor),
            *(payload.method, payload.receipt_number, payload.taken_at_ms, payload.reference, payload.note),
            before - payload.amount_minor,
        ),
    )
    for part in payload.allocations:
        number, left = known.get(part.invoice_id, ("", part.amount_minor))
        await connection.execute(
            "INSERT INTO allocation (collection_id, invoice_id, invoice_number, amount_minor, remaining_minor)"
            " VALUES (?, ?, ?, ?, ?)",
            (payload.id, part.invoice_id, number, part.amount_minor, max(0, left - part.amount_minor)),
        )


_BOTH = """
    SELECT c.id, c.customer_id, c.customer_name, c.currency, c.amount_minor, c.method, c.receipt_number,
        c.taken_at_ms, c.balance_minor, c.reference, 1 AS local,
        o.status AS op_status, o.verdict, o.what, o.next,
        s.id AS seen, s.decision, s.reason, s.void, s.matched_minor, s.applied, s.unapplied_minor
    FROM collection c JOIN operation o ON o.id = c.operation_id LEFT JOIN collection_seen s ON s.id = c.id
    UNION ALL
    SELECT s.id, s.customer_id, coalesce(k.name, ''), s.currency, s.amount_minor, s.method, s.receipt_number,
        s.taken_at_ms, 0, '', 0, 'settled', 'accepted', '', '',
        s.id, s.decision, s.reason, s.void, s.matched_minor, s.applied, s.unapplied_minor
    FROM collection_seen s LEFT JOIN customer k ON k.id = s.customer_id
    WHERE s.id NOT IN (SELECT id FROM collection)
"""


async def one(database: Database, collection_id: str) -> Shown | None:
    """Return one payment."""
    async with database.reading() as connection:
        return await read(connection, collection_id)


async def read(connection: Connection, collection_id: str) -> Shown | None:
    """Return one payment, within a transaction."""
    found = await row(connection, f"SELECT * FROM ({_BOTH}) WHERE id = ?", (collection_id,))  # noqa: S608 - fixed
    return await _shown(connection, found) if found else None


async def of_customer(database: Database, customer_id: str, limit: int = 10) -> list[Shown]:
    """Return a customer's latest payments, newest first."""
    sql = f"SELECT * FROM ({_BOTH}) WHERE customer_id = ? ORDER BY taken_at_ms DESC, id DESC LIMIT ?"  # noqa: S608
    async with database.reading() as connection:
        found = await rows(connection, sql, (customer_id, limit))
        return [await _shown(connection, each) for each in found]


async def taken_between(database: Database, from_ms: int, to_ms_: int, currency: str) -> tuple[int, frozenset[str]]:
    """Return what was collected in a span of time (minor units, without voided receipts) and from which customers."""
    sql = f"""SELECT customer_id, amount_minor FROM ({_BOTH})
        WHERE taken_at_ms >= ? AND taken_at_ms < ? AND currency = ? AND coalesce(void, '') <> 'voided'
        AND coalesce(decision, '') <> 'rejected'"""  # noqa: S608 - a fixed query
    async with database.reading() as connection:
        found = await rows(connection, sql, (from_ms, to_ms_, currency))
    return sum(one["amount_minor"] for one in found), frozenset(one["customer_id"] for one in found)


async def _shown(connection: Connection, found: Row) -> Shown:
    lines, unapplied = await _lines(connection, found)
    return Shown(
        id=found["id"],
        customer_id=found["customer_id"],
        customer_name=found["customer_name"],
        currency=found["currency"],
        amount_minor=found["amount_minor"],
        method=found["method"],
        receipt_number=found["receipt_number"],
        taken_at_ms=found["taken_at_ms"],
        balance_minor=found["balance_minor"],
        lines=lines,
        unapplied_minor=unapplied,
        sent=found["seen"] is not None or (found["op_status"] == "settled" and found["verdict"] != "quarantined"),
        verdict=found["verdict"],
        what=found["what"],
        next=found["next"],
        decision=found["decision"] or "",
        reason=found["reason"] or "",
        void=found["void"] or ("asked" if await _void_unsent(connection, found["id"]) else ""),
        matched_minor=found["matched_minor"] or 0,
        reference=found["reference"],
        local=bool(found["local"]),
    )


async def _void_unsent(connection: Connection, collection_id: str) -> bool:
    """Say whether a request to void waits on this phone; once the server has it, the server's row says so."""
    asked = "kind = 'collection.void' AND status = 'unsent' AND json_extract(payload, '$.collection_id') = ?"
    return await row(connection, f"SELECT 1 FROM operation WHERE {asked}", (collection_id,)) is not None  # noqa: S608


async def _lines(connection: Connection, found: Row) -> tuple[tuple[ReceiptLine, ...], int]:
    """Return what the paper says: as chosen on this phone, or as the server applied it."""
    if found["local"]:
        parts = await rows(
            connection,
            "SELECT invoice_number, amount_minor, remaining_minor FROM allocation WHERE collection_id = ?"
            " ORDER BY invoice_number",
            (found["id"],),
        )
        lines = tuple(ReceiptLine(p["invoice_number"], p["amount_minor"], p["remaining_minor"]) for p in parts)
        return lines, found["amount_minor"] - sum(line.paid_minor for line in lines)
    applied = msgspec.json.decode(found["applied"], type=list[AppliedRow])
    return tuple(ReceiptLine(a.invoice_number, a.applied_minor, 0) for a in applied), found["unapplied_minor"]


async def parts_of(connection: Connection, collection_id: str) -> Sequence[Row]:
    """Return the intents of one payment as they were recorded."""
    return await rows(connection, "SELECT * FROM allocation WHERE collection_id = ?", (collection_id,))

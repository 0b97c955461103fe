"""Cash and cheques in hand, and what was handed over or paid in, recorded and seen."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from mobile.store import operation
from mobile.store.database import Connection, Database, number, row, rows
from shared.clock import Clock, to_ms
from shared.collection import HELD_METHODS
from shared.custody import DepositMade, HandOverGiven, Lot, take_oldest
from shared.ident import uuid7
from shared.refusal import Refused


@dataclass(frozen=True, slots=True)
class InHand:
    """What one kind of held money amounts to; ``awaiting_minor`` was handed over and not confirmed yet."""

    kind: str
    currency: str
    lots: tuple[Lot, ...]
    awaiting_minor: int

    @property
    def amount_minor(self) -> int:
        """What can still be handed over or paid in."""
        return sum(lot.amount_minor for lot in self.lots)

    @property
    def oldest_ms(self) -> int:
        """When the oldest of it was taken; 0 when there is none."""
        return min((lot.taken_at_ms for lot in self.lots), default=0)


@dataclass(frozen=True, slots=True)
class Remitted:
    """A hand-over or deposit as a screen shows it; state ``unsent``, ``awaiting``, ``posted`` or ``matched``."""

    id: str
    kind: str
    currency: str
    amount_minor: int
    at_ms: int
    reference: str
    state: str
    received_minor: int
    other: str


async def in_hand(database: Database, kind: str, currency: str) -> InHand:
    """Return what is in hand of one kind (cash, cheque, draft)."""
    async with database.reading() as connection:
        return await read_in_hand(connection, kind, currency)


async def in_hand_everywhere(database: Database, currency: str) -> list[InHand]:
    """Return what is in hand of every kind that has something, cash first and always."""
    async with database.reading() as connection:
        held = [await read_in_hand(connection, kind, currency) for kind in ("cash", "cheque", "draft")]
    return [one for one in held if one.kind == "cash" or one.amount_minor or one.awaiting_minor]


async def read_in_hand(connection: Connection, kind: str, currency: str) -> InHand:
    """Return the lots held: the server's, plus payments it has not seen, less what went away since, oldest first."""
    found = await rows(
        connection,
        """SELECT id, held_minor AS amount, taken_at_ms FROM collection_seen
            WHERE method = ?1 AND currency = ?2 AND held_minor > 0
        UNION ALL SELECT id, amount_minor, taken_at_ms FROM pending_collection WHERE method = ?1 AND currency = ?2""",
        (kind, currency),
    )
    lots = [Lot(one["id"], one["amount"], one["taken_at_ms"]) for one in found]
    awaiting = await number(
        connection,
        """SELECT sum(s.amount_minor) FROM remittance_seen s LEFT JOIN remittance r ON r.id = s.id
        WHERE s.state = 'awaiting' AND s.currency = ? AND coalesce(r.held, 'cash') = ?""",
        (currency, kind),
    )
    gone = await rows(
        connection,
        "SELECT kind, amount_minor FROM pending_remittance WHERE currency = ? AND held = ?",
        (currency, kind),
    )
    awaiting += sum(one["amount_minor"] for one in gone if one["kind"] == "hand_over")
    deposited = sum(one["amount_minor"] for one in gone if one["kind"] == "deposit")
    return InHand(kind, currency, _without(lots, awaiting + deposited, currency), awaiting)


def _without(lots: list[Lot], away_minor: int, currency: str) -> tuple[Lot, ...]:
    away_minor = min(away_minor, sum(lot.amount_minor for lot in lots))
    taken = (
        {lot.collection_id: lot.amount_minor for lot in take_oldest(lots, away_minor, currency)} if away_minor else {}
    )
    rest = (Lot(lot.collection_id, lot.amount_minor - taken.get(lot.collection_id, 0), lot.taken_at_ms) for lot in lots)
    return tuple(lot for lot in rest if lot.amount_minor > 0)


async def give(database: Database, clock: Clock, *, kind: str, currency: str, counted_minor: int, code: str) -> str:
    """Record the giver's half of a hand-over; refuses ``custody_short`` and ``amount_not_positive``."""
    async with database.writing() as connection:
        holder = await _may_take(connection, kind, currency, counted_minor)
        at_ms = to_ms(clock.now())
        payload = HandOverGiven(
            id=uuid7(at_ms),
            giver_id=holder,
            currency=currency,
            kind=kind,
            counted_minor=counted_minor,
            pairing_code=code,
            given_at_ms=at_ms,
        )
        chained = await operation.append(
            connection, clock, "custody.hand_over", payload, currency=currency, amount_minor=counted_minor, title=code
        )
        await _keep(connection, payload.id, chained.id, "hand_over", kind, currency, counted_minor, at_ms, code, "")
    return payload.id


async def deposit(
    database: Database,
    clock: Clock,
    *,
    kind: str,
    currency: str,
    amount_minor: int,
    account_id: str,
    account_name: str,
    slip: str,
    deposited_on: date,
) -> str:
    """Record money paid in at the bank.

    Refuses ``custody_short``, ``amount_not_positive`` and ``bank_account_not_found``.
    """
    if not account_id:
        raise Refused("bank_account_not_found")
    async with database.writing() as connection:
        holder = await _may_take(connection, kind, currency, amount_minor)
        at_ms = to_ms(clock.now())
        payload = DepositMade(
            id=uuid7(at_ms),
            holder_id=holder,
            bank_account_id=account_id,
            currency=currency,
            kind=kind,
            amount_minor=amount_minor,
            slip_reference=slip.strip(),
            deposited_on=deposited_on.isoformat(),
            deposited_at_ms=at_ms,
        )
        chained = await operation.append(
            connection,
            clock,
            "custody.deposit",
            payload,
            currency=currency,
            amount_minor=amount_minor,
            title=f"{account_name} {slip}".strip(),
        )
        await _keep(
            connection, payload.id, chained.id, "deposit", kind, currency, amount_minor, at_ms, slip, account_name
        )
    return payload.id


async def _may_take(connection: Connection, kind: str, currency: str, amount_minor: int) -> str:
    if kind not in HELD_METHODS:
        raise Refused("method_unknown", method=kind[:20])
    device = await row(connection, "SELECT user_id FROM device")
    if device is None:
        raise Refused("token_missing")
    take_oldest((await read_in_hand(connection, kind, currency)).lots, amount_minor, currency)
    return str(device["user_id"])


async def _keep(connection: Connection, *values: object) -> None:
    await connection.execute(
        "INSERT INTO remittance (id, operation_id, kind, held, currency, amount_minor, at_ms, reference, other)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
        values,
    )


_BOTH = """
    SELECT r.id, r.kind, r.currency, r.amount_minor, r.at_ms, r.reference,
        coalesce(s.state, CASE WHEN o.status = 'unsent' THEN 'unsent' WHEN o.verdict = 'quarantined' THEN 'quarantined'
            WHEN r.kind = 'hand_over' THEN 'awaiting' ELSE 'posted' END) AS state,
        coalesce(s.received_minor, 0) AS received_minor, coalesce(nullif(s.other, ''), r.other) AS other
    FROM remittance r JOIN operation o ON o.id = r.operation_id LEFT JOIN remittance_seen s ON s.id = r.id
    UNION ALL
    SELECT id, kind, currency, amount_minor, at_ms, reference, state, received_minor, other FROM remittance_seen
    WHERE id NOT IN (SELECT id FROM remittance)
"""


async def remittances(database: Database, limit: int = 30) -> list[Remitted]:
    """Return hand-overs and deposits, newest first."""
    async with database.reading() as connection:
        sql = f"SELECT * FROM ({_BOTH}) ORDER BY at_ms DESC, id DESC LIMIT ?"  # noqa: S608 - a fixed query
        return [Remitted(**dict(one)) for one in await rows(connection, sql, (limit,))]


async def remittance(database: Database, remittance_id: str) -> Remitted | None:
    """Return one hand-over or deposit."""
    async with database.reading() as connection:
        found = await row(connection, f"SELECT * FROM ({_BOTH}) WHERE id = ?", (remittance_id,))  # noqa: S608
    return Remitted(**dict(found)) if found else None

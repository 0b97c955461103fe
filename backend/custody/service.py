"""Holding money: taken in with a collection, handed over in two halves, paid in at the bank."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import date, timedelta
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from backend.audit import service as audit
from backend.auth.actor import Actor
from backend.collection.tables import Collection
from backend.company import service as company
from backend.custody import queries
from backend.custody.tables import Deposit, HandOver, HandOverReceipt, HandOverRefusal
from backend.ledger import service as ledger
from backend.sync.feed import touch
from shared import ledger as posting
from shared.clock import Clock, business_date, to_ms
from shared.collection import HELD_METHODS, CollectionRecorded
from shared.custody import DepositMade, HandOverGiven, Lot, in_hand_minor, take_oldest
from shared.ident import is_uuid
from shared.money import MAX_MINOR, exponent, money_text
from shared.refusal import Refused
from sync.message import Operation

_PAIRING_CODE = re.compile("[0-9]{6}")


async def take_in(session: AsyncSession, payments: Iterable[CollectionRecorded]) -> None:
    """Put payments' money into their salespeople's hands, as far as it is money one can hold."""
    rows: list[dict[str, Any]] = []
    for paid in payments:
        if paid.method in HELD_METHODS:
            lot = Lot(paid.id, paid.amount_minor, paid.taken_at_ms)
            rows += _moves(paid.salesperson_id, [lot], 1, ("collection", paid.id), (paid.method, paid.currency))
    await queries.add_moves(session, rows)


async def give_up(session: AsyncSession, collection: Collection, void_id: str) -> None:
    """Take a voided collection's money out of the salesperson's hands.

    Refuses ``custody_moved`` when it is not wholly there any more, or was counted out in a hand-over that awaits its
    other half: what has been given may not be taken away from under the receiver.
    """
    if collection.method not in HELD_METHODS:
        return
    await queries.lock_holder(session, collection.salesperson_id)
    held = await queries.held_of(session, collection.id)
    if held != {collection.salesperson_id: collection.amount_minor}:
        raise Refused("custody_moved", number=collection.receipt_number)
    where = (collection.method, collection.currency)
    if await _free_minor(session, collection.salesperson_id, *where) < collection.amount_minor:
        raise Refused("custody_moved", number=collection.receipt_number)
    lot = Lot(collection.id, collection.amount_minor, collection.taken_at_ms)
    await queries.add_moves(session, _moves(collection.salesperson_id, [lot], -1, ("void", void_id), where))


async def _free_minor(session: AsyncSession, holder_id: str, kind: str, currency: str) -> int:
    """Return what a person holds and has not counted out in hand-overs that await their other half."""
    held = in_hand_minor(await queries.lots(session, holder_id, kind, currency))
    return held - await queries.awaiting_minor(session, holder_id, kind, currency)


async def give(
    session: AsyncSession, actor: Actor, clock: Clock, operation: Operation, payload: HandOverGiven
) -> HandOver:
    """Note the giver's half; nothing posts until the receiver's half is here.

    Refuses ``permission_missing`` (in another's name), ``amount_not_positive``, ``method_unknown``, ``custody_short``
    (more than is in hand and not counted out already: such a surplus belongs to no collection) and
    ``operation_unreadable``.
    """
    actor.require("custody.hand_over")
    _check(actor, payload.giver_id, (payload.kind, payload.currency), payload.counted_minor, "custody.hand_over")
    if not is_uuid(payload.id) or not _PAIRING_CODE.fullmatch(payload.pairing_code) or _unfit(payload.note):
        raise Refused("operation_unreadable")
    await queries.lock_holder(session, payload.giver_id)
    free = await _free_minor(session, payload.giver_id, payload.kind, payload.currency)
    if payload.counted_minor > free:
        raise Refused("custody_short", in_hand=money_text(free, payload.currency))
    hand_over = HandOver(
        id=payload.id,
        giver_id=payload.giver_id,
        device_id=operation.device_id,
        operation_id=operation.id,
        currency=payload.currency,
        kind=payload.kind,
        counted_minor=payload.counted_minor,
        pairing_code=payload.pairing_code,
        note=payload.note,
        given_at_ms=payload.given_at_ms,
        received_at_ms=to_ms(clock.now()),
    )
    session.add(hand_over)
    await session.flush()
    audit.record(
        session, actor, clock, "custody.hand_over", "hand_over", payload.id,
        amount_minor=payload.counted_minor, currency=payload.currency, kind=payload.kind,
    )  # fmt: skip
    touch(session, "remittance", payload.id)
    return hand_over


async def receive(
    session: AsyncSession,
    actor: Actor,
    clock: Clock,
    *,
    pairing_code: str,
    counted_minor: int,
    note: str = "",
    hand_over_id: str = "",
) -> str:
    """Note the receiver's half and post: the oldest money moves first, what is missing is the giver's variance.

    ``hand_over_id`` tells apart two that wait with the same code. Refuses ``hand_over_not_found``,
    ``hand_over_to_self``, ``amount_not_positive``, ``count_above_given`` and ``custody_short``. Returns the
    hand-over's id.
    """
    actor.require("custody.receive")
    if not _PAIRING_CODE.fullmatch(pairing_code) or _unfit(note):
        raise Refused("hand_over_not_found")
    found = await queries.waiting(session, pairing_code=pairing_code, hand_over_id=hand_over_id)
    if len(found) != 1:
        raise Refused("hand_over_not_found")
    hand_over = found[0]
    if hand_over.giver_id == actor.user_id:
        raise Refused("hand_over_to_self")
    if counted_minor <= 0:
        raise Refused("amount_not_positive")
    if counted_minor > hand_over.counted_minor:
        raise Refused("count_above_given", given=money_text(hand_over.counted_minor, hand_over.currency))
    session.add(
        HandOverReceipt(
            hand_over_id=hand_over.id,
            receiver_id=actor.user_id,
            counted_minor=counted_minor,
            counted_at_ms=to_ms(clock.now()),
            note=note,
        )
    )
    await session.flush()
    await _hand_over(session, clock, hand_over, actor.user_id, counted_minor)
    audit.record(
        session, actor, clock, "custody.receive", "hand_over", hand_over.id,
        given_minor=hand_over.counted_minor, received_minor=counted_minor, currency=hand_over.currency,
    )  # fmt: skip
    return hand_over.id


async def refuse(session: AsyncSession, actor: Actor, clock: Clock, *, hand_over_id: str, reason: str) -> None:
    """Refuse a hand-over that nobody received (mistyped, or the money never came): the giver may give again.

    Refuses ``reason_missing``, ``hand_over_not_found`` (also when it was received or refused before) and
    ``hand_over_to_self``.
    """
    actor.require("custody.receive")
    reason = reason.strip()
    if not reason:
        raise Refused("reason_missing")
    found = await queries.waiting(session, hand_over_id=hand_over_id) if is_uuid(hand_over_id) else []
    if not found or _unfit(reason):
        raise Refused("hand_over_not_found")
    if found[0].giver_id == actor.user_id:
        raise Refused("hand_over_to_self")
    now = to_ms(clock.now())
    session.add(HandOverRefusal(hand_over_id=hand_over_id, refused_by=actor.user_id, reason=reason, refused_at_ms=now))
    await session.flush()
    audit.record(
        session, actor, clock, "custody.receive", "hand_over", hand_over_id, step="refused", reason=reason,
        given_minor=found[0].counted_minor, currency=found[0].currency,
    )  # fmt: skip
    touch(session, "remittance", hand_over_id)


async def _hand_over(
    session: AsyncSession, clock: Clock, hand_over: HandOver, receiver_id: str, received_minor: int
) -> None:
    """Move the lots and post the entry of a hand-over whose halves are both here."""
    giver, kind, currency = hand_over.giver_id, hand_over.kind, hand_over.currency
    await queries.lock_holder(session, giver)
    held = await queries.lots(session, giver, kind, currency)
    given = take_oldest(held, hand_over.counted_minor, currency)
    received = take_oldest(given, received_minor, currency)
    where = (kind, currency)
    fact = ("hand_over", hand_over.id)
    await queries.add_moves(
        session, _moves(giver, given, -1, fact, where) + _moves(receiver_id, received, 1, fact, where)
    )
    postings = posting.hand_over(
        giver_id=giver,
        receiver_id=receiver_id,
        kind=kind,
        currency=currency,
        given_minor=hand_over.counted_minor,
        received_minor=received_minor,
    )
    await ledger.post(
        session, clock, fact_kind="hand_over", fact_id=hand_over.id, booked_on=await _today(session, clock),
        postings=postings,
    )  # fmt: skip
    _touch(session, hand_over.id, given)


async def deposit(
    session: AsyncSession, actor: Actor, clock: Clock, payload: DepositMade, operation_id: str = ""
) -> None:
    """Book held money as paid in at the bank, oldest first; ``operation_id`` is empty from the console.

    Refuses ``permission_missing`` (another's money), ``amount_not_positive``, ``method_unknown``, ``custody_short``,
    ``bank_account_not_found``, ``currency_mismatch``, ``deposit_date`` and ``operation_unreadable``.
    """
    actor.require("custody.deposit")
    _check(actor, payload.holder_id, (payload.kind, payload.currency), payload.amount_minor, "custody.deposit")
    deposited_on = _day(payload.deposited_on)
    if not is_uuid(payload.id) or _unfit(payload.note) or _unfit(payload.slip_reference, 200):
        raise Refused("operation_unreadable")
    account = await queries.bank_account(session, payload.bank_account_id) if is_uuid(payload.bank_account_id) else None
    if account is None:
        raise Refused("bank_account_not_found")
    if account.currency != payload.currency:
        raise Refused("currency_mismatch", expected=account.currency, got=payload.currency)
    await queries.lock_holder(session, payload.holder_id)
    held = await queries.lots(session, payload.holder_id, payload.kind, payload.currency)
    waiting = await queries.awaiting_minor(session, payload.holder_id, payload.kind, payload.currency)
    free = in_hand_minor(held) - waiting
    if payload.amount_minor > free:
        raise Refused("custody_short", in_hand=money_text(free, payload.currency))
    taken = take_oldest(held, payload.amount_minor, payload.currency)
    await _check_day(session, clock, deposited_on, taken)
    session.add(_deposit_row(payload, deposited_on, operation_id, to_ms(clock.now())))
    await session.flush()
    where = (payload.kind, payload.currency)
    await queries.add_moves(session, _moves(payload.holder_id, taken, -1, ("deposit", payload.id), where))
    await ledger.post(
        session, clock, fact_kind="deposit", fact_id=payload.id, booked_on=deposited_on,
        postings=posting.deposit(payload.holder_id, payload.kind, payload.currency, payload.amount_minor),
    )  # fmt: skip
    audit.record(
        session, actor, clock, "custody.deposit", "deposit", payload.id, account=account.number,
        amount_minor=payload.amount_minor, currency=payload.currency, slip=payload.slip_reference,
    )  # fmt: skip
    _touch(session, payload.id, taken)


def _deposit_row(payload: DepositMade, deposited_on: date, operation_id: str, now: int) -> Deposit:
    return Deposit(
        id=payload.id,
        holder_id=payload.holder_id,
        operation_id=operation_id,
        bank_account_id=payload.bank_account_id,
        currency=payload.currency,
        kind=payload.kind,
        amount_minor=payload.amount_minor,
        slip_reference=payload.slip_reference,
        deposited_on=deposited_on,
        recorded_at_ms=now,
        note=payload.note,
    )


def _check(actor: Actor, holder_id: str, where: tuple[str, str], amount_minor: int, permission: str) -> None:
    kind, currency = where
    exponent(currency)
    if kind not in HELD_METHODS:
        raise Refused("method_unknown", method=kind[:20])
    if amount_minor <= 0:
        raise Refused("amount_not_positive")
    if amount_minor > MAX_MINOR:
        raise Refused("amount_too_large", text=str(amount_minor))
    if holder_id != actor.user_id:
        raise Refused("permission_missing", permission=permission)


def _unfit(text: str, longest: int = 2_000) -> bool:
    return len(text) > longest or "\0" in text


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise Refused("operation_unreadable") from None


async def _check_day(session: AsyncSession, clock: Clock, deposited_on: date, taken: Iterable[Lot]) -> None:
    """Refuse ``deposit_date`` later than tomorrow, or before the oldest of the money was taken.

    Money taken by a clock that is ahead may be paid in today all the same.
    """
    zone = (await company.company(session)).zone
    today = business_date(to_ms(clock.now()), zone)
    earliest = min(today, business_date(min(lot.taken_at_ms for lot in taken), zone))
    latest = today + timedelta(days=1)
    if not earliest <= deposited_on <= latest:
        raise Refused("deposit_date", day=deposited_on, earliest=earliest, latest=latest)


async def _today(session: AsyncSession, clock: Clock) -> date:
    return business_date(to_ms(clock.now()), (await company.company(session)).zone)


def _moves(
    holder_id: str, lots: Iterable[Lot], sign: int, fact: tuple[str, str], where: tuple[str, str]
) -> list[dict[str, Any]]:
    """Make the rows that put lots into (1) or take them out of (-1) someone's hands because of a fact (kind, id)."""
    (fact_kind, fact_id), (kind, currency) = fact, where
    return [
        {
            "holder_id": holder_id,
            "collection_id": lot.collection_id,
            "fact_id": fact_id,
            "fact_kind": fact_kind,
            "kind": kind,
            "currency": currency,
            "amount_minor": sign * lot.amount_minor,
            "taken_at_ms": lot.taken_at_ms,
        }
        for lot in lots
    ]


def _touch(session: AsyncSession, fact_id: str, lots: Iterable[Lot]) -> None:
    touch(session, "remittance", fact_id)
    for lot in lots:
        touch(session, "collection", lot.collection_id)

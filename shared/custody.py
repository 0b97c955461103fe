"""Holding and handing over cash and cheques: every unit is a lot that came from one collection."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from shared.money import exponent, money_text
from shared.refusal import Refused

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence


@dataclass(frozen=True, slots=True)
class Lot:
    """What one person still holds of one collection."""

    collection_id: str
    amount_minor: int
    taken_at_ms: int


@dataclass(frozen=True, slots=True)
class HandOverGiven:
    """The payload of the operation ``custody.hand_over``: the giver's half, with the counted amount.

    ``pairing_code`` (six digits) only pairs the halves; nothing posts until the receiver's half is there.
    """

    id: str
    giver_id: str
    currency: str
    kind: str
    counted_minor: int
    pairing_code: str
    given_at_ms: int
    note: str = ""


@dataclass(frozen=True, slots=True)
class DepositMade:
    """The payload of the operation ``custody.deposit``: held money paid in at the bank."""

    id: str
    holder_id: str
    bank_account_id: str
    currency: str
    kind: str
    amount_minor: int
    slip_reference: str
    deposited_on: str
    deposited_at_ms: int
    note: str = ""


def in_hand_minor(lots: Iterable[Lot]) -> int:
    """Sum what is held."""
    return sum(lot.amount_minor for lot in lots)


def take_oldest(lots: Sequence[Lot], amount_minor: int, currency: str) -> tuple[Lot, ...]:
    """Take an amount out of the lots held, oldest first; the last one taken may be cut.

    Money is fungible, but its way must be known: the deposit slip tells matching and incentive which collections a
    bank credit holds. Refuses ``amount_not_positive`` and ``custody_short``.
    """
    exponent(currency)
    if amount_minor <= 0:
        raise Refused("amount_not_positive")
    in_hand = in_hand_minor(lots)
    if amount_minor > in_hand:
        raise Refused("custody_short", in_hand=money_text(in_hand, currency))
    taken, left = [], amount_minor
    for lot in sorted(lots, key=lambda lot: (lot.taken_at_ms, lot.collection_id)):
        part = min(left, lot.amount_minor)
        if part <= 0:
            break
        taken.append(Lot(lot.collection_id, part, lot.taken_at_ms))
        left -= part
    return tuple(taken)


def oldest_age_days(lots: Iterable[Lot], now_ms: int) -> int:
    """Return the age in whole days of the oldest money held; 0 when nothing is held."""
    oldest = min((lot.taken_at_ms for lot in lots if lot.amount_minor > 0), default=now_ms)
    return max(0, (now_ms - oldest) // 86_400_000)

"""A salesperson's day: visits, receipts, codes shown, money counted out in the evening."""

from __future__ import annotations

from typing import TYPE_CHECKING

from backend.demo.people import CURRENCY, MAIN_ACCOUNT
from backend.demo.world import Taken
from backend.sync import service as sync
from shared.collection import HELD_METHODS, CollectionRecorded, Place, VoidRequested, oldest_first, propose
from shared.custody import DepositMade, HandOverGiven
from shared.ident import rf_reference

if TYPE_CHECKING:
    from datetime import date

    from sqlalchemy.ext.asyncio import AsyncSession

    from backend.demo.phone import Phone
    from backend.demo.world import Debtor, World

_METHODS = ("cash",) * 9 + ("transfer",) * 4 + ("code",) * 6 + ("cheque",)
_NOTES = ("", "", "", "", "", "老板娘代付", "下次送货时结清余款", "已当面点清", "要求月底对账")


def calls(world: World, day: date, phone: Phone, *, most: int = 9) -> list[Debtor]:
    """Return the customers on today's route who pay, those who promised longest ago first.

    A shop is called on twice a fortnight; on the last day the salespeople call on whoever promised.
    """
    mine = [
        debtor
        for n, debtor in enumerate(world.debtors)
        if debtor.salesperson == phone.person and (day == world.today or (n + day.toordinal()) % 14 in (0, 6))
    ]
    paying = [debtor for debtor in mine if _due_today(debtor, day)]
    return sorted(paying, key=lambda debtor: min(debtor.pays_on[id] for id in _due_today(debtor, day)))[:most]


def _due_today(debtor: Debtor, day: date) -> list[str]:
    return [id for id, on in debtor.pays_on.items() if on <= day and debtor.invoices[id].payable]


def collect(world: World, day: date, phone: Phone, debtor: Debtor) -> Taken:
    """Record what one customer gives for the invoices that it meant to pay by today."""
    chosen = [debtor.invoices[id] for id in _due_today(debtor, day)]
    owed = sum(invoice.open_minor for invoice in chosen)
    amount = _amount(world, owed)
    method = world.dice.choice(_METHODS) if amount < 2_000_000 else world.dice.choice(("transfer", "cheque"))
    number = phone.next_receipt_number()
    payment = CollectionRecorded(
        id=world.new_id(),
        customer_id=debtor.id,
        salesperson_id=phone.user_id,
        currency=CURRENCY,
        amount_minor=amount,
        method=method,
        receipt_number=number,
        taken_at_ms=world.now_ms(),
        allocations=propose(amount, CURRENCY, oldest_first(chosen)),
        reference=rf_reference(number) if method == "code" else _cheque_number(world, method),
        note=world.dice.choice(_NOTES),
        place=_place(world),
    )
    phone.record(world, "collection.record", payment)
    debtor.settle((part.invoice_id, part.amount_minor) for part in payment.allocations)
    for id in _due_today(debtor, day):  # the rest of a part payment comes two to five weeks later
        debtor.pays_on[id] = day.fromordinal(day.toordinal() + world.dice.randint(14, 35))
    if method in HELD_METHODS:
        phone.in_hand[method] = phone.in_hand.get(method, 0) + amount
    return Taken(payment, debtor, arrives=method in HELD_METHODS or not world.chance(2))


def _amount(world: World, owed: int) -> int:
    """Mostly what is owed; sometimes a round part of it, seldom a little too much."""
    fate = world.dice.randrange(100)
    if fate < 16 and owed > 100_000:
        return owed * world.dice.randint(4, 7) // 10 // 10_000 * 10_000 or owed
    if fate > 97:
        return -(-owed // 10_000) * 10_000
    return owed


def _cheque_number(world: World, method: str) -> str:
    return f"{world.dice.randrange(10**8):08d}" if method == "cheque" else ""


def _place(world: World) -> Place | None:
    """Somewhere in Hangzhou, coarsely; now and then the phone finds no satellite."""
    if world.chance(8):
        return None
    dice = world.dice
    return Place(
        3_020_000 + dice.randrange(25_000), 12_008_000 + dice.randrange(30_000), dice.choice((12, 25, 60, 400))
    )


def ask_void(world: World, phone: Phone, taken: Taken, reason: str) -> None:
    """Ask for a receipt to be voided."""
    request = VoidRequested(world.new_id(), taken.payment.id, reason)
    phone.record(world, "collection.void", request)
    world.asked_voids.append((request.id, taken))


def count_out(world: World, phone: Phone) -> list[HandOverGiven]:
    """Count out everything in hand for the cashier; each kind is a hand-over of its own."""
    given = []
    for kind, amount in sorted(phone.in_hand.items()):
        code = f"{world.dice.randrange(10**6):06d}"
        payload = HandOverGiven(world.new_id(), phone.user_id, CURRENCY, kind, amount, code, given_at_ms=world.now_ms())
        phone.record(world, "custody.hand_over", payload)
        given.append(payload)
    phone.in_hand.clear()
    return given


def pay_in(world: World, phone: Phone, day: date) -> list[DepositMade]:
    """Pay everything in hand in at the bank oneself: what a salesperson far from the office does."""
    made = []
    for kind, amount in sorted(phone.in_hand.items()):
        payload = DepositMade(
            id=world.new_id(),
            holder_id=phone.user_id,
            bank_account_id=world.accounts[MAIN_ACCOUNT.number],
            currency=CURRENCY,
            kind=kind,
            amount_minor=amount,
            slip_reference=f"ZD{day:%y%m%d}{world.dice.randrange(10**4):04d}",
            deposited_on=day.isoformat(),
            deposited_at_ms=world.now_ms(),
            note="自助存款" if kind == "cash" else "柜台交票",
        )
        phone.record(world, "custody.deposit", payload)
        made.append(payload)
    phone.in_hand.clear()
    return made


async def push(world: World, session: AsyncSession, phone: Phone) -> None:
    """Send the outbox, as the engine does when there is network."""
    for batch in phone.unsent():
        phone.settle(await sync.push(session, world.clock, batch))

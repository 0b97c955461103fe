"""The office's day: invoices go out, collections are approved, money is counted and paid in, statements are read."""

from __future__ import annotations

import csv
import io
from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING

from backend.approval import service as approval
from backend.bank import service as bank
from backend.custody import queries as holdings
from backend.custody import service as custody
from backend.demo.bank_disorder import MAPPING
from backend.demo.people import ACCOUNTS, CASHIER, CURRENCY, MAIN_ACCOUNT, RECONCILER, SUPERVISOR
from backend.importing import service as importing
from backend.invoice import queries as documents
from backend.matching import queries as open_money
from backend.matching import service as matching
from shared.collection import HELD_METHODS
from shared.custody import DepositMade, HandOverGiven, in_hand_minor
from shared.invoice import Invoice, InvoiceKind, due_date
from shared.money import decimal_text
from shared.refusal import Refused

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sqlalchemy.ext.asyncio import AsyncSession

    from backend.demo.catalogue import Temper
    from backend.demo.world import Debtor, Taken, World

_DELAYS: dict[Temper, tuple[int, int]] = {"prompt": (-6, 4), "slow": (3, 42), "bad": (20, 110)}
_REJECTED = ("银行回单与金额不符", "客户来电称未付款", "转账截图日期不对，请核实")


@dataclass(frozen=True, slots=True)
class Delivery:
    """Goods that left today, and the document that says so."""

    debtor: Debtor
    number: str
    kind: InvoiceKind
    due_on: date
    amount_minor: int


def deliver(world: World, day: date, number: int) -> Delivery:
    """Deliver goods to some customer; now and then broken packages come back and are credited."""
    debtor = world.dice.choice(world.debtors)
    amount = debtor.shop.size * world.dice.randint(45, 170) + world.dice.choice((0, 0, 0, 50, 80))
    due_on = due_date(day, debtor.shop.terms_days)
    if world.chance(2):
        return Delivery(debtor, f"TH{day:%y%m}{number:05d}", "credit_note", day, -(amount // 12))
    return Delivery(debtor, f"XS{day:%y%m}{number:05d}", "invoice", due_on, amount)


async def issue(world: World, session: AsyncSession, day: date, deliveries: list[Delivery]) -> None:
    """Import the day's documents from the accounting system's file; the customers decide when they are going to pay."""
    stream = io.StringIO()
    writer = csv.writer(stream)
    writer.writerow(("单据编号", "客户编号", "客户名称", "单据日期", "到期日", "价税合计"))
    for one in deliveries:
        shop, amount = one.debtor.shop, decimal_text(one.amount_minor, CURRENCY)
        writer.writerow((one.number, shop.number, shop.name, day.isoformat(), one.due_on.isoformat(), amount))
    outcome = await importing.import_invoices(
        session,
        world.actors[RECONCILER.login],
        world.clock,
        content=stream.getvalue().encode("utf-8-sig"),
        file_name=f"销售单据_{day:%Y%m%d}.csv",
        as_of=day,
    )
    if outcome.new_count != len(deliveries):
        message = f"the demo's documents were not all taken: {outcome}"
        raise RuntimeError(message)
    known = await documents.by_numbers(session, [(one.debtor.id, one.number) for one in deliveries])
    for one in deliveries:
        _owe(world, day, one, known[one.debtor.id, one.number].id)


def _owe(world: World, day: date, one: Delivery, id: str) -> None:
    debtor, temper = one.debtor, one.debtor.shop.temper
    debtor.invoices[id] = Invoice(
        id, debtor.id, one.number, one.kind, day, one.due_on, CURRENCY, one.amount_minor, one.amount_minor
    )
    if temper != "bad" or world.chance(60):
        debtor.pays_on[id] = one.due_on + timedelta(days=world.dice.randint(*_DELAYS[temper]))


async def decide(world: World, session: AsyncSession, takings: list[Taken]) -> None:
    """Let the supervisor approve collections; what never arrived is usually found out, and a few more are doubted."""
    supervisor = world.actors[SUPERVISOR.login]
    good: list[Taken] = []
    doubtful: list[Taken] = []
    for taken in takings:
        claim = taken.payment.method in ("transfer", "code")
        doubted = (claim and not taken.arrives and world.chance(70)) or world.chance(1)
        (doubtful if doubted else good).append(taken)
    outcomes = await approval.decide_many(
        session,
        supervisor,
        world.clock,
        subjects=[("collection", taken.payment.id) for taken in good],
        decision="approved",
    )
    _nothing_refused(outcome.refused for outcome in outcomes)
    for taken in doubtful:
        await approval.decide(
            session,
            supervisor,
            world.clock,
            subject_kind="collection",
            subject_id=taken.payment.id,
            decision="rejected",
            reason=world.dice.choice(_REJECTED),
        )
        reopen(world, taken)


async def decide_void(world: World, session: AsyncSession, request_id: str, taken: Taken, reason: str) -> None:
    """Let the supervisor approve a void (no reason) or refuse it."""
    await approval.decide(
        session,
        world.actors[SUPERVISOR.login],
        world.clock,
        subject_kind="void",
        subject_id=request_id,
        decision="rejected" if reason else "approved",
        reason=reason,
    )
    if not reason:
        reopen(world, taken)


def reopen(world: World, taken: Taken) -> None:
    """Open again what an undone payment had paid. Who gave cash does not pay twice: that waits for the office."""
    if taken.payment.id in world.reopened:
        return
    world.reopened.add(taken.payment.id)
    for part in taken.payment.allocations:
        taken.debtor.settle([(part.invoice_id, -part.amount_minor)])
        if taken.payment.method in HELD_METHODS:
            taken.debtor.pays_on.pop(part.invoice_id, None)


def _nothing_refused(refusals: Iterable[Refused | None]) -> None:
    for refused in refusals:
        if refused:
            raise refused


async def receive(world: World, session: AsyncSession, given: list[HandOverGiven], *, short_minor: int = 0) -> None:
    """Let the cashier count what salespeople brought; ``short_minor`` is missing from the first cash."""
    for payload in given:
        missing = short_minor if payload.kind == "cash" and short_minor < payload.counted_minor else 0
        short_minor -= missing
        await custody.receive(
            session,
            world.actors[CASHIER.login],
            world.clock,
            pairing_code=payload.pairing_code,
            counted_minor=payload.counted_minor - missing,
            note="少一张 50 元" if missing else "",
            hand_over_id=payload.id,
        )


async def pay_in(world: World, session: AsyncSession, day: date) -> None:
    """Let the cashier pay in everything at the bank, each kind with its slip."""
    cashier = world.actors[CASHIER.login]
    for kind in ("cash", "cheque"):
        amount = in_hand_minor(await holdings.lots(session, cashier.user_id, kind, CURRENCY))
        if not amount:
            continue
        made = DepositMade(
            id=world.new_id(),
            holder_id=cashier.user_id,
            bank_account_id=world.accounts[MAIN_ACCOUNT.number],
            currency=CURRENCY,
            kind=kind,
            amount_minor=amount,
            slip_reference=f"{'XJ' if kind == 'cash' else 'ZP'}{day:%y%m%d}{world.dice.randrange(10**4):04d}",
            deposited_on=day.isoformat(),
            deposited_at_ms=world.now_ms(),
        )
        await custody.deposit(session, cashier, world.clock, made)
        world.bank.deposit(made, day)


async def read_statements(world: World, session: AsyncSession, since: date, until: date) -> None:
    """Let the reconciler import each account's file and run the matching."""
    reconciler = world.actors[RECONCILER.login]
    for account in ACCOUNTS:
        content = world.bank.statement(account.number, since, until)
        if content:
            await bank.import_file(
                session,
                reconciler,
                world.clock,
                account_id=world.accounts[account.number],
                file_name=f"{account.number[-4:]}_{since:%Y%m%d}_{until:%Y%m%d}.csv",
                content=content,
                mapping=MAPPING,
            )
    await matching.run(session, reconciler, world.clock)


async def review(world: World, session: AsyncSession) -> None:
    """Let the reconciler work the queue: confirm what is right, refuse what is wrong, leave what nobody can tell."""
    lines = {record.id: record.bank_id for record in await open_money.open_lines(session)}
    done: set[str] = set()
    proposals = await open_money.proposals(session, lines)
    for proposal in sorted(proposals, key=lambda one: (lines[one.line_id], one.expected_id)):
        line_id, expected_id = proposal.line_id, proposal.expected_id
        truth = world.bank.truth.get(lines[line_id])
        if truth == expected_id and not done & {line_id, expected_id}:
            await _confirm(world, session, line_id, proposal.expected_kind, expected_id)
            done |= {line_id, expected_id}
        elif truth not in (None, expected_id) and not done & {line_id, expected_id} and world.chance(60):
            reconciler = world.actors[RECONCILER.login]
            await matching.reject(session, reconciler, world.clock, line_id=line_id, expected_id=expected_id)


async def _confirm(world: World, session: AsyncSession, line_id: str, kind: str, expected_id: str) -> None:
    await matching.confirm(
        session,
        world.actors[RECONCILER.login],
        world.clock,
        line_id=line_id,
        expected_kind=kind,
        expected_id=expected_id,
    )


async def undo_bounced(world: World, session: AsyncSession, until: date) -> None:
    """Let the reconciler undo the matches of cheques that the bank has returned by a day."""
    for deposit_id, on in list(world.bank.bounced.items()):
        if on > until:
            continue
        for match in await open_money.of_expected(session, deposit_id):
            reconciler = world.actors[RECONCILER.login]
            await matching.unmatch(session, reconciler, world.clock, match_id=match.id, reason=f"支票退票 {on:%m-%d}")
        del world.bank.bounced[deposit_id]

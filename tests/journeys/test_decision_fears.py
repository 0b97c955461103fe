"""Fears about decisions that cross other facts: matched claims, money counted out, foreign customers, odd days."""

import asyncio
import json
from datetime import timedelta

import pytest
from sqlalchemy import select

from backend.approval import service as approval
from backend.audit.tables import AuditEvent
from backend.bank.tables import BankLineRecord
from backend.collection.tables import Collection
from backend.custody import queries as custody
from backend.custody import service as custody_service
from backend.custody.tables import HandOverRefusal
from backend.matching import service as matching
from backend.report import service as report
from backend.sync.tables import OperationRecord
from shared.clock import to_ms
from shared.refusal import Refused
from tests import builders
from tests.journeys.field import AMOUNT


async def decide(field, kind, subject_id, decision, actor=None):
    async with field.database.writing() as session:
        await approval.decide(
            session, actor or field.people.supervisor, field.clock, subject_kind=kind, subject_id=subject_id,
            decision=decision, reason="because",
        )  # fmt: skip


async def refused_code(awaitable):
    with pytest.raises(Refused) as refused:
        await awaitable
    return refused.value.code


async def account(field, number="6222000011"):
    async with field.database.writing() as session:
        return await builders.add_account(session, field.clock, number=number)


async def stated(field, account_id, amount, text="x"):
    """Import one bank line and return its id."""
    async with field.database.writing() as session:
        await builders.state(session, field.clock, field.people.reconciler, account_id, (amount, text))
        query = select(BankLineRecord.id).where(BankLineRecord.account_id == account_id)
        return await session.scalar(query.order_by(BankLineRecord.id.desc()))


async def confirm(field, line_id, kind, expected_id):
    async with field.database.writing() as session:
        return await matching.confirm(
            session, field.people.reconciler, field.clock, line_id=line_id, expected_kind=kind, expected_id=expected_id
        )


async def claim(field, phone):
    """Record a claimed transfer and its bank line; return the payment and the line's id."""
    paid = phone.collect(AMOUNT, (field.invoices[0], AMOUNT), method="transfer")
    await phone.sync()
    return paid, await stated(field, await account(field), "1000.00")


async def not_ok(field):
    async with field.database.reading() as reader:
        return [one.name for one in await report.control_totals(reader) if not one.ok]


@pytest.mark.parametrize("many", [False, True], ids=["alone", "among_many"])
async def test_a_matched_claim_is_not_rejected_until_the_match_is_undone(field, many):
    phone = await field.phone()
    paid, line_id = await claim(field, phone)
    match_id = await confirm(field, line_id, "collection", paid.id)
    if many:
        async with field.database.writing() as session:
            (outcome,) = await approval.decide_many(
                session, field.people.supervisor, field.clock, subjects=[("collection", paid.id)],
                decision="rejected", reason="because",
            )  # fmt: skip
        assert outcome.refused.code == "match_taken"
    else:
        assert await refused_code(decide(field, "collection", paid.id, "rejected")) == "match_taken"
    assert (await field.standing(paid.id)).decision == ""
    assert await field.open_minor(field.invoices[0]) == [0]
    async with field.database.writing() as session:
        await matching.unmatch(session, field.people.reconciler, field.clock, match_id=match_id, reason="not theirs")
    await decide(field, "collection", paid.id, "rejected")
    assert await field.open_minor(field.invoices[0]) == [AMOUNT]
    assert await not_ok(field) == []


async def test_held_money_that_the_bank_has_may_still_be_rejected(field):
    phone = await field.phone()
    paid = phone.collect(AMOUNT, (field.invoices[0], AMOUNT))
    where = await account(field)
    made = phone.deposit(AMOUNT, where)
    await phone.sync()
    await confirm(field, await stated(field, where, "1000.00"), "deposit", made.id)
    await decide(field, "collection", paid.id, "rejected")
    assert await field.balance("unapplied", field.customer) == -AMOUNT
    assert await not_ok(field) == []


async def test_a_rejection_that_comes_while_a_match_is_confirmed_waits_and_is_refused(field):
    phone = await field.phone()
    paid, line_id = await claim(field, phone)
    async with field.database.writing() as session:
        await matching.confirm(
            session, field.people.reconciler, field.clock, line_id=line_id, expected_kind="collection",
            expected_id=paid.id,
        )  # fmt: skip
        rejection = asyncio.create_task(decide(field, "collection", paid.id, "rejected"))
        await asyncio.sleep(0.3)
        assert not rejection.done()
    assert await refused_code(rejection) == "match_taken"


@pytest.mark.parametrize("by_hand", [True, False], ids=["confirm", "run"])
async def test_a_match_that_comes_while_a_claim_is_rejected_waits_and_finds_nothing(field, by_hand):
    phone = await field.phone()
    paid, line_id = await claim(field, phone)

    async def run():
        async with field.database.writing() as session:
            return (await matching.run(session, field.people.reconciler, field.clock)).confirmed

    async with field.database.writing() as session:
        await approval.decide(
            session, field.people.supervisor, field.clock, subject_kind="collection", subject_id=paid.id,
            decision="rejected", reason="because",
        )  # fmt: skip
        match = asyncio.create_task(confirm(field, line_id, "collection", paid.id) if by_hand else run())
        await asyncio.sleep(0.3)
        assert not match.done()
    if by_hand:
        assert await refused_code(match) == "expected_not_found"
    else:
        assert await match == []
    assert await not_ok(field) == []


async def test_a_claim_that_may_be_matched_by_itself_is_matched_by_itself(field):
    phone = await field.phone()
    paid, _line = await claim(field, phone)
    async with field.database.writing() as session:
        done = await matching.run(session, field.people.reconciler, field.clock)
    assert done.confirmed_count == 1
    assert (await field.standing(paid.id)).matched_minor == AMOUNT


async def test_money_counted_out_in_a_waiting_hand_over_cannot_be_voided(field):
    phone = await field.phone()
    paid = phone.collect(AMOUNT)
    phone.collect(20_000)
    given = phone.hand_over(AMOUNT)
    asked = phone.ask_void(paid.id)
    await phone.sync()
    assert await refused_code(decide(field, "void", asked.id, "approved")) == "custody_moved"
    async with field.database.writing() as session:
        await custody_service.receive(
            session, field.people.cashier, field.clock, pairing_code="123456", counted_minor=AMOUNT
        )
    assert given.counted_minor == AMOUNT
    assert await not_ok(field) == []


async def test_what_is_not_counted_out_can_be_voided_beside_a_waiting_hand_over(field):
    phone = await field.phone()
    paid = phone.collect(30_000)
    phone.collect(AMOUNT)
    phone.hand_over(AMOUNT)
    asked = phone.ask_void(paid.id)
    await phone.sync()
    await decide(field, "void", asked.id, "approved")
    assert await field.balance("custody", f"{phone.actor.user_id}:cash") == AMOUNT


async def refuse(field, hand_over_id, reason="typed 900 for 90", actor=None):
    async with field.database.writing() as session:
        await custody_service.refuse(
            session, actor or field.people.cashier, field.clock, hand_over_id=hand_over_id, reason=reason
        )


async def test_a_mistyped_hand_over_is_refused_with_a_reason_and_given_again(field):
    phone = await field.phone()
    paid = phone.collect(AMOUNT)
    given = phone.hand_over(AMOUNT)
    await phone.sync()
    await refuse(field, given.id)
    await phone.sync()
    assert phone.seen("remittance")[given.id][5:] == ["refused", 0, "Chen Jie"]
    (fact,) = await field.rows(HandOverRefusal)
    assert (fact.refused_by, fact.reason) == (field.people.cashier.user_id, "typed 900 for 90")
    (event,) = [row for row in await field.rows(AuditEvent) if row.action == "custody.receive"]
    assert json.loads(event.detail)["step"] == "refused"
    async with field.database.reading() as reader:
        assert await custody.awaiting_minor(reader, phone.actor.user_id, "cash", "CNY") == 0
        assert await custody.hand_overs(reader, awaiting=True) == []
        assert (await report.dashboard(reader, field.people.supervisor, field.clock)).waiting["hand_overs"].count == 0
        (state,) = await custody.hand_overs(reader)
    assert (state.receipt, state.refusal.reason, state.receiver_name) == (None, "typed 900 for 90", "Chen Jie")
    again = phone.hand_over(90_000, "222222")
    await phone.sync()
    assert phone.seen("remittance")[again.id][5] == "awaiting"
    async with field.database.writing() as session:
        await custody_service.receive(
            session, field.people.cashier, field.clock, pairing_code="222222", counted_minor=90_000
        )
    assert (await field.standing(paid.id)).held_minor == 10_000
    assert await not_ok(field) == []


async def test_a_refusal_of_a_hand_over_needs_the_right_a_reason_and_one_that_waits(field):
    phone = await field.phone()
    phone.collect(AMOUNT)
    given, taken = phone.hand_over(40_000), phone.hand_over(30_000, "222222")
    await phone.sync()
    async with field.database.writing() as session:
        await custody_service.receive(
            session, field.people.cashier, field.clock, pairing_code="222222", counted_minor=30_000
        )
    cases = [
        (refuse(field, given.id, actor=field.people.supervisor), "permission_missing"),
        (refuse(field, given.id, "  "), "reason_missing"),
        (refuse(field, given.id, "a\0b"), "hand_over_not_found"),
        (refuse(field, taken.id), "hand_over_not_found"),
        (refuse(field, field.customer), "hand_over_not_found"),
        (refuse(field, "x"), "hand_over_not_found"),
    ]
    for attempt, code in cases:
        assert await refused_code(attempt) == code
    await refuse(field, given.id)
    assert await refused_code(refuse(field, given.id)) == "hand_over_not_found"
    async with field.database.writing() as session:
        late = custody_service.receive(
            session, field.people.cashier, field.clock, pairing_code="123456", counted_minor=40_000
        )
        assert await refused_code(late) == "hand_over_not_found"


async def test_a_count_and_a_refusal_at_once_leave_one_of_them(field):
    phone = await field.phone()
    phone.collect(AMOUNT)
    given = phone.hand_over(AMOUNT)
    await phone.sync()
    async with field.database.writing() as session:
        await custody_service.receive(
            session, field.people.cashier, field.clock, pairing_code="123456", counted_minor=AMOUNT
        )
        refusal = asyncio.create_task(refuse(field, given.id))
        await asyncio.sleep(0.3)
        assert not refusal.done()
    assert await refused_code(refusal) == "hand_over_not_found"


async def test_a_void_is_decided_neither_by_who_asked_nor_by_whose_collection_it_is(field):
    phone, asker = await field.phone(field.people.supervisor), await field.phone(field.people.other_supervisor)
    paid = phone.collect(AMOUNT)
    await phone.sync()
    asked = asker.ask_void(paid.id)
    await asker.sync()
    for decision in ("approved", "rejected"):
        for actor in (field.people.supervisor, field.people.other_supervisor):
            assert await refused_code(decide(field, "void", asked.id, decision, actor)) == "approval_own"
    assert (await field.standing(paid.id)).void == "asked"


async def test_a_payment_for_a_customer_that_was_never_theirs_waits_for_a_person_and_shows_nothing(field):
    phone = await field.phone()
    phone.collect(AMOUNT, (field.other_invoices[0], AMOUNT), customer_id=field.other_customer)
    own = phone.collect(20_000)
    answer = await phone.push()
    assert [(one.status, one.code) for one in answer.verdicts] == [
        ("quarantined", "customer_not_found"),
        ("accepted", ""),
    ]
    await phone.sync()
    assert [row.id for row in await field.rows(Collection)] == [own.id]
    assert await field.open_minor(field.other_invoices[0]) == [AMOUNT]
    assert field.other_customer not in str(phone.store.mirror)


async def test_a_supervisor_may_collect_for_anybodys_customer(field):
    phone = await field.phone(field.people.supervisor)
    phone.collect(AMOUNT, customer_id=field.other_customer)
    assert [one.status for one in (await phone.push()).verdicts] == ["accepted"]
    assert [row.flags for row in await field.rows(Collection)] == [""]


async def test_a_note_without_end_is_cut_and_the_money_is_booked(field):
    phone = await field.phone()
    note = "长" * 2_000 + "tail" * 2_000
    phone.collect(AMOUNT, note=note)
    phone.collect(1_000, note="short")
    assert [one.status for one in (await phone.push()).verdicts] == ["accepted", "accepted"]
    assert sorted(row.note for row in await field.rows(Collection)) == ["short", "长" * 2_000]
    kept = await field.rows(OperationRecord)
    assert any("tail" * 2_000 in one.payload for one in kept)


@pytest.mark.parametrize(
    ("days", "code"), [(-4, "deposit_date"), (-3, ""), (0, ""), (1, ""), (2, "deposit_date"), (3_650, "deposit_date")]
)
async def test_a_deposit_is_dated_between_the_taking_of_its_money_and_tomorrow(field, days, code):
    phone = await field.phone()
    phone.collect(AMOUNT)
    where = await account(field)
    await phone.sync()
    field.clock.move(days=3)
    day = (builders.today(field.clock) + timedelta(days=days)).isoformat()
    made = phone.deposit(AMOUNT, where)
    chained = phone.store.operations.pop()
    text = chained.payload.replace('"2026-03-02"', f'"{day}"')
    phone.operation("custody.deposit", text)
    answer = await phone.push()
    assert answer.verdicts[-1].code == code
    assert await field.balance("transit", "") == (0 if code else AMOUNT)
    if code:
        assert day in answer.verdicts[-1].what
    assert made.amount_minor == AMOUNT


async def test_money_taken_by_a_clock_that_is_ahead_can_be_paid_in_today(field):
    phone = await field.phone()
    phone.operation("collection.record", phone.payment(AMOUNT, taken_at_ms=to_ms(field.clock.now()) + 10**10))
    phone.deposit(AMOUNT, await account(field))
    assert [one.status for one in (await phone.push()).verdicts] == ["accepted", "accepted"]


async def test_a_deposit_is_not_confirmed_on_another_account(field):
    phone = await field.phone()
    phone.collect(AMOUNT)
    here, there = await account(field), await account(field, "6222000022")
    made = phone.deposit(AMOUNT, here)
    await phone.sync()
    wrong, right = await stated(field, there, "1000.00"), await stated(field, here, "1000.00")
    assert await refused_code(confirm(field, wrong, "deposit", made.id)) == "match_account"
    async with field.database.reading() as reader:
        seen = {
            line: [
                (one.expected.id, one.may_confirm)
                for one in await matching.candidates(reader, field.people.reconciler, line_id=line)
            ]
            for line in (wrong, right)
        }
    assert seen == {wrong: [(made.id, False)], right: [(made.id, True)]}
    await confirm(field, right, "deposit", made.id)


@pytest.mark.parametrize(
    ("method", "arrived", "may"),
    [("code", "1000.00", True), ("code", "995.00", True), ("code", "980.00", False), ("transfer", "995.00", False)],
)
async def test_a_candidate_says_what_confirming_it_would_say(field, method, arrived, may):
    phone = await field.phone()
    paid = phone.collect(AMOUNT, method=method, reference="REF4711")
    await phone.sync()
    line = await stated(field, await account(field), arrived)
    async with field.database.reading() as reader:
        (candidate,) = await matching.candidates(reader, field.people.reconciler, line_id=line)
    assert (candidate.expected.id, candidate.may_confirm) == (paid.id, may)
    if not may:
        assert await refused_code(confirm(field, line, "collection", paid.id)) == "match_amount"
        return
    await confirm(field, line, "collection", paid.id)
    other = phone.collect(AMOUNT, method=method)
    await phone.sync()
    async with field.database.reading() as reader:
        after = await matching.candidates(reader, field.people.reconciler, line_id=line)
    assert [(one.expected.id, one.may_confirm) for one in after] == [(other.id, False)], "the line is taken"


async def test_the_review_queue_says_which_proposals_may_be_confirmed(field):
    phone = await field.phone()
    paid = phone.collect(AMOUNT, method="transfer")
    await phone.sync()
    where = await account(field)
    await stated(field, where, "1000.00", "a")
    await stated(field, where, "1000.00", "b")
    async with field.database.writing() as session:
        await matching.run(session, field.people.reconciler, field.clock)
    async with field.database.reading() as reader:
        queue = await matching.review(reader, field.people.reconciler)
    assert [[(c.expected.id, c.may_confirm) for c in one.candidates] for one in queue] == [[(paid.id, True)]] * 2

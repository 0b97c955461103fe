"""Fears about money that changed meanwhile: never refused, never doubled, both sides told."""

from datetime import date

import pytest

from backend.approval import service as approval
from backend.bank import service as bank
from backend.collection import queries as collections
from backend.collection.tables import Allocation, Collection
from backend.custody import queries as custody
from backend.custody import service as custody_service
from backend.customer import service as customers
from backend.invoice import service as invoices
from shared.refusal import Refused
from tests.journeys.field import AMOUNT


async def decide(field, kind, subject_id, decision, *by):
    actor, reason = by or (field.people.supervisor, "because")
    async with field.database.writing() as session:
        return await approval.decide(
            session, actor, field.clock, subject_kind=kind, subject_id=subject_id,
            decision=decision, reason=reason,
        )  # fmt: skip


async def test_customer_reassigned_meanwhile(field):
    phone, other = await field.phone(), await field.phone(field.people.other_salesperson)
    await phone.sync()
    assert set(phone.seen("customer")) == {field.customer}
    paid = phone.collect(AMOUNT, (field.invoices[0], AMOUNT))
    async with field.database.writing() as session:
        await customers.reassign(
            session, field.people.admin, field.clock, customer_id=field.customer,
            salesperson_id=field.people.other_salesperson.user_id,
        )  # fmt: skip
    report = await phone.sync()
    assert report.verdicts == {"accepted": 1}
    (row,) = await field.rows(Collection)
    assert row.flags == "reassigned"
    assert await field.open_minor(field.invoices[0]) == [0]
    assert phone.seen("customer") == {}
    assert phone.seen("invoice") == {}
    assert set(phone.seen("collection")) == {paid.id}
    await other.sync()
    assert set(other.seen("customer")) == {field.customer, field.other_customer}
    assert set(other.seen("invoice")) == {*field.invoices[1:], *field.other_invoices}
    assert other.seen("collection") == {}


async def test_two_salespeople_collect_for_one_invoice(field):
    first, second = await field.phone(), await field.phone(field.people.supervisor)
    one = first.collect(70_000, (field.invoices[0], 70_000))
    two = second.collect(70_000, (field.invoices[0], 70_000))
    await first.sync()
    await second.sync()
    assert await field.open_minor(field.invoices[0]) == [0]
    applied = {row.collection_id: row.applied_minor for row in await field.rows(Allocation)}
    assert applied == {one.id: 70_000, two.id: 30_000}
    assert {row.id: row.flags for row in await field.rows(Collection)} == {one.id: "", two.id: "changed"}
    assert await field.balance("unapplied", field.customer) == -40_000
    assert await field.ledger_sum() == 0
    (notice,) = second.seen("notice").values()
    assert notice[3] == "allocation_changed"
    assert notice[4]["applied"] == "¥300.00"
    await first.sync()
    assert first.seen("customer")[field.customer][11] == 40_000


async def test_over_payment(field):
    phone = await field.phone()
    paid = phone.collect(250_000, (field.invoices[0], AMOUNT))
    await phone.sync()
    assert await field.open_minor(*field.invoices) == [0, AMOUNT, AMOUNT]
    assert await field.balance("unapplied", field.customer) == -150_000
    assert phone.seen("collection")[paid.id][7] == 150_000
    assert phone.seen("customer")[field.customer][11] == 150_000
    assert await field.ledger_sum() == 0


async def test_invoice_paid_at_the_office_meanwhile(field):
    phone = await field.phone()
    await phone.sync()
    async with field.database.writing() as session:
        await invoices.settle(
            session, field.people.reconciler, field.clock, invoice_id=field.invoices[0], amount_minor=AMOUNT,
            settled_on=date(2026, 3, 2),
        )  # fmt: skip
    paid = phone.collect(AMOUNT, (field.invoices[0], AMOUNT))
    assert (await phone.sync()).verdicts == {"accepted": 1}
    assert await field.open_minor(*field.invoices) == [0, AMOUNT, AMOUNT]
    assert await field.balance("unapplied", field.customer) == -AMOUNT
    assert phone.seen("collection")[paid.id][13] == ["changed"]
    assert await field.ledger_sum() == 0


async def test_another_customers_invoice_takes_nothing(field):
    phone = await field.phone()
    phone.collect(AMOUNT, (field.other_invoices[0], AMOUNT))
    assert (await phone.sync()).verdicts == {"accepted": 1}
    assert await field.open_minor(field.other_invoices[0]) == [AMOUNT]
    assert await field.balance("unapplied", field.customer) == -AMOUNT


async def test_unknown_customer_goes_to_quarantine(field):
    phone = await field.phone()
    phone.collect(AMOUNT, customer_id=field.invoices[0])
    answer = await phone.push()
    assert [(v.status, v.code) for v in answer.verdicts] == [("quarantined", "customer_not_found")]


async def test_a_payment_in_another_persons_name_goes_to_quarantine(field):
    phone = await field.phone()
    phone.collect(AMOUNT, salesperson_id=field.people.other_salesperson.user_id)
    assert [v.code for v in (await phone.push()).verdicts] == ["permission_missing"]


async def test_two_devices_one_receipt_number(field):
    phone, other = await field.phone(), await field.phone(field.people.other_salesperson)
    one = phone.collect(10_000)
    two = other.collect(20_000, customer_id=field.other_customer, receipt_number=one.receipt_number)
    await phone.sync()
    await other.sync()
    assert {row.id: row.flags for row in await field.rows(Collection)} == {one.id: "", two.id: "series number"}


async def test_a_rejection_leaves_custody_and_reopens_the_invoice(field):
    phone = await field.phone()
    paid = phone.collect(AMOUNT, (field.invoices[0], AMOUNT))
    await phone.sync()
    await decide(field, "collection", paid.id, "rejected", field.people.supervisor, "photo missing")
    assert await field.open_minor(field.invoices[0]) == [AMOUNT]
    assert await field.balance("unapplied", field.customer) == -AMOUNT
    assert await field.balance("custody", f"{phone.actor.user_id}:cash") == AMOUNT
    await phone.sync()
    row = phone.seen("collection")[paid.id]
    assert row[8:11] == [AMOUNT, "rejected", "photo missing"]
    (notice,) = phone.seen("notice").values()
    assert notice[3] == "collection_rejected"
    assert notice[4]["reason"] == "photo missing"
    assert field.invoices[0] in phone.seen("invoice")


async def test_a_rejected_claim_without_money_is_reversed(field):
    phone = await field.phone()
    paid = phone.collect(AMOUNT, (field.invoices[0], AMOUNT), method="transfer")
    await phone.sync()
    assert await field.balance("clearing", "transfer") == AMOUNT
    await decide(field, "collection", paid.id, "rejected")
    assert await field.balance("clearing", "transfer") == 0
    assert await field.open_minor(field.invoices[0]) == [AMOUNT]
    assert await field.balance("unapplied", field.customer) == 0


@pytest.mark.parametrize("rejected_first", [False, True])
@pytest.mark.parametrize("method", ["cash", "transfer"])
async def test_a_voided_receipt_leaves_custody(field, method, rejected_first):
    phone = await field.phone()
    paid = phone.collect(150_000, (field.invoices[0], AMOUNT), method=method)
    asked = phone.ask_void(paid.id)
    await phone.sync()
    assert phone.seen("collection")[paid.id][11] == "asked"
    if rejected_first:
        await decide(field, "collection", paid.id, "rejected")
    await decide(field, "void", asked.id, "approved")
    assert await field.balance("custody", f"{phone.actor.user_id}:cash") == 0
    assert await field.balance("clearing", "transfer") == 0
    assert await field.balance("unapplied", field.customer) == 0
    assert await field.open_minor(field.invoices[0]) == [AMOUNT]
    async with field.database.reading() as reader:
        assert await custody.lots(reader, phone.actor.user_id, "cash", "CNY") == []
    with pytest.raises(Refused) as refused:
        await decide(field, "collection", paid.id, "approved")
    assert refused.value.code in ("already_voided", "already_decided")
    await phone.sync()
    assert phone.seen("collection")[paid.id][11] == "voided"
    assert await field.ledger_sum() == 0


async def test_a_rejected_void_changes_nothing(field):
    phone = await field.phone()
    paid = phone.collect(AMOUNT, (field.invoices[0], AMOUNT))
    asked = phone.ask_void(paid.id)
    await phone.sync()
    await decide(field, "void", asked.id, "rejected")
    assert await field.balance("custody", f"{phone.actor.user_id}:cash") == AMOUNT
    assert (await field.standing(paid.id)).void == "refused"
    await phone.sync()
    assert [row[3] for row in phone.seen("notice").values()] == ["void_rejected"]


async def test_money_that_moved_on_cannot_be_voided(field):
    phone = await field.phone()
    paid = phone.collect(AMOUNT)
    phone.hand_over(AMOUNT)
    asked = phone.ask_void(paid.id)
    await phone.sync()
    async with field.database.writing() as session:
        await custody_service.receive(
            session, field.people.cashier, field.clock, pairing_code="123456", counted_minor=AMOUNT
        )
    with pytest.raises(Refused) as refused:
        await decide(field, "void", asked.id, "approved")
    assert refused.value.code == "custody_moved"
    assert (await field.standing(paid.id)).void == "asked"


async def test_nobody_decides_on_their_own_nor_twice_nor_without_the_right(field):
    phone = await field.phone(field.people.supervisor)
    paid = phone.collect(AMOUNT)
    await phone.sync()
    for actor, reason, decision, code in (
        (field.people.supervisor, "x", "approved", "approval_own"),
        (field.people.cashier, "x", "approved", "permission_missing"),
        (field.people.salesperson, "x", "rejected", "permission_missing"),
        (field.people.other_supervisor, " ", "rejected", "reason_missing"),
    ):
        with pytest.raises(Refused) as refused:
            await decide(field, "collection", paid.id, decision, actor, reason)
        assert refused.value.code == code
    await decide(field, "collection", paid.id, "approved", field.people.other_supervisor, "")
    with pytest.raises(Refused) as refused:
        await decide(field, "collection", paid.id, "approved", field.people.other_supervisor, "")
    assert refused.value.code == "already_decided"


async def test_many_decisions_lose_nothing_to_one_refusal(field):
    phone = await field.phone()
    paid = [phone.collect(10_000), phone.collect(20_000)]
    await phone.sync()
    subjects = [("collection", one.id) for one in paid] + [("collection", field.customer)]
    async with field.database.writing() as session:
        outcomes = await approval.decide_many(
            session, field.people.supervisor, field.clock, subjects=subjects, decision="approved"
        )
    codes = {one.subject_id: one.refused and one.refused.code for one in outcomes}
    assert codes == {paid[0].id: None, paid[1].id: None, field.customer: "collection_not_found"}
    assert (await field.standing(paid[0].id)).decision == "approved"


async def test_a_hand_over_posts_when_both_halves_are_here(field):
    phone = await field.phone()
    first, second = phone.collect(60_000), phone.collect(50_000)
    given = phone.hand_over(80_000)
    await phone.sync()
    assert phone.seen("remittance")[given.id][5] == "awaiting"
    assert await field.balance("custody", f"{field.people.cashier.user_id}:cash") == 0
    async with field.database.writing() as session:
        await custody_service.receive(
            session, field.people.cashier, field.clock, pairing_code="123456", counted_minor=79_000
        )
    assert await field.balance("custody", f"{phone.actor.user_id}:cash") == 30_000
    assert await field.balance("custody", f"{field.people.cashier.user_id}:cash") == 79_000
    assert await field.balance("variance", phone.actor.user_id) == 1_000
    async with field.database.reading() as reader:
        held = await custody.lots(reader, field.people.cashier.user_id, "cash", "CNY")
        mine = await custody.lots(reader, phone.actor.user_id, "cash", "CNY")
        holdings = await custody.holdings(reader)
    assert [(lot.collection_id, lot.amount_minor) for lot in held] == [(first.id, 60_000), (second.id, 19_000)]
    assert [(lot.collection_id, lot.amount_minor) for lot in mine] == [(second.id, 30_000)]
    assert {row.holder_id: row.amount_minor for row in holdings} == {
        phone.actor.user_id: 30_000, field.people.cashier.user_id: 79_000
    }  # fmt: skip
    await phone.sync()
    assert phone.seen("remittance")[given.id][5:8] == ["posted", 79_000, "Chen Jie"]
    assert phone.seen("collection")[second.id][8] == 30_000
    assert await field.ledger_sum() == 0


async def test_more_than_is_in_hand_cannot_be_given_counted_or_paid_in(field):
    phone = await field.phone()
    phone.collect(50_000)
    phone.hand_over(50_001)
    phone.hand_over(40_000, "222222")
    phone.hand_over(20_000, "333333")
    answer = await phone.push()
    assert [v.code for v in answer.verdicts] == ["", "custody_short", "", "custody_short"]
    for actor, code, counted, refusal in (
        (field.people.cashier, "222222", 40_001, "count_above_given"),
        (field.people.cashier, "222222", 0, "amount_not_positive"),
        (field.people.cashier, "999999", 10, "hand_over_not_found"),
        (field.people.supervisor, "222222", 10, "permission_missing"),
    ):
        with pytest.raises(Refused) as refused:
            async with field.database.writing() as session:
                await custody_service.receive(session, actor, field.clock, pairing_code=code, counted_minor=counted)
        assert refused.value.code == refusal


async def test_a_deposit_leaves_custody_oldest_first(field):
    phone = await field.phone()
    first = phone.collect(60_000)
    phone.collect(50_000)
    async with field.database.writing() as session:
        account = await bank.add_account(
            session, field.people.admin, field.clock, name="ICBC", number="6222 0000", currency="CNY"
        )
    made = phone.deposit(70_000, account)
    phone.deposit(70_000, account)
    phone.deposit(1, field.customer)
    report = await phone.sync()
    assert report.verdicts == {"accepted": 3, "quarantined": 2}
    assert await field.balance("transit", "") == 70_000
    assert await field.balance("custody", f"{phone.actor.user_id}:cash") == 40_000
    assert phone.seen("remittance")[made.id][5:] == ["posted", 70_000, "ICBC"]
    assert phone.seen("collection")[first.id][8] == 0
    assert phone.seen("company")["company"][7] == [[account, "ICBC", "6222 0000", "CNY"]]


async def test_a_second_wish_to_void_waits_for_the_first(field):
    phone = await field.phone()
    paid = phone.collect(AMOUNT)
    phone.ask_void(paid.id)
    again = phone.ask_void(paid.id)
    await phone.sync()
    async with field.database.reading() as reader:
        assert await collections.void_request(reader, again.id) is None
    assert (await field.standing(paid.id)).void == "asked"

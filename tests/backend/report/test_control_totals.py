"""The control totals hold through a whole story, and each of them notices what somebody writes beside the services."""

import pytest
from sqlalchemy import text

from backend.approval import service as approval
from backend.matching import service as matching
from backend.report import service as report
from backend.report.control import EQUATIONS
from tests import builders

# Hand-written SQL that no service would run -> the equations that must notice it.
TAMPERED = {
    "UPDATE ledger_posting SET amount_minor = amount_minor + 1 WHERE kind = 'bank'": {
        "ledger_zero", "entries_zero", "bank",
    },
    "UPDATE ledger_posting SET amount_minor = amount_minor + 1 WHERE kind = 'receivable' AND amount_minor > 0": {
        "ledger_zero", "entries_zero", "receivable_documents",
    },
    "UPDATE ledger_posting SET invoice_id = '' WHERE kind = 'receivable'": {"receivable_invoices", "feed"},
    "UPDATE invoice SET amount_minor = amount_minor + 1": {"receivable_documents", "feed"},
    "UPDATE collection SET unapplied_minor = unapplied_minor + 5 WHERE method = 'transfer'": {"unapplied", "feed"},
    "UPDATE custody_move SET amount_minor = amount_minor + 1 WHERE amount_minor > 0": {"custody"},
    "DELETE FROM custody_move WHERE fact_kind = 'deposit'": {"custody"},
    "UPDATE deposit SET amount_minor = amount_minor - 1": {"receipts"},
    "UPDATE bank_line SET amount_minor = amount_minor - 7": {"bank", "unidentified"},
    "DELETE FROM match_claim": {"claims", "transit", "unidentified", "receipts"},
    "UPDATE match SET expected_id = (SELECT subject_id FROM approval WHERE decision = 'rejected')": {
        "standing", "claims",
    },
    "UPDATE match SET expected_id = (SELECT collection_id FROM collection_void)": {"standing", "claims"},
    "UPDATE feed SET body = '{}' WHERE kind = 'invoice' AND body <> ''": {"feed"},
    "DELETE FROM feed WHERE kind = 'customer'": {"feed"},
}  # fmt: skip


async def tell(database, clock, people):
    """Three invoices, cash over two, a transfer claimed, one rejected and one voided, a short count, a match."""
    who = people.salesperson
    async with database.writing() as session:
        customer_id = await builders.add_customer(session, clock, who)
        account_id = await builders.add_account(session, clock)
        first = await builders.add_invoice(session, clock, customer_id, "I1", 100_00)
        second = await builders.add_invoice(session, clock, customer_id, "I2", 80_00)
        dollars = await builders.add_invoice(session, clock, customer_id, "I3", 30_00, currency="USD")
    async with database.writing() as session:
        clock.move(minutes=1)
        parts = [(first, 100_00), (second, 20_00)]
        good = await builders.collect(session, clock, who, customer_id, 130_00, parts, counter=1)
        claim = await builders.collect(
            session, clock, who, customer_id, 25_00, [(second, 25_00)], method="transfer", counter=2
        )
        bad = await builders.collect(session, clock, who, customer_id, 10_00, [(second, 10_00)], counter=3)
        twice = await builders.collect(session, clock, who, customer_id, 5_00, [(second, 5_00)], counter=4)
        await builders.collect(
            session, clock, who, customer_id, 30_00, [(dollars, 30_00)], method="transfer", counter=5, currency="USD"
        )
        void_id = await builders.ask_void(session, clock, who, twice)
    async with database.writing() as session:
        clock.move(minutes=1)
        for subject, decision, kind in [
            (good, "approved", "collection"), (claim, "approved", "collection"), (bad, "rejected", "collection"),
            (void_id, "approved", "void"),
        ]:  # fmt: skip
            await approval.decide(
                session, people.supervisor, clock, subject_kind=kind, subject_id=subject, decision=decision, reason="r"
            )
        await builders.hand_over(session, clock, who, people.cashier, 140_00, counted_minor=139_00)
        await builders.deposit(session, clock, people.cashier, account_id, 100_00, slip="SLIP77")
        await builders.deposit(session, clock, people.cashier, account_id, 20_00, slip="SLIP78")
    async with database.writing() as session:
        clock.move(minutes=1)
        await builders.state(session, clock, people.reconciler, account_id, ("100.00", "SLIP77"), ("3.00", "INTEREST"))
        return await matching.run(session, people.reconciler, clock)


async def totals(database):
    async with database.reading() as reader:
        return await report.control_totals(reader)


async def test_every_equation_holds_through_a_whole_story(database, clock, people):
    await tell(database, clock, people)
    found = await totals(database)
    assert [(one.name, one.differences) for one in found if not one.ok] == []
    assert {one.name for one in found} == set(EQUATIONS)
    figures = {(one.name, one.currency): one.actual for one in found}
    assert figures["receivable_documents", "CNY"] == 180_00 - 120_00 - 25_00
    assert figures["unapplied", "CNY"] == 10_00 + 10_00
    assert figures["custody", "CNY"] == 139_00 - 120_00
    assert figures["transit", "CNY"] == 20_00
    assert figures["receipts", "CNY"] == 140_00
    assert figures["bank", "CNY"] == 103_00
    assert figures["unidentified", "CNY"] == 3_00
    assert figures["clearing", "CNY"] == 25_00
    assert figures["clearing", "USD"] == 30_00
    assert figures["claims", ""] == 2


@pytest.mark.parametrize("statement", TAMPERED, ids=lambda statement: statement[:60])
async def test_what_is_written_beside_the_services_is_noticed(database, clock, people, statement):
    await tell(database, clock, people)
    async with database.writing() as session:
        changed = (await session.execute(text(statement))).rowcount
    assert changed
    assert TAMPERED[statement] <= {one.name for one in await totals(database) if not one.ok}


async def test_an_empty_company_is_in_balance(database, clock, company):
    assert [one.name for one in await totals(database) if not one.ok] == []

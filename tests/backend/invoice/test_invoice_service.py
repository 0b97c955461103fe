"""Invoices, credit notes and settlements: posted once, never changed, seen by their salesperson."""

from datetime import date

import pytest

from backend.auth.actor import SYSTEM
from backend.invoice import service
from backend.ledger import queries as ledger
from shared.refusal import Refused
from tests import builders


@pytest.fixture
async def customer(database, clock, people):
    async with database.writing() as session:
        return await builders.add_customer(session, clock, people.salesperson)


def document(customer, **changes):
    usual = {
        "customer_id": customer, "number": "F1", "kind": "invoice", "issued_on": date(2026, 2, 1),
        "due_on": date(2026, 3, 3), "currency": "CNY", "amount_minor": 30_000,
    }  # fmt: skip
    return {**usual, **changes}


async def test_an_invoice_and_a_credit_note_post_against_opening(database, clock, people, customer):
    async with database.writing() as session:
        await service.issue(session, people.reconciler, clock, **document(customer))
        note = document(customer, number="R1", kind="credit_note", amount_minor=-5_000)
        await service.issue(session, people.reconciler, clock, **note)
    async with database.reading() as reader:
        assert await ledger.balance_minor(reader, "receivable", customer, "CNY") == 25_000
        assert await ledger.balance_minor(reader, "opening", "", "CNY") == -25_000


async def test_an_open_amount_below_the_original_is_settled_elsewhere(database, clock, people, customer):
    async with database.writing() as session:
        one = await service.issue(session, SYSTEM, clock, **document(customer), open_minor=12_000)
        assert await ledger.open_minor(session, [one]) == {one: 12_000}


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"amount_minor": 0}, "invoice_sign"),
        ({"amount_minor": -1}, "invoice_sign"),
        ({"kind": "credit_note"}, "invoice_sign"),
        ({"kind": "bill"}, "request_invalid"),
        ({"currency": "XXX"}, "currency_unknown"),
        ({"number": "x" * 41}, "value_too_long"),
        ({"amount_minor": 2**53}, "amount_too_large"),
        ({"customer_id": "00000000-0000-7000-8000-00000000abcd"}, "customer_not_found"),
    ],
)
async def test_what_is_no_document_is_refused(database, clock, people, customer, changes, code):
    async with database.writing() as session:
        with pytest.raises(Refused) as refused:
            await service.issue(session, SYSTEM, clock, **document(customer, **changes))
    assert refused.value.code == code


async def test_a_number_is_used_once_by_each_customer(database, clock, people, customer):
    async with database.writing() as session:
        await service.issue(session, SYSTEM, clock, **document(customer))
        with pytest.raises(Refused) as refused:
            await service.issue(session, SYSTEM, clock, **document(customer))
    assert refused.value.code == "invoice_exists"


async def test_a_settlement_takes_at_most_what_is_open(database, clock, people, customer):
    day = builders.today(clock)
    async with database.writing() as session:
        one = await service.issue(session, SYSTEM, clock, **document(customer))
        await service.settle(session, people.reconciler, clock, invoice_id=one, amount_minor=10_000, settled_on=day)
        assert await ledger.open_minor(session, [one]) == {one: 20_000}
        for amount_minor, code in ((20_001, "settlement_above_open"), (0, "amount_not_positive")):
            with pytest.raises(Refused) as refused:
                await service.settle(
                    session, people.reconciler, clock, invoice_id=one, amount_minor=amount_minor, settled_on=day
                )
            assert refused.value.code == code


async def test_the_api_guards_issues_settles_and_exports(client, headers, database, clock, people, customer):
    body = {**document(customer), "issued_on": "2026-02-01", "due_on": "2026-03-03"}
    assert (await client.get("/api/invoices")).status_code == 401
    assert (await client.post("/api/invoices", json=body)).status_code == 401
    salesperson, reconciler = await headers(people.salesperson), await headers(people.reconciler)
    assert (await client.post("/api/invoices", json=body, headers=salesperson)).status_code == 403
    issued = await client.post("/api/invoices", json=body, headers=reconciler)
    assert issued.status_code == 201
    path = f"/api/invoices/{issued.json()['id']}/settlements"
    settled = {"amount_minor": 10_000, "settled_on": "2026-03-01"}
    assert (await client.post(path, json=settled)).status_code == 401
    assert (await client.post(path, json=settled, headers=salesperson)).status_code == 403
    assert (await client.post(path, json=settled, headers=reconciler)).status_code == 201
    own = (await client.get("/api/invoices?only_open=true", headers=salesperson)).json()
    assert [(row["number"], row["open_minor"]) for row in own] == [("F1", 20_000)]
    other = await client.get("/api/invoices", headers=await headers(people.other_salesperson))
    assert other.json() == []
    assert "200.00" in (await client.get("/api/invoices/export", headers=reconciler)).text

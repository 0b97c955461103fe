"""Customers: added, edited, found, given away; a salesperson sees only their own."""

import pytest
from sqlalchemy import select

from backend.customer import service
from backend.customer.pinyin import pinyin_of
from backend.sync.tables import FeedRow
from shared.refusal import Refused
from tests import builders


@pytest.fixture
async def customer(database, clock, people):
    async with database.writing() as session:
        one = await builders.add_customer(session, clock, people.salesperson, "C001", "杭州西湖商贸", phone="138")
        await builders.add_customer(session, clock, people.other_salesperson, "C002", "宁波海曙食品")
        await builders.add_invoice(session, clock, one, "F1", 30_000)
    return one


def test_pinyin_holds_syllables_and_initials():
    assert pinyin_of("杭州西湖商贸") == "hang zhou xi hu shang mao hangzhouxihushangmao hzxhsm"
    assert pinyin_of("Acme GmbH") == ""


@pytest.mark.parametrize("query", ["西湖", "C001", "hzxhsm", "hangzhou", "shangmao hang", "138", "HZXH"])
async def test_a_customer_is_found_by_name_number_pinyin_and_phone(database, clock, people, customer, query):
    async with database.reading() as reader:
        found = await service.search(reader, people.supervisor, clock, query=query)
    assert [one.record.number for one in found] == ["C001"]
    assert [tuple(balance) for balance in found[0].balances] == [("CNY", 30_000, 0, 0)]


@pytest.mark.parametrize("query", ["%", "_", "nobody"])
async def test_wildcards_are_only_characters(database, clock, people, customer, query):
    async with database.reading() as reader:
        assert await service.search(reader, people.supervisor, clock, query=query) == []


async def test_the_list_pages_by_number_and_filters_the_overdue(database, clock, people, customer):
    async with database.reading() as reader:
        first = await service.search(reader, people.supervisor, clock, limit=1)
        second = await service.search(reader, people.supervisor, clock, after=first[0].record.number)
        assert [one.record.number for one in (*first, *second)] == ["C001", "C002"]
        assert await service.search(reader, people.supervisor, clock, overdue=True) == []
        clock.move(days=1)
        late = await service.search(reader, people.supervisor, clock, overdue=True)
    assert [(one.record.number, one.balances[0].overdue_minor) for one in late] == [("C001", 30_000)]


async def test_a_salesperson_sees_only_their_own(database, clock, people, customer):
    async with database.reading() as reader:
        own = await service.search(reader, people.salesperson, clock, salesperson_id=people.other_salesperson.user_id)
        assert [one.record.number for one in own] == ["C001"]
        detail = await service.detail(reader, people.salesperson, clock, customer)
        assert detail.aged["CNY"]["current"] == 30_000
        with pytest.raises(Refused) as refused:
            await service.detail(reader, people.other_salesperson, clock, customer)
    assert refused.value.code == "customer_not_found"


async def test_a_reassigned_customer_and_its_open_invoices_move(database, clock, people, customer):
    async with database.writing() as session:
        await service.reassign(
            session, people.supervisor, clock, customer_id=customer, salesperson_id=people.other_salesperson.user_id
        )
    async with database.reading() as reader:
        moved = await reader.execute(
            select(FeedRow.scope, FeedRow.kind, FeedRow.body != "").where(FeedRow.kind != "company")
        )
        shown = {(scope, kind) for scope, kind, is_there in moved if is_there}
        assert {kind for scope, kind in shown if scope == f"s:{people.other_salesperson.user_id}"} == {
            "customer",
            "invoice",
        }
        assert not {kind for scope, kind in shown if scope == f"s:{people.salesperson.user_id}"}
        assert (await service.detail(reader, people.other_salesperson, clock, customer)).record.id == customer
        assert await service.search(reader, people.salesperson, clock) == []


async def test_editing_a_name_makes_new_pinyin(database, clock, people, customer):
    async with database.writing() as session:
        await service.edit(session, people.credit, clock, customer_id=customer, changes={"name": "南京路"})
        assert (await service.found(session, people.credit, customer)).pinyin.endswith("njl")


async def test_what_cannot_be_saved_is_refused(database, clock, people, customer):
    cases = [
        ({"number": "C001", "name": "x"}, "customer_exists"),
        ({"number": "", "name": "x"}, "row_value_missing"),
        ({"number": "C9", "name": "x" * 201}, "value_too_long"),
        ({"number": "C9", "name": "x", "currency": "XXX"}, "currency_unknown"),
        ({"number": "C9", "name": "x", "salesperson_id": people.cashier.user_id}, "user_not_found"),
        ({"number": "C9", "name": "x", "limit_minor": -1}, "request_invalid"),
    ]
    for values, code in cases:
        async with database.writing() as session:
            with pytest.raises(Refused) as refused:
                await service.add(session, people.credit, clock, **values)
        assert refused.value.code == code


async def test_the_api_guards_lists_exports_and_edits(client, headers, database, clock, people, customer):
    for method, path, role in [
        ("GET", "/api/customers", None),
        ("GET", "/api/customers/export", None),
        ("GET", f"/api/customers/{customer}", None),
        ("POST", "/api/customers", people.salesperson),
        ("PATCH", f"/api/customers/{customer}", people.salesperson),
        ("POST", f"/api/customers/{customer}/assignment", people.salesperson),
    ]:
        body = {"number": "C9", "name": "x", "salesperson_id": ""} if method != "GET" else None
        assert (await client.request(method, path, json=body)).status_code == 401
        if role:
            assert (await client.request(method, path, json=body, headers=await headers(role))).status_code == 403
    other = await client.get(f"/api/customers/{customer}", headers=await headers(people.other_salesperson))
    assert (other.status_code, other.json()["code"]) == (404, "customer_not_found")
    own = (await client.get(f"/api/customers/{customer}", headers=await headers(people.salesperson))).json()
    assert own["invoices"][0]["open_minor"] == 30_000
    credit = await headers(people.credit)
    added = await client.post("/api/customers", json={"number": "C9", "name": "新客户"}, headers=credit)
    assert added.status_code == 201
    changed = await client.patch(f"/api/customers/{customer}", json={"terms_days": 60}, headers=credit)
    assert changed.status_code == 204
    assert len((await client.get("/api/customers", headers=credit)).json()) == 3
    assert "300.00" in (await client.get("/api/customers/export", headers=credit)).text

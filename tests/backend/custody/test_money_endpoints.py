"""Collections, approvals and custody over HTTP: nobody, the wrong role, another person's, and what they show."""

import httpx
import pytest

from backend.app import create_app
from backend.bank import service as bank
from tests import builders
from tests.journeys.field import AMOUNT, Field

ANY = builders.PEOPLE["salesperson"][0]
DECISION = {"subjects": [{"kind": "collection", "id": ANY}], "decision": "approved"}
RECEIVE = {"pairing_code": "123456", "counted_minor": 1}
DEPOSIT = {
    "bank_account_id": ANY, "currency": "CNY", "kind": "cash", "amount_minor": 1, "slip_reference": "S",
    "deposited_on": "2026-03-02",
}  # fmt: skip
CALLS = [
    ("GET", "/api/collections/", None, None),
    ("GET", "/api/collections/export.csv", None, None),
    ("GET", f"/api/collections/{ANY}", None, None),
    ("GET", "/api/approvals/", None, "cashier"),
    ("POST", "/api/approvals/", DECISION, "cashier"),
    ("GET", "/api/custody/holdings", None, None),
    ("GET", "/api/custody/hand-overs", None, None),
    ("POST", "/api/custody/hand-overs/receive", RECEIVE, "supervisor"),
    ("GET", "/api/custody/deposits", None, None),
    ("POST", "/api/custody/deposits", DEPOSIT, "reconciler"),
]


@pytest.fixture
async def field(database, clock, people):
    made = Field(database, clock, people)
    await made.open_shop()
    return made


@pytest.fixture
async def client(database, clock, field):
    line = httpx.ASGITransport(create_app(database, clock, with_console=False))
    async with httpx.AsyncClient(transport=line, base_url="http://test") as opened:
        yield opened


async def token(client, who):
    login = builders.PEOPLE[who][3]
    answer = await client.post("/api/auth/sign-in", json={"login": login, "password": builders.PASSWORD})
    return {"Authorization": f"Bearer {answer.json()['access_token']}"}


async def test_nobody_gets_in_without_a_token_and_the_wrong_role_is_refused(client):
    for method, path, body, wrong in CALLS:
        answer = await client.request(method, path, json=body)
        assert (path, answer.status_code, answer.json()["code"]) == (path, 401, "token_missing")
        if wrong:
            answer = await client.request(method, path, json=body, headers=await token(client, wrong))
            assert (path, answer.status_code, answer.json()["code"]) == (path, 403, "permission_missing")


async def test_a_salesperson_sees_only_their_own_money(client, field):
    phone = await field.phone()
    paid = phone.collect(AMOUNT, (field.invoices[0], AMOUNT))
    phone.hand_over(40_000)
    await phone.push()
    own, other = await token(client, "salesperson"), await token(client, "other_salesperson")
    for path, key in (("/api/collections/", "collections"), ("/api/custody/hand-overs", "hand_overs")):
        assert len((await client.get(path, headers=own)).json()[key]) == 1
        assert (await client.get(path, headers=other)).json()[key] == []
    assert len((await client.get("/api/custody/holdings", headers=own)).json()) == 1
    assert (await client.get("/api/custody/holdings", headers=other)).json() == []
    answer = await client.get(f"/api/collections/{paid.id}", headers=other)
    assert (answer.status_code, answer.json()["code"]) == (404, "collection_not_found")
    seen = await client.get(f"/api/collections/?salesperson_id={phone.actor.user_id}", headers=other)
    assert seen.json()["collections"] == []


async def test_a_collection_shows_its_timeline_and_exports(client, field):
    phone = await field.phone()
    paid = phone.collect(AMOUNT, (field.invoices[0], AMOUNT), reference="=1+1")
    field.clock.move(seconds=1)
    phone.hand_over(AMOUNT)
    await phone.push()
    field.clock.move(seconds=1)
    supervisor, cashier = await token(client, "supervisor"), await token(client, "cashier")
    queue = (await client.get("/api/approvals/", headers=supervisor)).json()
    assert (queue["total"], queue["waiting"][0]["receipt_number"]) == (1, paid.receipt_number)
    body = {"subjects": [{"kind": "collection", "id": paid.id}, {"kind": "void", "id": ANY}], "decision": "approved"}
    outcomes = (await client.post("/api/approvals/", json=body, headers=supervisor)).json()
    assert [(one["kind"], one.get("code", "")) for one in outcomes] == [
        ("collection", ""), ("void", "collection_not_found")
    ]  # fmt: skip
    assert (await client.get("/api/approvals/", headers=supervisor)).json()["waiting"] == []
    field.clock.move(seconds=1)
    received = await client.post(
        "/api/custody/hand-overs/receive", json=RECEIVE | {"counted_minor": AMOUNT}, headers=cashier
    )
    assert received.status_code == 200, received.text
    detail = (await client.get(f"/api/collections/{paid.id}", headers=supervisor)).json()
    assert [event["what"] for event in detail["timeline"]] == ["taken", "received", "approved", "handed_over"]
    assert detail["parts"][0]["invoice_number"] == "A1"
    exported = await client.get("/api/collections/export.csv", headers=supervisor)
    assert "'=1+1" in exported.text
    assert "1000.00" in exported.text


async def test_a_cashier_pays_in_what_was_received(client, field):
    phone = await field.phone()
    phone.collect(AMOUNT)
    phone.hand_over(AMOUNT)
    await phone.push()
    async with field.database.writing() as session:
        account = await bank.add_account(
            session, field.people.admin, field.clock, name="ICBC", number="6222", currency="CNY"
        )
    cashier = await token(client, "cashier")
    await client.post("/api/custody/hand-overs/receive", json=RECEIVE | {"counted_minor": AMOUNT}, headers=cashier)
    body = DEPOSIT | {"bank_account_id": account, "amount_minor": 60_000}
    answer = await client.post("/api/custody/deposits", json=body, headers=cashier)
    assert answer.status_code == 201, answer.text
    assert await field.balance("transit", "") == 60_000
    (row,) = (await client.get("/api/custody/deposits", headers=cashier)).json()["deposits"]
    assert (row["amount_minor"], row["account_name"], row["matched"]) == (60_000, "ICBC", False)
    answer = await client.post("/api/custody/deposits", json=body, headers=cashier)
    assert (answer.status_code, answer.json()["code"]) == (422, "custody_short")


async def test_lists_are_paged_without_loss(client, field):
    phone = await field.phone()
    taken = [phone.collect(1_000 + n).id for n in range(5)]
    await phone.push()
    headers, after, seen = await token(client, "supervisor"), "", []
    for path, key, one in (("/api/collections/", "collections", "id"), ("/api/approvals/", "waiting", "subject_id")):
        after, seen = "", []
        while True:
            page = (await client.get(f"{path}?limit=2&after={after}", headers=headers)).json()
            seen += [row[one] for row in page[key]]
            after = page["after"]
            if not after:
                break
        assert sorted(seen) == sorted(taken)
    assert (await client.get("/api/collections/?after=x", headers=headers)).status_code == 400

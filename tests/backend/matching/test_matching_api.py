"""Matching over HTTP: anonymous first, then the wrong role, then the way from statement to unmatch."""

import pytest

from backend.auth.actor import SYSTEM
from tests import builders

ID = "00000000-0000-7000-8000-00000000abcd"
PAIR = {"line_id": ID, "expected_id": ID}
GUARDED = [
    ("POST", "/api/matching/runs", {}),
    ("GET", "/api/matching/review", None),
    ("GET", f"/api/matching/lines/{ID}/candidates", None),
    ("POST", "/api/matching/matches", {**PAIR, "expected_kind": "deposit"}),
    ("POST", "/api/matching/rejections", PAIR),
    ("GET", "/api/matching/matches", None),
    ("GET", f"/api/matching/matches/{ID}/dependants", None),
    ("POST", f"/api/matching/matches/{ID}/unmatch", {"reason": "x"}),
]


@pytest.mark.parametrize(("method", "path", "body"), GUARDED)
async def test_anonymous_matches_nothing(client, method, path, body):
    answer = await client.request(method, path, json=body)
    assert (answer.status_code, answer.json()["code"]) == (401, "token_missing")


@pytest.mark.parametrize(("method", "path", "body"), GUARDED)
@pytest.mark.parametrize("who", ["salesperson", "cashier"])
async def test_who_holds_money_matches_nothing(client, headers, people, who, method, path, body):
    answer = await client.request(method, path, json=body, headers=await headers(getattr(people, who)))
    assert (answer.status_code, answer.json()["code"]) == (403, "permission_missing")


@pytest.mark.parametrize(
    ("path", "body", "code"),
    [
        (f"/api/matching/matches/{ID}/unmatch", {"reason": "x"}, "match_not_found"),
        (f"/api/matching/matches/{ID}/unmatch", {"reason": " "}, "reason_missing"),
        ("/api/matching/matches", {**PAIR, "expected_kind": "deposit"}, "bank_line_not_found"),
        ("/api/matching/matches", {**PAIR, "expected_kind": "other"}, "request_invalid"),
        ("/api/matching/rejections", PAIR, "match_not_found"),
        ("/api/matching/runs", {"account_id": ID}, "bank_account_not_found"),
    ],
)
async def test_what_is_not_there_is_a_clear_refusal(client, headers, people, path, body, code):
    answer = await client.post(path, json=body, headers=await headers(people.reconciler))
    assert answer.json()["code"] == code
    assert answer.status_code in {400, 404, 422}


async def test_a_line_is_reviewed_confirmed_and_undone(client, headers, people, database, clock):
    async with database.writing() as session:
        customer = await builders.add_customer(session, clock, people.salesperson)
        account = await builders.add_account(session, clock)
        await builders.collect(session, clock, people.salesperson, customer, 30_000)
        deposit = await builders.deposit(session, clock, people.salesperson, account, 30_000)
        await builders.state(session, clock, SYSTEM, account, ("300.00", "a"), ("300.00", "b"))
    who = await headers(people.reconciler)
    done = (await client.post("/api/matching/runs", json={}, headers=who)).json()
    assert (done["confirmed"], done["proposed_count"]) == ([], 2)
    queue = (await client.get("/api/matching/review", headers=who)).json()
    line = queue[0]["line"]["id"]
    found = (await client.get(f"/api/matching/lines/{line}/candidates", headers=who)).json()
    assert found[0]["expected"]["id"] == deposit
    body = {"line_id": line, "expected_kind": "deposit", "expected_id": deposit}
    match = (await client.post("/api/matching/matches", json=body, headers=who)).json()["id"]
    path = f"/api/matching/matches/{match}"
    assert len((await client.get(f"{path}/dependants", headers=who)).json()) == 1
    undone = await client.post(f"{path}/unmatch", json={"reason": "wrong"}, headers=who)
    assert undone.status_code == 200
    rows = (await client.get("/api/matching/matches", headers=who)).json()
    assert [(row["id"], row["reason"]) for row in rows] == [(match, "wrong")]

"""Sign-in and people over HTTP: anonymous first, then the wrong role, then another person's."""

import jwt
import pytest

from backend.auth import token
from shared.clock import to_ms
from tests.builders import PASSWORD, PEOPLE, new_id

LINA = PEOPLE["salesperson"][0]
GUARDED = [
    ("GET", "/api/auth/me", None),
    ("GET", "/api/users", None),
    ("POST", "/api/users", {"login": "x", "name": "X", "role": "cashier", "password": PASSWORD}),
    ("POST", f"/api/users/{LINA}/disable", None),
    ("POST", f"/api/users/{LINA}/enable", None),
    ("POST", f"/api/users/{LINA}/password", {"password": PASSWORD}),
]


@pytest.mark.parametrize(("method", "path", "body"), GUARDED)
async def test_anonymous_is_refused(client, method, path, body):
    answer = await client.request(method, path, json=body)
    assert (answer.status_code, answer.json()["code"]) == (401, "token_missing")
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.headers["www-authenticate"].startswith("Bearer")


@pytest.mark.parametrize("who", ["salesperson", "supervisor", "cashier", "reconciler", "credit"])
async def test_the_wrong_role_is_refused(client, headers, people, who):
    for method, path, body in GUARDED[1:]:
        answer = await client.request(method, path, json=body, headers=await headers(getattr(people, who)))
        assert (answer.status_code, answer.json()["code"]) == (403, "permission_missing"), path


async def test_an_auditor_looks_but_changes_nothing(client, headers, people):
    auditor = await headers(people.auditor)
    assert len((await client.get("/api/users", headers=auditor)).json()) == len(PEOPLE)
    assert (await client.post(f"/api/users/{LINA}/disable", headers=auditor)).status_code == 403


async def test_nobody_switches_themselves_off(client, headers, people):
    admin = await headers(people.admin)
    answer = await client.post(f"/api/users/{people.admin.user_id}/disable", headers=admin)
    assert (answer.status_code, answer.json()["code"]) == (409, "user_own")


async def test_a_person_signs_in_asks_who_they_are_and_signs_out(client, people):
    answer = await client.post("/api/auth/sign-in", json={"login": "chenjie", "password": PASSWORD})
    tokens = answer.json()
    bearer = {"Authorization": f"Bearer {tokens['access_token']}"}
    me = (await client.get("/api/auth/me", headers=bearer)).json()
    assert (answer.status_code, me["name"], me["role"]) == (200, "Chen Jie", "cashier")
    refreshed = await client.post("/api/auth/refresh", json={"refresh_token": tokens["refresh_token"]})
    assert refreshed.status_code == 200
    body = {"refresh_token": refreshed.json()["refresh_token"]}
    assert (await client.post("/api/auth/sign-out", json=body)).status_code == 204
    assert (await client.post("/api/auth/refresh", json=body)).json()["code"] == "token_invalid"


async def test_a_reused_refresh_token_is_refused_and_its_family_stays_revoked(client, people):
    first = (await client.post("/api/auth/sign-in", json={"login": "lina", "password": PASSWORD})).json()
    spend = {"refresh_token": first["refresh_token"]}
    second = (await client.post("/api/auth/refresh", json=spend)).json()
    reused = await client.post("/api/auth/refresh", json=spend)
    assert (reused.status_code, reused.json()["code"]) == (401, "token_reused")
    last = await client.post("/api/auth/refresh", json={"refresh_token": second["refresh_token"]})
    assert (last.status_code, last.json()["code"]) == (401, "token_invalid")


async def test_wrong_passwords_are_counted_over_http(client, people):
    wrong = {"login": "lina", "password": "wrong"}
    for _ in range(5):
        assert (await client.post("/api/auth/sign-in", json=wrong)).status_code == 401
    answer = await client.post("/api/auth/sign-in", json={"login": "lina", "password": PASSWORD})
    assert (answer.status_code, answer.json()["code"]) == (429, "sign_in_wait")
    assert 0 < int(answer.headers["retry-after"]) <= 30


async def test_an_expired_token_and_a_foreign_one_are_told_apart(client, headers, people, clock):
    fresh = await headers(people.cashier)
    forged = jwt.encode({"sub": people.cashier.user_id}, b"x" * 32, algorithm="HS256")
    foreign = token.make(b"x" * 32, token.Claims(people.cashier.user_id, "cashier", ""), to_ms(clock.now()))[0]
    clock.move(minutes=15)
    for bearer, code in [
        (fresh, "token_expired"),
        ({"Authorization": f"Bearer {forged}"}, "token_invalid"),
        ({"Authorization": f"Bearer {foreign}"}, "token_invalid"),
        ({"Authorization": "Basic bGluYTp4"}, "token_missing"),
    ]:
        answer = await client.get("/api/auth/me", headers=bearer)
        assert (answer.status_code, answer.json()["code"]) == (401, code)


async def test_an_administrator_adds_a_person_who_then_signs_in(client, headers, people):
    admin = await headers(people.admin)
    body = {"login": "newcomer", "name": "新人", "role": "cashier", "password": PASSWORD, "language": "zh_CN"}
    added = await client.post("/api/users", json=body, headers=admin)
    assert added.status_code == 201
    again = await client.post("/api/users", json=body, headers=admin)
    assert (again.status_code, again.json()["code"]) == (409, "user_exists")
    sign_in = {"login": "newcomer", "password": PASSWORD}
    assert (await client.post("/api/auth/sign-in", json=sign_in)).status_code == 200
    path = f"/api/users/{added.json()['id']}"
    assert (await client.post(f"{path}/disable", headers=admin)).status_code == 204
    assert (await client.post("/api/auth/sign-in", json=sign_in)).json()["code"] == "user_disabled"
    assert (await client.post(f"{path}/enable", headers=admin)).status_code == 204
    assert (await client.post(f"{path}/password", json={"password": "short"}, headers=admin)).status_code == 422
    listed = (await client.get("/api/users?search=newcomer", headers=admin)).json()
    assert [(row["name"], row["active"]) for row in listed] == [("新人", True)]
    assert "password" not in str(listed)


async def test_people_come_in_pages(client, headers, people):
    admin = await headers(people.admin)
    first = (await client.get("/api/users?limit=4", headers=admin)).json()
    rest = (await client.get(f"/api/users?after={first[-1]['login']}", headers=admin)).json()
    assert sorted(login for *_, login in PEOPLE.values()) == [row["login"] for row in first + rest]


@pytest.mark.parametrize("user_id", ["1", "%00", "../users", "99999999999999999999999", "x" * 5000])
async def test_an_id_that_is_none_is_a_plain_no(client, headers, people, user_id):
    answer = await client.post(f"/api/users/{user_id}/disable", headers=await headers(people.admin))
    assert 400 <= answer.status_code < 500


async def test_an_unknown_user_is_not_found(client, headers, people, clock):
    answer = await client.post(f"/api/users/{new_id(clock)}/disable", headers=await headers(people.admin))
    assert (answer.status_code, answer.json()["code"]) == (404, "user_not_found")

"""Bank accounts and statements over HTTP: anonymous first, then the wrong role."""

import pytest

from tests import builders

ID = "00000000-0000-7000-8000-00000000abcd"
STATEMENT = "交易日期,收入,支出,对方户名,附言\n2026-03-02,100.00,,甲,R1\n2026-03-02,bad,,乙,\n".encode("gb18030")
FILE = {"file": ("s.csv", STATEMENT, "text/csv")}
GUARDED = [
    ("GET", "/api/bank/accounts", {}),
    ("POST", "/api/bank/accounts", {"json": {"name": "ICBC", "number": "1", "currency": "CNY"}}),
    ("POST", f"/api/bank/accounts/{ID}/preview", {"files": FILE}),
    ("POST", f"/api/bank/accounts/{ID}/statements", {"files": FILE}),
    ("GET", "/api/bank/lines", {}),
    ("GET", "/api/bank/lines/export", {}),
]


@pytest.mark.parametrize(("method", "path", "options"), GUARDED)
async def test_anonymous_sees_no_bank(client, method, path, options):
    answer = await client.request(method, path, **options)
    assert (answer.status_code, answer.json()["code"]) == (401, "token_missing")


@pytest.mark.parametrize(("method", "path", "options"), GUARDED)
async def test_a_salesperson_sees_no_bank(client, headers, people, method, path, options):
    answer = await client.request(method, path, headers=await headers(people.salesperson), **options)
    assert (answer.status_code, answer.json()["code"]) == (403, "permission_missing")


async def test_a_statement_is_previewed_imported_listed_and_exported(client, headers, people, database, clock):
    async with database.writing() as session:
        account = await builders.add_account(session, clock)
    who = await headers(people.reconciler)
    base = f"/api/bank/accounts/{account}"
    preview = (await client.post(f"{base}/preview", files=FILE, headers=who)).json()
    assert (preview["new_count"], preview["import_id"]) == (1, "")
    assert [row["code"] for row in preview["unreadable"]] == ["amount_unreadable"]
    answer = await client.post(f"{base}/statements", files=FILE, headers=who)
    assert (answer.status_code, answer.json()["new_count"]) == (201, 1)
    lines = (await client.get("/api/bank/lines", headers=who)).json()
    assert [(one["amount_minor"], one["counterparty_name"], one["match_id"]) for one in lines] == [(10_000, "甲", None)]
    assert "100.00" in (await client.get("/api/bank/lines/export", headers=who)).text
    accounts = (await client.get("/api/bank/accounts", headers=who)).json()
    assert (accounts[0]["balance_minor"], accounts[0]["unidentified_minor"]) == (10_000, 10_000)


@pytest.mark.parametrize(
    ("path", "files", "status"),
    [
        (f"/api/bank/accounts/{ID}/statements", FILE, 404),
        ("/api/bank/accounts/x/statements", FILE, 400),
        (f"/api/bank/accounts/{ID}/statements", {"file": ("x.csv", b"", "text/csv")}, 404),
    ],
)
async def test_a_bad_upload_is_a_clear_refusal(client, headers, people, path, files, status):
    answer = await client.post(path, files=files, headers=await headers(people.reconciler))
    assert answer.status_code == status
    assert answer.headers["content-type"] == "application/problem+json"

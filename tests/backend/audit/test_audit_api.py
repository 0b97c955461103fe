import pytest

from backend.audit import sealer
from backend.audit.service import record
from tests.builders import PASSWORD


@pytest.mark.parametrize("path", ["/api/audit", "/api/audit/verify"])
async def test_anonymous_and_the_wrong_role_are_refused(client, headers, people, path):
    assert (await client.get(path)).status_code == 401
    assert (await client.get(path, headers=await headers(people.salesperson))).status_code == 403
    assert (await client.get(path, headers=await headers(people.auditor))).status_code == 200


async def test_events_come_in_pages_newest_first(client, headers, people, database, clock):
    async with database.writing() as session:
        for n in range(7):
            record(session, people.admin, clock, "test.write", "thing", str(n))
    async with database.writing() as session:
        clock.move(seconds=1)
        record(session, people.cashier, clock, "test.other", "thing", "7")
    auditor, seen, before = await headers(people.auditor), [], ""
    for _ in range(20):
        page = (await client.get(f"/api/audit?limit=3&before={before}", headers=auditor)).json()
        seen += [event["subject_id"] for event in page["events"] if event["subject_kind"] == "thing"]
        before = page["before"]
        if not before:
            break
    assert seen[0] == "7"
    assert sorted(seen) == [str(n) for n in range(8)]
    only = (await client.get("/api/audit?action=test.other", headers=auditor)).json()["events"]
    assert [event["actor_id"] for event in only] == [people.cashier.user_id]


@pytest.mark.parametrize("before", ["x", "1_2", "1_" + "-" * 36, "9" * 40])
async def test_a_place_that_is_none_is_refused(client, headers, people, before):
    answer = await client.get(f"/api/audit?before={before}", headers=await headers(people.auditor))
    assert answer.status_code == 400


async def test_verification_over_http_tells_sealed_from_waiting(client, headers, people, database, clock):
    await sealer.seal(database, clock, "one")
    await client.post("/api/auth/sign-in", json={"login": "lina", "password": PASSWORD})
    found = (await client.get("/api/audit/verify", headers=await headers(people.auditor))).json()
    assert (found["unsealed"], found["broken"]) == (1, [])
    assert found["sealed"] >= 1

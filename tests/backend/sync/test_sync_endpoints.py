"""The protocol over HTTP: who may call what, limits of bodies, compression, enrolment."""

import asyncio
import gzip

import httpx
import msgspec
import pytest
import zstandard

from backend.app import create_app
from backend.collection.tables import Collection
from backend.sync import service
from shared.refusal import Refused
from sync import signing, wire
from sync.message import EnrolAnswer, EnrolRequest, Page, PushAnswer
from tests import builders
from tests.journeys.field import Field


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


async def push(client, body, **headers):
    return await client.post("/api/sync/push", content=body, headers={"content-type": "application/json", **headers})


CALLS = [
    ("POST", "/api/sync/pull", {}),
    ("GET", "/api/sync/status", None),
    ("GET", "/api/sync/operations", None),
    ("GET", "/api/devices/", None),
    ("POST", "/api/devices/codes", {"user_id": builders.PEOPLE["salesperson"][0]}),
    ("POST", f"/api/devices/{builders.PEOPLE['salesperson'][0]}/revoke", {}),
]


@pytest.mark.parametrize(("method", "path", "body"), CALLS)
async def test_nobody_gets_in_without_a_token(client, method, path, body):
    answer = await client.request(method, path, json=body)
    assert answer.status_code == 401
    assert answer.json()["code"] == "token_missing"


@pytest.mark.parametrize(("method", "path", "body"), [c for c in CALLS if "status" not in c[1]])
async def test_the_wrong_role_is_refused(client, method, path, body):
    who = "cashier" if "pull" in path else "salesperson"
    answer = await client.request(method, path, json=body, headers=await token(client, who))
    assert answer.status_code == 403
    assert answer.json()["code"] == "permission_missing"


@pytest.mark.parametrize("encoding", ["", "gzip", "zstd"])
async def test_a_batch_is_pushed_without_any_login_and_what_changed_is_pulled(client, field, encoding):
    phone = await field.phone()
    for number in range(20):
        phone.collect(1_000 + number)
    body = wire.encode(phone.batch())
    packed = {"": bytes, "gzip": gzip.compress, "zstd": zstandard.compress}[encoding](body)
    answer = await push(client, packed, **{"content-encoding": encoding} if encoding else {})
    assert answer.status_code == 200, answer.text
    got = wire.read(200, answer.headers["content-type"], answer.content, PushAnswer)
    assert [v.status for v in got.verdicts] == ["accepted"] * 20
    accepted = encoding or "identity"
    headers = await token(client, "salesperson") | {"accept-encoding": accepted}
    answer = await client.post("/api/sync/pull", json={}, headers=headers)
    assert answer.headers.get("content-encoding", "") == encoding
    page = msgspec.json.decode(answer.content, type=Page)
    assert sum(kind == "collection" for kind, *_ in page.rows) == 20
    assert page.more is False


async def test_an_answer_is_compressed_once_by_the_best_of_what_is_accepted(client, field):
    phone = await field.phone()
    phone.collect(1_000)
    await push(client, wire.encode(phone.batch()))
    headers = await token(client, "salesperson")
    bodies = {}
    for accepted, encoding in (("gzip, deflate, br, zstd", "zstd"), ("gzip, deflate", "gzip"), ("br", "")):
        answer = await client.post("/api/sync/pull", json={}, headers=headers | {"accept-encoding": accepted})
        assert answer.headers.get("content-encoding", "") == encoding
        assert answer.headers.get_list("vary", split_commas=True).count("Accept-Encoding") == 1
        bodies[encoding] = msgspec.json.decode(answer.content, type=Page).rows  # httpx undoes one encoding
    assert bodies["zstd"] == bodies["gzip"] == bodies[""] != []


async def test_compressed_bomb(client, field):
    plain = b"[" * (200 * 1024 * 1024)
    for encoding, packed in (("gzip", gzip.compress(plain, 9)), ("zstd", zstandard.compress(plain))):
        answer = await push(client, packed, **{"content-encoding": encoding})
        assert answer.status_code == 413
        assert answer.json()["code"] == "batch_too_large"


async def test_a_body_above_the_limit_is_refused(client, field):
    answer = await push(client, b" " * (wire.BODY_BYTES + 1))
    assert (answer.status_code, answer.json()["code"]) == (413, "batch_too_large")


@pytest.mark.parametrize(
    "body", [b"", b"{", b"[]", b"\xff\xfe", b"{}", b'{"device_id": "x", "epoch": "", "operations": 3, "signature": ""}']
)
async def test_what_is_no_batch_is_refused(client, field, body):
    answer = await push(client, body)
    assert (answer.status_code, answer.json()["code"]) == (400, "batch_unreadable")


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"seq": 0}, "batch_unreadable"),
        ({"seq": 2**40}, "batch_unreadable"),
        ({"id": "x"}, "batch_unreadable"),
        ({"kind": "k" * 41}, "batch_unreadable"),
        ({"kind": "a\0b"}, "batch_unreadable"),
        ({"payload": "\0"}, "batch_unreadable"),
        ({"time_token": "é"}, "batch_unreadable"),
        ({"prev_hash": "short"}, "batch_unreadable"),
        ({"device_time_ms": 2**70}, "batch_unreadable"),
        ({"uptime_ms": -1}, "batch_unreadable"),
    ],
)
async def test_an_envelope_that_no_table_could_hold_is_refused(client, field, change, code):
    phone = await field.phone()
    phone.operation("collection.record", phone.payment(1), **change)
    answer = await push(client, wire.encode(phone.batch()))
    assert answer.json()["code"] == code


async def test_an_unknown_device_is_not_found(client, field):
    phone = await field.phone()
    phone.device_id = field.customer
    phone.collect(1)
    answer = await push(client, wire.encode(phone.batch()))
    assert (answer.status_code, answer.json()["code"]) == (404, "device_not_found")


async def test_a_code_enrols_one_phone_once(client, field):
    admin = await token(client, "admin")
    user = field.people.salesperson.user_id
    code = (await client.post("/api/devices/codes", json={"user_id": user}, headers=admin)).json()["code"]
    assert len(code) == 10
    (_, public), (_, other) = signing.new_key(), signing.new_key()
    typed = f" {code[:5].lower()}-{code[5:]}"
    answer = await client.post("/api/sync/enrol", json={"public_key": public, "code": typed})
    assert answer.status_code == 201, answer.text
    enrolled = msgspec.json.decode(answer.content, type=EnrolAnswer)
    assert (enrolled.user_id, enrolled.series, enrolled.next_seq, enrolled.next_counter) == (user, "A00", 1, 1)
    again = await client.post("/api/sync/enrol", json={"public_key": public, "code": code})  # the answer was lost
    assert again.json()["device_id"] == enrolled.device_id
    stolen = await client.post("/api/sync/enrol", json={"public_key": other, "code": code})
    assert (stolen.status_code, stolen.json()["code"]) == (422, "enrolment_code_invalid")
    me = await client.get("/api/auth/me", headers={"Authorization": f"Bearer {enrolled.tokens.access_token}"})
    assert me.json()["device_id"] == enrolled.device_id


async def test_a_code_ends_after_ten_minutes(field):
    async with field.database.writing() as session:
        code = await service.issue_code(session, field.people.admin, field.clock, field.people.salesperson.user_id)
    field.clock.move(minutes=10)
    with pytest.raises(Refused) as refused:
        async with field.database.writing() as session:
            await service.enrol(session, None, field.clock, EnrolRequest(signing.new_key()[1], code))
    assert refused.value.code == "enrolment_code_invalid"


async def test_a_signed_in_salesperson_enrols_and_a_cashier_does_not(client, field):
    _, public = signing.new_key()
    refused = await client.post("/api/sync/enrol", json={"public_key": public})
    assert (refused.status_code, refused.json()["code"]) == (401, "token_missing")
    refused = await client.post("/api/sync/enrol", json={"public_key": public}, headers=await token(client, "cashier"))
    assert refused.json()["code"] == "permission_missing"
    headers = await token(client, "salesperson")
    assert (await client.post("/api/sync/enrol", json={"public_key": "00"}, headers=headers)).status_code == 400
    assert (await client.post("/api/sync/enrol", json={"public_key": public}, headers=headers)).status_code == 201
    other = await token(client, "other_salesperson")
    assert (await client.post("/api/sync/enrol", json={"public_key": public}, headers=other)).status_code == 400


async def test_two_phones_enrolled_at_once_get_two_series(field):
    phones = await asyncio.gather(*(field.phone() for _ in range(5)))
    assert len({phone.series for phone in phones}) == 5


async def test_a_revoked_phone_is_listed_and_reads_nothing(client, field):
    phone = await field.phone()
    admin = await token(client, "admin")
    assert (await client.post(f"/api/devices/{phone.device_id}/revoke", headers=admin)).status_code == 204
    (row,) = (await client.get("/api/devices/", headers=admin)).json()
    assert row["revoked_at_ms"]
    phone.collect(1_000)
    answer = await push(client, wire.encode(phone.batch()))
    assert answer.json()["verdicts"][0]["code"] == "device_revoked"
    (waiting,) = (await client.get("/api/sync/operations", headers=admin)).json()
    assert waiting["code"] == "device_revoked"
    assert await field.rows(Collection) == []


async def test_a_lone_surrogate_in_a_payload_loses_only_itself(client, field):
    phone = await field.phone()
    phone.operation("collection.record", '{"note": "\\ud800"}')
    phone.collect(1_000)
    answer = await push(client, wire.encode(phone.batch()))
    assert [v["status"] for v in answer.json()["verdicts"]] == ["quarantined", "accepted"]

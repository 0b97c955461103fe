"""Errors, limits and headers of every answer, and the one commit point seen from outside."""

import httpx
import msgspec
import pytest
from litestar import get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, ParameterKwarg
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from backend import app as app_module
from backend.app import create_app
from backend.edge import asked_language
from backend.errors import DOCUMENTED, document_problems
from backend.guards import public
from backend.settings import Settings


async def test_an_unknown_address_and_a_wrong_method_are_problem_details(client):
    for method, path, status, code in [
        ("GET", "/nowhere", 404, "not_found"),
        ("GET", "/api/users/1/2/3/4", 404, "not_found"),
        ("DELETE", "/api/users", 405, "method_not_allowed"),
    ]:
        answer = await client.request(method, path)
        body = answer.json()
        assert (answer.status_code, body["status"], body["code"]) == (status, status, code)
        assert answer.headers["content-type"] == "application/problem+json"
        assert body["title"]
        assert body["detail"]


@pytest.mark.parametrize(
    "body",
    [b"", b"{", b"[]", b"null", b'"x"', b'{"login": 1, "password": []}', b'{"login": "a"}', b"\xff\xfe", b"{}" * 9],
)
async def test_a_body_that_cannot_be_read_is_a_plain_400(client, body):
    answer = await client.post("/api/auth/sign-in", content=body, headers={"Content-Type": "application/json"})
    assert (answer.status_code, answer.json()["code"]) == (400, "request_invalid")


async def test_what_is_wrong_is_named_by_its_part(client):
    answer = await client.post("/api/auth/sign-in", json={"login": "a" * 300, "password": "x"})
    assert answer.status_code == 400
    assert "login" in str(answer.json()["parts"])


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("/api/auth/sign-in", b'{"login": "a\\u0000b", "password": "x"}'),
        ("/api/auth/sign-in?x=%00", b'{"login": "a", "password": "x"}'),
    ],
)
async def test_a_nul_character_never_reaches_the_database(client, path, body):
    answer = await client.post(path, content=body, headers={"Content-Type": "application/json"})
    assert (answer.status_code, answer.json()["code"]) == (400, "request_invalid")


@pytest.mark.parametrize("query", ["limit=0", "limit=201", "limit=99999999999999999999", "limit=x", "after=%00"])
async def test_a_parameter_out_of_bounds_is_a_plain_400(client, headers, people, query):
    answer = await client.get(f"/api/users?{query}", headers=await headers(people.admin))
    assert (answer.status_code, answer.json()["code"]) == (400, "request_invalid")


async def test_a_body_above_the_limit_is_refused_unread(database, clock, company):
    settings = Settings(database_url=database.url, request_bytes=1_000, run_jobs=False)
    small = create_app(database, clock, settings, with_console=False)
    transport = httpx.ASGITransport(small, raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url="http://localhost") as client:
        answer = await client.post("/api/auth/sign-in", json={"login": "a", "password": "x" * 2_000})
    assert (answer.status_code, answer.json()["code"]) == (413, "request_too_large")


async def test_every_answer_carries_security_headers(client):
    for path in ["/health/live", "/nowhere", "/api/users", "/schema/openapi.json"]:
        found = (await client.get(path)).headers
        assert found["x-content-type-options"] == "nosniff"
        assert found["x-frame-options"] == "DENY"
        assert found["referrer-policy"] == "same-origin"
        assert found["cache-control"] == "no-store"


@pytest.mark.parametrize(
    ("header", "language"),
    [
        ("", None),
        ("zh-CN,zh;q=0.9,en;q=0.8", "zh_CN"),
        ("en-GB", "en"),
        ("fr, en;q=0.5, zh;q=0.7", "zh_CN"),
        ("de", None),
        ("zh;q=x, en;q=0.1", "en"),
        ("*" * 9_999, None),
    ],
)
def test_the_language_asked_for_is_the_preferred_one_of_ours(header, language):
    assert asked_language(header) == language


async def test_health_says_live_and_ready(client):
    assert (await client.get("/health/live")).status_code == 200
    assert (await client.get("/health/ready")).status_code == 200


async def test_ready_says_no_without_tables(tmp_path, clock):
    from backend.database import Database
    from backend.settings import sqlite_url

    empty = Database(sqlite_url(tmp_path / "none.sqlite3"))
    transport = httpx.ASGITransport(create_app(empty, clock, with_console=False))
    async with httpx.AsyncClient(transport=transport, base_url="http://localhost") as client:
        assert (await client.get("/health/ready")).status_code == 503
    await empty.close()


async def test_figures_for_prometheus_do_not_name_ids(client, headers, people):
    await client.post("/api/users/00000000-0000-7000-8000-00000000abcd/disable", headers=await headers(people.admin))
    figures = (await client.get("/metrics")).text
    assert "/api/users/{user_id}/disable" in figures
    assert "00000000abcd" not in figures


@pytest.mark.parametrize(
    ("address", "headers_sent", "status"),
    [
        ("127.0.0.1", {}, 200),
        ("::1", {}, 200),
        ("203.0.113.9", {}, 401),
        ("127.0.0.1", {"X-Forwarded-For": "203.0.113.9"}, 401),
        ("testclient", {}, 401),
    ],
)
async def test_figures_are_for_this_machine(app, address, headers_sent, status):
    transport = httpx.ASGITransport(app, client=(address, 5000))
    async with httpx.AsyncClient(transport=transport, base_url="http://localhost") as caller:
        assert (await caller.get("/metrics", headers=headers_sent)).status_code == status


@pytest.mark.parametrize(("who", "status"), [("auditor", 200), ("admin", 200), ("cashier", 403)])
async def test_figures_are_for_auditors_elsewhere(app, headers, people, who, status):
    transport = httpx.ASGITransport(app, client=("203.0.113.9", 5000))
    async with httpx.AsyncClient(transport=transport, base_url="http://localhost") as caller:
        answer = await caller.get("/metrics", headers=await headers(getattr(people, who)))
    assert answer.status_code == status


async def test_documented_security_is_what_the_guards_say(app, client):
    schema = (await client.get("/schema/openapi.json")).json()
    seen = set()
    for route in app.routes:
        for handler in getattr(route, "route_handlers", ()):
            for method in handler.http_methods - {"OPTIONS", "HEAD"}:
                operation = schema["paths"].get(route.path_format, {}).get(method.lower())
                if operation is not None:
                    needed = {} in operation.get("security", schema["security"])
                    assert needed == (public in handler.resolve_guards()), (method, route.path_format)
                    seen |= {route.path_format} if needed else set()
    assert {"/api/auth/sign-in", "/api/auth/refresh", "/health/live", "/health/ready"} <= seen
    assert {"/api/sync/push", "/api/sync/enrol"} <= seen


async def test_every_operation_documents_its_problems(client):
    schema = (await client.get("/schema/openapi.json")).json()
    for path, item in schema["paths"].items():
        for operation in item.values():
            if isinstance(operation, dict) and "responses" in operation:
                assert {str(status) for status in DOCUMENTED} <= set(operation["responses"]), path
                assert "application/problem+json" in operation["responses"]["401"]["content"], path


def api_handlers(app):
    return [
        (route.path, handler)
        for route in app.routes
        if route.path.startswith("/api")
        for handler in getattr(route, "route_handlers", ())
        if handler.name != "options_handler" and not handler.http_methods <= {"OPTIONS"}
    ]


def test_every_route_says_who_may_call_it(app):
    assert [path for path, handler in api_handlers(app) if not handler.guards] == []


def test_every_bound_of_a_parameter_is_in_force(app):
    """A msgspec.Meta inside FromQuery or FromPath is forgotten by Litestar: bounds.py says both."""
    loose = []
    for path, handler in api_handlers(app):
        for name, field in handler.parsed_fn_signature.parameters.items():
            bounded = any(isinstance(one, msgspec.Meta) for one in field.metadata)
            if bounded and isinstance(field.kwarg_definition, ParameterKwarg) and field.kwarg_definition.is_marker:
                loose.append((path, name))
    assert loose == []


# --- the one commit point, seen from outside ---


@post("/try/{how:str}", guards=[public])
async def try_write(
    how: FromPath[str], session: NamedDependency[AsyncSession], reader: NamedDependency[AsyncSession]
) -> None:
    await reader.execute(text("SELECT 1"))
    await session.execute(text("INSERT INTO parent (id) VALUES (1)"))
    if how == "commit-fails":
        await session.execute(text("INSERT INTO child (parent_id) VALUES (99)"))
    if how == "crash":
        raise RuntimeError("secret detail")


@get("/try/look", guards=[public])
async def try_read() -> None:
    raise RuntimeError("secret detail")


@pytest.fixture
async def trial(database, clock, company, monkeypatch):
    """Return a client of an application whose table has a constraint that is looked at only on COMMIT."""

    def make(connection):
        connection.execute(text("CREATE TABLE parent (id INTEGER PRIMARY KEY)"))
        connection.execute(
            text("CREATE TABLE child (parent_id INTEGER REFERENCES parent (id) DEFERRABLE INITIALLY DEFERRED)")
        )

    await database.change_schema(make)
    monkeypatch.setattr(app_module, "routes", lambda: [try_write, try_read])
    transport = httpx.ASGITransport(create_app(database, clock, with_console=False), raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url="http://localhost") as client:
        yield client


async def count(database):
    async with database.reading() as reader:
        return await reader.scalar(text("SELECT count(*) FROM parent"))


async def test_a_write_is_there_when_the_answer_is(trial, database):
    assert (await trial.post("/try/well")).status_code == 201
    assert await count(database) == 1


@pytest.mark.parametrize("how", ["commit-fails", "crash"])
async def test_what_could_not_be_committed_is_a_500_and_leaves_nothing(trial, database, how):
    answer = await trial.post(f"/try/{how}")
    assert (answer.status_code, answer.json()["code"]) == (500, "not_saved")
    assert answer.headers["content-type"] == "application/problem+json"
    assert "secret" not in answer.text
    assert "child" not in answer.text
    assert await count(database) == 0
    assert (await trial.post("/try/well")).status_code == 201  # the writer is free again


async def test_a_read_that_fails_says_so_in_plain_words(trial):
    answer = await trial.get("/try/look")
    assert (answer.status_code, answer.json()["code"]) == (500, "server_failed")
    assert "secret" not in answer.text


def test_problems_are_documented_on_handlers_and_controllers_alike():
    document_problems([try_write])
    assert set(DOCUMENTED) <= set(try_write.responses)

"""Generated requests against every documented operation: whatever comes, never a 500."""

import asyncio
import shutil
from datetime import UTC, datetime

import pytest
import schemathesis
from hypothesis import HealthCheck, given, settings

from backend.app import create_app
from backend.auth import token
from backend.company import service as company
from backend.database import Database
from backend.settings import sqlite_url
from shared.clock import ScriptedClock, to_ms
from tests import builders


@pytest.fixture(scope="module")
def api(sqlite_template, tmp_path_factory):
    """Return the schema of an application on SQLite, and the headers of an administrator."""
    path = tmp_path_factory.mktemp("fuzz") / "fuzz.sqlite3"
    shutil.copyfile(sqlite_template, path)
    database, clock = Database(sqlite_url(path)), ScriptedClock(datetime(2026, 3, 2, 1, tzinfo=UTC))

    async def fill():
        async with database.writing() as session:
            await company.install(session, clock, name="X", zone="Asia/Shanghai", currency="CNY")
            await builders.add_people(session, clock)
            return await company.secret(session, company.TOKEN_SECRET)

    async def work():
        key = await fill()
        await database.close()
        return key

    key = asyncio.run(work())
    user_id, role, *_ = builders.PEOPLE["admin"]
    access, _ = token.make(key, token.Claims(user_id, role, ""), to_ms(clock.now()))
    schema = schemathesis.openapi.from_asgi("/schema/openapi.json", create_app(database, clock, with_console=False))
    return schema, {"Authorization": f"Bearer {access}"}


@pytest.mark.fuzz
def test_no_request_is_answered_by_a_server_error(api):
    schema, headers = api
    operations = [found.ok() for found in schema.get_all_operations()]
    assert len(operations) > 20
    for operation in operations:

        @given(case=operation.as_strategy())
        @settings(max_examples=5, deadline=None, database=None, suppress_health_check=list(HealthCheck))
        def try_one(case):
            answer = case.call(headers=headers)
            assert answer.status_code < 500, (case.method, case.formatted_path, answer.text)

        try_one()

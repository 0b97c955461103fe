"""The revisions make exactly the tables that the code declares, and what was in them survives an upgrade."""

import asyncio

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import inspect, text

from backend.database import Database
from backend.migrations.upgrade import current, downgrade, revisions, upgrade
from backend.tables import metadata

REVISIONS = revisions()


@pytest.fixture
async def empty(empty_url):
    opened = Database(empty_url)
    yield opened
    await opened.close()


async def look(database, question):
    answers = []
    await database.change_schema(lambda connection: answers.append(question(connection)))
    return answers[0]


def differences(connection):
    return compare_metadata(MigrationContext.configure(connection, opts={"compare_type": True}), metadata)


def described(connection):
    """Return every table with its columns, keys and indexes, as far as both databases tell."""
    eye = inspect(connection)
    return {
        name: (
            [(column["name"], str(column["type"]), column["nullable"]) for column in eye.get_columns(name)],
            eye.get_pk_constraint(name)["constrained_columns"],
            sorted((key["constrained_columns"], key["referred_table"]) for key in eye.get_foreign_keys(name)),
            sorted((index["column_names"], bool(index["unique"])) for index in eye.get_indexes(name)),
            sorted(one["column_names"] for one in eye.get_unique_constraints(name)),
        )
        for name in eye.get_table_names()
        if name != "alembic_version"
    }


async def test_an_upgrade_of_nothing_gives_exactly_the_declared_tables(empty):
    await upgrade(empty)
    assert await look(empty, differences) == []
    assert await current(empty) == REVISIONS[-1]


async def test_alembic_and_the_tests_make_the_same_schema(empty):
    await upgrade(empty)
    by_alembic = await look(empty, described)
    await downgrade(empty, "base")
    await look(empty, metadata.create_all)
    assert await look(empty, described) == by_alembic
    assert len(by_alembic) == len(metadata.tables)


async def test_a_second_upgrade_changes_nothing(empty):
    await upgrade(empty)
    before = await look(empty, described)
    await upgrade(empty)
    assert await look(empty, described) == before


async def test_two_servers_that_start_at_once_upgrade_once(empty):
    await asyncio.gather(upgrade(empty), upgrade(empty))
    assert await look(empty, differences) == []


async def test_a_downgrade_to_nothing_and_back_works(empty):
    await upgrade(empty)
    await downgrade(empty, "base")
    assert await look(empty, described) == {}
    assert await current(empty) == ""
    await upgrade(empty)
    assert await look(empty, differences) == []


@pytest.mark.parametrize("revision", REVISIONS)
async def test_what_an_older_version_wrote_survives_the_upgrade(empty, revision):
    await upgrade(empty, revision)
    rows = (
        "INSERT INTO setting (key, value, changed_at_ms) VALUES ('company.name', '\"甲\"', 1)",
        """INSERT INTO ledger_entry (id, fact_kind, fact_id, booked_on, posted_at_ms)
           VALUES ('e', 'test', 'f', '2026-03-02', 9007199254740991)""",
        """INSERT INTO ledger_posting (entry_id, line, kind, key, currency, amount_minor, invoice_id, booked_on)
           VALUES ('e', 0, 'opening', '', 'CNY', -9007199254740991, '', '2026-03-02')""",
    )
    for row in rows:
        await look(empty, lambda connection, row=row: connection.execute(text(row)).rowcount)
    await upgrade(empty)
    assert await look(empty, differences) == []
    async with empty.reading() as reader:
        assert await reader.scalar(text("SELECT value FROM setting")) == '"甲"'
        query = text("SELECT amount_minor, posted_at_ms FROM ledger_posting JOIN ledger_entry ON id = entry_id")
        assert tuple((await reader.execute(query)).one()) == (-9007199254740991, 9007199254740991)


async def test_an_upgrade_that_fails_half_way_leaves_the_schema_as_it_was(empty, monkeypatch):
    from alembic import op

    real, made = op.create_table, []

    def create_table(name, *columns, **options):
        made.append(name)
        if len(made) == 5:
            raise RuntimeError("disk full")
        return real(name, *columns, **options)

    monkeypatch.setattr(op, "create_table", create_table)
    with pytest.raises(RuntimeError):
        await upgrade(empty)
    assert await look(empty, described) == {}


def test_revisions_follow_one_another():
    assert REVISIONS[0] == "0001"
    assert len(REVISIONS) == len(set(REVISIONS))

"""The chain finds what was changed, removed or cut off; what is not sealed yet is told apart."""

import asyncio

import pytest
from sqlalchemy import text

from backend.audit import sealer
from backend.audit.service import record
from backend.auth.actor import SYSTEM


async def write(database, clock, count, start=0):
    async with database.writing() as session:
        for n in range(start, start + count):
            record(session, SYSTEM, clock, "test.write", "thing", str(n), note="甲", n=n)
            clock.move(milliseconds=1)


async def verify(database, head=""):
    async with database.reading() as reader:
        return await sealer.verify(reader, head)


async def tamper(database, *statements):
    def change(connection):
        for statement in statements:
            connection.execute(text(statement))

    await database.change_schema(change)


async def test_events_are_sealed_in_the_order_of_time(database, clock):
    await write(database, clock, 5)
    assert (await verify(database)).unsealed == 5
    assert await sealer.seal(database, clock, "one") == 5
    found = await verify(database)
    assert (found.sealed, found.unsealed, found.ok, len(found.head)) == (5, 0, True, 64)
    await write(database, clock, 2, start=5)
    found = await verify(database)
    assert (found.sealed, found.unsealed, found.ok) == (5, 2, True)
    async with database.reading() as reader:
        order = await reader.scalars(
            text("SELECT subject_id FROM audit_event JOIN audit_link ON event_id = id ORDER BY position")
        )
        assert list(order) == ["0", "1", "2", "3", "4"]


async def test_an_empty_log_is_sound(database, clock):
    assert await sealer.seal(database, clock, "one") == 0
    assert await verify(database) == sealer.Verified(0, 0, "", ())


@pytest.mark.parametrize(
    ("statement", "what", "position"),
    [
        ("UPDATE audit_event SET detail = '{}' WHERE subject_id = '2'", "changed", 3),
        ("UPDATE audit_event SET actor_id = 'other' WHERE subject_id = '0'", "changed", 1),
        ("UPDATE audit_event SET at_ms = at_ms + 1 WHERE subject_id = '4'", "changed", 5),
        ("UPDATE audit_link SET hash = '0' WHERE position = 3", "changed", 3),
        ("DELETE FROM audit_link WHERE position = 2", "removed", 2),
    ],
)
async def test_what_was_tampered_with_is_found(database, clock, statement, what, position):
    await write(database, clock, 5)
    await sealer.seal(database, clock, "one")
    await tamper(database, statement)
    found = await verify(database)
    assert not found.ok
    assert (what, position) in [(one.what, one.position) for one in found.broken]


async def test_an_event_swapped_for_another_is_found(database, clock):
    await write(database, clock, 3)
    await sealer.seal(database, clock, "one")
    await write(database, clock, 1, start=9)
    await tamper(
        database,
        "UPDATE audit_link SET event_id = (SELECT id FROM audit_event WHERE subject_id = '9') WHERE position = 2",
    )
    found = await verify(database)
    assert [(one.what, one.position) for one in found.broken] == [("changed", 2)]
    assert found.unsealed == 1


async def test_a_tail_that_was_cut_off_is_found_by_a_head_noted_before(database, clock):
    await write(database, clock, 5)
    await sealer.seal(database, clock, "one")
    head = (await verify(database)).head
    await write(database, clock, 1, start=5)
    await sealer.seal(database, clock, "one")
    assert (await verify(database, head)).ok
    await tamper(database, "DELETE FROM audit_link WHERE position >= 5")
    assert (await verify(database)).ok
    assert [one.what for one in (await verify(database, head)).broken] == ["head_missing"]


async def test_two_sealers_at_once_never_fork_the_chain(database, clock):
    await write(database, clock, 40)
    counts = await asyncio.gather(*(sealer.seal(database, clock, name) for name in ("one", "two")))
    assert sorted(counts) == [0, 40]
    assert (await verify(database)).ok


async def test_a_lease_is_taken_over_only_when_it_has_run_out(database, clock):
    await write(database, clock, 1)
    assert await sealer.seal(database, clock, "one") == 1
    await write(database, clock, 1, start=1)
    assert await sealer.seal(database, clock, "two") == 0
    clock.move(seconds=31)
    assert await sealer.seal(database, clock, "two") == 1


async def test_a_large_backlog_is_sealed_in_batches(database, clock, monkeypatch):
    monkeypatch.setattr(sealer, "BATCH", 10)
    await write(database, clock, 25)
    assert await sealer.seal(database, clock, "one") == 25
    assert (await verify(database)).sealed == 25

"""The queue of what waits for a decision."""

import pytest

from backend.approval import queries, service
from tests.journeys.field import AMOUNT, Field


@pytest.fixture
async def field(database, clock, people):
    made = Field(database, clock, people)
    await made.open_shop()
    return made


async def test_the_queue_holds_what_waits_and_says_what_is_unusual(field):
    phone = await field.phone()
    plain = phone.collect(AMOUNT, (field.invoices[0], AMOUNT))
    odd = phone.collect(AMOUNT, (field.invoices[0], AMOUNT))
    asked = phone.ask_void(plain.id)
    await phone.sync()
    async with field.database.reading() as reader:
        waiting = {one.subject_id: one for one in await queries.queue(reader)}
        assert await queries.count(reader) == 3
    assert waiting[plain.id].unusual == ()
    assert waiting[odd.id].unusual == ("changed", "unapplied")
    assert waiting[odd.id].parts[0].applied_minor == 0
    assert (waiting[asked.id].subject_kind, waiting[asked.id].reason) == ("void", "typed wrongly")
    assert waiting[asked.id].collection.id == plain.id


async def test_a_voided_collection_leaves_the_queue(field):
    phone = await field.phone()
    paid = phone.collect(AMOUNT)
    asked = phone.ask_void(paid.id)
    await phone.sync()
    async with field.database.writing() as session:
        await service.decide(
            session, field.people.supervisor, field.clock, subject_kind="void", subject_id=asked.id, decision="approved"
        )
    async with field.database.reading() as reader:
        assert await queries.queue(reader) == []
        assert await queries.count(reader) == 0

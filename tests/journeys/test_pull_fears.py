"""Fears about reading: no row skipped, no transaction cut, a page twice changes nothing."""

import asyncio

import msgspec
import pytest

from backend.company import service as company
from backend.sync import pull as pulling
from backend.sync.feed import touch
from shared.refusal import Refused
from tests.journeys.field import AMOUNT


def ids(page):
    return {one for _kind, one, _row in page.rows}


async def test_page_twice(field):
    phone = await field.phone()
    phone.collect(AMOUNT, (field.invoices[0], AMOUNT))
    await phone.sync()
    page = await phone.pull()
    before = dict(phone.store.mirror)
    for _ in range(2):
        await phone.store.apply_page(msgspec.json.decode(msgspec.json.encode(page), type=type(page)))
    assert phone.store.mirror == before


async def test_page_lost(field):
    phone = await field.phone()
    first = await phone.pull(limit=2)
    assert first.more
    again = await phone.pull(limit=2)
    assert ids(first) == ids(again)


async def test_nothing_new_is_an_empty_page(field):
    phone = await field.phone()
    page = await phone.pull()
    assert page.restart
    after = await phone.pull(page.cursor)
    assert (after.rows, after.removals, after.more, after.restart) == ([], [], False, False)


async def test_a_page_never_cuts_a_transaction(field):
    phone = await field.phone()
    async with field.database.writing() as session:
        for one in field.invoices:
            touch(session, "invoice", one)
        touch(session, "customer", field.customer)
    cursor, sizes, seen = "", [], set()
    while True:
        page = await phone.pull(cursor, limit=2)
        sizes.append(len(page.rows))
        seen |= ids(page)
        cursor = page.cursor
        if not page.more:
            break
    assert sizes == [5]  # the company's row, and the four of one transaction although two were asked for
    assert seen == {"company", field.customer, *field.invoices}


async def test_a_transaction_above_the_hard_cap_comes_in_parts(field, monkeypatch):
    monkeypatch.setattr(pulling, "HARD_CAP", 3)
    phone = await field.phone()
    async with field.database.writing() as session:
        for one in field.invoices:
            touch(session, "invoice", one)
        touch(session, "customer", field.customer)
    cursor, seen, turns = "", [], 0
    while turns < 10:
        turns += 1
        page = await phone.pull(cursor, limit=1)
        seen += [one for _kind, one, _row in page.rows]
        cursor = page.cursor
        if not page.more:
            break
    assert sorted(seen) == sorted(["company", field.customer, *field.invoices])


async def test_a_settled_invoice_and_a_new_one(field):
    phone = await field.phone()
    await phone.sync()
    phone.collect(AMOUNT, (field.invoices[0], AMOUNT))
    new = await field.invoice(field.customer, "A4", 5_000)
    note = await field.invoice(field.customer, "N1", -2_000, "credit_note")
    report = await phone.sync()
    assert set(phone.seen("invoice")) == {*field.invoices[1:], new, note}
    assert report.removals == 1


async def test_a_salesperson_reads_only_their_own(field):
    phone, other = await field.phone(), await field.phone(field.people.other_salesperson)
    phone.collect(AMOUNT, (field.invoices[0], AMOUNT))
    await phone.sync()
    page = await other.pull()
    assert ids(page) == {"company", field.other_customer, *field.other_invoices}
    stolen = await other.pull((await phone.pull()).cursor)  # another's cursor only makes one start again
    assert stolen.restart
    assert ids(stolen) == ids(page)


async def test_server_restored_from_a_backup(field):
    phone = await field.phone()
    phone.collect(10_000)
    await phone.sync()
    async with field.database.writing() as session:
        await company.put_setting(
            session, field.people.admin, field.clock, company.EPOCH, "00000000-0000-7000-8000-00000000ffff"
        )
    phone.collect(20_000)
    report = await phone.sync()
    assert report.failure is None
    assert phone.store.who.epoch.endswith("ffff")
    assert report.verdicts["duplicate"] >= 1
    assert len(phone.seen("collection")) == 2
    assert (await phone.pull(phone.store.at)).restart is False


@pytest.mark.parametrize(
    "cursor", ["x", "!!", "bnVsbA==", "W10=", "A" * 3_999, "\0", "WyJlIiwgeyJjIjogWy0xLCAiIiwgIiJdfV0="]
)
async def test_a_cursor_that_is_none_is_refused(field, cursor):
    phone = await field.phone()
    with pytest.raises(Refused) as refused:
        await phone.pull(cursor)
    assert refused.value.code == "cursor_invalid"


async def test_the_engine_starts_again_when_its_cursor_is_refused(field):
    phone = await field.phone()
    await phone.sync()
    phone.store.at = "broken"
    assert (await phone.sync()).failure is None
    assert set(phone.seen("customer")) == {field.customer}


async def test_commit_out_of_order_on_postgresql(field):
    """The earlier writer commits last: no reader may pass the place where its rows will appear."""
    if field.database.is_sqlite:
        pytest.skip("SQLite has one writer")
    phone = await field.phone()
    start = (await phone.pull()).cursor
    first_may_commit, first_holds = asyncio.Event(), asyncio.Event()

    async def slow_writer():
        async with field.database.writing() as session:
            touch(session, "invoice", field.invoices[0])
            await session.flush()
            from backend.sync.feed import publish

            await publish(session)  # the counter's row is locked now, as just before COMMIT
            first_holds.set()
            await first_may_commit.wait()

    async def quick_writer():
        async with field.database.writing() as session:
            touch(session, "invoice", field.invoices[1])

    slow = asyncio.create_task(slow_writer())
    await first_holds.wait()
    quick = asyncio.create_task(quick_writer())
    await asyncio.sleep(0.3)
    assert not quick.done()  # it waits for the counter: it cannot become visible before the first
    between = await phone.pull(start)
    assert ids(between) == set()
    first_may_commit.set()
    await asyncio.gather(slow, quick)
    assert ids(await phone.pull(between.cursor)) == {field.invoices[0], field.invoices[1]}


async def test_the_later_writers_row_holds_the_earlier_writers_change(field):
    """Two phones pay the same customer at once: the feed ends with the sum, whoever commits last."""
    first, second = await field.phone(), await field.phone(field.people.supervisor)
    for _ in range(3):
        first.collect(1_000)
        second.collect(2_000)
        await asyncio.gather(first.push(), second.push())
    await first.sync()
    assert first.seen("customer")[field.customer][11] == 9_000
    assert await field.balance("unapplied", field.customer) == -9_000

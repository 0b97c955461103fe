"""Recording a payment: one durable transaction, gapless numbers, open amounts before and after absorption."""

import os
import signal
import sqlite3
import subprocess
import sys
import textwrap
from pathlib import Path

import msgspec
import pytest
import seeding
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mobile.entry import Entry, allocations, fill
from mobile.store import collection, custody, customer, draft, identity, invoice, mirror, operation
from mobile.store.collection import Taken, record_collection
from mobile.store.database import Database
from shared.collection import AllocationIntent, CollectionRecorded
from shared.ident import parse_receipt_number
from shared.refusal import Refused
from sync.message import AppliedRow, CollectionRow
from sync.outbox import is_chain

ROOT = Path(__file__).resolve().parents[2]


def taken(amount_minor=200_050, parts=(("inv-INV-1001", 120_000), ("inv-INV-1002", 80_050)), **more):
    plain = {"id": seeding.fresh_id(), "customer_id": "cus-C0001", "currency": "CNY", "method": "cash"} | more
    return Taken(amount_minor=amount_minor, allocations=tuple(AllocationIntent(*part) for part in parts), **plain)


async def left(database, number):
    return (await invoice.one(database, f"inv-{number}")).open_minor


async def test_a_recorded_payment_is_there_with_receipt_allocation_and_operation(seed):
    database, store, _ = seed
    made = await record_collection(database, seeding.clock(), taken())
    shown = await collection.one(database, made)
    assert (shown.amount_minor, shown.status, shown.receipt_number) == (200_050, "unsent", "A07-000001-D")
    assert [(line.invoice_number, line.paid_minor, line.remaining_minor) for line in shown.lines] == [
        ("INV-1001", 120_000, 0),
        ("INV-1002", 80_050, 0),
    ]
    assert shown.balance_minor == 40_000
    (sent,) = await store.unsettled(0, 10)
    payload = msgspec.json.decode(sent.payload, type=CollectionRecorded)
    assert (payload.id, payload.receipt_number, payload.salesperson_id) == (made, "A07-000001-D", "user-1")
    assert sent.time_token == "token-1"


async def test_numbers_are_gapless_and_operations_a_chain(seed):
    database, store, _ = seed
    for amount in (100, 200, 300):
        await record_collection(database, seeding.clock(), taken(amount, ()))
    with pytest.raises(Refused):
        await record_collection(database, seeding.clock(), taken(0, ()))
    await record_collection(database, seeding.clock(), taken(400, ()))
    sent = await store.unsettled(0, 10)
    numbers = [parse_receipt_number(msgspec.json.decode(one.payload)["receipt_number"]).counter for one in sent]
    assert ([one.seq for one in sent], numbers) == ([1, 2, 3, 4], [1, 2, 3, 4])
    assert is_chain(sent)


async def test_two_taps_are_one_payment(seed):
    database, store, _ = seed
    twice = taken()
    assert await record_collection(database, seeding.clock(), twice) == await record_collection(
        database, seeding.clock(), twice
    )
    assert len(await store.unsettled(0, 10)) == 1


@pytest.mark.parametrize(
    ("code", "payment"),
    [
        ("amount_not_positive", taken(0, ())),
        ("amount_not_positive", taken(-5, ())),
        ("currency_unknown", taken(5, (), currency="XX")),
        ("method_unknown", taken(5, (), method="shells")),
        ("allocation_above_amount", taken(100, (("inv-INV-1001", 101),))),
        ("allocation_not_positive", taken(100, (("inv-INV-1001", 0),))),
        ("allocation_twice", taken(100, (("inv-INV-1001", 1), ("inv-INV-1001", 2)))),
        ("customer_not_found", taken(100, (), customer_id="nobody")),
    ],
)
async def test_bad_input_is_refused_and_nothing_is_written(seed, code, payment):
    database, store, _ = seed
    before = await identity.numbering(database)
    with pytest.raises(Refused) as refused:
        await record_collection(database, seeding.clock(), payment)
    assert refused.value.code == code
    assert await store.unsettled(0, 10) == []
    assert await identity.numbering(database) == before


@pytest.mark.parametrize("table", ["collection", "allocation", "operation", "device", "draft"])
async def test_a_failure_at_any_statement_leaves_nothing_half_written(seed, table):
    database, store, _ = seed
    verb = {"device": "UPDATE", "draft": "DELETE"}.get(table, "INSERT")
    await draft.keep(database, "collect:cus-C0001", {"id": "x"}, 1)
    async with database.writing() as connection:
        await connection.execute(
            f"CREATE TRIGGER fail BEFORE {verb} ON {table} BEGIN SELECT RAISE(ABORT, 'killed here'); END"
        )
    before = await identity.numbering(database)
    with pytest.raises(sqlite3.IntegrityError):
        await record_collection(database, seeding.clock(), taken())
    assert await store.unsettled(0, 10) == []
    assert await identity.numbering(database) == before
    assert await left(database, "INV-1001") == 120_000
    async with database.writing() as connection:
        await connection.execute("DROP TRIGGER fail")
    made = await record_collection(database, seeding.clock(), taken())
    assert (await collection.one(database, made)).receipt_number == "A07-000001-D"
    assert await draft.of(database, "collect:cus-C0001") == {}


async def test_open_amounts_fall_at_once_and_stay_right_when_the_server_has_absorbed_the_payment(seed):
    database, store, _ = seed
    made = await record_collection(
        database, seeding.clock(), taken(150_000, (("inv-INV-1001", 120_000), ("inv-INV-1002", 30_000)))
    )
    assert (await left(database, "INV-1001"), await left(database, "INV-1002")) == (0, 50_050)
    assert await customer.balance(database, "cus-C0001") == 240_050 - 150_000
    in_hand = (await custody.in_hand(database, "cash", "CNY")).amount_minor
    row = CollectionRow(
        *("cus-C0001", "CNY", 150_000, "cash", "A07-000001-D", 1),
        [
            AppliedRow("inv-INV-1001", "INV-1001", 120_000, 120_000),
            AppliedRow("inv-INV-1002", "INV-1002", 30_000, 30_000),
        ],
        *(0, 150_000, "", "", "", 0, []),
    )
    page = seeding.page(
        [("collection", made, row), seeding.invoice("cus-C0001", "INV-1002", -5, 80_050, 50_050)],
        [("invoice", "inv-INV-1001")],
        "cursor-2",
    )
    for _twice in range(2):
        await store.apply_page(page)
        assert await left(database, "INV-1002") == 50_050
        assert await customer.balance(database, "cus-C0001") == 240_050 - 150_000
        assert (await custody.in_hand(database, "cash", "CNY")).amount_minor == in_hand
    assert (await collection.one(database, made)).status == "booked"


async def test_an_invoice_paid_at_the_office_meanwhile_never_shows_below_zero(seed):
    database, store, _ = seed
    await record_collection(database, seeding.clock(), taken(120_000, (("inv-INV-1001", 120_000),)))
    await store.apply_page(seeding.page([seeding.invoice("cus-C0001", "INV-1001", -32, 120_000, 20_000)], cursor="c2"))
    assert await left(database, "INV-1001") == 0
    assert await customer.balance(database, "cus-C0001") == 240_050 - 100_000 - 120_000


async def test_a_full_disk_refuses_and_saves_nothing(seed):
    database, store, _ = seed
    async with database._writer.execute("PRAGMA page_count") as cursor:
        (pages,) = await cursor.fetchone()
    await database._writer.execute_fetchall(f"PRAGMA max_page_count = {pages}")
    with pytest.raises(Refused) as refused:
        for _more in range(200):
            await record_collection(database, seeding.clock(), taken(100, (), note="x" * 4000))
    assert refused.value.code == "store_full"
    sent = await store.unsettled(0, 500)
    assert is_chain(sent)
    assert (await identity.numbering(database)).next_seq == len(sent) + 1


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(amounts=st.lists(st.integers(1, 300_000), min_size=1, max_size=6))
async def test_whatever_is_recorded_the_balance_falls_by_exactly_that(tmp_path_factory, amounts):
    database, _, _ = await seeding.seeded(tmp_path_factory.mktemp("phone") / "phone.db")
    try:
        for amount in amounts:
            found = await invoice.of_customer(database, "cus-C0001")
            entry = fill(Entry(seeding.fresh_id(), "CNY"), amount)
            parts = allocations(entry, found)
            assert sum(part.amount_minor for part in parts) <= amount
            await record_collection(
                database, seeding.clock(), Taken(entry.id, "cus-C0001", "CNY", amount, "cash", parts)
            )
        assert await customer.balance(database, "cus-C0001") == 240_050 - sum(amounts)
        assert (await custody.in_hand(database, "cash", "CNY")).amount_minor == sum(amounts)
        assert all(
            one.open_minor >= 0 or one.kind == "credit_note" for one in await invoice.of_customer(database, "cus-C0001")
        )
        assert (await operation.unsent(database)).money_minor == sum(amounts)
    finally:
        await database.close()


async def test_what_an_unsent_payment_points_to_stays_in_view(seed):
    database, store, _ = seed
    await record_collection(database, seeding.clock(), taken())
    await store.apply_page(seeding.page([], [("customer", "cus-C0001"), ("customer", "cus-C0002")], "c2"))
    found = {one.number: one.gone for one in await customer.search(database, seeding.NOW.date())}
    assert found["C0001"] is True
    assert "C0002" not in found
    async with database.writing() as connection:
        await connection.execute("UPDATE operation SET status = 'settled'")
        await mirror.sweep(connection)
    assert "C0001" not in {one.number for one in await customer.search(database, seeding.NOW.date())}


@pytest.mark.parametrize(
    ("query", "numbers"),
    [
        ("xfsgd", ["C0001"]),
        ("haolinju", ["C0003"]),
        ("C000", ["C0001", "C0002", "C0003", "C0004", "C0005"]),
        ("超市 南京", ["C0005"]),
        ("便利", ["C0003"]),
        ("%", []),
        ("_", []),
        ("nobody", []),
    ],
)
async def test_customers_are_found_by_number_name_pinyin_and_initials(seed, query, numbers):
    assert [one.number for one in await customer.search(seed[0], seeding.NOW.date(), query)] == numbers


async def test_the_list_continues_after_a_number_and_can_show_the_overdue_only(seed):
    today = seeding.NOW.date()
    assert [one.number for one in await customer.search(seed[0], today, after="C0003", limit=1)] == ["C0004"]
    assert [one.number for one in await customer.search(seed[0], today, overdue=True)] == ["C0001", "C0002", "C0004"]


async def test_sigkill_in_the_middle_of_recording_loses_nothing_acknowledged(tmp_path):
    path = tmp_path / "phone.db"
    database, _, _ = await seeding.seeded(path)
    await database.close()
    script = textwrap.dedent(f"""
        import asyncio, sys
        sys.path[:0] = [{str(ROOT)!r}, {str(ROOT / "tests" / "mobile")!r}]
        from pathlib import Path
        import seeding
        from mobile.store.collection import Taken, record_collection
        from mobile.store.database import Database

        async def main():
            database = await Database(Path({str(path)!r})).open()
            while True:
                payment = Taken(seeding.fresh_id(), "cus-C0001", "CNY", 100, "cash")
                print(await record_collection(database, seeding.clock(), payment), flush=True)

        asyncio.run(main())
    """)
    child = subprocess.Popen([sys.executable, "-c", script], stdout=subprocess.PIPE, text=True)  # noqa: ASYNC220
    acknowledged = [child.stdout.readline().strip() for _ in range(40)]
    os.kill(child.pid, signal.SIGKILL)
    acknowledged += child.stdout.read().split("\n")[:-1]
    child.wait()
    database = await Database(path).open()
    try:
        async with database.reading() as connection:
            cursor = await connection.execute("SELECT id FROM collection")
            kept = {one["id"] for one in await cursor.fetchall()}
        sent = await operation.unsettled(database, 0, 10_000)
        assert all(acknowledged)
        assert set(acknowledged) <= kept
        assert len(sent) == len(kept)
        assert is_chain(sent)
        assert (await identity.numbering(database)).next_counter == len(kept) + 1
    finally:
        await database.close()

"""Booking a run of payments at once gives what one by one gives: the same facts, postings, feed and verdicts."""

import json
import random

import pytest
from sqlalchemy import select

from backend.collection import booking as payments
from backend.collection.tables import Collection
from backend.schema import Base
from backend.sync import booking, feed, service
from backend.sync.queries import operation_counts
from shared.clock import to_ms
from shared.collection import Place
from shared.ident import ReceiptNumber, uuid7
from tests.journeys.field import AMOUNT

DAY = 86_400_000
RANDOM_IDS = {"audit_event": "id", "ledger_entry": "id", "ledger_posting": "entry_id"}


class Undo(Exception):
    """Leaves a transaction without keeping it."""


async def outcome(field, phone, pieces):
    """Push pieces of a phone's chain in one transaction that is then undone; return all verdicts and all rows."""
    with pytest.raises(Undo) as left:
        async with field.database.writing() as session:
            answers = [await service.push(session, field.clock, phone.batch(piece)) for piece in pieces]
            await session.flush()
            await feed.publish(session)
            raise Undo(
                [(verdict.id, verdict.status, verdict.code) for answer in answers for verdict in answer.verdicts],
                [answer.next_seq for answer in answers],
                {table.name: await rows(session, table) for table in Base.metadata.sorted_tables},
            )
    return left.value.args


async def rows(session, table):
    """Return a table's rows as sorted text; ids that are thrown by dice are named by what they belong to."""
    entry = Base.metadata.tables["ledger_entry"]
    facts = {
        one: f"{kind}:{fact}"
        for one, kind, fact in await session.execute(select(entry.c.id, entry.c.fact_kind, entry.c.fact_id))
    }
    found = []
    for row in (await session.execute(select(table))).mappings():
        values = dict(row)
        thrown = RANDOM_IDS.get(table.name)
        if thrown:
            values[thrown] = facts.get(values[thrown], "")
        found.append(json.dumps(values, sort_keys=True, default=str))
    return sorted(found)


def strange_payment(field, phone, chance, seen):
    """Return a payment as a phone, a clone of it or a forger might send it; most are good."""
    now = to_ms(field.clock.now())
    customer = chance.choices([field.customer, field.other_customer, uuid7(now), "garbage"], [80, 14, 3, 3])[0]
    own = field.invoices if customer == field.customer else field.other_invoices
    wanted = chance.sample(
        [*own, *own, *own, *field.other_invoices, uuid7(now), "nothing"], chance.choice([0, 1, 1, 2])
    )
    amount = chance.choices([1, 700, 20_000, AMOUNT, 3 * AMOUNT, 2**53], [1, 3, 6, 6, 3, 1])[0]
    other = {
        "currency": chance.choices(["CNY", "USD", "XXX"], [90, 6, 4])[0],
        "note": chance.choices(["", "paid by his wife", "a\0b"], [80, 17, 3])[0],
        "taken_at_ms": now - chance.choices([0, 3 * DAY, 4_000 * DAY, -DAY, now], [70, 10, 10, 7, 3])[0],
        "place": chance.choice([None, Place(3_000_000, 12_000_000, 20), Place(10**12, 0, 5)]),
    }
    if chance.random() < 0.04:
        other["salesperson_id"] = field.people.other_salesperson.user_id
    if chance.random() < 0.05 and seen:
        other["id"] = chance.choice(seen).id
    if chance.random() < 0.08:
        other["receipt_number"] = chance.choice(
            ["A1", str(ReceiptNumber("ZZ9", 7)), *(one.receipt_number for one in seen)]
        )
    parts = [(one, chance.choices([0, 1, amount // 4 + 1, amount // 3 + 1], [2, 20, 40, 40])[0]) for one in wanted]
    method = chance.choices(["cash", "cheque", "transfer", "code", "gold"], [50, 10, 20, 17, 3])[0]
    return phone.payment(
        chance.choices([amount, 0, -5], [94, 3, 3])[0], *parts, customer_id=customer, method=method, **other
    )


def strange_chain(field, phone, chance):
    """Fill a phone with a random chain: mostly payments, and whatever else may stand between them."""
    phone.store.operations.clear()
    seen = []
    for _ in range(chance.randrange(2, 30)):
        field.clock.move(seconds=1)
        other = {}
        if chance.random() < 0.05 and phone.store.operations:
            other["id"] = chance.choice(phone.store.operations).id
        if chance.random() < 0.05:
            other["time_token"] = "forged"
        match chance.choices(["pay", "void", "give", "broken", "unknown"], [85, 6, 5, 2, 2])[0]:
            case "void" if seen:
                phone.ask_void(chance.choice(seen).id)
            case "give":
                phone.hand_over(chance.choice([1, 5_000, AMOUNT]))
            case "broken":
                phone.operation("collection.record", '{"id": 7, ')
            case "unknown":
                phone.operation("coffee.drink", "{}")
            case _:
                seen.append(strange_payment(field, phone, chance, seen))
                phone.operation("collection.record", seen[-1], **other)


def strange_pieces(phone, chance):
    """Cut the chain as bad lines do: sent whole, in two halves, the later half first, and again."""
    every = phone.store.operations
    cut = chance.randrange(1, len(every))
    return chance.choice([[every], [every[:cut], every[cut:]], [every[cut:], every[:cut]], [every[:cut], every, every]])


async def test_a_run_booked_at_once_is_what_one_by_one_gives(field, monkeypatch):
    runs = []

    async def counted(session, actor, clock, recorded):
        runs.append(len(recorded))
        return await payments.book_many(session, actor, clock, recorded)

    phone = await field.phone()
    for seed in range(40):
        chance = random.Random(seed)
        strange_chain(field, phone, chance)
        pieces = strange_pieces(phone, chance)
        monkeypatch.setattr(booking, "MANY", {})
        alone = await outcome(field, phone, pieces)
        monkeypatch.setattr(booking, "MANY", {"collection.record": counted})
        together = await outcome(field, phone, pieces)
        assert together == alone, seed
    assert max(runs) > 15
    assert await field.operations() == {}


async def test_payments_over_one_invoice_take_what_is_left_in_their_order(field):
    phone = await field.phone()
    for amount in (60_000, 60_000, 60_000):
        phone.collect(amount, (field.invoices[0], amount))
    await phone.push()
    taken = sorted(await field.rows(Collection), key=lambda row: row.receipt_number)
    assert [(row.unapplied_minor, row.flags) for row in taken] == [(0, ""), (20_000, "changed"), (60_000, "changed")]
    assert await field.open_minor(field.invoices[0]) == [0]


async def test_a_payment_that_makes_the_server_stumble_in_a_run_loses_only_itself(field, monkeypatch):
    good = payments.custody.take_in

    async def stumble(session, paid):
        await good(session, paid)
        if any(one.note == "poison" for one in paid):
            raise ZeroDivisionError

    monkeypatch.setattr(payments.custody, "take_in", stumble)
    phone = await field.phone()
    paid = [phone.collect(10_000 + n, (field.invoices[0], 1_000), note="poison" if n == 3 else "") for n in range(6)]
    answer = await phone.push()
    assert [v.code for v in answer.verdicts] == ["", "", "", "operation_failed", "", ""]
    assert {row.id for row in await field.rows(Collection)} == {one.id for one in paid} - {paid[3].id}
    assert await field.open_minor(field.invoices[0]) == [AMOUNT - 5_000]
    assert (
        await field.balance("custody", f"{phone.actor.user_id}:cash") == sum(one.amount_minor for one in paid) - 10_003
    )
    assert await field.ledger_sum() == 0


async def test_an_outage_in_the_middle_of_a_run_keeps_nothing(field, monkeypatch):
    from sqlalchemy.exc import OperationalError

    async def fail(*_):
        raise OperationalError("INSERT", {}, Exception("disk I/O error"))

    phone = await field.phone()
    for _ in range(3):
        phone.collect(10_000)
    with monkeypatch.context() as broken:
        broken.setattr(payments.custody, "take_in", fail)
        with pytest.raises(OperationalError):
            await phone.push()
    assert await field.rows(Collection) == []
    assert await field.operations() == {}
    assert [v.status for v in (await phone.push()).verdicts] == ["accepted"] * 3


async def test_a_run_is_booked_with_few_statements(field):
    from sqlalchemy import event
    from sqlalchemy.engine import Engine

    phone, said = await field.phone(), []

    def note(_connection, _cursor, statement, *_):
        said.append(statement)

    async def statements(count):
        for _ in range(count):
            phone.collect(1_000, (field.invoices[0], 100))
        said.clear()
        await phone.push(phone.store.operations[-count:])
        return len(said)

    event.listen(Engine, "before_cursor_execute", note)
    try:
        few, many = await statements(5), await statements(60)
    finally:
        event.remove(Engine, "before_cursor_execute", note)
    assert many <= few
    async with field.database.reading() as reader:
        assert await operation_counts(reader) == {"accepted": 65}

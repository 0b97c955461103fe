"""Fears about sending: nothing lost, nothing doubled, nothing blocked."""

import asyncio

import msgspec
import pytest

from backend.audit.tables import AuditEvent
from backend.collection.tables import Collection
from backend.sync import service
from backend.sync.tables import OperationConflict
from shared.clock import to_ms
from shared.refusal import Refused
from tests.journeys.field import AMOUNT


async def test_a_payment_reaches_the_books(field):
    phone = await field.phone()
    first, second, _ = field.invoices
    paid = phone.collect(150_000, (first, AMOUNT), (second, 50_000))
    report = await phone.sync()
    assert report.failure is None
    assert report.verdicts == {"accepted": 1}
    assert report.pushed_minor == {"CNY": 150_000}
    assert await field.open_minor(first, second) == [0, 50_000]
    assert await field.balance("custody", f"{phone.actor.user_id}:cash") == 150_000
    assert await field.ledger_sum() == 0
    assert first not in phone.seen("invoice")
    assert phone.seen("invoice")[second][7] == 50_000
    assert phone.seen("collection")[paid.id][8] == 150_000  # still held


async def test_reply_lost_after_commit(field):
    phone = await field.phone()
    phone.collect(AMOUNT, (field.invoices[0], AMOUNT))
    phone.line.lost_replies = 3
    for _ in range(3):
        report = await phone.sync()
        assert report.push_failure.kind == "network"
        assert await phone.store.unsettled(0, 10) != []
    field.clock.move(hours=5)
    report = await phone.sync()
    assert report.verdicts == {"duplicate": 1}
    assert report.pushed_minor == {"CNY": AMOUNT}
    assert len(await field.rows(Collection)) == 1
    assert await field.balance("custody", f"{phone.actor.user_id}:cash") == AMOUNT


async def test_request_lost(field):
    phone = await field.phone()
    phone.collect(AMOUNT, (field.invoices[0], AMOUNT))
    phone.line.lost_requests = 1
    assert (await phone.sync()).push_failure.kind == "network"
    assert await field.rows(Collection) == []
    assert (await phone.sync()).verdicts == {"accepted": 1}
    assert len(await field.rows(Collection)) == 1


async def test_record_k_of_a_batch_is_invalid(field):
    phone = await field.phone()
    phone.collect(10_000)
    phone.collect(0)
    phone.collect(30_000)
    answer = await phone.push()
    assert [verdict.status for verdict in answer.verdicts] == ["accepted", "quarantined", "accepted"]
    assert answer.verdicts[1].code == "amount_not_positive"
    assert answer.verdicts[1].what
    assert answer.verdicts[1].next
    assert sorted(row.amount_minor for row in await field.rows(Collection)) == [10_000, 30_000]
    again = await phone.push()
    assert [verdict.status for verdict in again.verdicts] == ["duplicate", "quarantined", "duplicate"]
    assert again.verdicts[1] == answer.verdicts[1]


async def test_poison_operation_at_the_head(field):
    phone = await field.phone()
    phone.operation("collection.record", '{"id": 7, ')
    phone.operation("coffee.drink", "{}")
    phone.operation("collection.record", "[" * 100_000)
    deep = phone.payment(1, note="a\0b")
    phone.operation("collection.record", deep)
    phone.collect(30_000)
    report = await phone.sync()
    assert report.verdicts == {"quarantined": 4, "accepted": 1}
    codes = [phone.store.verdicts[one.id].code for one in phone.store.operations]
    assert codes == ["operation_unreadable", "operation_unknown", "operation_unreadable", "operation_unreadable", ""]
    assert await phone.store.unsettled(0, 10) == []


async def test_an_operation_that_makes_the_server_stumble_loses_only_itself(field, monkeypatch):
    from backend.sync import push

    async def stumble(*_):
        raise ZeroDivisionError

    phone = await field.phone()
    phone.collect(10_000)
    phone.ask_void(phone.payment(1).id)
    phone.collect(30_000)
    monkeypatch.setitem(push.HANDLERS, "collection.void", stumble)
    answer = await phone.push()
    assert [(v.status, v.code) for v in answer.verdicts] == [
        ("accepted", ""), ("quarantined", "operation_failed"), ("accepted", "")
    ]  # fmt: skip
    assert len(await field.rows(Collection)) == 2


async def test_same_batch_over_two_connections_at_once(field):
    phone = await field.phone()
    phone.collect(AMOUNT, (field.invoices[0], AMOUNT))
    phone.collect(20_000)
    answers = await asyncio.gather(*(phone.push() for _ in range(4)))
    firsts = sorted(answer.verdicts[0].status for answer in answers)
    assert firsts == ["accepted", "duplicate", "duplicate", "duplicate"]
    assert len(await field.rows(Collection)) == 2
    assert await field.balance("custody", f"{phone.actor.user_id}:cash") == 120_000


async def test_same_operation_id_with_other_content(field):
    phone = await field.phone()
    phone.collect(10_000)
    await phone.push()
    first = phone.store.operations[0]
    phone.store.operations.clear()
    forged = phone.operation("collection.record", phone.payment(99_000), id=first.id)
    answer = await phone.push()
    assert [(v.status, v.code) for v in answer.verdicts] == [("quarantined", "operation_conflict")]
    await phone.push()
    assert [row.amount_minor for row in await field.rows(Collection)] == [10_000]
    (kept,) = await field.rows(OperationConflict)
    assert msgspec.json.decode(kept.body)["payload"] == forged.payload
    events = [row for row in await field.rows(AuditEvent) if row.action == "sync.push"]
    assert len(events) == 1


async def test_a_used_sequence_number_with_another_hash_is_a_conflict(field):
    phone = await field.phone()
    phone.collect(10_000)
    await phone.push()
    phone.store.operations.clear()
    phone.collect(20_000)
    answer = await phone.push()
    assert [v.code for v in answer.verdicts] == ["operation_conflict"]
    assert answer.next_seq == 2
    assert [row.amount_minor for row in await field.rows(Collection)] == [10_000]


async def test_a_chain_that_grew_from_another_past_is_a_conflict(field):
    phone = await field.phone()
    phone.collect(10_000)
    await phone.push()
    phone.store.operations.clear()
    phone.collect(20_000)
    phone.collect(30_000)
    answer = await phone.push(phone.store.operations[1:])
    assert [v.code for v in answer.verdicts] == ["operation_conflict"]


async def test_gap_in_the_sequence(field):
    phone = await field.phone()
    first = phone.collect(10_000)
    phone.ask_void(first.id)
    phone.collect(30_000)
    one, *rest = phone.store.operations
    answer = await phone.push(rest)
    assert [(v.status, v.code) for v in answer.verdicts] == [("held", "operation_gap")] * 2
    assert answer.next_seq == 1
    assert await field.rows(Collection) == []
    assert [v.status for v in (await phone.push(rest)).verdicts] == ["held", "held"]
    answer = await phone.push([one])
    assert [v.status for v in answer.verdicts] == ["accepted", "accepted", "accepted"]
    assert answer.next_seq == 4
    assert len(await field.rows(Collection)) == 2
    assert (await field.standing(first.id)).void == "asked"


async def test_the_engine_goes_back_for_what_the_server_misses(field):
    phone = await field.phone()
    phone.collect(10_000)
    phone.collect(20_000)
    first = phone.store.operations[0]
    from sync.message import Verdict

    phone.store.verdicts[first.id] = Verdict(first.id, "accepted")  # believed, but the server never had it
    report = await phone.sync()
    assert report.failure is None
    assert await phone.store.unsettled(0, 10) == []
    assert len(await field.rows(Collection)) == 2


async def test_wrong_signature(field):
    phone, stranger = await field.phone(), await field.phone(field.people.other_salesperson)
    phone.collect(10_000)
    phone.private_key = stranger.private_key
    with pytest.raises(Refused) as refused:
        await phone.push()
    assert refused.value.code == "signature_invalid"
    report = await phone.sync()
    assert (report.push_failure.kind, report.push_failure.code) == ("business", "signature_invalid")
    assert len(await phone.store.unsettled(0, 10)) == 1
    assert await field.operations() == {}


async def test_a_changed_byte_under_a_good_signature_is_refused(field):
    phone = await field.phone()
    phone.collect(10_000)
    phone.collect(20_000)
    batch = phone.batch()
    first = msgspec.structs.replace(batch.operations[0], payload=batch.operations[0].payload.replace("10000", "90000"))
    forged = msgspec.structs.replace(batch, operations=[first, batch.operations[1]])
    with pytest.raises(Refused) as refused:
        async with field.database.writing() as session:
            await service.push(session, field.clock, forged)
    assert refused.value.code == "signature_invalid"


async def test_replay_of_another_devices_batch(field):
    phone, thief = await field.phone(), await field.phone(field.people.other_salesperson)
    phone.collect(10_000)
    stolen = phone.store.operations
    with pytest.raises(Refused) as refused:
        await thief.push(stolen)
    assert refused.value.code == "signature_invalid"
    await phone.push()
    async with field.database.writing() as session:  # the very bytes again, from whomever: harmless
        answer = await service.push(session, field.clock, phone.batch())
    assert [v.status for v in answer.verdicts] == ["duplicate"]
    assert len(await field.rows(Collection)) == 1


async def test_a_revoked_device_hands_in_what_it_signed_and_nothing_is_booked(field):
    phone = await field.phone()
    phone.collect(10_000)
    async with field.database.writing() as session:
        await service.revoke(session, field.people.admin, field.clock, phone.device_id)
    answer = await phone.push()
    assert [(v.status, v.code) for v in answer.verdicts] == [("quarantined", "device_revoked")]
    assert await field.rows(Collection) == []
    assert await field.operations() == {"quarantined": 1}


async def test_a_disabled_user_still_hands_in_what_was_taken(field):
    from backend.auth import service as auth

    phone = await field.phone()
    phone.collect(10_000)
    async with field.database.writing() as session:
        await auth.disable_user(session, field.people.admin, field.clock, phone.actor.user_id)
    assert [v.status for v in (await phone.push()).verdicts] == ["accepted"]


async def test_clock_ten_years_off(field):
    phone = await field.phone()
    now = to_ms(field.clock.now())
    decade = 3650 * 86_400_000
    past = phone.payment(10_000, taken_at_ms=now - decade)
    phone.operation("collection.record", past, device_time_ms=now - decade)
    future = phone.payment(20_000, taken_at_ms=now + decade)
    phone.operation("collection.record", future, device_time_ms=now + decade)
    phone.collect(30_000)
    assert (await phone.sync()).verdicts == {"accepted": 3}
    flags = {row.id: row.flags for row in await field.rows(Collection)}
    assert flags[past.id] == flags[future.id] == "clock"
    assert sorted(flags.values()) == ["", "clock", "clock"]
    from backend.ledger.tables import Entry

    days = {row.fact_id: row.booked_on.isoformat() for row in await field.rows(Entry) if row.fact_kind == "collection"}
    assert set(days.values()) == {"2026-03-02"}


async def test_weeks_without_network_are_no_clock_error(field):
    phone = await field.phone()
    phone.collect(10_000)
    field.clock.move(days=40)
    phone.collect(20_000)
    await phone.sync()
    assert [row.flags for row in await field.rows(Collection)] == ["", ""]


async def test_captive_portal_answers_200_with_html(field):
    phone = await field.phone()
    phone.collect(10_000)
    phone.line.answer_with = (200, "text/html; charset=utf-8", b"<html>Welcome to the hotel</html>")
    report = await phone.sync()
    assert report.push_failure.kind == "network"
    assert len(await phone.store.unsettled(0, 10)) == 1
    phone.line.answer_with = (200, "application/json", b'{"welcome": true}')
    report = await phone.sync()
    assert report.push_failure is not None
    assert len(await phone.store.unsettled(0, 10)) == 1
    phone.line.answer_with = None
    assert (await phone.sync()).verdicts == {"accepted": 1}


async def test_two_drains_at_once_send_once(field):
    phone = await field.phone()
    phone.collect(10_000)
    reports = await asyncio.gather(phone.sync(), phone.sync())
    assert sorted(report.busy for report in reports) == [False, True]
    assert len(await field.rows(Collection)) == 1

"""The store under the engine: migrations, lock, lease, verdicts, pages, epoch, enrolment again."""

import stat

import aiosqlite
import msgspec
import pytest
import seeding

from mobile.device.keys import FileKeys, new_pair, signer
from mobile.store import company, custody, customer, identity, meta, migrations, notice, operation
from mobile.store.collection import Taken, one, record_collection
from mobile.store.database import Database
from shared.refusal import Refused
from sync import signing
from sync.message import CollectionRow, PushAnswer, RemittanceRow, Verdict
from sync.outbox import is_chain


async def pay(database, amount=100, **more):
    plain = {"customer_id": "cus-C0001", "currency": "CNY", "method": "cash"} | more
    return await record_collection(
        database, seeding.clock(), Taken(id=seeding.fresh_id(), amount_minor=amount, **plain)
    )


def verdicts(*given):
    return PushAnswer("epoch-1", [Verdict(*each) for each in given], 1, "token-9")


async def dump(connection, table):
    async with connection.execute(f"SELECT * FROM {table} ORDER BY 1, 2") as cursor:
        return [tuple(row) for row in await cursor.fetchall()]


@pytest.mark.parametrize("start", range(1, len(migrations.MIGRATIONS) + 1))
async def test_an_older_store_that_is_full_loses_nothing_in_an_upgrade(tmp_path, start):
    path = tmp_path / "old.db"
    async with aiosqlite.connect(path, isolation_level=None) as connection:
        await migrations.upgrade(connection, start)
        await connection.execute("INSERT INTO meta VALUES ('language', 'zh_CN')")
        await connection.execute(
            "INSERT INTO device VALUES (1, 'd', 'A07', 3, 3, 'h', 'e', 't', 'u', 'n', 'salesperson')"
        )
        for seq in (1, 2):
            await connection.execute(
                "INSERT INTO operation (device_id, seq, id, kind, version, payload, device_time_ms, uptime_ms,"
                " time_token, prev_hash, hash, currency, amount_minor, title) "
                "VALUES ('d', ?, ?, 'k', 1, '{}', 1, 1, '', '', 'h', 'CNY', 5, 't')",
                (seq, f"op-{seq}"),
            )
        await connection.execute(
            "INSERT INTO collection VALUES ('c', 'op-1', 'k', 'n', 'CNY', 5, 'cash', 'r', 1, '', '', 0)"
        )
        await connection.execute("INSERT INTO allocation VALUES ('c', 'i', 'n', 5, 0)")
        before = {
            name: await dump(connection, name) for name in ("meta", "device", "operation", "collection", "allocation")
        }
    database = await Database(path).open()
    try:
        async with database.reading() as connection:
            assert {name: [tuple(row) for row in await dump(connection, name)] for name in before} == before
            assert await migrations.version_of(connection) == len(migrations.MIGRATIONS)
        assert (await operation.unsent(database)).count == 2
    finally:
        await database.close()


async def test_an_upgrade_that_fails_half_way_leaves_the_old_version_whole(tmp_path, monkeypatch):
    path = tmp_path / "old.db"
    async with aiosqlite.connect(path, isolation_level=None) as connection:
        await migrations.upgrade(connection, 1)
    broken = (*migrations.MIGRATIONS[:1], ("CREATE TABLE half (id TEXT)", "CREATE NONSENSE"))
    monkeypatch.setattr(migrations, "MIGRATIONS", broken)
    with pytest.raises(aiosqlite.OperationalError):
        await Database(path).open()
    monkeypatch.undo()
    async with aiosqlite.connect(path, isolation_level=None) as connection:
        assert await migrations.version_of(connection) == 1
        assert "half" not in [row[0] for row in await dump(connection, "(SELECT name, 1 FROM sqlite_master)")]
    database = await Database(path).open()
    await database.close()


def test_no_step_drops_anything():
    text = " ".join(statement for step in migrations.MIGRATIONS for statement in step).upper()
    assert "DROP " not in text
    assert "DELETE " not in text


async def test_a_second_process_meets_the_lock_and_a_closed_store_can_be_opened_again(tmp_path):
    first = await Database(tmp_path / "phone.db").open()
    with pytest.raises(Refused) as refused:
        await Database(tmp_path / "phone.db").open()
    assert refused.value.code == "store_locked"
    await first.close()
    again = await Database(tmp_path / "phone.db").open()
    await again.close()


async def test_the_disk_has_it_before_the_screen_says_so(seed):
    cursor = await seed[0]._writer.execute("PRAGMA synchronous")
    assert (await cursor.fetchone())[0] == 2
    cursor = await seed[0]._writer.execute("PRAGMA journal_mode")
    assert (await cursor.fetchone())[0] == "wal"


async def test_one_drain_at_a_time(seed):
    store = seed[1]
    assert await store.lock("a", 0, 100)
    assert not await store.lock("b", 99, 200)
    assert await store.lock("a", 50, 150)
    await store.unlock("b")
    assert not await store.lock("b", 100, 200)
    assert await store.lock("b", 150, 250)
    await store.unlock("b")
    assert await store.lock("a", 0, 1)


async def test_a_lease_of_a_killed_process_does_not_outlive_it(tmp_path):
    database, store, _ = await seeding.seeded(tmp_path / "phone.db")
    assert await store.lock("killed", 0, 10**15)
    await database.close()
    store.database = await Database(tmp_path / "phone.db").open()
    assert await store.lock("new", 1, 2)
    await store.database.close()


async def test_only_named_operations_are_settled(seed):
    database, store, _ = seed
    for amount in (1, 2, 3, 4):
        await pay(database, amount)
    first, second, third, fourth = await store.unsettled(0, 10)
    await store.settle(
        verdicts(
            (first.id, "accepted"),
            (second.id, "quarantined", "operation_conflict", "What.", "Next."),
            (third.id, "held", "operation_gap"),
            ("unknown", "accepted"),
        )
    )
    assert [one.seq for one in await store.unsettled(0, 10)] == [third.seq, fourth.seq]
    assert await operation.needing_attention(database) == 2
    waiting = {row.seq: (row.status, row.verdict, row.what) for row in await operation.outbox(database)}
    assert waiting[2] == ("settled", "quarantined", "What.")
    assert waiting[3][:2] == ("unsent", "held")
    assert await store.resend(1) == 2
    assert [one.seq for one in await store.unsettled(0, 10)] == [1, 2, 3, 4]


async def test_a_restored_server_gets_everything_again_and_the_mirror_starts_anew(seed):
    database, store, _ = seed
    await pay(database)
    (sent,) = await store.unsettled(0, 10)
    await store.settle(verdicts((sent.id, "accepted")))
    await store.adopt_epoch("epoch-2")
    assert (await store.identity()).epoch == "epoch-2"
    assert [again.hash for again in await store.unsettled(0, 10)] == [sent.hash]
    assert await store.cursor() == ""
    await store.apply_page(seeding.page([seeding.customer("C0009", "新客户", "xinkehu")], cursor="n1"))
    assert [one.number for one in await customer.search(database, seeding.NOW.date())] == ["C0009"]


async def test_a_page_that_cannot_be_read_changes_nothing_not_even_the_cursor(seed):
    database, store, _ = seed
    good = seeding.customer("C0009", "新客户", "xinkehu")
    broken = seeding.page([good], cursor="c2")
    broken.rows.append(("invoice", "inv-x", msgspec.Raw(b'["only one field"]')))
    with pytest.raises(msgspec.ValidationError):
        await store.apply_page(broken)
    assert await store.cursor() == "cursor-1"
    assert await customer.one(database, "cus-C0009") is None


async def test_a_kind_from_a_newer_server_is_passed_over(seed):
    page = seeding.page([("weather", "w", ["sunny"])], [("weather", "v")], "c2")
    await seed[1].apply_page(page)
    assert await seed[1].cursor() == "c2"


async def test_money_goes_out_of_hand_when_it_is_handed_over_and_is_not_counted_twice(seed):
    database, store, _ = seed
    await pay(database, 100_000)
    start = (await custody.in_hand(database, "cash", "CNY")).amount_minor
    given = await custody.give(
        database, seeding.clock(), kind="cash", currency="CNY", counted_minor=60_000, code="123456"
    )
    assert (await custody.in_hand(database, "cash", "CNY")).amount_minor == start - 60_000
    await store.apply_page(
        seeding.page(
            [("remittance", given, RemittanceRow("hand_over", "CNY", 60_000, 1, "123456", "awaiting", 0, ""))],
            cursor="c2",
        )
    )
    assert (await custody.in_hand(database, "cash", "CNY")).amount_minor == start - 60_000
    with pytest.raises(Refused) as refused:
        await custody.give(database, seeding.clock(), kind="cash", currency="CNY", counted_minor=start, code="1")
    assert refused.value.code == "custody_short"


async def test_a_deposit_and_its_absorption_leave_the_same_cash_in_hand(seed):
    database, store, _ = seed
    made = await pay(database, 50_000)
    before = (await custody.in_hand(database, "cash", "CNY")).amount_minor
    how = {"kind": "cash", "currency": "CNY", "account_id": "acc-1", "account_name": "工商银行", "slip": "S-1"}
    paid_in = await custody.deposit(
        database, seeding.clock(), amount_minor=before, deposited_on=seeding.NOW.date(), **how
    )
    assert (await custody.in_hand(database, "cash", "CNY")).amount_minor == 0
    rows = [
        (
            "collection",
            made,
            CollectionRow("cus-C0001", "CNY", 50_000, "cash", "A07-000001-D", 1, [], 50_000, 0, "", "", "", 0, []),
        ),
        (
            "collection",
            "col-1",
            CollectionRow("cus-C0002", "CNY", 50_000, "cash", "A07-000002-X", 1, [], 0, 20_000, "", "", "", 0, []),
        ),
        (
            "collection",
            "col-3",
            CollectionRow("cus-C0003", "CNY", 1_000, "cash", "A07-000004-Z", 1, [], 0, 0, "", "", "", 0, []),
        ),
        ("remittance", paid_in, RemittanceRow("deposit", "CNY", before, 1, "S-1", "posted", before, "工商银行")),
    ]
    await store.apply_page(seeding.page(rows, cursor="c2"))
    assert (await custody.in_hand(database, "cash", "CNY")).amount_minor == 0


async def test_enrolling_again_wraps_what_is_unsent_in_the_new_chain(seed):
    database, store, _ = seed
    made = await pay(database, 700)
    await pay(database, 800)
    before = await store.unsettled(0, 10)
    await identity.adopt(database, seeding.answer("device-2", series="A08", next_seq=5, next_counter=9))
    after = await store.unsettled(0, 10)
    assert [one.id for one in after] == [one.id for one in before]
    assert [one.payload for one in after] == [one.payload for one in before]
    assert ([one.seq for one in after], {one.device_id for one in after}) == ([5, 6], {"device-2"})
    assert is_chain(after)
    assert after[0].prev_hash == ""
    assert (await one(database, made)).receipt_number == "A07-000001-D"
    third = await pay(database, 900)
    assert (await one(database, third)).receipt_number.startswith("A08-000009-")
    assert is_chain(await store.unsettled(0, 10))


async def test_another_user_cannot_take_over_a_phone_with_money_unsent(seed):
    database, _, _ = seed
    await pay(database)
    with pytest.raises(Refused) as refused:
        await identity.adopt(database, seeding.answer("device-2", "user-2"))
    assert refused.value.code == "money_unsent"
    with pytest.raises(Refused) as refused:
        await identity.sign_out(database)
    assert refused.value.code == "money_unsent"
    assert not await identity.is_signed_out(database)


async def test_the_company_settings_and_notices_are_read_back(seed):
    assert (await company.of(seed[0])).bank_accounts[0].name == "工商银行"
    (only,) = await notice.latest(seed[0])
    assert only.values["reason"] == "金额与客户不符"
    await meta.put(seed[0], "theme", "dark")
    assert await meta.get(seed[0], "theme") == "dark"


async def test_keys_are_the_owners_alone_and_survive(tmp_path):
    keys = FileKeys(tmp_path / "phone.db.keys")
    public = await new_pair(keys)
    assert stat.S_IMODE(keys.path.stat().st_mode) == 0o600
    sign = await signer(FileKeys(keys.path))
    assert signing.verify(public, b"head", sign(b"head"))
    await keys.put("tokens", "x")
    await keys.put("tokens", "")
    assert await keys.get("tokens") == ""

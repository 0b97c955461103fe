"""The demo's half year, lived small: the books are right, the office has work left, and it is the same each time."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import func, select

from backend.approval.tables import Approval
from backend.bank.tables import BankImport, BankLineRecord
from backend.collection.tables import Collection
from backend.custody.tables import Deposit, HandOver, HandOverReceipt
from backend.customer.tables import CustomerRecord
from backend.database import Database
from backend.demo.prepare import Size, is_prepared, prepare
from backend.invoice.tables import InvoiceRecord
from backend.ledger.tables import PostingRow
from backend.matching.tables import Claim, Match
from backend.migrations.upgrade import upgrade
from backend.report.control import control_totals
from backend.settings import sqlite_url
from backend.sync.tables import OperationRecord

NOW = datetime(2026, 11, 20, 9, 30, tzinfo=UTC)
SIZE = Size(customers=12, invoices=110, days=80)


async def lived(folder, *, now=NOW, size=SIZE, seed=7):
    folder.mkdir(exist_ok=True)
    database = Database(sqlite_url(folder / "demo.sqlite3"))
    await upgrade(database)
    await prepare(database, now=now, size=size, seed=seed)
    return database


async def count(reader, table, *where):
    return await reader.scalar(select(func.count()).select_from(table).where(*where))


async def story(database):
    """Tell what happened without ids: every payment with its time, and every posting's sum by kind and day."""
    async with database.reading() as reader:
        payments = select(Collection.taken_at_ms, Collection.receipt_number, Collection.method, Collection.amount_minor)
        postings = select(PostingRow.kind, PostingRow.booked_on, func.sum(PostingRow.amount_minor), func.count())
        lines = select(BankLineRecord.bank_id, BankLineRecord.amount_minor, BankLineRecord.text)
        matches = select(BankLineRecord.bank_id, Match.rule).join(Match, Match.line_id == BankLineRecord.id)
        by_day = postings.group_by(PostingRow.kind, PostingRow.booked_on)
        return [sorted(map(tuple, await reader.execute(query))) for query in (payments, by_day, lines, matches)]


async def test_the_books_are_right_on_either_database(database):
    await prepare(database, now=NOW, size=SIZE, seed=7)
    async with database.reading() as reader:
        totals = await control_totals(reader)
        assert [total for total in totals if not total.ok] == []
        assert await reader.scalar(select(func.sum(PostingRow.amount_minor))) == 0
        assert await count(reader, CustomerRecord) == SIZE.customers
        assert await count(reader, InvoiceRecord) == SIZE.invoices
        assert await count(reader, Collection) > 20
        assert await count(reader, Match) > 10
        assert await count(reader, BankImport) > 5


async def test_the_office_has_work_left(tmp_path):
    database = await lived(tmp_path)
    async with database.reading() as reader:
        decided, received = select(Approval.subject_id), select(HandOverReceipt.hand_over_id)
        assert await count(reader, Collection, Collection.id.not_in(decided)) > 0
        assert await count(reader, HandOver, HandOver.id.not_in(received)) == 1
        open_lines = BankLineRecord.id.not_in(select(Claim.subject_id))
        assert await count(reader, BankLineRecord, open_lines, BankLineRecord.amount_minor > 0) > 0
        late = (
            select(PostingRow.invoice_id).group_by(PostingRow.invoice_id).having(func.sum(PostingRow.amount_minor) > 0)
        )
        assert await count(reader, InvoiceRecord, InvoiceRecord.id.in_(late), InvoiceRecord.due_on < NOW.date()) > 0
    await database.close()


async def test_every_payment_came_signed_from_a_phone(tmp_path):
    database = await lived(tmp_path)
    async with database.reading() as reader:
        collections = await count(reader, Collection)
        assert collections == await count(reader, OperationRecord, OperationRecord.kind == "collection.record")
        assert await count(reader, OperationRecord, OperationRecord.status != "accepted") == 0
        assert await count(reader, Collection, Collection.flags != "") == 0
    await database.close()


@pytest.mark.parametrize("hour", [16, 20, 3])
async def test_nothing_happens_in_the_future(tmp_path, hour):
    now = NOW.replace(hour=hour)  # 00:00, 04:00 and 11:00 in the company's zone
    database = await lived(tmp_path, now=now, size=Size(10, 40, 70))
    async with database.reading() as reader:
        latest = int((now + timedelta(minutes=1)).timestamp() * 1000)
        for column in (Collection.taken_at_ms, Collection.received_at_ms, Deposit.recorded_at_ms):
            assert await reader.scalar(select(func.max(column))) <= latest
        assert await reader.scalar(select(func.max(InvoiceRecord.issued_on))) <= (now + timedelta(hours=8)).date()
    await database.close()


async def test_the_same_seed_lives_the_same_story(tmp_path):
    first, again = await lived(tmp_path / "a"), await lived(tmp_path / "b")
    other = await lived(tmp_path / "c", seed=8)
    assert await story(first) == await story(again)
    assert await story(first) != await story(other)
    for database in (first, again, other):
        await database.close()


async def test_an_empty_database_is_not_prepared(database):
    assert not await is_prepared(database)

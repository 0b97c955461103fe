"""Importing statements: every line once, genuine twins both, the ledger always equal to the statement."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import event, func, select

from backend.audit.tables import AuditEvent
from backend.auth.actor import SYSTEM
from backend.bank import queries, service
from backend.bank.fingerprint import with_occurrence
from backend.bank.formats import csv as table_format
from backend.importing import mapping
from backend.ledger import queries as ledger
from shared.refusal import Refused
from tests import builders

HEAD = "交易日期,收入,支出,对方户名,附言,余额\n"
LINES = [
    "2026-03-02,100.00,,甲,R1,100.00\n",
    "2026-03-02,50.00,,乙,,150.00\n",
    "2026-03-02,50.00,,乙,,200.00\n",
    "2026-03-03,,30.00,丙,,170.00\n",
]


@pytest.fixture
async def account(database, clock, people):
    async with database.writing() as session:
        return await builders.add_account(session, clock)


async def bring_in(database, clock, account, lines, actor=SYSTEM, **options):
    async with database.writing() as session:
        return await service.import_file(
            session,
            actor,
            clock,
            account_id=account,
            file_name="s.csv",
            content=(HEAD + "".join(lines)).encode(),
            **options,
        )


async def test_twins_in_one_file_are_two_and_the_ledger_equals_the_statement(database, clock, account):
    outcome = await bring_in(database, clock, account, LINES)
    assert (outcome.new_count, outcome.known_count, outcome.unreadable_count) == (4, 0, 0)
    async with database.reading() as reader:
        assert await ledger.balance_minor(reader, "bank", account, "CNY") == 17_000
        assert await ledger.balance_minor(reader, "unidentified", account, "CNY") == -17_000
        assert await queries.balances(reader) == {account: (17_000, 17_000)}


async def test_an_overlapping_file_adds_only_what_is_new(database, clock, account):
    await bring_in(database, clock, account, LINES[:3])
    outcome = await bring_in(database, clock, account, LINES[1:])
    assert (outcome.new_count, outcome.known_count) == (1, 2)
    again = await bring_in(database, clock, account, LINES)
    assert (again.new_count, again.known_count) == (0, 4)
    async with database.reading() as reader:
        assert len(await queries.lines(reader)) == 4


async def test_another_balance_or_padding_does_not_make_another_line(database, clock, account):
    await bring_in(database, clock, account, LINES[:1])
    outcome = await bring_in(database, clock, account, ["2026-03-02,100.00,, 甲 ,r1,999.00\n"])
    assert (outcome.new_count, outcome.known_count) == (0, 1)


async def test_a_days_lines_are_listed_as_the_file_has_them_page_by_page(database, clock, account):
    texts = [f"2026-03-{day:02d},{n}.00,,甲,R{n},0\n" for day in (2, 3) for n in range(1, 9)]
    await bring_in(database, clock, account, texts)
    async with database.reading() as reader:
        listed = [record.reference or record.text for record, _match in await queries.lines(reader)]
        paged, after = [], ""
        while page := await queries.lines(reader, after=after, limit=3):
            paged += [record.reference or record.text for record, _match in page]
            after = page[-1][0].id
    assert listed == [f"R{n}" for n in range(1, 9)] * 2
    assert paged == listed


async def test_an_import_needs_the_same_number_of_statements_for_few_lines_and_for_many(database, clock, account):
    counted = []

    def count(*_event):
        counted[-1] += 1

    engine = database._writer.sync_engine
    event.listen(engine, "before_cursor_execute", count)
    for day, many in ((4, 2), (5, 200)):
        counted.append(0)
        await bring_in(database, clock, account, [f"2026-03-{day:02d},{n}.00,,甲,,0\n" for n in range(1, many + 1)])
    event.remove(engine, "before_cursor_execute", count)
    assert counted[0] == counted[1]


async def test_one_import_is_audited_once(database, clock, account):
    await bring_in(database, clock, account, LINES)
    async with database.reading() as reader:
        query = select(func.count()).select_from(AuditEvent).where(AuditEvent.action == "bank.import")
        assert await reader.scalar(query) == 1


async def test_a_preview_writes_nothing(database, clock, account, people):
    async with database.reading() as reader:
        outcome = await service.preview_file(
            reader, people.reconciler, account_id=account, file_name="s.csv", content=(HEAD + LINES[0]).encode()
        )
        assert (outcome.new_count, outcome.import_id) == (1, "")
        assert await queries.lines(reader) == []


async def test_a_saved_profile_reads_the_accounts_files(database, clock, account, people):
    own = mapping.Mapping(kind="bank", columns={"booked": "D", "amount": "A"}, date_form="%d.%m.%Y", decimal_mark=",")
    async with database.writing() as session:
        await service.save_profile(session, people.reconciler, clock, account_id=account, mapping=own)
        outcome = await service.import_file(
            session, SYSTEM, clock, account_id=account, file_name="x", content=b"D;A\n02.03.2026;1.000,50\n"
        )
    assert [line.amount_minor for line in outcome.new] == [100_050]


async def test_a_file_that_the_saved_profile_does_not_fit_is_read_by_its_usual_names(database, clock, account, people):
    own = mapping.Mapping(kind="bank", columns={"booked": "D", "amount": "A"})
    usual = "交易日期,收入,支出\n2026-03-02,10.00,\n".encode()
    async with database.writing() as session:
        await service.save_profile(session, people.reconciler, clock, account_id=account, mapping=own)
        outcome = await service.import_file(session, SYSTEM, clock, account_id=account, file_name="x", content=usual)
        assert [line.amount_minor for line in outcome.new] == [1_000]
        with pytest.raises(Refused) as refused:
            await service.import_file(session, SYSTEM, clock, account_id=account, file_name="y", content=b"p,q\n1,2\n")
    assert "D" in str(refused.value.values)


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "file_empty"),
        (HEAD.encode(), "file_empty"),
        (b"name,number\nx,1\n", "column_missing"),
        (b"\x89PNG\x00\x01", "file_unreadable"),
    ],
)
async def test_a_broken_file_is_refused_whole(database, clock, account, content, code):
    async with database.writing() as session:
        with pytest.raises(Refused) as refused:
            await service.import_file(session, SYSTEM, clock, account_id=account, file_name="x", content=content)
    assert refused.value.code == code


async def test_a_second_account_with_the_same_number_is_refused(database, clock, account):
    with pytest.raises(Refused) as refused:
        async with database.writing() as session:
            await builders.add_account(session, clock)
    assert refused.value.code == "bank_account_exists"


@given(st.lists(st.sampled_from(LINES), min_size=1, max_size=12), st.data())
def test_any_overlapping_pieces_hold_the_same_lines_as_the_whole(lines, data):
    def marks(some):
        statement = table_format.extract((HEAD + "".join(some)).encode(), "s", mapping.usual("bank"), "CNY")
        return {(mark, occurrence) for _line, mark, occurrence in with_occurrence("acc", statement.lines)}

    cut = data.draw(st.integers(1, len(lines)))
    assert marks(lines[:cut]) <= marks(lines)
    assert len(marks(lines)) == len(lines)

"""Customers from files: new, known, changed and refused rows."""

import pytest
from sqlalchemy import select

from backend.auth.actor import SYSTEM
from backend.customer import queries as customers
from backend.importing import mapping, service
from backend.sync.queries import scope_of
from backend.sync.tables import FeedRow
from shared.refusal import Refused
from tests import builders

CHINESE = """客户编号,客户名称,业务员,账期,信用额度,电话,联系人
C001,杭州西湖商贸,lina,30天,"50,000.00",13800000001,周先生
C002,宁波海曙食品,Zhang Wei,45,0,13800000002,
C003,无人负责,,30,,,
""".encode("gb18030")


async def bring_in(database, clock, content, actor=SYSTEM, **options):
    async with database.writing() as session:
        return await service.import_customers(
            session, actor, clock, content=content, file_name="customers.csv", **options
        )


async def numbered(database, *numbers):
    async with database.reading() as reader:
        return await customers.by_numbers(reader, numbers)


async def test_chinese_headers_are_understood_without_a_mapping(database, clock, people):
    outcome = await bring_in(database, clock, CHINESE)
    assert (outcome.new_count, outcome.refused) == (3, [])
    found = await numbered(database, "C001", "C002", "C003")
    first = found["C001"]
    assert (first.name, first.terms_days, first.limit_minor, first.currency) == ("杭州西湖商贸", 30, 5_000_000, "CNY")
    assert "hangzhouxihushangmao hzxhsm" in first.pinyin
    assert first.salesperson_id == people.salesperson.user_id
    assert found["C002"].salesperson_id == people.other_salesperson.user_id
    assert found["C003"].salesperson_id == ""


async def test_a_second_import_changes_only_what_differs(database, clock, people):
    await bring_in(database, clock, CHINESE)
    again = await bring_in(database, clock, CHINESE)
    assert (again.new_count, again.known_count, again.changed_count) == (0, 3, 0)
    other = await bring_in(database, clock, CHINESE.replace(b"C002", b"C009").replace(b"13800000001", b"139"))
    assert (other.new_count, other.known_count, other.changed_count) == (1, 1, 1)
    assert (await numbered(database, "C001"))["C001"].phone == "139"


async def test_bad_rows_are_refused_alone_with_line_and_reason(database, clock, people):
    content = "客户编号,客户名称,业务员,信用额度\n,没有编号,,\nC2,,,\nC3,好,nobody,\nC4,好,,abc\nC5,好,,\nC5,不同,,\n"
    outcome = await bring_in(database, clock, content.encode())
    refused = [(row.line, row.code) for row in outcome.refused]
    assert refused == [
        (2, "row_value_missing"),
        (3, "row_value_missing"),
        (4, "salesperson_unknown"),
        (5, "amount_unreadable"),
        (7, "row_twice"),
    ]
    assert all(row.sentence for row in outcome.refused)
    assert set(await numbered(database, "C2", "C3", "C4", "C5")) == {"C5"}


async def test_a_dry_run_writes_nothing(database, clock, people):
    outcome = await bring_in(database, clock, CHINESE, dry_run=True)
    assert (outcome.new_count, outcome.import_id) == (3, "")
    assert await numbered(database, "C001", "C002", "C003") == {}


async def test_a_file_without_a_needed_column_is_refused_whole(database, clock, people):
    with pytest.raises(Refused) as refused:
        await bring_in(database, clock, "客户编号,地址\nC1,x\n".encode())
    assert refused.value.code == "column_missing"


async def test_an_own_mapping_reads_own_columns(database, clock, people):
    own = mapping.Mapping(kind="customers", columns={"number": "Kd-Nr", "name": "Firma"}, constants={"currency": "EUR"})
    content = "Kd-Nr;Firma\n10;Müller & Söhne\n".encode("cp1252")
    assert (await bring_in(database, clock, content, mapping=own)).new_count == 1
    found = (await numbered(database, "10"))["10"]
    assert (found.name, found.currency) == ("Müller & Söhne", "EUR")


async def test_a_reassigned_customer_takes_its_invoices_along(database, clock, people):
    async with database.writing() as session:
        one = await builders.add_customer(session, clock, people.salesperson, "C001", "杭州西湖商贸")
        invoice = await builders.add_invoice(session, clock, one, "INV-1", 10_000)
    outcome = await bring_in(database, clock, "客户编号,客户名称,业务员\nC001,杭州西湖商贸,zhangwei\n".encode())
    assert outcome.changed_count == 1
    found = (await numbered(database, "C001"))["C001"]
    assert found.salesperson_id == people.other_salesperson.user_id
    async with database.reading() as reader:
        query = select(FeedRow.scope).where(FeedRow.record_id.in_([one, invoice]), FeedRow.body != "")
        assert [*await reader.scalars(query)] == [scope_of(people.other_salesperson.user_id)] * 2


async def test_only_some_may_import(database, clock, people):
    for who in (people.salesperson, people.supervisor, people.cashier, people.credit, people.auditor):
        with pytest.raises(Refused) as refused:
            await bring_in(database, clock, CHINESE, who)
        assert refused.value.code == "permission_missing"

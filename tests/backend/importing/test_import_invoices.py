"""Invoices from files: what is new, what differs, what is missing; nothing twice and nothing changed in silence."""

from datetime import date

import msgspec
import pytest
from sqlalchemy import event

from backend.auth.actor import SYSTEM
from backend.importing import mapping, queries, service
from backend.invoice import queries as invoices
from backend.invoice import service as invoices_service
from backend.ledger import queries as ledger
from shared.refusal import Refused
from tests import builders

HEAD = "客户编号,发票号码,开票日期,到期日,价税合计,未收金额\n"
FILE = HEAD + "C001,F1,2026-01-10,2026-02-09,1000.00,1000.00\nC001,F2,2026-01-20,2026-02-19,500.00,200.00\n"
DAY = date(2026, 3, 1)


@pytest.fixture
async def customer(database, clock, people):
    async with database.writing() as session:
        return await builders.add_customer(session, clock, people.salesperson)


async def bring_in(database, clock, text, **options):
    async with database.writing() as session:
        return await service.import_invoices(
            session, SYSTEM, clock, content=text.encode(), file_name="f.csv", **{"as_of": DAY, **options}
        )


async def open_by_number(database):
    async with database.reading() as reader:
        return {invoice.number: invoice.open_minor for invoice in await ledger.open_invoices(reader)}


async def test_original_and_open_amounts_become_invoice_and_settlement(database, clock, customer):
    outcome = await bring_in(database, clock, FILE)
    assert (outcome.new_count, outcome.refused, outcome.differences) == (2, [], [])
    assert await open_by_number(database) == {"F1": 100_000, "F2": 20_000}
    async with database.reading() as reader:
        assert sum(minor for _kind, _currency, minor in await ledger.kind_sums(reader)) == 0


async def test_importing_again_adds_nothing(database, clock, customer):
    await bring_in(database, clock, FILE)
    again = await bring_in(database, clock, FILE)
    assert (again.new_count, again.known_count, again.differences) == (0, 2, [])
    assert await open_by_number(database) == {"F1": 100_000, "F2": 20_000}


@pytest.mark.parametrize(
    ("old", "new", "field"),
    [("1000.00,", "1100.00,", "amount"), ("2026-01-10", "2026-01-11", "issued"), ("2026-02-09", "2026-02-10", "due")],
)
async def test_what_was_posted_is_never_changed_by_a_file(database, clock, customer, old, new, field):
    await bring_in(database, clock, FILE)
    outcome = await bring_in(database, clock, FILE.replace(old, new, 1))
    assert [(row.line, row.code, row.values["field"]) for row in outcome.refused] == [(2, "invoice_changed", field)]
    assert outcome.known_count == 1
    assert await open_by_number(database) == {"F1": 100_000, "F2": 20_000}


async def test_a_payment_booked_elsewhere_is_proposed_and_settles_when_accepted(database, clock, customer, people):
    await bring_in(database, clock, FILE)
    outcome = await bring_in(database, clock, FILE.replace("1000.00,1000.00", "1000.00,400.00"))
    assert [(d.number, d.file_open_minor, d.ledger_open_minor) for d in outcome.differences] == [
        ("F1", 40_000, 100_000)
    ]
    assert (await open_by_number(database))["F1"] == 100_000
    pair = {"import_id": outcome.import_id, "invoice_id": outcome.differences[0].invoice_id}
    async with database.writing() as session:
        await service.accept_difference(session, people.reconciler, clock, **pair)
    assert (await open_by_number(database))["F1"] == 40_000
    async with database.writing() as session:
        with pytest.raises(Refused) as refused:
            await service.accept_difference(session, people.reconciler, clock, **pair)
    assert refused.value.code == "already_decided"


async def test_a_dismissed_difference_changes_nothing(database, clock, customer, people):
    await bring_in(database, clock, FILE)
    outcome = await bring_in(database, clock, FILE.replace("1000.00,1000.00", "1000.00,400.00"))
    pair = {"import_id": outcome.import_id, "invoice_id": outcome.differences[0].invoice_id}
    async with database.writing() as session:
        await service.dismiss_difference(session, people.reconciler, clock, **pair)
    assert (await open_by_number(database))["F1"] == 100_000
    async with database.reading() as reader:
        assert await queries.differences(reader) == []


async def test_a_newer_file_speaks_instead_of_the_older(database, clock, customer):
    await bring_in(database, clock, FILE)
    await bring_in(database, clock, FILE.replace("1000.00,1000.00", "1000.00,400.00"))
    newer = await bring_in(database, clock, FILE.replace("1000.00,1000.00", "1000.00,300.00"))
    async with database.reading() as reader:
        waiting = await queries.differences(reader)
    assert [(one.import_id, one.file_open_minor) for one, _i, _n in waiting] == [(newer.import_id, 30_000)]


async def test_an_open_invoice_that_the_file_lacks_is_listed_and_stays_open(database, clock, customer):
    await bring_in(database, clock, FILE)
    outcome = await bring_in(database, clock, FILE.rsplit("C001,F2", 1)[0])
    assert [(one.number, one.open_minor) for one in outcome.missing] == [("F2", 20_000)]
    assert (await open_by_number(database))["F2"] == 20_000


async def test_a_file_that_says_nothing_of_open_amounts_proposes_nothing(database, clock, customer):
    text = "客户编号,发票号码,开票日期,到期日,价税合计\nC001,F1,2026-01-10,2026-02-09,1000.00\n"
    await bring_in(database, clock, FILE)
    outcome = await bring_in(database, clock, text)
    assert (outcome.known_count, outcome.differences, outcome.missing) == (1, [], [])


async def test_negative_rows_are_credit_notes_and_opening_balances_need_no_number(database, clock, customer):
    text = "客户编号,发票号码,单据类型,开票日期,价税合计\nC001,R1,,2026-01-10,-80.00\nC001,,期初,,300.00\n"
    outcome = await bring_in(database, clock, text)
    assert (outcome.new_count, outcome.refused) == (2, [])
    assert await open_by_number(database) == {"R1": -8_000, "OPENING-CNY": 30_000}
    async with database.reading() as reader:
        kinds = {row.record.number: row.record.kind for row in await invoices.page(reader)}
    assert kinds == {"R1": "credit_note", "OPENING-CNY": "opening"}


async def test_a_due_date_that_is_not_given_follows_from_the_customers_terms(database, clock, customer):
    await bring_in(database, clock, "客户编号,发票号码,开票日期,价税合计\nC001,F1,2026-01-10,1.00\n")
    async with database.reading() as reader:
        assert (await ledger.open_invoices(reader))[0].due_on == date(2026, 2, 9)


async def test_bad_rows_are_refused_alone(database, clock, customer):
    text = HEAD + (
        "C999,F1,2026-01-10,2026-02-09,1.00,1.00\n"
        "C001,,2026-01-10,2026-02-09,1.00,1.00\n"
        "C001,F3,10/01/2026,2026-02-09,1.00,1.00\n"
        "C001,F4,2026-01-10,2026-02-09,1.005,1.00\n"
        "C001,F5,2026-01-10,2026-02-09,0,0\n"
        "C001,F6,2026-01-10,2026-02-09,1,000.00,1.00\n"
        "C001,F7,2026-01-10,2026-02-09,7.00,7.00\n"
        "C001,F7,2026-01-10,2026-02-09,8.00,8.00\n"
    )
    outcome = await bring_in(database, clock, text)
    assert sorted((row.line, row.code) for row in outcome.refused) == [
        (2, "customer_unknown"),
        (3, "row_value_missing"),
        (4, "date_unreadable"),
        (5, "amount_too_precise"),
        (6, "invoice_sign"),
        (7, "row_shape"),
        (9, "row_twice"),
    ]
    assert await open_by_number(database) == {"F7": 700}


async def test_a_row_that_another_request_overtook_is_refused_alone(database, clock, customer):
    read_with = mapping.usual("invoices")
    async with database.writing() as session:
        table = service._table(FILE.encode(), "f.csv", read_with)
        outcome = service.ImportOutcome("invoices", "f.csv")
        drafts = service.invoice_row.read(table, read_with, DAY, "CNY", outcome)
        made = await service.invoice_rows.plan(session, drafts, read_with, as_of=DAY, states_open=True, outcome=outcome)
        await builders.add_invoice(session, clock, customer, "F1", 5_000)
        await service.invoice_rows.write(session, SYSTEM, clock, made, import_id="", currency="CNY")
    assert [(row.line, row.code) for row in outcome.refused] == [(2, "invoice_exists")]
    assert await open_by_number(database) == {"F1": 5_000, "F2": 20_000}


SETTLED = "客户编号,发票号码,开票日期,到期日,价税合计,S\nC001,F1,2026-01-10,2026-02-09,100.00,2026-02-20\n"


def with_settled():
    usual = mapping.usual("invoices")
    return msgspec.structs.replace(usual, columns={**usual.columns, "settled": "S"})


@pytest.mark.parametrize(
    ("day", "open_minor"), [(19, 10_000), (20, 10_000), (21, 0)], ids=["before", "that day", "after"]
)
async def test_an_invoice_is_open_until_the_day_of_its_settlement_has_passed(
    database, clock, customer, day, open_minor
):
    await bring_in(database, clock, SETTLED, mapping=with_settled(), as_of=date(2026, 2, day))
    assert (await open_by_number(database)).get("F1", 0) == open_minor


async def test_a_settlement_on_the_files_date_contradicts_neither_an_open_nor_a_paid_invoice(
    database, clock, customer, people
):
    options = {"mapping": with_settled()}
    await bring_in(database, clock, SETTLED, **options, as_of=date(2026, 2, 20))
    again = await bring_in(database, clock, SETTLED, **options, as_of=date(2026, 2, 20))
    assert (again.known_count, again.differences) == (1, [])
    async with database.writing() as session:
        invoice = (await ledger.open_invoices(session, customer))[0]
        await invoices_service.settle(
            session, people.reconciler, clock, invoice_id=invoice.id, amount_minor=10_000, settled_on=date(2026, 2, 20)
        )
    for day in (20, 21):
        later = await bring_in(database, clock, SETTLED, **options, as_of=date(2026, 2, day))
        assert later.differences == []


async def test_an_import_needs_the_same_number_of_statements_for_few_rows_and_for_many(database, clock, customer):
    counted = []

    def count(*_event):
        counted[-1] += 1

    engine = database._writer.sync_engine
    event.listen(engine, "before_cursor_execute", count)
    for series, many in (("Z", 1), ("A", 2), ("B", 200)):  # Z: so that both others find invoices the file lacks
        counted.append(0)
        rows = [f"C001,{series}{n},2026-01-10,2026-02-09,10.00,4.00\n" for n in range(many)]
        await bring_in(database, clock, HEAD + "".join(rows))
    event.remove(engine, "before_cursor_execute", count)
    assert counted[1] == counted[2]

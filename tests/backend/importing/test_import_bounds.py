"""What a file may not do: double a receivable, decide alone, or speak to people in column names."""

from datetime import date

import pytest

from backend.auth.actor import SYSTEM
from backend.importing import queries, service
from backend.importing.mapping import Mapping
from backend.importing.outcome import RowRefused
from backend.ledger import queries as ledger
from shared.refusal import REFUSALS, Refused
from tests import builders

HEAD = "客户编号,发票号码,开票日期,到期日,价税合计,未收金额\n"
KIND_HEAD = "客户编号,发票号码,单据类型,开票日期,价税合计,未收金额\n"


@pytest.fixture
async def customer(database, clock, people):
    async with database.writing() as session:
        return await builders.add_customer(session, clock, people.salesperson)


async def bring_in(database, clock, text, day, who=SYSTEM, **options):
    async with database.writing() as session:
        return await service.import_invoices(
            session, who, clock, content=text.encode(), file_name="f.csv", as_of=day, **options
        )


async def open_by_number(database):
    async with database.reading() as reader:
        return {invoice.number: invoice.open_minor for invoice in await ledger.open_invoices(reader)}


async def accept(database, clock, who, outcome, place=0):
    pair = {"import_id": outcome.import_id, "invoice_id": outcome.differences[place].invoice_id}
    async with database.writing() as session:
        return await service.accept_difference(session, who, clock, **pair)


async def test_an_invoice_issued_after_the_files_day_is_not_compared(database, clock, customer):
    row = "C001,F1,2026-03-10,2026-04-09,100.00,100.00\n"
    await bring_in(database, clock, HEAD + row, date(2026, 3, 15))
    again = await bring_in(database, clock, HEAD + row, date(2026, 3, 1))
    assert (again.known_count, again.differences, again.missing) == (1, [], [])
    assert await open_by_number(database) == {"F1": 10_000}


@pytest.mark.parametrize(
    ("text", "first", "second", "left"),
    [
        (HEAD, "C001,F1,2026-01-10,2026-02-09,100.00,40.00\n", "C001,F1,2026-01-10,2026-02-09,100.00,100.00\n", 10_000),
        (HEAD, "C001,F1,2026-01-10,2026-02-09,-100.00,-40.00\n", "C001,F1,2026-01-10,2026-02-09,-100.00,0\n", None),
    ],
)
async def test_accepting_keeps_what_is_open_between_zero_and_the_amount(
    database, clock, customer, people, *, text, first, second, left
):
    await bring_in(database, clock, text + first, date(2026, 3, 1))
    outcome = await bring_in(database, clock, text + second, date(2026, 3, 1))
    await accept(database, clock, people.reconciler, outcome)
    assert (await open_by_number(database)).get("F1") == left


@pytest.mark.parametrize(
    ("wanted", "open_now", "amount", "settled"),
    [
        (600, 1000, 1000, 600),
        (600, 500, 1000, 500),  # paid meanwhile
        (-1000, 1000, 1000, 0),  # would double the receivable
        (-1000, 400, 1000, -600),
        (-600, -1000, -1000, -600),  # a credit note, the mirror of it
        (1000, -1000, -1000, 0),
        (1000, -400, -1000, 600),
        (-600, -500, -1000, -500),
        (5, -5, 1000, 0),  # never away from where it should go
    ],
)
def test_a_difference_settles_within_the_documents_amount(wanted, open_now, amount, settled):
    assert service._settled_minor(wanted, open_now, amount) == settled


@pytest.mark.parametrize(
    ("row", "code"),
    [
        ("C001,F1,,2026-01-10,100.00,100.01", "open_outside_amount"),
        ("C001,F1,,2026-01-10,100.00,-1.00", "open_outside_amount"),
        ("C001,F1,,2026-01-10,-100.00,-100.01", "open_outside_amount"),
        ("C001,F1,,2026-01-10,-100.00,1.00", "open_outside_amount"),
        ("C001,F1,红字发票,2026-01-10,100.00,100.01", "open_outside_amount"),
        ("C001,F1,收条,2026-01-10,100.00,100.00", "row_kind_unknown"),
    ],
)
async def test_a_row_whose_open_amount_is_not_of_its_document_is_refused(database, clock, customer, row, code):
    outcome = await bring_in(database, clock, KIND_HEAD + row + "\n", date(2026, 3, 1))
    assert [(one.line, one.code) for one in outcome.refused] == [(2, code)]
    assert await open_by_number(database) == {}


async def test_a_credit_note_in_a_column_has_its_open_amount_without_a_minus_too(database, clock, customer):
    outcome = await bring_in(
        database, clock, KIND_HEAD + "C001,R1,红字发票,2026-01-10,100.00,30.00\n", date(2026, 3, 1)
    )
    assert outcome.refused == []
    assert await open_by_number(database) == {"R1": -3_000}


async def test_a_file_of_open_amounts_cannot_open_more_than_the_invoice(database, clock, customer):
    await bring_in(database, clock, HEAD + "C001,F1,2026-01-10,2026-02-09,100.00,100.00\n", date(2026, 3, 1))
    columns = {"customer": "c", "number": "n", "issued": "d", "amount": "a"}
    options = {"mapping": Mapping(kind="invoices", columns=columns, amount_is="open")}
    outcome = await bring_in(database, clock, "c,n,d,a\nC001,F1,2026-01-10,100.01\n", date(2026, 3, 1), **options)
    assert [one.code for one in outcome.refused] == ["open_outside_amount"]


async def test_who_imported_a_file_does_not_accept_its_differences(database, clock, customer, people):
    row = "C001,F1,2026-01-10,2026-02-09,100.00,{}\n"
    await bring_in(database, clock, HEAD + row.format("100.00"), date(2026, 3, 1), people.reconciler)
    outcome = await bring_in(database, clock, HEAD + row.format("40.00"), date(2026, 3, 1), people.reconciler)
    with pytest.raises(Refused) as refused:
        await accept(database, clock, people.reconciler, outcome)
    assert refused.value.code == "approval_own"
    assert await open_by_number(database) == {"F1": 10_000}
    await accept(database, clock, people.credit, outcome)
    assert await open_by_number(database) == {"F1": 4_000}


async def test_what_a_file_lacks_is_kept_with_its_import_and_waits_for_nobody(database, clock, customer, people):
    rows = [f"C001,F{n},2026-01-10,2026-02-09,10.00,10.00\n" for n in range(3)]
    await bring_in(database, clock, HEAD + "".join(rows), date(2026, 3, 1))
    outcome = await bring_in(database, clock, HEAD + rows[0], date(2026, 3, 1))
    async with database.reading() as reader:
        assert await queries.missing_count(reader, outcome.import_id) == 2
        listed = await queries.differences(reader, import_id=outcome.import_id, state="missing")
        assert await queries.differences(reader) == []
        assert await queries.differences(reader, import_id=outcome.import_id, state="") == []
    assert sorted((invoice.number, one.ledger_open_minor) for one, invoice, _name in listed) == [
        ("F1", 1_000),
        ("F2", 1_000),
    ]
    pair = {"import_id": outcome.import_id, "invoice_id": listed[0][1].id}
    async with database.writing() as session:
        with pytest.raises(Refused) as refused:
            await service.accept_difference(session, people.credit, clock, **pair)
    assert refused.value.code == "difference_not_found"


async def test_opening_balances_with_a_column_of_kinds_need_no_column_of_numbers(database, clock, customer):
    text = "客户编号,单据类型,金额\nC001,期初余额,300.00\nC001,发票,5.00\n"
    outcome = await bring_in(database, clock, text, date(2026, 3, 1))
    assert [(one.line, one.code) for one in outcome.refused] == [(3, "row_value_missing")]
    assert await open_by_number(database) == {"OPENING-CNY": 30_000}


@pytest.mark.parametrize("text", ["客户编号,金额\nC001,300.00\n", "客户编号,单据类型,金额\nC001,发票,300.00\n"])
async def test_other_files_still_need_numbers(database, clock, customer, text):
    with pytest.raises(Refused) as refused:
        await bring_in(database, clock, text, date(2026, 3, 1))
    assert refused.value.code == "column_missing"


@pytest.mark.parametrize("code", sorted(REFUSALS))
def test_a_refused_row_never_says_that_nothing_was_saved(code):
    assert "Nothing was saved" not in RowRefused(2, code, {}).sentence


@pytest.mark.parametrize(
    ("code", "values", "said"),
    [
        ("row_value_missing", {"column": "customer_name"}, "“Customer name” is empty."),
        ("value_too_long", {"column": "terms_days", "length": 5}, "“Payment terms in days” is longer"),
        ("invoice_changed", {"number": "F1", "field": "due"}, "with another Due date"),
        ("column_missing", {"column": "Rechnung Nr", "present": "a"}, "“Rechnung Nr”"),
    ],
)
def test_fields_are_named_in_words(code, values, said):
    assert said in RowRefused(2, code, values).sentence


def test_a_missing_column_without_a_name_is_said_in_words_and_twelve_columns_at_most_are_named():
    text = ",".join(f"column{n}" for n in range(40)) + "\n" + ",".join("x" * 40) + "\n"
    with pytest.raises(Refused) as refused:
        service._table(text.encode(), "f.csv", Mapping(kind="invoices", columns={"customer": "column1"}))
    assert refused.value.values["column"] == "Number"
    assert refused.value.values["present"].count("column") == 12
    assert refused.value.values["present"].endswith("…")

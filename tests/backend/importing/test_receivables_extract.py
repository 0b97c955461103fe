"""The receivables extract that the README imports, against figures worked out here from the raw file."""

import csv
from collections import defaultdict
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from backend.auth.actor import SYSTEM
from backend.importing import mapping, service
from backend.ledger import queries as ledger
from shared.invoice import aged
from shared.language import assets

FILE = Path(__file__).resolve().parents[4] / "shared" / "data" / "receivables_2012_2013q1.csv"
AS_OF = date(2013, 4, 1)
pytestmark = pytest.mark.skipif(not FILE.exists(), reason="the extract is not part of the repository")


def day_of(text):
    month, day, year = map(int, text.split("/"))
    return date(year, month, day)


def figures():
    """Return (rows, open rows, buckets, open by customer), worked out without any of our code."""
    buckets = dict.fromkeys(("current", "d1_30", "d31_60", "d61_90", "over_90"), 0)
    rows, open_rows, by_customer = 0, 0, defaultdict(int)
    with FILE.open(newline="", encoding="utf-8") as file:
        for row in csv.DictReader(file):
            rows += 1
            due, settled = (day_of(row[name]) for name in ("DueDate", "SettledDate"))
            if settled < AS_OF:
                continue
            open_rows += 1
            cents = int(Decimal(row["InvoiceAmount"]) * 100)
            days = (AS_OF - due).days
            places = [days <= 0, days <= 30, days <= 60, days <= 90, True]
            buckets[list(buckets)[places.index(True)]] += cents
            by_customer[row["customerID"]] += cents
    return rows, open_rows, buckets, dict(by_customer)


async def bring_in(database, clock, **options):
    read_with = mapping.from_file(assets() / "mappings" / "receivables_extract.toml", "invoices")
    async with database.writing() as session:
        return await service.import_invoices(
            session,
            SYSTEM,
            clock,
            content=FILE.read_bytes(),
            file_name=FILE.name,
            mapping=read_with,
            as_of=AS_OF,
            **options,
        )


async def test_the_extract_ages_as_its_raw_figures_say_and_a_second_import_adds_nothing(database, clock, company):
    rows, open_rows, buckets, by_customer = figures()
    assert (rows, open_rows) == (1594, 94)
    first = await bring_in(database, clock)
    assert (first.new_count, first.known_count, first.customers_added) == (1594, 0, 100)
    assert (first.refused, first.differences, first.missing) == ([], [], [])
    async with database.reading() as reader:
        still_open = await ledger.open_invoices(reader, as_of=AS_OF)
        balances = {key: minor for key, _currency, minor in await ledger.balances(reader, "receivable")}
        numbers = await service.customers.queries.page(reader, limit=200)
    assert len(still_open) == open_rows
    assert {invoice.currency for invoice in still_open} == {"USD"}
    assert aged([(i.due_on, i.open_minor) for i in still_open], AS_OF) == buckets
    assert {record.number: balances[record.id] for record, _ in numbers if record.id in balances} == by_customer
    second = await bring_in(database, clock)
    assert (second.new_count, second.known_count, second.differences, second.missing) == (0, 1594, [], [])
    async with database.reading() as reader:
        assert await ledger.open_invoices(reader, as_of=AS_OF) == still_open


async def test_a_dry_run_writes_nothing(database, clock, company):
    outcome = await bring_in(database, clock, dry_run=True)
    assert (outcome.new_count, outcome.import_id) == (1594, "")
    async with database.reading() as reader:
        assert await ledger.kind_sums(reader) == []
        assert await service.queries.batches(reader) == []

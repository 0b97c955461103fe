"""The exported journal is accepted by hledger and beancount, and says what the ledger says."""

import asyncio
import csv
import io
import os
import shutil
import subprocess
from collections import Counter
from decimal import Decimal

import pytest
from beancount import loader
from beancount.core import realization

from backend.ledger import journal, queries
from backend.ledger.export import export
from tests import builders


async def fill(database, clock, people):
    async with database.writing() as session:
        customer_id = await builders.add_customer(session, clock, people.salesperson, number="客户 1:甲;x")
        twin = await builders.add_customer(session, clock, people.salesperson, number="客户 1-甲-x")
        account_id = await builders.add_account(session, clock)
        first = await builders.add_invoice(session, clock, customer_id, "I1", 123_45)
        await builders.add_invoice(session, clock, twin, "I2", 1_00)
        yen = await builders.add_invoice(session, clock, customer_id, "I3", 5_000, currency="JPY")
        dinar = await builders.add_invoice(session, clock, customer_id, "I4", 5_125, currency="KWD")
    clock.move(days=1)
    async with database.writing() as session:
        who = people.salesperson
        parts = [(first, 100_05)]
        collection_id = await builders.collect(session, clock, who, customer_id, 100_05, parts, counter=1)
        await builders.collect(session, clock, who, customer_id, 5_000, [(yen, 5_000)], currency="JPY", counter=2)
        await builders.collect(
            session, clock, who, customer_id, 5_125, [(dinar, 5_000)], currency="KWD", counter=3, method="transfer"
        )
        await builders.deposit(session, clock, who, account_id, 50_00)
        await builders.state(session, clock, people.reconciler, account_id, ("50.00", "SLIP1"), ("-2.50", "FEE"))
    return customer_id, collection_id


async def text(database, form):
    async with database.reading() as reader:
        return "".join([piece async for piece in export(reader, form)])


async def test_beancount_loads_the_journal_without_an_error_and_agrees(database, clock, people):
    await fill(database, clock, people)
    entries, errors, _ = loader.load_string(await text(database, "beancount"))
    assert errors == []
    real = realization.realize(entries)
    cash = realization.get(real, "Assets:Custody:Lina:cash") or realization.get(real, "Assets:Custody:Lina:Cash")
    assert cash.balance.get_currency_units("CNY").number == Decimal("50.05")
    bank = realization.get(real, "Assets:Bank:6222000011")
    assert bank.balance.get_currency_units("CNY").number == Decimal("47.50")


async def run(*command):
    environment = {**os.environ, "LC_ALL": "C.UTF-8"}
    return await asyncio.to_thread(
        subprocess.run, command, env=environment, capture_output=True, text=True, check=False
    )


async def test_hledger_checks_the_journal_strictly(database, clock, people, tmp_path):
    program = shutil.which("hledger")
    if program is None:
        pytest.skip("hledger is not installed")
    await fill(database, clock, people)
    path = tmp_path / "ledger.journal"
    path.write_text(await text(database, "hledger"), encoding="utf-8")
    for arguments in (["check", "--strict"], ["check", "ordereddates"]):
        done = await run(program, "-f", path, *arguments)
        assert done.returncode == 0, done.stderr
    done = await run(program, "-f", path, "balance", "Assets:Custody", "--format", "%(total)")
    assert "50.05 CNY" in done.stdout
    assert "5000 JPY" in done.stdout


async def test_the_csv_sums_to_what_the_ledger_says(database, clock, people):
    await fill(database, clock, people)
    rows = list(csv.DictReader(io.StringIO(await text(database, "csv"))))
    sums = Counter()
    for row in rows:
        sums[row["kind"], row["currency"]] += Decimal(row["amount"])
    async with database.reading() as reader:
        kinds = await queries.kind_sums(reader)
    exponents = {"CNY": 2, "JPY": 0, "KWD": 3}
    expected = {(kind, currency): Decimal(amount).scaleb(-exponents[currency]) for kind, currency, amount in kinds}
    assert sums == expected
    assert all(not sum(v for (_, c), v in sums.items() if c == currency) for currency in exponents)


async def test_customers_whose_numbers_look_alike_keep_their_own_accounts(database, clock, people):
    await fill(database, clock, people)
    rows = list(csv.DictReader(io.StringIO(await text(database, "csv"))))
    accounts = {(row["key"], row["account"]) for row in rows if row["kind"] == "receivable"}
    assert len({account for _, account in accounts}) == len({key for key, _ in accounts}) == 2


async def test_an_empty_ledger_is_an_empty_journal(database, company):
    assert loader.load_string(await text(database, "beancount"))[1] == []
    assert len((await text(database, "csv")).splitlines()) == 1


async def test_a_long_journal_comes_page_by_page_and_whole(database, clock, people, monkeypatch):
    monkeypatch.setattr(journal, "_ENTRIES", 2)
    await fill(database, clock, people)
    async with database.reading() as reader:
        pages = [page async for page in journal.journal(reader)]
        every = {line.entry_id for page in pages for line in page}
    assert len(pages) == 5
    assert len(every) == 10


@pytest.mark.parametrize("path", ["/api/ledger/balances", "/api/ledger/facts/x", "/api/ledger/export"])
async def test_the_ledger_is_not_for_everybody(client, headers, people, path):
    assert (await client.get(path)).status_code == 401
    for who in (people.salesperson, people.cashier, people.supervisor):
        assert (await client.get(path, headers=await headers(who))).status_code == 403
    assert (await client.get(path, headers=await headers(people.auditor))).status_code == 200


async def test_the_ledger_over_http_shows_balances_and_the_entries_of_a_fact(client, headers, people, database, clock):
    customer_id, collection_id = await fill(database, clock, people)
    auditor = await headers(people.auditor)
    sums = (await client.get("/api/ledger/balances", headers=auditor)).json()
    assert sum(row["amount_minor"] for row in sums if row["currency"] == "CNY") == 0
    owed = (await client.get("/api/ledger/balances?kind=receivable", headers=auditor)).json()
    assert {"kind": "receivable", "key": customer_id, "currency": "CNY", "amount_minor": 23_40} in owed
    [entry] = (await client.get(f"/api/ledger/facts/{collection_id}", headers=auditor)).json()
    assert sum(posting["amount_minor"] for posting in entry["postings"]) == 0
    exported = await client.get("/api/ledger/export?format=hledger", headers=auditor)
    assert "commodity 1000. JPY" in exported.text
    assert (await client.get("/api/ledger/export?format=pdf", headers=auditor)).status_code == 400

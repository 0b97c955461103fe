"""The aged report equals sums worked out here, without the ledger."""

from datetime import date, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from backend.report import service as report
from backend.report.sheet import aged_text, harmless
from tests import builders

BUCKETS = ("current", "d1_30", "d31_60", "d61_90", "over_90")
DAY = date(2026, 3, 2)


async def aged(database, day, **more):
    async with database.reading() as reader:
        return await report.aged(reader, day, **more)


@pytest.mark.parametrize(
    ("days", "bucket"),
    [
        (-5, "current"), (0, "current"), (1, "d1_30"), (30, "d1_30"), (31, "d31_60"), (60, "d31_60"),
        (61, "d61_90"), (90, "d61_90"), (91, "over_90"), (4_000, "over_90"),
    ],
)  # fmt: skip
async def test_each_day_past_due_stands_in_its_class(database, clock, people, days, bucket):
    async with database.writing() as session:
        customer_id = await builders.add_customer(session, clock, people.salesperson)
        await builders.add_invoice(session, clock, customer_id, "I1", 7_00, due_on=DAY - timedelta(days=days))
    [row] = (await aged(database, DAY)).rows
    assert row.buckets == dict.fromkeys(BUCKETS, 0) | {bucket: 7_00}
    assert (row.number, row.total_minor) == ("C001", 7_00)


async def test_the_report_looks_back_to_the_end_of_a_day(database, clock, people):
    async with database.writing() as session:
        customer_id = await builders.add_customer(session, clock, people.salesperson)
        first = await builders.add_invoice(session, clock, customer_id, "I1", 100_00, due_on=DAY)
    clock.move(days=40)
    async with database.writing() as session:
        await builders.add_invoice(session, clock, customer_id, "C1", -10_00, kind="credit_note")
        await builders.collect(session, clock, people.salesperson, customer_id, 45_00, [(first, 40_00)])
    later = await aged(database, DAY + timedelta(days=40))
    assert later.totals["CNY"] == {
        "current": -10_00, "d1_30": 0, "d31_60": 60_00, "d61_90": 0, "over_90": 0, "total": 50_00, "unapplied": 5_00,
    }  # fmt: skip
    before = await aged(database, DAY + timedelta(days=39))
    assert before.totals["CNY"]["d31_60"] == 100_00
    assert before.totals["CNY"]["unapplied"] == 0


@settings(max_examples=8, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    st.lists(
        st.tuples(st.integers(-30, 130), st.integers(1, 10**9), st.sampled_from(["CNY", "USD"]), st.integers(0, 2)),
        min_size=1,
        max_size=12,
    )
)
async def test_the_report_equals_independent_sums(sqlite_template, tmp_path_factory, invoices):
    import shutil
    from datetime import UTC, datetime
    from types import SimpleNamespace

    from backend.company import service as company
    from backend.database import Database
    from backend.settings import sqlite_url
    from shared.clock import ScriptedClock

    path = tmp_path_factory.mktemp("aged") / "a.sqlite3"
    shutil.copyfile(sqlite_template, path)
    database, clock = Database(sqlite_url(path)), ScriptedClock(datetime(2026, 3, 2, 1, tzinfo=UTC))
    wanted = {}
    async with database.writing() as session:
        await company.install(session, clock, name="X", zone="Asia/Shanghai", currency="CNY")
        await builders.add_people(session, clock)
        who = SimpleNamespace(user_id=builders.PEOPLE["salesperson"][0])
        ids = [await builders.add_customer(session, clock, who, number=f"C{n}") for n in range(3)]
        for n, (days, amount, currency, customer) in enumerate(invoices):
            due_on = DAY - timedelta(days=days)
            await builders.add_invoice(session, clock, ids[customer], f"I{n}", amount, due_on=due_on, currency=currency)
            place = 0 if days <= 0 else min(4, (days - 1) // 30 + 1)
            sums = wanted.setdefault((f"C{customer}", currency), [0] * 5)
            sums[place] += amount
    found = await aged(database, DAY)
    await database.close()
    assert {(row.number, row.currency): list(row.buckets.values()) for row in found.rows} == wanted


async def test_a_salesperson_sees_only_their_own_customers(client, headers, people, database, clock):
    async with database.writing() as session:
        for number, who in (("C1", people.salesperson), ("C2", people.other_salesperson)):
            customer_id = await builders.add_customer(session, clock, who, number=number)
            await builders.add_invoice(session, clock, customer_id, "I1", 5_00)
    for who, numbers in (
        (people.salesperson, ["C1"]),
        (people.other_salesperson, ["C2"]),
        (people.credit, ["C1", "C2"]),
    ):
        rows = (await client.get("/api/report/aged", headers=await headers(who))).json()["rows"]
        assert [row["number"] for row in rows] == numbers
    foreign = await client.get(f"/api/report/aged?customer_id={customer_id}", headers=await headers(people.salesperson))
    assert foreign.json()["rows"] == []
    sheet = await client.get("/api/report/aged.csv?as_of=2026-03-02", headers=await headers(people.credit))
    assert sheet.headers["content-type"].startswith("text/csv")
    assert [line.split(",")[1] for line in sheet.text.splitlines()] == ["customer", "C1", "C2"]


@pytest.mark.parametrize("path", ["aged", "aged.csv", "dashboard", "control"])
async def test_reports_need_a_sign_in_and_dates_must_be_dates(client, headers, people, path):
    assert (await client.get(f"/api/report/{path}")).status_code == 401
    bad = await client.get("/api/report/aged?as_of=yesterday", headers=await headers(people.credit))
    assert bad.status_code == 400


async def test_control_totals_are_not_for_the_field(client, headers, people):
    assert (await client.get("/api/report/control", headers=await headers(people.salesperson))).status_code == 403
    found = (await client.get("/api/report/control", headers=await headers(people.auditor))).json()
    assert {one["ok"] for one in found} == {True}


async def test_a_name_that_is_a_formula_is_defused(database, clock, people):
    async with database.writing() as session:
        customer_id = await builders.add_customer(session, clock, people.salesperson, name="=HYPERLINK(1)")
        await builders.add_invoice(session, clock, customer_id, "C1", -5_00, kind="credit_note")
    text = aged_text(await aged(database, DAY))
    assert ",'=HYPERLINK(1)," in text
    assert ",-5.00," in text
    assert [harmless(cell) for cell in ("-5", "-5.0", "-x", "+1", "@a", 3)] == ["-5", "-5.0", "'-x", "+1", "'@a", 3]

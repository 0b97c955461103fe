from datetime import timedelta

import pytest

from backend.approval import service as approval
from backend.matching import service as matching
from backend.report import service as report
from shared.refusal import Refused
from tests import builders


async def dashboard(database, clock, actor):
    async with database.reading() as reader:
        return await report.dashboard(reader, actor, clock)


async def fill(database, clock, people):
    async with database.writing() as session:
        own = await builders.add_customer(session, clock, people.salesperson, number="C1")
        other = await builders.add_customer(session, clock, people.other_salesperson, number="C2")
        account_id = await builders.add_account(session, clock)
        first = await builders.add_invoice(session, clock, own, "I1", 100_00)
        await builders.collect(session, clock, people.salesperson, own, 30_00, [(first, 30_00)], counter=1)
        void = await builders.collect(session, clock, people.salesperson, own, 7_00, counter=2)
        asked = await builders.ask_void(session, clock, people.salesperson, void)
    clock.move(days=2)
    async with database.writing() as session:
        await approval.decide(
            session, people.supervisor, clock, subject_kind="void", subject_id=asked, decision="approved", reason=""
        )
        await builders.collect(session, clock, people.other_salesperson, other, 11_00, counter=3)
        await builders.deposit(session, clock, people.salesperson, account_id, 20_00, slip="SLIP77")
        await builders.state(session, clock, people.reconciler, account_id, ("20.00", "SLIP77"), ("9.00", "X"))
        await matching.run(session, people.reconciler, clock)


async def test_the_dashboard_shows_what_happened_and_what_waits(database, clock, people):
    await fill(database, clock, people)
    found = await dashboard(database, clock, people.supervisor)
    days = {one.day: (one.amount_minor, one.count) for one in found.collected}
    assert len(days) == 30
    assert days[found.today] == (11_00, 1)
    assert days[found.today - timedelta(days=2)] == (30_00, 1)
    assert sum(count for _, count in days.values()) == 2
    assert (found.today_minor, found.month_minor) == (11_00, 41_00)
    assert found.month_target_minor == 2 * 50_000_000
    assert found.ageing["CNY"]["total"] == 70_00
    assert {(one.holder_name, one.amount_minor, one.oldest_days) for one in found.in_hand} == {
        ("Li Na", 10_00, 2),
        ("Zhang Wei", 11_00, 0),
    }
    assert (found.matches.lines, found.matches.matched, found.matches.rate_bp) == (2, 1, 5_000)
    counts = {word: one.count for word, one in found.waiting.items()}
    assert (counts["approvals"], counts["voids"], counts["deposits"], counts["lines"]) == (2, 0, 0, 1)
    assert found.waiting["approvals"].oldest_days == 2


async def test_a_salesperson_sees_only_what_is_their_own(database, clock, people):
    await fill(database, clock, people)
    found = await dashboard(database, clock, people.other_salesperson)
    assert (found.today_minor, found.month_minor, found.month_target_minor) == (11_00, 11_00, 50_000_000)
    assert [one.holder_name for one in found.in_hand] == ["Zhang Wei"]
    assert found.ageing == {}
    assert found.waiting == {}


async def test_an_empty_company_has_an_empty_dashboard(database, clock, people):
    found = await dashboard(database, clock, people.admin)
    assert (found.month_minor, found.in_hand, found.matches.rate_bp) == (0, (), 0)
    with pytest.raises(Refused):
        await dashboard(database, clock, type(people.admin)("x", "nobody"))


async def test_the_dashboard_comes_over_http(client, headers, people, database, clock):
    await fill(database, clock, people)
    found = (await client.get("/api/report/dashboard", headers=await headers(people.salesperson))).json()
    assert (found["month_minor"], found["currency"]) == (30_00, "CNY")

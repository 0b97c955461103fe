"""Plans, vesting, claw-back and pending: the vesting ledger follows the money's facts and nothing else."""

from datetime import timedelta

import pytest

from backend.approval import service as approval
from backend.auth.actor import SYSTEM
from backend.collection.tables import Collection
from backend.incentive import queries, service
from backend.matching import queries as matches
from backend.matching import service as matching
from shared.refusal import Refused
from tests import builders


@pytest.fixture
async def shop(database, clock, people):
    """A plan of 1 % + 0.5 % on time with a bonus of 100.00 from 1,000.00 on, a customer and an account."""
    async with database.writing() as session:
        await service.add_plan(
            session, people.admin, clock, valid_from=builders.today(clock), currency="CNY", rate_bp=100,
            on_time_bp=50, target_minor=100_000, target_bonus_minor=10_000,
        )  # fmt: skip
        customer = await builders.add_customer(session, clock, people.salesperson)
        account = await builders.add_account(session, clock)
    return customer, account


async def earn(database, clock, people, shop, amount_minor, *, counter, due_in_days=0):
    """Collect, approve, deposit and match one payment over an invoice of its amount; return the collection's id."""
    customer, account = shop
    due_on = builders.today(clock) + timedelta(days=due_in_days)
    async with database.writing() as session:
        invoice = await builders.add_invoice(session, clock, customer, f"F{counter}", amount_minor, due_on=due_on)
        part = (invoice, amount_minor)
        one = await builders.collect(
            session, clock, people.salesperson, customer, amount_minor, [part], counter=counter
        )
        await builders.deposit(session, clock, people.salesperson, account, amount_minor, slip=f"SLIP-{counter:04d}")
        await approval.decide(
            session, people.supervisor, clock, subject_kind="collection", subject_id=one, decision="approved"
        )
        text = f"{amount_minor // 100}.{amount_minor % 100:02d}"
        await builders.state(session, clock, SYSTEM, account, (text, f"SLIP-{counter:04d}"))
        await matching.run(session, SYSTEM, clock)
    return one


async def totals(database, people):
    async with database.reading() as reader:
        return {kind: minor for _who, _unit, kind, minor in await queries.totals(reader, people.salesperson.user_id)}


async def test_rate_on_time_and_target_vest_and_asking_again_adds_nothing(database, clock, people, shop):
    one = await earn(database, clock, people, shop, 60_000, counter=1)
    assert await totals(database, people) == {"rate": 600, "on_time": 300}
    two = await earn(database, clock, people, shop, 50_000, counter=2, due_in_days=-1)
    assert await totals(database, people) == {"rate": 1_100, "on_time": 300, "target": 10_000}
    async with database.writing() as session:
        assert await service.rescore(session, clock, [one, two]) == []


@pytest.mark.parametrize(("days", "flags"), [(-40, "clock"), (40, "clock"), (-40, "series clock number"), (0, "")])
async def test_a_clock_that_is_off_moves_no_payment_into_another_month_or_plan(
    database, clock, people, shop, days, flags
):
    """What a wrong clock took counts on the day on which its receipt came, as in the ledger: rate, bonus and target."""
    one = await earn(database, clock, people, shop, 60_000, counter=1)
    async with database.writing() as session:
        row = await session.get(Collection, one)
        row.flags, row.taken_at_ms = flags, row.taken_at_ms + days * 86_400_000
    await earn(database, clock, people, shop, 50_000, counter=2, due_in_days=-1)
    async with database.writing() as session:
        assert await service.rescore(session, clock, [one]) == []
    assert await totals(database, people) == {"rate": 1_100, "on_time": 300, "target": 10_000}


async def test_an_unmatch_takes_the_months_target_back_as_well(database, clock, people, shop):
    await earn(database, clock, people, shop, 60_000, counter=1)
    two = await earn(database, clock, people, shop, 50_000, counter=2)
    async with database.writing() as session:
        match = (await matches.of_expected(session, two))[0]
        await matching.unmatch(session, people.reconciler, clock, match_id=match.id, reason="wrong")
    assert await totals(database, people) == {"rate": 600, "on_time": 300, "target": 0}
    async with database.reading() as reader:
        lines = await service.lines(reader, people.salesperson.user_id)
    assert {line.state for line in lines if line.amount_minor < 0} == {"clawed_back"}
    assert all(line.explanation and line.currency == "CNY" for line in lines)


async def test_what_is_not_approved_or_has_not_arrived_is_pending(database, clock, people, shop):
    customer, _account = shop
    async with database.writing() as session:
        one = await builders.collect(session, clock, people.salesperson, customer, 20_000, counter=9)
    async with database.reading() as reader:
        waiting = await service.pending(reader, [one])
        summary = await service.summary(reader, people.salesperson.user_id)
    assert waiting[one].amount_minor == 200
    assert [(row.currency, row.vested_minor, row.pending_minor) for row in summary] == [("CNY", 0, 200)]


async def test_a_rejected_collection_is_not_pending(database, clock, people, shop):
    customer, _account = shop
    async with database.writing() as session:
        one = await builders.collect(session, clock, people.salesperson, customer, 20_000, counter=9)
        await approval.decide(
            session, people.supervisor, clock, subject_kind="collection", subject_id=one, decision="rejected",
            reason="unreadable receipt",
        )  # fmt: skip
    async with database.reading() as reader:
        assert await service.pending(reader, [one]) == {}


async def test_a_further_plan_never_starts_in_the_past(database, clock, people, shop):
    async with database.writing() as session:
        with pytest.raises(Refused) as refused:
            await service.add_plan(
                session, people.admin, clock, valid_from=builders.today(clock) - timedelta(days=1), currency="CNY",
                rate_bp=100,
            )  # fmt: skip
    assert refused.value.code == "plan_backdated"


async def test_only_an_administrator_adds_plans_and_only_sound_ones(database, clock, people):
    plan = {"valid_from": builders.today(clock), "currency": "CNY", "rate_bp": 100}
    cases = [
        (people.supervisor, {}, "permission_missing"),
        (people.admin, {"rate_bp": 10_001}, "plan_invalid"),
        (people.admin, {"target_minor": -1}, "plan_invalid"),
        (people.admin, {"currency": "XXX"}, "currency_unknown"),
    ]
    for who, change, code in cases:
        async with database.writing() as session:
            with pytest.raises(Refused) as refused:
                await service.add_plan(session, who, clock, **{**plan, **change})
        assert refused.value.code == code


async def test_lines_are_ones_own_or_the_teams(client, headers, database, clock, people, shop):
    await earn(database, clock, people, shop, 60_000, counter=1)
    assert (await client.get("/api/incentives/lines")).status_code == 401
    own = await client.get("/api/incentives/lines", headers=await headers(people.salesperson))
    assert sorted(line["amount_minor"] for line in own.json()) == [300, 600]
    theirs = f"/api/incentives/lines?salesperson_id={people.salesperson.user_id}"
    other = await client.get(theirs, headers=await headers(people.other_salesperson))
    assert (other.status_code, other.json()["code"]) == (403, "permission_missing")
    assert len((await client.get(theirs, headers=await headers(people.supervisor))).json()) == 2
    summary = (await client.get("/api/incentives/summary", headers=await headers(people.salesperson))).json()
    assert summary[0]["vested_minor"] == 900
    export = await client.get("/api/incentives/export", headers=await headers(people.salesperson))
    assert "6.00" in export.text
    body = {"valid_from": "2026-04-01", "currency": "CNY", "rate_bp": 80}
    refused = await client.post("/api/incentives/plans", json=body, headers=await headers(people.supervisor))
    assert refused.status_code == 403
    added = await client.post("/api/incentives/plans", json=body, headers=await headers(people.admin))
    assert added.json() == {"version": 2}

"""Matching over the ledger: automatic, by a person, undone; nothing twice and every balance restored."""

import asyncio

import pytest
from sqlalchemy import func, select

from backend.approval import service as approval
from backend.auth.actor import SYSTEM
from backend.incentive import queries as incentive_queries
from backend.incentive import service as incentive
from backend.ledger import queries as ledger
from backend.ledger.tables import PostingRow
from backend.matching import queries, service
from backend.matching.tables import Claim, Match
from shared.refusal import Refused
from tests import builders


@pytest.fixture
async def scene(database, clock, people):
    """One customer with an invoice of 300.00, a cash collection of it deposited, and a plan of 1 % + 0.5 %."""
    async with database.writing() as session:
        await incentive.add_plan(
            session, people.admin, clock, valid_from=builders.today(clock), currency="CNY", rate_bp=100, on_time_bp=50
        )
        customer = await builders.add_customer(session, clock, people.salesperson)
        invoice = await builders.add_invoice(session, clock, customer, "F1", 30_000)
        account = await builders.add_account(session, clock)
        collected = await builders.collect(session, clock, people.salesperson, customer, 30_000, [(invoice, 30_000)])
        deposited = await builders.deposit(session, clock, people.salesperson, account, 30_000, slip="SLIP-4711")
    return {"customer": customer, "account": account, "collection": collected, "deposit": deposited}


async def state(database, clock, scene, *lines):
    async with database.writing() as session:
        await builders.state(session, clock, SYSTEM, scene["account"], *lines)


async def run(database, clock, account=None):
    async with database.writing() as session:
        return await service.run(session, SYSTEM, clock, account)


async def balances(database):
    async with database.reading() as reader:
        query = select(PostingRow.kind, PostingRow.key, func.sum(PostingRow.amount_minor)).group_by(
            PostingRow.kind, PostingRow.key
        )
        return {(kind, key): int(minor) for kind, key, minor in await reader.execute(query) if minor}


async def earned(database, people):
    async with database.reading() as reader:
        return {row[2]: row[3] for row in await incentive_queries.totals(reader, people.salesperson.user_id)}


async def test_a_deposit_is_matched_by_its_slip_and_leaves_transit(database, clock, scene):
    await state(database, clock, scene, ("300.00", "cash slip 4711 SLIP4711"), ("12.00", "interest"))
    done = await run(database, clock)
    assert (done.confirmed_count, done.proposed_count, done.open_count) == (1, 0, 1)
    sums = await balances(database)
    assert ("transit", "") not in sums
    assert sums["unidentified", scene["account"]] == -1_200
    again = await run(database, clock)
    assert (again.confirmed_count, again.open_count) == (0, 1)


async def test_the_incentive_vests_when_approved_and_matched_in_either_order(database, clock, scene, people):
    await state(database, clock, scene, ("300.00", "SLIP-4711"))
    await run(database, clock)
    assert await earned(database, people) == {}
    async with database.writing() as session:
        await approval.decide(
            session, people.supervisor, clock, subject_kind="collection", subject_id=scene["collection"],
            decision="approved",
        )  # fmt: skip
        await incentive.rescore(session, clock, [scene["collection"]])
    assert await earned(database, people) == {"rate": 300, "on_time": 150}


async def test_unmatching_restores_every_balance_and_claws_back_what_had_vested(database, clock, scene, people):
    async with database.writing() as session:
        await approval.decide(
            session, people.supervisor, clock, subject_kind="collection", subject_id=scene["collection"],
            decision="approved",
        )  # fmt: skip
    await state(database, clock, scene, ("300.00", "SLIP-4711"))
    before = await balances(database)
    match_id = (await run(database, clock)).confirmed[0]
    assert await earned(database, people) == {"rate": 300, "on_time": 150}
    async with database.reading() as reader:
        found = await service.dependants(reader, people.reconciler, match_id=match_id)
        assert [(one.collection_id, one.vested_minor) for one in found] == [(scene["collection"], 450)]
    async with database.writing() as session:
        undone = await service.unmatch(session, people.reconciler, clock, match_id=match_id, reason="wrong slip")
    assert (undone.collection_ids, undone.clawed_back_minor) == ((scene["collection"],), -450)
    assert await balances(database) == before
    assert await earned(database, people) == {"rate": 0, "on_time": 0}
    assert (await run(database, clock)).confirmed_count == 0, "what a person undid does not come back by itself"
    async with database.writing() as session:
        with pytest.raises(Refused) as refused:
            await service.unmatch(session, people.reconciler, clock, match_id=match_id, reason="again")
    assert refused.value.code == "match_not_found"


async def test_a_claimed_transfer_is_matched_by_its_receipt_number(database, clock, scene, people):
    async with database.writing() as session:
        claim = await builders.collect(
            session, clock, people.salesperson, scene["customer"], 5_000, method="transfer", counter=2
        )
    async with database.reading() as reader:
        number, _who = (await queries.receipts(reader, [claim]))[claim]
    await state(database, clock, scene, ("50.00", f"货款{number.replace('-', ' ')}"))
    assert (await run(database, clock)).confirmed_count == 1
    assert ("clearing", "transfer") not in await balances(database)


async def test_a_tie_waits_for_a_person_who_confirms_one(database, clock, scene, people):
    await state(database, clock, scene, ("300.00", "a"), ("300.00", "b"))
    done = await run(database, clock)
    assert (done.confirmed_count, done.proposed_count) == (0, 2)
    async with database.reading() as reader:
        queue = await service.review(reader, people.reconciler)
    assert [[c.expected.id for c in one.candidates] for one in queue] == [[scene["deposit"]]] * 2
    pair = {"line_id": queue[0].line.id, "expected_kind": "deposit", "expected_id": scene["deposit"]}
    async with database.writing() as session:
        await service.confirm(session, people.reconciler, clock, **pair)
    for line_id, code in ((pair["line_id"], "match_taken"), (queue[1].line.id, "match_taken")):
        async with database.writing() as session:
            with pytest.raises(Refused) as refused:
                await service.confirm(session, people.reconciler, clock, **{**pair, "line_id": line_id})
        assert refused.value.code == code


async def test_a_rejected_proposal_never_returns(database, clock, scene, people):
    await state(database, clock, scene, ("300.00", "a"), ("300.00", "b"))
    await run(database, clock)
    async with database.reading() as reader:
        first, second = (one.line.id for one in await service.review(reader, people.reconciler))
    async with database.writing() as session:
        await service.reject(session, people.reconciler, clock, line_id=first, expected_id=scene["deposit"])
    done = await run(database, clock)
    assert done.confirmed_count == 1
    async with database.reading() as reader:
        assert [one.match.line_id for one in await queries.matches(reader)] == [second]


@pytest.mark.parametrize(("amount", "code"), [("299.00", "match_amount"), ("-300.00", "match_direction")])
async def test_a_deposit_takes_no_other_amount_and_no_money_out(database, clock, scene, people, amount, code):
    await state(database, clock, scene, (amount, "x"))
    async with database.writing() as session:
        line = (await session.scalars(select(queries.BankLineRecord))).one()
        with pytest.raises(Refused) as refused:
            await service.confirm(
                session, people.reconciler, clock, line_id=line.id, expected_kind="deposit",
                expected_id=scene["deposit"],
            )  # fmt: skip
    assert refused.value.code == code


@pytest.mark.parametrize(("arrived", "taken"), [("99.40", True), ("98.00", False), ("100.50", False)])
async def test_a_channel_may_keep_a_small_fee_which_goes_to_charge(database, clock, scene, people, arrived, taken):
    async with database.writing() as session:
        claim = await builders.collect(
            session, clock, people.salesperson, scene["customer"], 10_000, method="code", counter=3
        )
    await state(database, clock, scene, (arrived, "settled"))
    async with database.writing() as session:
        line = (await session.scalars(select(queries.BankLineRecord))).one()
        pair = {"line_id": line.id, "expected_kind": "collection", "expected_id": claim}
        if not taken:
            with pytest.raises(Refused) as refused:
                await service.confirm(session, people.reconciler, clock, **pair)
            assert refused.value.code == "match_amount"
            return
        await service.confirm(session, people.reconciler, clock, **pair)
    sums = await balances(database)
    assert sums["charge", "code"] == 60
    assert ("clearing", "code") not in sums


async def test_rejected_claims_are_not_expected(database, clock, scene, people):
    async with database.writing() as session:
        claim = await builders.collect(
            session, clock, people.salesperson, scene["customer"], 5_000, method="transfer", counter=4
        )
        await approval.decide(
            session, people.supervisor, clock, subject_kind="collection", subject_id=claim, decision="rejected",
            reason="no such transfer",
        )  # fmt: skip
    async with database.reading() as reader:
        assert [one.id for one in await queries.expected(reader, builders.ZONE)] == [scene["deposit"]]


async def test_nothing_is_claimed_twice_by_two_runs_at_once(database, clock, scene):
    await state(database, clock, scene, ("300.00", "SLIP-4711"))
    outcomes = await asyncio.gather(*(run(database, clock) for _ in range(4)), return_exceptions=True)
    assert sum(one.confirmed_count for one in outcomes) == 1
    async with database.reading() as reader:
        assert await reader.scalar(select(func.count()).select_from(Match)) == 1
        assert await reader.scalar(select(func.count()).select_from(Claim)) == 2
        assert await ledger.balance_minor(reader, "transit", "", "CNY") == 0


async def test_two_people_confirming_at_once_are_one_match(database, clock, scene, people):
    await state(database, clock, scene, ("300.00", "a"), ("300.00", "b"))
    async with database.reading() as reader:
        lines = [record.id for record in await queries.open_lines(reader)]

    async def confirm(line_id):
        async with database.writing() as session:
            return await service.confirm(
                session, people.reconciler, clock, line_id=line_id, expected_kind="deposit",
                expected_id=scene["deposit"],
            )  # fmt: skip

    outcomes = await asyncio.gather(*(confirm(line_id) for line_id in lines), return_exceptions=True)
    refused = [one for one in outcomes if isinstance(one, Refused)]
    assert [one.code for one in refused] == ["match_taken"]
    assert ("transit", "") not in await balances(database)


async def test_only_a_reconciler_matches(database, clock, scene, people):
    for who in (people.salesperson, people.supervisor, people.cashier, people.credit, people.auditor, people.admin):
        async with database.writing() as session:
            with pytest.raises(Refused) as refused:
                await service.run(session, who, clock)
        assert refused.value.code == "permission_missing"

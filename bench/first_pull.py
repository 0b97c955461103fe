"""What it costs to give a phone everything on its first pull."""

from __future__ import annotations

import time
from datetime import date, timedelta
from random import Random
from zoneinfo import ZoneInfo

from _measure import empty, report, run
from sqlalchemy import select

from backend.demo import office, prepare
from backend.demo.bank_disorder import Bank
from backend.demo.people import SALESPEOPLE, ZONE
from backend.demo.world import World, new_clock
from backend.sync import service as sync
from backend.sync.tables import FeedRow
from sync.message import PullRequest

RECORDS = 10_000
DAY = date(2026, 6, 1)


async def figure(folder: str) -> None:
    """Give one salesperson a branch's worth of open invoices and pull them all, page after page."""
    database = await empty(folder, "pull")
    dice = Random(1)
    world = World(database, dice, new_clock(DAY), new_clock(DAY + timedelta(days=30)).now(), ZoneInfo(ZONE), Bank(dice))
    async with database.writing() as session:
        await prepare.open_company(world, session, DAY, "en")
        await prepare.open_customers(world, session, 300)
    mine = [debtor for debtor in world.debtors if debtor.salesperson == SALESPEOPLE[0]]
    world.debtors = mine
    for start in range(0, RECORDS, 2_000):
        async with database.writing() as session:
            deliveries = [office.deliver(world, DAY, n) for n in range(start, start + 2_000)]
            await office.issue(world, session, DAY, deliveries)
    actor = world.actors[SALESPEOPLE[0].login]
    start_at, cursor, more, count = time.perf_counter(), "", True, 0
    async with database.reading() as reader:
        while more:
            page = await sync.pull(reader, actor, world.clock, PullRequest(cursor))
            count, cursor, more = count + len(page.rows), page.cursor, page.more
    seconds = time.perf_counter() - start_at
    start_at = time.perf_counter()
    async with database.reading() as reader:
        bodies = (await reader.execute(select(FeedRow.kind, FeedRow.record_id, FeedRow.body))).all()
    floor = time.perf_counter() - start_at
    assert len(bodies) >= count >= RECORDS
    report("records pulled", count, seconds, floor)
    await database.close()


run(figure)

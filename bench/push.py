"""What it costs to book payments that a phone pushed, batch after batch, each in a transaction of its own."""

from __future__ import annotations

import resource
import time
from datetime import date, timedelta
from random import Random
from zoneinfo import ZoneInfo

from _measure import difference, empty, insert_bare, report, rows_of, run

from backend.demo import field, office, prepare
from backend.demo.bank_disorder import Bank
from backend.demo.people import SALESPEOPLE, ZONE
from backend.demo.world import World, new_clock
from backend.sync import service as sync

OPERATIONS = 2_000
DAY = date(2026, 6, 1)


async def figure(folder: str) -> None:
    """Push payments over one invoice each, then insert the rows that this made bare."""
    database, bare = await empty(folder, "pushed"), await empty(folder, "bare")
    dice = Random(1)
    world = World(database, dice, new_clock(DAY), new_clock(DAY + timedelta(days=30)).now(), ZoneInfo(ZONE), Bank(dice))
    async with database.writing() as session:
        await prepare.open_company(world, session, DAY, "en")
        await prepare.hand_out_phones(world, session)
        await prepare.open_customers(world, session, 300)
    phone = world.phones[SALESPEOPLE[0].login]
    world.debtors = [debtor for debtor in world.debtors if debtor.salesperson == phone.person]
    async with database.writing() as session:
        await office.issue(world, session, DAY, [office.deliver(world, DAY, n) for n in range(OPERATIONS * 11 // 10)])
    before = await rows_of(database)
    await insert_bare(bare, before)
    for id, debtor in [(id, one) for one in world.debtors for id in one.invoices]:
        if debtor.invoices[id].payable and len(phone.outbox) < OPERATIONS:
            debtor.pays_on = {id: DAY}
            field.collect(world, DAY, phone, debtor)
    world.set_time(DAY, 18)
    batches = list(phone.unsent())
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    times = []
    for batch in batches:
        start = time.perf_counter()
        async with database.writing() as session:
            answer = await sync.push(session, world.clock, batch)
        times.append(time.perf_counter() - start)
        phone.settle(answer)
    grown = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - peak) / 1024
    floor = await insert_bare(bare, difference(await rows_of(database), before))
    report("payments pushed", OPERATIONS, sum(times), floor)
    rates = [len(batch.operations) / seconds for batch, seconds in zip(batches, times, strict=True)]
    print(f"  batches of {len(batches[0].operations)}: {', '.join(f'{rate:,.0f}' for rate in rates)} payments/s")
    print(f"  memory grew by {grown:.0f} MiB meanwhile")
    await database.close()
    await bare.close()


run(figure)

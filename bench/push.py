"""What it costs to book a payment that a phone pushed."""

from __future__ import annotations

import time
from datetime import date, timedelta
from random import Random
from zoneinfo import ZoneInfo

from _measure import difference, empty, insert_bare, report, rows_of, run

from backend.demo import field, office, prepare
from backend.demo.bank_disorder import Bank
from backend.demo.people import SALESPEOPLE, ZONE
from backend.demo.world import World, new_clock

OPERATIONS = 400
DAY = date(2026, 6, 1)


async def figure(folder: str) -> None:
    """Push payments over one invoice each in one batch, then insert the rows that this made bare."""
    database, bare = await empty(folder, "pushed"), await empty(folder, "bare")
    dice = Random(1)
    world = World(database, dice, new_clock(DAY), new_clock(DAY + timedelta(days=30)).now(), ZoneInfo(ZONE), Bank(dice))
    async with database.writing() as session:
        await prepare.open_company(world, session, DAY, "en")
        await prepare.hand_out_phones(world, session)
        await prepare.open_customers(world, session, 60)
        await office.issue(world, session, DAY, [office.deliver(world, DAY, n) for n in range(3 * OPERATIONS)])
    before = await rows_of(database)
    await insert_bare(bare, before)
    phone = world.phones[SALESPEOPLE[0].login]
    mine = [debtor for debtor in world.debtors if debtor.salesperson == phone.person]
    for id, debtor in [(id, one) for one in mine for id in one.invoices][:OPERATIONS]:
        if debtor.invoices[id].payable:
            debtor.pays_on = {id: DAY}
            field.collect(world, DAY, phone, debtor)
    count = len(phone.outbox)
    world.set_time(DAY, 18)
    start = time.perf_counter()
    async with database.writing() as session:
        await field.push(world, session, phone)
    seconds = time.perf_counter() - start
    report("payments pushed", count, seconds, await insert_bare(bare, difference(await rows_of(database), before)))
    await database.close()
    await bare.close()


run(figure)

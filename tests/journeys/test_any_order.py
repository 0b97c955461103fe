"""Any order of phones and any repetition of pushes gives the same ledger, and no unit of money is lost or made."""

import random

import pytest

from backend.collection.tables import Collection
from tests.journeys.field import AMOUNT


@pytest.mark.parametrize("seed", range(4))
async def test_any_order_and_repetition_of_pushes_gives_the_same_ledger(field, seed):
    chance = random.Random(seed)
    phones = [await field.phone(), await field.phone(field.people.supervisor)]
    total = 0
    for phone in phones:
        for _ in range(4):
            amount = chance.randrange(1, 2 * AMOUNT)
            parts = [(one, chance.randrange(1, amount // 3 + 2)) for one in field.invoices if amount >= 6]
            phone.collect(amount, *parts)
            total += amount
    slices = []
    for phone in phones:
        count = len(phone.store.operations)
        for _ in range(6):
            start = chance.randrange(count)
            slices.append((phone, phone.store.operations[start : chance.randrange(start, count) + 1]))
        slices.append((phone, phone.store.operations))
    chance.shuffle(slices)
    for phone, some in slices:
        await phone.push(some)
    assert await field.operations() == {"accepted": 8}
    assert len(await field.rows(Collection)) == 8
    held = [await field.balance("custody", f"{phone.actor.user_id}:cash") for phone in phones]
    assert sum(held) == total
    opened = await field.open_minor(*field.invoices)
    assert min(opened) >= 0
    assert 3 * AMOUNT - sum(opened) - await field.balance("unapplied", field.customer) == total
    assert await field.ledger_sum() == 0

"""A mirror pulled anew: the old one is shown until the last page, and half of a new one never."""

import msgspec
import seeding

from mobile.store import customer, meta


def restart(rows, cursor, *, more, first=False):
    page = seeding.page(rows, cursor=cursor, restart=first)
    return msgspec.structs.replace(page, more=more)


async def owed(database):
    return await customer.balance(database, "cus-C0001")


async def test_the_old_mirror_is_shown_until_the_last_page(seed):
    database, store, _ = seed
    before = await owed(database)
    rows = seeding.rows()
    await store.apply_page(restart(rows[:3], "a", more=True, first=True))
    assert await owed(database) == before > 0
    await store.apply_page(restart(rows[3:7], "b", more=True))
    assert (await owed(database), await store.cursor()) == (before, "b")
    newer = seeding.invoice("cus-C0001", "INV-1001", -32, 120_000, 20_000)
    await store.apply_page(restart([*rows[7:], newer], "c", more=False))
    assert (await owed(database), await store.cursor()) == (before - 100_000, "c")


async def test_what_is_not_in_the_new_mirror_is_gone_with_the_last_page(seed):
    database, store, _ = seed
    rows = [row for row in seeding.rows() if row[1] != "cus-C0005"]
    await store.apply_page(restart(rows, "a", more=True, first=True))
    assert await customer.one(database, "cus-C0005") is not None
    page = seeding.page([], removals=[("customer", "cus-C0004")], cursor="b")
    await store.apply_page(page)
    assert await customer.one(database, "cus-C0005") is None
    assert await customer.one(database, "cus-C0004") is None
    assert await customer.one(database, "cus-C0003") is not None


async def test_a_renewal_that_is_begun_again_forgets_the_first_attempt(seed):
    database, store, _ = seed
    await store.apply_page(restart(seeding.rows(), "a", more=True, first=True))
    await store.apply_page(restart([seeding.customer("C0009", "新店", "xindian")], "b", more=False, first=True))
    assert await customer.count(database) == 1
    assert await meta.get(database, "renewing") == ""


async def test_after_a_renewal_pages_are_seen_at_once_again(seed):
    database, store, _ = seed
    await store.apply_page(restart(seeding.rows(), "a", more=False, first=True))
    before = await owed(database)
    newer = seeding.invoice("cus-C0001", "INV-1001", -32, 120_000, 20_000)
    await store.apply_page(restart([newer], "b", more=True))
    assert await owed(database) == before - 100_000

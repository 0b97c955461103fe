"""Asking to void a receipt: offline, once, with a reason; what is shown until the server has decided."""

import msgspec
import pytest
import seeding

from mobile.store import collection, operation, void
from mobile.store.collection import Taken, record_collection
from shared.collection import VoidRequested
from shared.refusal import Refused
from sync.message import CollectionRow, Verdict
from sync.outbox import is_chain


async def pay(database, amount=12_000):
    taken = Taken(id=seeding.fresh_id(), customer_id="cus-C0001", currency="CNY", amount_minor=amount, method="cash")
    return await record_collection(database, seeding.clock(), taken)


def seen(made, number, *, decision="", standing=""):
    row = CollectionRow("cus-C0001", "CNY", 12_000, "cash", number, 1, [], 12_000, 0, decision, "", standing, 0, [])
    return seeding.page([("collection", made, row)], cursor=f"cursor-{standing}-{decision}")


async def test_a_wish_to_void_is_chained_behind_the_payment(seed):
    database, store, _ = seed
    made = await pay(database)
    wish = await void.ask(database, seeding.clock(), made, "  Wrong customer ")
    sent = await store.unsettled(0, 10)
    assert [one.kind for one in sent] == ["collection.record", "collection.void"]
    assert is_chain(sent)
    assert msgspec.json.decode(sent[1].payload, type=VoidRequested) == VoidRequested(wish, made, "Wrong customer")
    assert (await collection.one(database, made)).status == "asked"
    assert (await operation.unsent(database)).money_minor == 12_000  # the wish is no second payment


@pytest.mark.parametrize("reason", ["", "   ", "\n"])
async def test_a_wish_without_a_reason_is_refused(seed, reason):
    database, store, _ = seed
    made = await pay(database)
    with pytest.raises(Refused) as refused:
        await void.ask(database, seeding.clock(), made, reason)
    assert refused.value.code == "reason_missing"
    assert len(await store.unsettled(0, 10)) == 1


async def test_two_wishes_for_one_receipt_are_one(seed):
    database, store, _ = seed
    made = await pay(database)
    await void.ask(database, seeding.clock(), made, "Wrong customer")
    with pytest.raises(Refused) as refused:
        await void.ask(database, seeding.clock(), made, "Wrong customer")
    assert refused.value.code == "void_already_asked"
    assert len(await store.unsettled(0, 10)) == 2


async def test_an_unknown_receipt_cannot_be_voided(seed):
    database, _, _ = seed
    with pytest.raises(Refused) as refused:
        await void.ask(database, seeding.clock(), seeding.fresh_id(), "Wrong customer")
    assert refused.value.code == "collection_not_found"


async def test_the_server_has_the_last_word(seed):
    database, store, _ = seed
    made = await pay(database)
    number = (await collection.one(database, made)).receipt_number
    await void.ask(database, seeding.clock(), made, "Wrong customer")
    from sync.message import PushAnswer

    sent = await store.unsettled(0, 10)
    await store.settle(PushAnswer("epoch-1", [Verdict(one.id, "accepted") for one in sent], 3, "token-2"))
    await store.apply_page(seen(made, number, standing="asked"))
    assert (await collection.one(database, made)).status == "asked"
    await store.apply_page(seen(made, number, decision="approved"))  # the wish was refused
    assert (await collection.one(database, made)).status == "approved"
    await store.apply_page(seen(made, number, standing="voided"))
    assert (await collection.one(database, made)).status == "voided"
    with pytest.raises(Refused) as refused:
        await void.ask(database, seeding.clock(), made, "Again")
    assert refused.value.code == "already_voided"


async def test_from_the_receipt_to_the_wish_in_three_steps(open_phone, host):
    session = await open_phone("/customers/cus-C0001")
    for tap in ("customer.collect", "collect.overdue", "collect.save"):
        await host.tap(tap)
    await host.until(lambda: host.has("receipt.void"))
    await host.tap("receipt.void")
    await host.until(lambda: host.has("void.ask"))
    assert host.find("void.ask").disabled
    assert host.find("void.ask").content == "Ask to void ¥2,000.50"
    await host.type("void.reason", "Wrong customer")
    await host.tap("void.ask")
    await host.until(lambda: host.said("Void asked for"))
    assert not host.has("receipt.void")
    assert session.phone.sync.unsent == 2
    await host.go("/outbox")
    await host.until(lambda: host.has("outbox.row.2"))
    assert host.said("Void")
    assert session.phone.sync.unsent_minor == 200_050

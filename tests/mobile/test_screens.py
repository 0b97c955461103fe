"""Every screen, drawn headless over a real store, with the server gone unless a test brings it back."""

import asyncio

import pytest
import seeding

from mobile.app import Process, Session, Settings
from mobile.store import collection, custody, draft, identity, operation
from shared import language
from sync.message import Verdict
from sync.port import TransportFailed


async def read(session, load):
    return await load(session.phone.database)


async def test_today_shows_what_was_collected_and_whom_to_see_first_and_why(open_phone, host):
    await open_phone()
    assert host.find("today.collected").value == "¥0.00"
    assert [name for name in host.names() if name.startswith("today.card")] == [
        "today.card.C0002",
        "today.card.C0001",
        "today.card.C0004",
        "today.card.C0003",
    ]
    assert host.said("75 days overdue")
    assert host.said("Due today")
    assert host.said("¥310.00")
    await host.tap("today.collect.C0001")
    assert host.page.route == "/customers/cus-C0001/collect"


async def test_a_phone_without_customers_says_what_to_do(open_phone, host, tmp_path):
    database, _, _ = await seeding.seeded(tmp_path / "phone.db")
    async with database.writing() as connection:
        await connection.execute("DELETE FROM customer")
    await database.close()
    await open_phone(empty=True)
    assert host.said("Tap the chip above to sync now")


async def test_the_bottom_bar_leads_everywhere(open_phone, host):
    await open_phone()
    for index, route in enumerate(("/", "/customers", "/money", "/me")):
        bar = next(view for view in host.views() if view.navigation_bar).navigation_bar
        await host.session.dispatch_event(bar._i, "change", index)
        await host.settle()
        assert host.page.route == route


async def test_customers_are_searched_as_one_types(open_phone, host):
    await open_phone("/customers")
    await host.type("customers.search", "hljbld")
    assert [name for name in host.names() if name.startswith("customer.row")] == ["customer.row.C0003"]
    await host.type("customers.search", "nobody")
    assert host.has("customers.empty")
    await host.type("customers.search", "")
    await host.tap("customers.overdue")
    assert not host.has("customer.row.C0005")
    await host.tap("customer.row.C0001")
    assert host.page.route == "/customers/cus-C0001"


async def test_a_long_list_comes_fifty_at_a_time(open_phone, host, tmp_path):
    database, store, _ = await seeding.seeded(tmp_path / "phone.db")
    many = [seeding.customer(f"D{i:04d}", f"客户 {i}", "kehu") for i in range(60)]
    await store.apply_page(seeding.page(many, cursor="c2"))
    await database.close()
    await open_phone("/customers", empty=True)
    assert len([name for name in host.names() if name.startswith("customer.row")]) == 50
    await host.tap("customers.more")
    await host.until(lambda: len([name for name in host.names() if name.startswith("customer.row")]) == 65)
    assert not host.has("customers.more")


async def test_ticked_invoices_are_what_the_next_payment_pays(open_phone, host):
    session = await open_phone("/customers/cus-C0001")
    assert host.find("customer.balance").value == "¥2,400.50"
    assert host.find("invoice.tick.CN-0007").disabled
    await host.tap("invoice.tick.INV-1003")
    await host.tap("invoice.tick.INV-1002")
    await host.tap("customer.collect")
    await host.until(lambda: host.has("collect.amount") and host.find("collect.amount").value == "¥1,250.50")
    await host.tap("collect.save")
    await host.until(lambda: host.has("receipt.number"))
    found = (await collection.of_customer(session.phone.database, "cus-C0001"))[0]
    assert {line.invoice_number for line in found.lines} == {"INV-1002", "INV-1003"}


async def test_from_the_customer_to_the_receipt_in_three_taps(open_phone, host):
    session = await open_phone("/customers/cus-C0001")
    for tap in ("customer.collect", "collect.overdue", "collect.save"):
        await host.tap(tap)
    await host.until(lambda: host.has("receipt.number"))
    assert host.find("receipt.number").value == "A07-000001-D"
    assert host.find("receipt.amount").value == "¥2,000.50"
    for words in ("Two thousand and 50/100 CNY", "INV-1001", "INV-1002", "Waiting to be sent", "鲜丰水果店（人民路）"):
        assert host.said(words), words
    assert session.phone.sync.unsent == 1
    assert host.said("1 to send ¥2,000.50")
    await host.tap("receipt.copy")
    assert host.wire.called[-1][0] == "set" or any(name == "set" for name, _ in host.wire.called)
    await host.tap("receipt.done")
    await host.until(lambda: host.has("customer.balance") and host.find("customer.balance").value == "¥400.00")


async def test_typing_an_amount_says_what_it_pays_and_what_stays_unapplied(open_phone, host):
    await open_phone("/customers/cus-C0001/collect")
    assert host.find("collect.save").disabled
    for key in ("3", "0", "0", "0", "point", "5"):
        await host.tap(f"collect.key.{key}")
    assert host.find("collect.amount").value == "¥3,000.50"
    assert host.said("Pays 3 invoices")
    assert host.said("¥550.00 is kept as unapplied money")
    await host.tap("collect.key.back")
    assert host.find("collect.amount").value == "¥3,000.00"


async def test_the_split_can_be_edited_and_never_exceeds_the_amount(open_phone, host):
    session = await open_phone("/customers/cus-C0001/collect")
    for key in ("1", "0", "0"):
        await host.tap(f"collect.key.{key}")
    await host.tap("collect.split")
    await host.type("collect.part.INV-1002", "30.")
    assert host.find("collect.part.INV-1002").value == "30."
    assert host.said("¥30.00 more than received")
    await host.tap("collect.save")
    assert host.said("The parts add up to more than the amount received.")
    assert (await operation.unsent(session.phone.database)).count == 0
    await host.type("collect.part.INV-1001", "70")
    await host.tap("collect.save")
    await host.until(lambda: host.has("receipt.number"))
    (found,) = await collection.of_customer(session.phone.database, "cus-C0001")
    assert [(line.invoice_number, line.paid_minor) for line in found.lines] == [
        ("INV-1001", 7_000),
        ("INV-1002", 3_000),
    ]


async def test_a_draft_survives_the_process_and_ends_with_the_payment(open_phone, host):
    session = await open_phone("/customers/cus-C0003/collect")
    await host.tap("collect.key.7")
    await host.tap("collect.method.cheque")
    await host.type("collect.reference", "CHQ-9")
    await asyncio.sleep(0.4)
    await host.go("/")
    await host.go("/customers/cus-C0003/collect")
    assert host.find("collect.amount").value == "¥7.00"
    assert host.find("collect.reference").value == "CHQ-9"
    await host.tap("collect.save")
    await host.until(lambda: host.has("receipt.number"))
    await asyncio.sleep(0.4)
    assert await draft.of(session.phone.database, "collect:cus-C0003") == {}


async def test_the_payment_code_is_for_what_is_really_left(open_phone, host):
    session = await open_phone("/customers/cus-C0001/paycode")
    assert host.find("paycode.amount").value == "¥2,400.50"
    image = host.find("paycode.image")
    assert image.width >= 280
    modules = int(image.src.split('viewBox="0 0 ')[1].split(" ")[0])
    assert image.width >= 4 * modules
    await host.tap("paycode.invoice.INV-1003")
    assert host.find("paycode.amount").value == "¥450.00"
    taken = collection.Taken(seeding.fresh_id(), "cus-C0001", "CNY", 240_050, "cash")
    await collection.record_collection(session.phone.database, seeding.clock(), taken)
    await session.phone.recorded()
    await host.until(lambda: host.has("paycode.nothing"))
    assert not host.has("paycode.image")


async def test_a_paid_code_becomes_a_payment_with_its_reference(open_phone, host):
    session = await open_phone("/customers/cus-C0001/paycode/inv-INV-1003")
    assert host.find("paycode.amount").value == "¥450.00"
    await host.tap("paycode.paid")
    await host.until(lambda: host.has("collect.save"))
    await host.tap("collect.save")
    await host.until(lambda: host.has("receipt.number"))
    (found,) = await collection.of_customer(session.phone.database, "cus-C0001")
    assert (found.method, found.reference[:2], [line.invoice_number for line in found.lines]) == (
        "code",
        "RF",
        ["INV-1003"],
    )


async def test_a_company_without_a_merchant_gets_a_sentence_instead_of_a_code(open_phone, host):
    session = await open_phone()
    async with session.phone.database.writing() as connection:
        await connection.execute("DELETE FROM company")
    await session.phone.changed()
    await host.go("/customers/cus-C0001/paycode")
    assert host.has("paycode.refused")


async def test_money_shows_cash_its_age_and_where_the_rest_went(open_phone, host):
    await open_phone("/money")
    assert host.find("money.cash").value == "¥310.00"
    for words in (
        "2 days old",
        "Limit ¥20,000.00",
        "¥200.00 handed over",
        "Waiting for the receiver",
        "Arrived at the bank",
    ):
        assert host.said(words), words


async def test_cash_is_handed_over_with_the_difference_shown_at_once(open_phone, host):
    session = await open_phone("/money/hand-over")
    assert host.said("The count agrees with the book.")
    await host.type("hand_over.counted", "400")
    assert host.said("¥90.00 more than the book")
    assert host.find("hand_over.confirm").disabled
    await host.type("hand_over.counted", "x")
    assert host.said("is not an amount")
    await host.type("hand_over.counted", "300")
    assert host.said("¥10.00 stays in hand.")
    await host.tap("hand_over.confirm")
    await host.until(lambda: host.has("hand_over.code"))
    given = (await custody.remittances(session.phone.database))[0]
    assert len(given.reference) == 6
    assert host.find("hand_over.code").value.replace(" ", "") == given.reference
    await host.tap("hand_over.done")
    await host.until(lambda: host.has("money.cash") and host.find("money.cash").value == "¥10.00")


async def test_a_deposit_names_its_account_and_slip(open_phone, host):
    session = await open_phone("/money/deposit")
    assert host.find("deposit.confirm").disabled
    await host.tap("deposit.account.6222020200012345678")
    await host.type("deposit.amount", "110")
    await host.type("deposit.slip", "SLIP-9")
    await host.tap("deposit.confirm")
    await host.until(lambda: host.page.route == "/money")
    made = (await custody.remittances(session.phone.database))[0]
    assert (made.kind, made.amount_minor, made.reference, made.other) == ("deposit", 11_000, "SLIP-9", "工商银行")


async def test_the_outbox_says_what_waits_and_why_and_syncing_empties_it(open_phone, host, server):
    session = await open_phone("/customers/cus-C0001")
    for tap in ("customer.collect", "collect.overdue", "collect.save"):
        await host.tap(tap)
    await host.until(lambda: host.has("receipt.number"))
    await host.tap("sync.chip")
    await host.until(lambda: host.has("outbox.row.1"))
    assert host.find("outbox.unsent").value == "¥2,000.50"
    await host.until(lambda: session.phone.sync.failure == "network" and not session.phone.sync.running)
    assert host.said("The server cannot be reached.")
    server.gone = False
    await host.tap("outbox.sync")
    await host.until(lambda: host.has("outbox.empty"))
    assert [one.kind for one in server.pushed] == ["collection.record"]
    assert host.said("Synced 10:30")


async def test_a_record_set_aside_says_what_the_server_said(open_phone, host, server):
    session = await open_phone()
    taken = collection.Taken(seeding.fresh_id(), "cus-C0001", "CNY", 500, "cash")
    await collection.record_collection(session.phone.database, seeding.clock(), taken)
    (sent,) = await session.phone.store.unsettled(0, 10)
    server.verdicts[sent.id] = Verdict(sent.id, "quarantined", "operation_conflict", "Sent before.", "We look at it.")
    server.gone = False
    await session.phone.recorded()
    await host.until(lambda: session.phone.sync.attention == 1)
    assert host.said("1 record needs you")
    await host.go("/outbox")
    await host.until(lambda: host.said("Sent before. We look at it."))


async def test_an_expired_sign_in_keeps_the_phone_working_and_asks_in_the_chip(open_phone, host, server):
    session = await open_phone(gone=False)
    server.failure = TransportFailed("auth", "token_expired")
    session.phone.wake()
    await host.until(lambda: session.phone.sync.failure == "auth")
    assert host.said("Sign in again")
    await host.go("/customers/cus-C0001/collect")
    await host.tap("collect.all")
    await host.tap("collect.save")
    await host.until(lambda: host.has("receipt.number"))


async def test_incentive_opens_its_arithmetic(open_phone, host):
    await open_phone("/me")
    assert host.find("me.earned").value == "¥15.76"
    assert host.find("me.pending").value == "¥7.50"
    await host.tap("incentive.A07-000003-Y.rate")
    assert host.said("¥888.00 × 1.5% = ¥13.32 · plan version 1")


async def test_language_changes_at_once_and_theme_is_kept(open_phone, host):
    session = await open_phone("/me")
    await host.tap("language.zh_CN")
    assert session.phone.state.language == "zh_CN"
    assert language.current() == "zh_CN"
    await host.tap("theme.dark")
    assert host.page.theme_mode.value == "dark"
    await host.tap("language.en")
    assert host.said("Incentive this month")


async def test_signing_out_waits_until_everything_is_sent(open_phone, host, server):
    session = await open_phone("/me")
    taken = collection.Taken(seeding.fresh_id(), "cus-C0001", "CNY", 500, "cash")
    await collection.record_collection(session.phone.database, seeding.clock(), taken)
    await session.phone.recorded()
    await host.tap("me.sign_out")
    assert host.said("1 records worth ¥5.00 have not been sent yet.")
    assert session.phone.state.gate == "open"
    server.gone = False
    session.phone.wake()
    await host.until(lambda: session.phone.sync.unsent == 0)
    await host.tap("me.sign_out")
    await host.until(lambda: host.has("sign_in.start"))
    assert await session.phone.store.tokens() is None


async def test_signing_in_enrols_and_opens_the_app(open_phone, host, server, tmp_path):
    session = await open_phone(empty=True, gone=False)
    await host.type("sign_in.login", "xiaoming")
    await host.type("sign_in.password", "wrong")
    await host.tap("sign_in.start")
    await host.until(lambda: host.has("sign_in.problem"))
    assert "User name or password is wrong." in host.find("sign_in.problem").value
    server.pages.append(seeding.page(seeding.rows()))
    await host.type("sign_in.password", "right")
    await host.tap("sign_in.start")
    await host.until(lambda: host.has("today.card.C0002"))
    ((request, token),) = server.enrolled
    assert (request.code, token, len(request.public_key)) == ("", "access", 64)
    assert (await identity.of(session.phone.database)).series == "A07"
    assert (tmp_path / "phone.db.keys").stat().st_mode & 0o777 == 0o600


async def test_an_enrolment_code_is_enough_and_a_dead_server_is_said(open_phone, host, server):
    await open_phone(empty=True)
    await host.tap("sign_in.by_code")
    await host.type("sign_in.code", "ABCDE12345")
    await host.tap("sign_in.start")
    assert "The server cannot be reached." in host.find("sign_in.problem").value
    server.gone = False
    await host.tap("sign_in.start")
    await host.until(lambda: host.has("today.collected"))
    assert server.enrolled[-1][0].code == "ABCDE12345"


async def test_a_second_window_is_told_and_gets_the_phone_when_the_first_goes(open_phone, host):
    import headless

    session = await open_phone()
    second = headless.Host()
    try:
        other = Session(session.process, second.page)
        await other.start()
        await second.settle()
        assert second.has("locked")
        session.leave()
        await second.tap("locked.again")
        await second.until(lambda: second.has("today.collected"))
        other.leave()
    finally:
        second.close()


async def test_a_second_process_is_told_too(open_phone, tmp_path):
    import headless

    await open_phone()
    second = headless.Host()
    try:
        other = Session(Process(Settings(tmp_path / "phone.db", "http://server", "en"), seeding.clock()), second.page)
        await other.start()
        await second.settle()
        assert second.has("locked")
    finally:
        second.close()


@pytest.mark.parametrize("route", ["/customers/nobody", "/customers/nobody/collect", "/receipts/nothing", "/nowhere"])
async def test_an_address_that_leads_nowhere_says_so(open_phone, host, route):
    await open_phone(route)
    assert any(host.has(name) for name in ("customer.missing", "collect.missing", "receipt.missing", "lost"))


async def test_no_screen_crashes_the_session_in_either_language(open_phone, host):
    session = await open_phone()
    everywhere = [
        "/",
        "/customers",
        "/customers/cus-C0001",
        "/customers/cus-C0001/collect",
        "/customers/cus-C0001/paycode",
    ]
    everywhere += ["/receipts/col-3", "/money", "/money/hand-over", "/money/deposit", "/outbox", "/me"]
    for name in ("zh_CN", "en"):
        await session.phone.choose_language(name)
        for route in everywhere:
            await host.go(route)
            assert not host.has("trouble"), (name, route)
    assert host.wire.crashes == []


async def test_help_answers_without_a_network(open_phone, host):
    await open_phone("/me")
    await host.tap("me.help")
    await host.until(lambda: host.has("help.1"))
    assert host.said("Is a payment safe without a network?")
    assert host.has("help.6")

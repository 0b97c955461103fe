"""From an open invoice on a phone without network to a matched bank line and an earned incentive."""

import json
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from zoneinfo import ZoneInfo

import pytest

from shared.ident import is_rf_reference
from shared.paycode import emv
from tests.e2e.conftest import DESK, PHONE
from tests.e2e.pages import ConsolePage, PhonePage, complaints, watched
from tests.e2e.processes import Running, free_port, run

PASSWORD = "correct horse 7"
PEOPLE = {"lina": "salesperson", "wangfang": "supervisor", "liuyang": "reconciler", "sunli": "auditor"}
PAYCODE = {
    "tag": "26",
    "sub.00": "cn.example.hetai",
    "sub.01": "8800100200300",
    "country": "CN",
    "currency": "CNY",
    "name": "HETAI FOODS",
    "city": "HANGZHOU",
}


def today():
    """Return the company's calendar day."""
    return datetime.now(UTC).astimezone(ZoneInfo("Asia/Shanghai")).date()


@pytest.fixture
def world(tmp_path):
    """Set a company up by its commands, and name its processes."""
    data, ports = tmp_path / "company", (free_port(), free_port())
    set_up(tmp_path, data)
    server_url, phone_url = (f"http://127.0.0.1:{port}" for port in ports)
    server = Running(tmp_path / "server.log", f"{server_url}/health/ready", "serve", "--data", data, "--port", ports[0])
    phone = Running(
        tmp_path / "phone.log",
        phone_url,
        *("phone", "--server", server_url, "--port", ports[1], "--store", tmp_path / "phone.db"),
        *("--lang", "en", "--no-browser"),
    )
    yield SimpleNamespace(data=data, folder=tmp_path, server=server, phone=phone, urls=(server_url, phone_url))
    phone.kill()
    server.kill()


def set_up(folder, data):
    """Make the company, its people, one customer with three invoices, a plan and a bank account."""
    settings = [
        f"{key}={json.dumps(value)}" for key, value in {"paycode": PAYCODE, "month_target_minor": 500_000}.items()
    ]
    run("company", "set", "--data", data, "name=Hetai Foods", "zone=Asia/Shanghai", "currency=CNY", *settings)
    for login, role in PEOPLE.items():
        run("user", "add", login, "--role", role, "--name", login.title(), "--password", PASSWORD, "--data", data)
    customers = folder / "customers.csv"
    customers.write_text("客户编号,客户名称,业务员,电话\nC001,鲜丰水果店,lina,13800000001\n", encoding="gb18030")
    run("import", "customers", customers, "--data", data)
    day = today()
    rows = [("INV-1", 40, 10, "800.00"), ("INV-2", 30, 0, "400.00"), ("INV-3", 10, -20, "256.78")]
    lines = [
        f"C001,{number},{day - timedelta(days=issued)},{day - timedelta(days=late)},{amount}"
        for number, issued, late, amount in rows
    ]
    invoices = folder / "invoices.csv"
    invoices.write_text("\n".join(["客户编号,发票号码,开票日期,到期日,金额", *lines]) + "\n", encoding="utf-8")
    run("import", "invoices", invoices, "--data", data)
    run("incentive", "plan", "add", "--rate-bp", 100, "--on-time-bp", 50, "--from", "2026-01-01", "--data", data)
    run("bank", "account", "add", "6222000011112222", "--name", "ICBC basic", "--currency", "CNY", "--data", data)


def test_the_main_journey(world, chromium):
    """Sign in, lose the server, collect, lose the phone, sync, approve, match, earn."""
    noise = []
    screen = PhonePage(watched(chromium.new_page(viewport=PHONE, has_touch=False), noise))
    world.server.start()
    world.phone.start()

    screen.open(world.urls[1])
    sign_in(screen)
    world.server.kill()

    number = collect_over_two_invoices(screen)
    payload = show_code_for_the_third_invoice(screen)
    assert is_rf_reference(emv.decode(payload).reference)
    assert emv.decode(payload).amount == "256.78"

    screen.page.goto("about:blank")
    world.phone.kill()
    world.phone.start()
    screen.open(world.urls[1])
    everything_is_there(screen, number)

    world.server.start()
    slip = deposit_at_the_bank(screen)
    sync(screen)

    desk_noise = []
    desk = ConsolePage(watched(chromium.new_page(viewport=DESK), desk_noise), world.urls[0])
    approve(desk, number)
    import_the_statement(desk, world.folder, slip)
    assert_matched(desk, number)

    sync(screen)
    the_incentive_is_there(screen)
    desk.sign_in("sunli", PASSWORD).go("/controls")
    assert desk.page.locator(".note.green").count() == 1
    assert desk.page.locator(".chip.red").count() == 0
    assert desk.page.locator("tbody tr .chip.green").count() > 8
    assert complaints(desk_noise) == []
    assert complaints(noise) == []

    world.server.stop()
    assert "Everything adds up." in run("--lang", "en", "ledger", "check", "--data", world.data).stdout
    run("audit", "seal", "--data", world.data)
    run("audit", "verify", "--data", world.data)


def sign_in(screen):
    """Sign in on the phone; the first sync brings the customer."""
    screen.see("sign_in.login", 60_000)
    screen.type("sign_in.login", "lina")
    screen.type("sign_in.password", PASSWORD)
    screen.tap("sign_in.start")
    screen.see("today.card.C001", 60_000)


def collect_over_two_invoices(screen):
    """Take ¥1,200 in cash for the two older invoices, without a server; return the receipt's number."""
    screen.tap("nav.customers")
    screen.tap("customer.row.C001")
    screen.tap("customer.collect")
    for key in "1200":
        screen.tap(f"collect.key.{key}")
    screen.wait_for_text("collect.amount", "¥1,200.00")
    screen.tap("collect.save")
    number = screen.see("receipt.number").split()[0]
    assert "¥1,200.00" in screen.text("receipt")
    assert "INV-1" in screen.text("receipt")
    assert "INV-2" in screen.text("receipt")
    screen.tap("receipt.done")
    return number


def show_code_for_the_third_invoice(screen):
    """Show the payment code of the invoice that is left, and read it from the screen."""
    screen.tap("customer.paycode")
    screen.see("paycode.amount")
    screen.wait_for_text("paycode.amount", "¥256.78")
    screen.page.wait_for_timeout(500)
    payload = screen.code()
    assert payload
    return payload


def everything_is_there(screen, number):
    """After SIGKILL: the payment, its receipt and what it paid."""
    screen.see("today.collected", 60_000)
    screen.wait_for_text("today.collected", "¥1,200.00")
    screen.wait_for_text("sync.chip", "¥1,200.00")
    screen.tap("nav.customers")
    screen.tap("customer.row.C001")
    screen.wait_for_text("customer.balance", "¥256.78")
    assert screen.see(f"receipt.row.{number}")
    screen.page.go_back()


def deposit_at_the_bank(screen):
    """Pay the cash in; return the slip's reference."""
    screen.tap("nav.money")
    screen.tap("money.deposit")
    screen.type("deposit.slip", "SLIP-7788")
    screen.tap("deposit.confirm")
    screen.see("money.cash")
    return "SLIP-7788"


def sync(screen):
    """Ask for a pass by hand and wait until nothing is unsent."""
    screen.tap("sync.chip")
    screen.tap("outbox.sync")
    screen.wait_for_text("sync.chip", "Synced", 60)
    screen.page.go_back()


def approve(desk, number):
    """The supervisor approves the payment in the console."""
    desk.sign_in("wangfang", PASSWORD).go("/approvals")
    row = desk.page.locator("tr", has_text=number)
    row.locator("summary", has_text="Approve").click()
    row.get_by_role("button", name="Approve ¥1,200.00").click()
    desk.page.locator("tr", has_text=number).wait_for(state="detached")


def import_the_statement(desk, folder, slip):
    """The reconciler imports the bank's CSV that holds the deposit, and lets it be matched."""
    statement = folder / "statement.csv"
    statement.write_text(
        "交易日期,收入,支出,对方户名,摘要\n"
        f"{today()},1200.00,,现金存款,ATM存款 {slip}\n"
        f"{today()},35.50,,不明汇款,货款\n",
        encoding="gb18030",
    )
    desk.sign_in("liuyang", PASSWORD).go("/bank")
    desk.page.set_input_files("input[type=file]", statement)
    desk.page.get_by_role("button", name="Preview").click()
    desk.page.get_by_role("button", name="Import 2 lines").click()
    desk.page.locator("tr", has_text=slip).first.wait_for()
    desk.go("/matching")
    desk.page.get_by_role("button", name="Match automatically").click()
    desk.page.wait_for_load_state()


def assert_matched(desk, number):
    """The payment's page says that the bank has it."""
    desk.go(f"/collections?q={number}")
    desk.page.locator("tbody tr", has_text=number).get_by_role("link").first.click()
    desk.page.get_by_text("Matched with a bank line").first.wait_for()


def the_incentive_is_there(screen):
    """1 % of what arrived, and half a per cent more for what was paid on time."""
    screen.tap("nav.me")
    screen.see("me.earned")
    screen.wait_for_text("me.earned", "¥14.00")

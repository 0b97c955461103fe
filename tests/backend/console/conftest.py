"""A browser without a window, and a company with a few facts of every kind, made by the real services."""

import re
from datetime import date, timedelta
from types import SimpleNamespace

import httpx
import pytest

from backend.app import create_app
from backend.approval import service as approval
from backend.auth.actor import SYSTEM
from backend.bank import service as bank
from backend.collection import service as collection
from backend.custody import service as custody
from backend.customer import service as customer
from backend.incentive import service as incentive
from backend.invoice import service as invoice
from backend.matching import service as matching
from shared.clock import to_ms
from shared.collection import AllocationIntent, CollectionRecorded, VoidRequested
from shared.custody import DepositMade, HandOverGiven
from shared.ident import ReceiptNumber, uuid7
from sync.message import Operation
from tests import builders

TOKEN = re.compile(r'name="csrf" value="([0-9a-f]{64})"')
STATEMENT = """Date,Counterparty,Reference,Text,Amount
2026-03-02,江南银行,S-77,现金存款,1000.00
2026-03-02,大华超市,,货款,350.00
"""
MAPPING = """kind = "bank"
[columns]
booked = "Date"
amount = "Amount"
counterparty_name = "Counterparty"
reference = "Reference"
text = "Text"
"""


def operation(clock, kind, device_id, seq):
    """Return an operation's envelope; the services look at who sent it, not at its signature."""
    return Operation(
        id=uuid7(to_ms(clock.now())),
        device_id=device_id,
        seq=seq,
        kind=kind,
        version=1,
        payload="{}",
        device_time_ms=to_ms(clock.now()),
        uptime_ms=0,
        time_token="",
        prev_hash="",
    )


@pytest.fixture
async def facts(database, clock, people):
    """Return the ids of: a customer with three invoices, payments held, claimed, unapplied and one asked void."""
    made = SimpleNamespace()
    day = builders.today(clock)
    async with database.writing() as session:
        made.device = await builders.add_device(session, clock, people.salesperson)
        made.customer = await customer.add(session, SYSTEM, clock, number="C001", name="杭州大华超市")
        await customer.reassign(
            session, SYSTEM, clock, customer_id=made.customer, salesperson_id=people.salesperson.user_id
        )
        made.wicked = await customer.add(
            session, SYSTEM, clock, number="C002", name="<script>alert(1)</script> & Söhne"
        )
        made.invoices = [
            await invoice.issue(
                session, SYSTEM, clock, customer_id=made.customer, number=f"F{n}", kind="invoice", currency="CNY",
                issued_on=day - timedelta(days=60), due_on=day - timedelta(days=late), amount_minor=amount,
            )
            for n, late, amount in ((1, 40, 60_000), (2, 5, 80_000), (3, -10, 120_000))
        ]  # fmt: skip
        await incentive.add_plan(
            session, SYSTEM, clock, valid_from=date(2026, 1, 1), currency="CNY", rate_bp=150, on_time_bp=50
        )
        made.account = await bank.add_account(
            session, SYSTEM, clock, name="Bank of Jiangnan", number="6222000011112222", currency="CNY"
        )
    made.cash = await take(database, clock, people.salesperson, made, 1, 100_000, "cash", ((0, 60_000), (1, 40_000)))
    made.claim = await take(database, clock, people.salesperson, made, 2, 35_000, "code", ((1, 35_000),))
    made.cheque = await take(database, clock, people.salesperson, made, 3, 20_000, "cheque", ())
    return made


async def take(database, clock, who, made, counter, amount, method, parts):
    """Record a payment as the phone would, and return its id."""
    clock.move(minutes=1)
    payload = CollectionRecorded(
        id=uuid7(to_ms(clock.now())),
        customer_id=made.customer,
        salesperson_id=who.user_id,
        currency="CNY",
        amount_minor=amount,
        method=method,
        receipt_number=str(ReceiptNumber("A00", counter)),
        taken_at_ms=to_ms(clock.now()),
        allocations=tuple(AllocationIntent(made.invoices[i], part) for i, part in parts),
    )
    async with database.writing() as session:
        await collection.book(session, who, clock, operation(clock, "collection.record", made.device, counter), payload)
    return payload.id


@pytest.fixture
def statement():
    """Return a bank's file with a deposit and a customer's payment, and how to read it."""
    return SimpleNamespace(content=STATEMENT.encode(), mapping=MAPPING)


@pytest.fixture
def ask_void(database, clock, people, facts):
    """Return a function that asks for the void of a payment and returns the request's id."""

    async def ask(collection_id, reason="wrong customer"):
        payload = VoidRequested(uuid7(to_ms(clock.now())), collection_id, reason)
        envelope = operation(clock, "collection.void", facts.device, 50)
        async with database.writing() as session:
            await collection.request_void(session, people.salesperson, clock, envelope, payload)
        return payload.id

    return ask


@pytest.fixture
def give(database, clock, people, facts):
    """Return a function that hands cash over with a pairing code and returns the hand-over's id."""

    async def hand(amount_minor=100_000, code="482913"):
        payload = HandOverGiven(
            id=uuid7(to_ms(clock.now())),
            giver_id=people.salesperson.user_id,
            currency="CNY",
            kind="cash",
            counted_minor=amount_minor,
            pairing_code=code,
            given_at_ms=to_ms(clock.now()),
        )
        envelope = operation(clock, "custody.hand_over", facts.device, 60)
        async with database.writing() as session:
            await custody.give(session, people.salesperson, clock, envelope, payload)
        return payload.id

    return hand


@pytest.fixture
def money_in(database, clock, people, facts, give):
    """Return a function after which the cash is deposited and approved, and a statement is imported and matched."""

    async def arrive():
        async with database.writing() as session:
            await approval.decide(
                session, people.supervisor, clock, subject_kind="collection", subject_id=facts.cash, decision="approved"
            )
            await custody.deposit(
                session,
                people.salesperson,
                clock,
                DepositMade(
                    uuid7(to_ms(clock.now())), people.salesperson.user_id, facts.account, "CNY", "cash", 100_000,
                    "S-77", "2026-03-02", to_ms(clock.now()),
                ),
            )  # fmt: skip
            await bank.import_file(
                session, people.reconciler, clock, account_id=facts.account, file_name="march.csv",
                content=STATEMENT.encode(), mapping=bank.mappings.from_text(MAPPING, "bank", toml=True),
            )  # fmt: skip
            return await matching.run(session, people.reconciler, clock)

    return arrive


class Browser:
    """An HTTP client that keeps cookies, follows the console's redirects and sends its form tokens."""

    def __init__(self, app):
        transport = httpx.ASGITransport(app, raise_app_exceptions=False)
        self.client = httpx.AsyncClient(transport=transport, base_url="http://localhost", follow_redirects=True)

    async def get(self, path, **headers):
        return await self.client.get(path, headers=headers)

    async def post(self, path, fields=None, *, token=None, files=None, follow=True, **headers):
        if token is None:
            page = await self.client.get("/console/search")
            token = TOKEN.search(page.text)[1]
        body = {"csrf": token, **(fields or {})}
        return await self.client.post(path, data=body, files=files, headers=headers, follow_redirects=follow)

    async def sign_in(self, login, password=builders.PASSWORD):
        page = await self.client.get("/console/sign-in")
        form = {"login": login, "password": password}
        return await self.post("/console/sign-in", form, token=TOKEN.search(page.text)[1], follow=False)


@pytest.fixture
def console_app(database, clock, company):
    """Return the application with the console."""
    return create_app(database, clock)


@pytest.fixture
async def stranger(console_app):
    """Return a browser in which nobody is signed in."""
    browser = Browser(console_app)
    yield browser
    await browser.client.aclose()


@pytest.fixture
async def as_(console_app, people):
    """Return a function that gives a browser in which somebody is signed in: ``await as_("cashier")``."""
    opened = []

    async def browser_of(who):
        browser = Browser(console_app)
        opened.append(browser)
        answer = await browser.sign_in(builders.PEOPLE[who][3])
        assert answer.status_code == 303, answer.text
        return browser

    yield browser_of
    for browser in opened:
        await browser.client.aclose()

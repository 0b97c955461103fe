"""What tests are made of: people with fixed ids and names, and facts made by the real services."""

from datetime import timedelta
from functools import cache
from hashlib import sha256

from argon2 import PasswordHasher

from backend.auth.actor import SYSTEM
from backend.auth.tables import UserAccount
from backend.bank import service as bank
from backend.collection import service as collections
from backend.custody import service as custody
from backend.customer import service as customers
from backend.invoice import service as invoices
from backend.sync.tables import Device
from shared.clock import business_date, to_ms
from shared.collection import AllocationIntent, CollectionRecorded, VoidRequested
from shared.custody import DepositMade, HandOverGiven
from shared.ident import ReceiptNumber, uuid7
from sync.message import Operation

PASSWORD = "correct horse 7"
ZONE = "Asia/Shanghai"

# who -> (user id, role, name, login)
PEOPLE = {
    "salesperson": ("00000000-0000-7000-8000-000000000001", "salesperson", "Li Na", "lina"),
    "other_salesperson": ("00000000-0000-7000-8000-000000000002", "salesperson", "Zhang Wei", "zhangwei"),
    "supervisor": ("00000000-0000-7000-8000-000000000003", "supervisor", "Wang Fang", "wangfang"),
    "other_supervisor": ("00000000-0000-7000-8000-000000000004", "supervisor", "Xu Lei", "xulei"),
    "cashier": ("00000000-0000-7000-8000-000000000005", "cashier", "Chen Jie", "chenjie"),
    "reconciler": ("00000000-0000-7000-8000-000000000006", "reconciler", "Liu Yang", "liuyang"),
    "credit": ("00000000-0000-7000-8000-000000000007", "credit", "Zhao Min", "zhaomin"),
    "auditor": ("00000000-0000-7000-8000-000000000008", "auditor", "Sun Li", "sunli"),
    "admin": ("00000000-0000-7000-8000-000000000009", "admin", "Zhou Bin", "zhoubin"),
}


@cache
def password_hash():
    """Return the argon2id hash of PASSWORD, made cheaply and once for all tests."""
    return PasswordHasher(time_cost=1, memory_cost=8, parallelism=1).hash(PASSWORD)


async def add_people(session, clock):
    """Add everybody; beside the service only because nine honest password hashes a test would take a second."""
    for user_id, role, name, login in PEOPLE.values():
        session.add(
            UserAccount(
                id=user_id,
                login=login,
                name=name,
                role=role,
                password_hash=password_hash(),
                language="en",
                active=True,
                created_at_ms=to_ms(clock.now()),
                failed_count=0,
                locked_until_ms=0,
            )
        )
    await session.flush()


def today(clock):
    """Return the company's calendar day."""
    return business_date(to_ms(clock.now()), ZONE)


def new_id(clock):
    """Return a fresh id of this moment."""
    return uuid7(to_ms(clock.now()))


async def add_device(session, clock, actor, series="A00"):
    """Add an enrolled phone of a person whose key nobody has: enough for whatever only looks at the device."""
    device = Device(
        id=new_id(clock),
        user_id=actor.user_id,
        name="Phone",
        public_key=sha256(series.encode()).hexdigest(),
        series=series,
        app_version="0.1.0",
        enrolled_at_ms=to_ms(clock.now()),
        seen_at_ms=to_ms(clock.now()),
        clock_offset_ms=0,
        revoked_at_ms=None,
    )
    session.add(device)
    await session.flush()
    return device.id


async def add_customer(session, clock, salesperson, number="C001", name="Laozhou Groceries", **fields):
    """Add a customer of a salesperson's and return its id."""
    return await customers.add(
        session, SYSTEM, clock, number=number, name=name, salesperson_id=salesperson.user_id, **fields
    )


async def add_invoice(
    session, clock, customer_id, number, amount_minor, *, due_on=None, kind="invoice", currency="CNY"
):
    """Issue an invoice (due today, issued thirty days before) and return its id."""
    due_on = due_on or today(clock)
    return await invoices.issue(
        session,
        SYSTEM,
        clock,
        customer_id=customer_id,
        number=number,
        kind=kind,
        issued_on=due_on - timedelta(days=30),
        due_on=due_on,
        currency=currency,
        amount_minor=amount_minor,
    )


def operation(clock, kind="collection.record"):
    """Return an operation as the phone would have sent it, without what the sync layer alone looks at."""
    return Operation(
        id=new_id(clock),
        device_id="00000000-0000-7000-8000-0000000000d1",
        seq=1,
        kind=kind,
        version=1,
        payload="{}",
        device_time_ms=to_ms(clock.now()),
        uptime_ms=0,
        time_token="",
        prev_hash="",
    )


async def collect(session, clock, actor, customer_id, amount_minor, parts=(), *, method="cash", counter=1, **fields):
    """Record a payment over (invoice id, minor units) parts and return its id."""
    payload = CollectionRecorded(
        id=new_id(clock),
        customer_id=customer_id,
        salesperson_id=actor.user_id,
        currency=fields.pop("currency", "CNY"),
        amount_minor=amount_minor,
        method=method,
        receipt_number=str(ReceiptNumber("A00", counter)),
        taken_at_ms=to_ms(clock.now()),
        allocations=tuple(AllocationIntent(*part) for part in parts),
        **fields,
    )
    await collections.book(session, actor, clock, operation(clock), payload)
    return payload.id


async def ask_void(session, clock, actor, collection_id, reason="typed twice"):
    """Ask for a void and return the request's id."""
    payload = VoidRequested(new_id(clock), collection_id, reason)
    await collections.request_void(session, actor, clock, operation(clock, "collection.void"), payload)
    return payload.id


async def hand_over(session, clock, giver, receiver, amount_minor, *, counted_minor=None, kind="cash", code="123456"):
    """Hand money over in both halves and return the hand-over's id."""
    payload = HandOverGiven(new_id(clock), giver.user_id, "CNY", kind, amount_minor, code, to_ms(clock.now()), note="")
    await custody.give(session, giver, clock, operation(clock, "custody.hand_over"), payload)
    counted = amount_minor if counted_minor is None else counted_minor
    return await custody.receive(session, receiver, clock, pairing_code=code, counted_minor=counted)


async def deposit(session, clock, actor, account_id, amount_minor, *, slip="SLIP1", kind="cash"):
    """Pay held money in at the bank and return the deposit's id."""
    payload = DepositMade(
        id=new_id(clock),
        holder_id=actor.user_id,
        bank_account_id=account_id,
        currency="CNY",
        kind=kind,
        amount_minor=amount_minor,
        slip_reference=slip,
        deposited_on=today(clock).isoformat(),
        deposited_at_ms=to_ms(clock.now()),
    )
    await custody.deposit(session, actor, clock, payload)
    return payload.id


async def add_account(session, clock, number="6222000011", currency="CNY"):
    """Add one of the company's bank accounts and return its id."""
    return await bank.add_account(session, SYSTEM, clock, name="ICBC", number=number, currency=currency)


async def state(session, clock, actor, account_id, *lines):
    """Import a statement of (amount as decimal text, reference) lines booked today and return its outcome."""
    rows = ["Date,Amount,Reference,Description"]
    rows += [f"{today(clock).isoformat()},{amount},{reference},{reference}" for amount, reference in lines]
    return await bank.import_file(
        session,
        actor,
        clock,
        account_id=account_id,
        file_name="statement.csv",
        content="\n".join(rows).encode(),
    )

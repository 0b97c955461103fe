"""A small company in the field: customers with invoices, and phones with the real engine over an unreliable line."""

import secrets
from dataclasses import dataclass, field
from datetime import date

import msgspec
import pytest

from backend.collection.queries import standings
from backend.customer import service as customers
from backend.invoice import service as invoices
from backend.ledger import queries as ledger
from backend.sync import service as sync_service
from backend.sync.queries import operation_counts
from shared.clock import to_ms
from shared.collection import AllocationIntent, CollectionRecorded, VoidRequested
from shared.custody import DepositMade, HandOverGiven
from shared.ident import ReceiptNumber, uuid7
from shared.refusal import Refused
from sync import outbox, signing, wire
from sync.engine import Engine
from sync.message import Batch, EnrolRequest, Operation, Page, PullRequest, PushAnswer
from sync.port import Identity, TransportFailed

AMOUNT = 100_000


class Field:
    """The company's side of a test: make facts by the real services, ask what the books say."""

    def __init__(self, database, clock, people):
        self.database, self.clock, self.people = database, clock, people
        self.customer = self.other_customer = ""
        self.invoices, self.other_invoices = [], []

    async def open_shop(self):
        async with self.database.writing() as session:
            self.customer = await self._customer(session, "C1", self.people.salesperson)
            self.other_customer = await self._customer(session, "C2", self.people.other_salesperson)
        self.invoices = [await self.invoice(self.customer, f"A{n}") for n in (1, 2, 3)]
        self.other_invoices = [await self.invoice(self.other_customer, f"B{n}") for n in (1, 2, 3)]

    async def _customer(self, session, number, salesperson):
        one = await customers.add(session, self.people.admin, self.clock, number=number, name=f"Shop {number}")
        await customers.reassign(
            session, self.people.admin, self.clock, customer_id=one, salesperson_id=salesperson.user_id
        )
        return one

    async def invoice(self, customer_id, number, amount_minor=AMOUNT, kind="invoice"):
        async with self.database.writing() as session:
            return await invoices.issue(
                session, self.people.reconciler, self.clock, customer_id=customer_id, number=number, kind=kind,
                issued_on=date(2026, 2, 1), due_on=date(2026, 3, 31), currency="CNY", amount_minor=amount_minor,
            )  # fmt: skip

    async def phone(self, actor=None):
        """Enrol a phone for a salesperson (the first one unless told)."""
        actor = actor or self.people.salesperson
        private, public = signing.new_key()
        async with self.database.writing() as session:
            answer = await sync_service.enrol(
                session, actor, self.clock, EnrolRequest(public_key=public, device_name="test")
            )
        return Phone(self, actor, private, answer)

    async def open_minor(self, *invoice_ids):
        async with self.database.reading() as reader:
            found = await ledger.open_minor(reader, list(invoice_ids))
        return [found[one] for one in invoice_ids]

    async def balance(self, kind, key):
        async with self.database.reading() as reader:
            return await ledger.balance_minor(reader, kind, key, "CNY")

    async def standing(self, collection_id):
        async with self.database.reading() as reader:
            return (await standings(reader, [collection_id]))[collection_id]

    async def operations(self):
        async with self.database.reading() as reader:
            return await operation_counts(reader)

    async def ledger_sum(self):
        """Sum every posting there is: always zero."""
        from sqlalchemy import func, select

        from backend.ledger.tables import PostingRow

        async with self.database.reading() as reader:
            return int(await reader.scalar(select(func.coalesce(func.sum(PostingRow.amount_minor), 0))))

    async def rows(self, table):
        from sqlalchemy import select

        async with self.database.reading() as reader:
            return list(await reader.scalars(select(table)))


@dataclass
class MemoryStore:
    """A phone's store in memory: each method is one step, as each is one transaction on a real phone."""

    who: Identity
    operations: list[Operation] = field(default_factory=list)
    verdicts: dict = field(default_factory=dict)
    mirror: dict = field(default_factory=dict)
    at: str = ""
    lease: tuple[str, int] | None = None
    held_tokens: object = None
    time_token: str = ""

    async def lock(self, owner, now_ms, until_ms):
        if self.lease and self.lease[0] != owner and self.lease[1] > now_ms:
            return False
        self.lease = (owner, until_ms)
        return True

    async def unlock(self, owner):
        if self.lease and self.lease[0] == owner:
            self.lease = None

    async def identity(self):
        return self.who

    async def unsettled(self, after_seq, limit):
        waiting = [one for one in self.operations if one.seq > after_seq and not outbox.settles(self._status(one.id))]
        return waiting[:limit]

    def _status(self, operation_id):
        verdict = self.verdicts.get(operation_id)
        return verdict.status if verdict else ""

    async def settle(self, answer):
        known = {one.id for one in self.operations}
        self.verdicts |= {verdict.id: verdict for verdict in answer.verdicts if verdict.id in known}
        self.time_token = answer.time_token

    async def resend(self, from_seq):
        again = [one for one in self.operations if one.seq >= from_seq]
        for one in again:
            self.verdicts.pop(one.id, None)
        return len(again)

    async def adopt_epoch(self, epoch):
        self.who = Identity(
            self.who.device_id, self.who.series, epoch, self.who.user_id, self.who.user_name, self.who.role
        )
        self.verdicts, self.at = {}, ""

    async def cursor(self):
        return self.at

    async def apply_page(self, page):
        if page.restart:
            self.mirror = {}
        self.mirror |= {(kind, one): msgspec.json.decode(row) for kind, one, row in page.rows}
        for key in page.removals:
            self.mirror.pop(tuple(key), None)
        self.at, self.time_token = page.cursor, page.time_token

    async def tokens(self):
        return self.held_tokens

    async def keep_tokens(self, tokens):
        self.held_tokens = tokens


class Line:
    """A line to the server that loses what it is told to: requests, or replies after COMMIT."""

    def __init__(self, field, actor):
        self.field, self.actor = field, actor
        self.lost_requests = self.lost_replies = 0
        self.answer_with = None  # what stands between answers instead of the server: (status, content type, body)

    async def push(self, body):
        if self.answer_with:
            return wire.read(*self.answer_with, PushAnswer)
        if self.lost_requests:
            self.lost_requests -= 1
            raise TransportFailed("network", "unreachable")
        batch = msgspec.json.decode(body, type=Batch)
        try:
            async with self.field.database.writing() as session:
                answer = await sync_service.push(session, self.field.clock, batch)
        except Refused as refused:
            raise self._failed(refused) from None
        if self.lost_replies:
            self.lost_replies -= 1
            raise TransportFailed("network", "timeout")
        return msgspec.json.decode(wire.encode(answer), type=PushAnswer)

    async def pull(self, request, access_token):
        if self.answer_with:
            return wire.read(*self.answer_with, Page)
        try:
            async with self.field.database.reading() as reader:
                page = await sync_service.pull(reader, self.actor, self.field.clock, request)
        except Refused as refused:
            raise self._failed(refused) from None
        return msgspec.json.decode(wire.encode(page), type=Page)

    def _failed(self, refused):
        """Turn a refusal into what the phone makes of the server's answer."""
        body = msgspec.json.encode({"code": refused.code, "title": refused.what})
        with pytest.raises(TransportFailed) as failure:
            wire.read(refused.row.status, "application/problem+json", body, PushAnswer)
        return failure.value

    async def enrol(self, request, access_token=""):
        raise TransportFailed("business", "not_here")

    async def sign_in(self, request):
        raise TransportFailed("auth", "sign_in_failed")

    async def refresh(self, request):
        raise TransportFailed("auth", "token_expired")


class Phone:
    """One phone: makes chained operations and synchronises them with the real engine."""

    def __init__(self, field, actor, private_key, answer):
        self.field, self.actor, self.private_key = field, actor, private_key
        self.device_id, self.series, self.epoch = answer.device_id, answer.series, answer.epoch
        self.store = MemoryStore(
            Identity(answer.device_id, answer.series, answer.epoch, answer.user_id, answer.user_name, answer.role)
        )
        self.store.time_token = answer.time_token
        self.line = Line(field, actor)
        self.counter = answer.next_counter - 1

    def sign(self, message):
        return signing.sign(self.private_key, message)

    async def sync(self):
        return await Engine(self.store, self.line, self.field.clock, self.sign, secrets.token_hex(4)).run()

    def operation(self, kind, payload, /, **other):
        """Chain one more operation; ``payload`` is a dataclass, or text to send as it is."""
        now = to_ms(self.field.clock.now())
        last = self.store.operations[-1] if self.store.operations else None
        text = payload if isinstance(payload, str) else msgspec.json.encode(payload).decode()
        values = {
            "id": uuid7(now), "device_id": self.device_id, "seq": last.seq + 1 if last else 1, "kind": kind,
            "version": 1, "payload": text, "device_time_ms": now, "uptime_ms": self.field.clock.uptime_ms(),
            "time_token": self.store.time_token, "prev_hash": last.hash if last else "",
        }  # fmt: skip
        made = Operation(**values | other)
        self.store.operations.append(made)
        return made

    def payment(self, amount_minor=AMOUNT, *invoice_parts, customer_id=None, method="cash", **other):
        """Return the payload of a payment over (invoice, amount) pairs."""
        self.counter += 1
        now = to_ms(self.field.clock.now())
        values = {
            "id": uuid7(now), "customer_id": customer_id or self.field.customer,
            "salesperson_id": self.actor.user_id, "currency": "CNY", "amount_minor": amount_minor, "method": method,
            "receipt_number": str(ReceiptNumber(self.series, self.counter)), "taken_at_ms": now,
            "allocations": tuple(AllocationIntent(*part) for part in invoice_parts),
        }  # fmt: skip
        return CollectionRecorded(**values | other)

    def collect(self, amount_minor=AMOUNT, *invoice_parts, **other):
        """Record a payment and return its payload."""
        self.field.clock.move(seconds=1)
        payload = self.payment(amount_minor, *invoice_parts, **other)
        self.operation("collection.record", payload)
        return payload

    def ask_void(self, collection_id, reason="typed wrongly"):
        payload = VoidRequested(uuid7(to_ms(self.field.clock.now())), collection_id, reason)
        self.operation("collection.void", payload)
        return payload

    def hand_over(self, counted_minor, pairing_code="123456", kind="cash"):
        now = to_ms(self.field.clock.now())
        payload = HandOverGiven(uuid7(now), self.actor.user_id, "CNY", kind, counted_minor, pairing_code, now)
        self.operation("custody.hand_over", payload)
        return payload

    def deposit(self, amount_minor, account_id, slip="S1"):
        now = to_ms(self.field.clock.now())
        payload = DepositMade(
            uuid7(now), self.actor.user_id, account_id, "CNY", "cash", amount_minor, slip, "2026-03-02", now
        )
        self.operation("custody.deposit", payload)
        return payload

    def batch(self, operations=None):
        """Seal operations (all unless told) into one batch, as the engine does."""
        return outbox.sealed(self.device_id, self.epoch, operations or self.store.operations, self.sign)

    async def push(self, operations=None):
        """Push at once, past the engine; return the server's answer."""
        async with self.field.database.writing() as session:
            return await sync_service.push(session, self.field.clock, self.batch(operations))

    async def pull(self, cursor="", limit=5_000):
        async with self.field.database.reading() as reader:
            return await sync_service.pull(reader, self.actor, self.field.clock, PullRequest(cursor, limit))

    def status_of(self, operation):
        return self.store.verdicts[operation.id].status

    def seen(self, kind):
        return {one: row for (what, one), row in self.store.mirror.items() if what == kind}

"""What travels between phone and server: operations, verdicts, feed pages and the rows in them.

Rows are arrays on the wire (``array_like``): field order is part of the protocol, new fields go last with a default.
"""

from __future__ import annotations

import hashlib
from typing import Literal

import msgspec

from shared.collection import CollectionRecorded, VoidRequested
from shared.custody import DepositMade, HandOverGiven

PROTOCOL = 1
BATCH_OPERATIONS = 500
BATCH_BYTES = 256 * 1024
PAGE_ROWS = 5_000

# kind -> payload; the payload's own schema version is the operation's ``version``
PAYLOADS: dict[str, type] = {
    "collection.record": CollectionRecorded,
    "collection.void": VoidRequested,
    "custody.hand_over": HandOverGiven,
    "custody.deposit": DepositMade,
}


class Operation(msgspec.Struct, frozen=True):
    """One immutable thing that a phone did. ``payload`` is JSON text whose bytes never change on the way."""

    id: str
    device_id: str
    seq: int
    kind: str
    version: int
    payload: str
    device_time_ms: int
    uptime_ms: int
    time_token: str
    prev_hash: str

    @property
    def hash(self) -> str:
        """SHA-256 (hex) over every field in order, each followed by a line feed, the payload last."""
        head = (
            "fieldtill-operation-1",
            self.id,
            self.device_id,
            str(self.seq),
            self.kind,
            str(self.version),
            str(self.device_time_ms),
            str(self.uptime_ms),
            self.time_token,
            self.prev_hash,
        )
        return hashlib.sha256("\n".join((*head, self.payload)).encode()).hexdigest()


class Batch(msgspec.Struct, frozen=True):
    """Operations of one device in sequence, with one Ed25519 signature (hex) over ``head_message``."""

    device_id: str
    epoch: str
    operations: list[Operation]
    signature: str
    protocol: int = PROTOCOL

    @property
    def head_message(self) -> bytes:
        """What is signed: the hash of the last operation chains all before it."""
        head = self.operations[-1].hash if self.operations else ""
        return f"fieldtill-batch-1\n{self.device_id}\n{self.epoch}\n{head}".encode()


class Verdict(msgspec.Struct, frozen=True, omit_defaults=True):
    """The server's answer to one operation; ``what`` and ``next`` say a refusal in the device's language."""

    id: str
    status: Literal["accepted", "duplicate", "held", "quarantined"]
    code: str = ""
    what: str = ""
    next: str = ""


class PushAnswer(msgspec.Struct, frozen=True):
    """One verdict per operation, and what the server knows of the device's chain after this batch."""

    epoch: str
    verdicts: list[Verdict]
    next_seq: int
    time_token: str


class PullRequest(msgspec.Struct, frozen=True):
    """Ask for what changed after a cursor (empty: from the beginning)."""

    cursor: str = ""
    limit: int = PAGE_ROWS
    protocol: int = PROTOCOL


class Page(msgspec.Struct, frozen=True):
    """Changed records as ``[kind, id, row]`` and removals as ``[kind, id]``, complete up to ``cursor``.

    ``restart`` tells the phone to drop its mirror first (new epoch or scope). A page never cuts a
    transaction's changes.
    """

    epoch: str
    rows: list[tuple[str, str, msgspec.Raw]]
    removals: list[tuple[str, str]]
    cursor: str
    more: bool
    time_token: str
    restart: bool = False


class EnrolRequest(msgspec.Struct, frozen=True):
    """Bind a phone's public key (Ed25519, raw, hex) to a user: by one-time code, or by a signed-in user."""

    public_key: str
    code: str = ""
    device_name: str = ""
    app_version: str = ""


class EnrolAnswer(msgspec.Struct, frozen=True):
    """What a phone knows of itself after enrolment."""

    device_id: str
    series: str
    next_seq: int
    next_counter: int
    epoch: str
    time_token: str
    user_id: str
    user_name: str
    role: str
    tokens: Tokens


class SignInRequest(msgspec.Struct, frozen=True):
    """User name and password; ``device_id`` when the phone is enrolled already."""

    login: str
    password: str
    device_id: str = ""


class RefreshRequest(msgspec.Struct, frozen=True):
    """Exchange a refresh token for a new pair; the old one is spent."""

    refresh_token: str


class Tokens(msgspec.Struct, frozen=True):
    """A 15-minute access token and a rotating refresh token."""

    access_token: str
    refresh_token: str
    expires_at_ms: int
    user_id: str = ""
    user_name: str = ""
    role: str = ""


# ---- rows of the feed, by kind ----


class BankAccountRow(msgspec.Struct, frozen=True, array_like=True):
    """A company account that money may be deposited on."""

    id: str
    name: str
    number: str
    currency: str


class CompanyRow(msgspec.Struct, frozen=True, array_like=True):
    """What a phone needs of the company: one row, id ``company``."""

    name: str
    zone: str
    currency: str
    methods: list[str]
    carry_limit_minor: int
    month_target_minor: int
    paycode: dict[str, str]  # the payment code: its ``scheme`` and that scheme's words (shared.paycode)
    bank_accounts: list[BankAccountRow]


class CustomerRow(msgspec.Struct, frozen=True, array_like=True):
    """A customer of the salesperson's."""

    number: str
    name: str
    pinyin: str
    class_code: str
    phone: str
    address: str
    contact: str
    terms_days: int
    limit_minor: int
    currency: str
    on_hold: bool
    unapplied_minor: int


class InvoiceRow(msgspec.Struct, frozen=True, array_like=True):
    """An open invoice or credit note; removed from the feed when nothing is open. Dates are ISO."""

    customer_id: str
    number: str
    kind: str
    issued_on: str
    due_on: str
    currency: str
    amount_minor: int
    open_minor: int


class AppliedRow(msgspec.Struct, frozen=True, array_like=True):
    """What became of one intent on the server."""

    invoice_id: str
    invoice_number: str
    intended_minor: int
    applied_minor: int


class CollectionRow(msgspec.Struct, frozen=True, array_like=True):
    """A collection of the salesperson's as the server sees it; facts apart, never one status."""

    customer_id: str
    currency: str
    amount_minor: int
    method: str
    receipt_number: str
    taken_at_ms: int
    applied: list[AppliedRow]
    unapplied_minor: int
    held_minor: int  # what the salesperson still holds of it
    decision: str  # "" | "approved" | "rejected"
    reason: str
    void: str  # "" | "asked" | "voided" | "refused"
    matched_minor: int
    flags: list[str]


class RemittanceRow(msgspec.Struct, frozen=True, array_like=True):
    """A hand-over or deposit of the salesperson's."""

    kind: str  # "hand_over" | "deposit"
    currency: str
    amount_minor: int
    at_ms: int
    reference: str  # pairing code or slip
    state: str  # "awaiting" | "refused" | "posted" | "matched"
    received_minor: int
    other: str  # who received it, or the bank account's name


class IncentiveRow(msgspec.Struct, frozen=True, array_like=True):
    """One vested or clawed-back line, or (state ``pending``) what is still on its way for one collection."""

    currency: str
    amount_minor: int
    kind: str  # shared.incentive.KINDS
    state: str  # "vested" | "clawed_back" | "pending"
    subject: str  # collection id, or month for "target"
    title: str  # receipt number or month
    base_minor: int
    rate_bp: int
    plan_version: int
    at_ms: int


class NoticeRow(msgspec.Struct, frozen=True, array_like=True):
    """Something a person must know: a rejection, a changed allocation, an operation settled by a person."""

    at_ms: int
    subject_kind: str
    subject_id: str
    code: str
    values: dict[str, str]


ROWS: dict[str, type] = {
    "company": CompanyRow,
    "customer": CustomerRow,
    "invoice": InvoiceRow,
    "collection": CollectionRow,
    "remittance": RemittanceRow,
    "incentive": IncentiveRow,
    "notice": NoticeRow,
}

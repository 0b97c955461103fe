"""What the engine needs of a phone: a way to the server, and a store that survives being killed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, Protocol

from sync.message import (
    EnrolAnswer,
    EnrolRequest,
    Operation,
    Page,
    PullRequest,
    PushAnswer,
    RefreshRequest,
    SignInRequest,
    Tokens,
)

# network: try later · auth: sign in again (pushing goes on) · version: update the app · business: the server refused
# this request for a reason a person must see · server: its fault, try later
FailureKind = Literal["network", "auth", "version", "business", "server"]


class TransportFailed(Exception):
    """No usable answer. ``code`` is the server's refusal code or a word; ``wait_ms`` what Retry-After asked for."""

    def __init__(self, kind: FailureKind, code: str = "", what: str = "", wait_ms: int = 0) -> None:
        """Say which class of failure this is; ``what`` is the server's sentence, when it gave one."""
        self.kind = kind
        self.code = code
        self.what = what
        self.wait_ms = wait_ms
        super().__init__(f"{kind}: {code} {what}".strip())


@dataclass(frozen=True, slots=True)
class Identity:
    """What a phone knows of itself since enrolment; ``epoch`` moves when the server was restored."""

    device_id: str
    series: str
    epoch: str
    user_id: str
    user_name: str
    role: str


class Transport(Protocol):
    """Calls to the server. Every method raises ``TransportFailed`` and nothing else; see ``sync.wire.read``.

    ``access_token`` may be empty or expired: the server then answers 401, which is the kind ``auth``.
    """

    async def enrol(self, request: EnrolRequest, access_token: str = "") -> EnrolAnswer:
        """POST /api/sync/enrol: by one-time code, or (empty code) by the access token of a signed-in user."""

    async def sign_in(self, request: SignInRequest) -> Tokens:
        """POST /api/auth/sign-in."""

    async def refresh(self, request: RefreshRequest) -> Tokens:
        """POST /api/auth/refresh."""

    async def push(self, batch: bytes) -> PushAnswer:
        """POST /api/sync/push with a batch already encoded by ``sync.wire.encode``; needs no token."""

    async def pull(self, request: PullRequest, access_token: str) -> Page:
        """POST /api/sync/pull."""


class Store(Protocol):
    """The phone's database as the engine sees it. Each method is one durable transaction."""

    async def lock(self, owner: str, now_ms: int, until_ms: int) -> bool:
        """Take the drain lease for ``owner`` unless another owner holds one that has not run out; say if it worked.

        The lease is a row in the database (two processes, a timer and a button all meet it). Taking one's own again
        prolongs it.
        """

    async def unlock(self, owner: str) -> None:
        """Give the lease back; nothing happens when another owner has it."""

    async def identity(self) -> Identity | None:
        """Return who this phone is; ``None`` before enrolment."""

    async def unsettled(self, after_seq: int, limit: int) -> list[Operation]:
        """Return unsettled operations with ``seq > after_seq`` in sequence, ``limit`` at most."""

    async def settle(self, answer: PushAnswer) -> None:
        """Keep each verdict with its operation, and the answer's time token, in one transaction.

        ``accepted``, ``duplicate`` and ``quarantined`` settle an operation, ``held`` only marks it
        (``sync.outbox.settles``); ids that the answer does not name, or that this store does not know, change nothing.
        """

    async def resend(self, from_seq: int) -> int:
        """Make kept operations with ``seq >= from_seq`` unsettled again (the server misses them); return how many."""

    async def adopt_epoch(self, epoch: str) -> None:
        """Note a restored server: new epoch, every kept operation unsettled again, cursor empty; one transaction."""

    async def cursor(self) -> str:
        """Return the cursor of the last applied page; empty at first."""

    async def apply_page(self, page: Page) -> None:
        """Store rows, removals, cursor and time token in one transaction; ``restart`` drops the mirror first.

        Applying a page twice changes nothing. Nothing that an unsettled operation points to is deleted from view.
        """

    async def tokens(self) -> Tokens | None:
        """Return the tokens of the signed-in user; ``None`` when signed out."""

    async def keep_tokens(self, tokens: Tokens | None) -> None:
        """Keep a new pair, or forget the pair (``None``: the sign-in is over; operations stay)."""

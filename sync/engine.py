"""One pass of synchronising: lock, push until nothing is left, pull until nothing is new, report."""

from __future__ import annotations

import hashlib
from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import msgspec

from shared.clock import to_ms
from shared.collection import CollectionRecorded
from sync import outbox, wire
from sync.message import BATCH_OPERATIONS, Operation, Page, PullRequest, PushAnswer, RefreshRequest
from sync.port import TransportFailed

if TYPE_CHECKING:
    from collections.abc import Callable

    from shared.clock import Clock
    from sync.port import Identity, Store, Transport

LEASE_MS = 120_000  # longer than any one request may take


@dataclass
class Report:
    """What one pass did: operations by verdict, money by currency, rows; and what stopped it, if anything."""

    busy: bool = False  # another drain holds the lease: nothing was done
    verdicts: Counter[str] = field(default_factory=Counter)
    pushed_minor: Counter[str] = field(default_factory=Counter)  # by currency: payments that the server has now
    rows: int = 0
    removals: int = 0
    fingerprint: str = ""  # SHA-256 over the settled operations' hashes, in the order in which they were sent
    push_failure: TransportFailed | None = None
    pull_failure: TransportFailed | None = None

    @property
    def failure(self) -> TransportFailed | None:
        """The failure that decides when to try again."""
        return self.push_failure or self.pull_failure


@dataclass
class Engine:
    """The checklist. ``owner`` names this process in the lease; ``sign`` signs with the device's key."""

    store: Store
    transport: Transport
    clock: Clock
    sign: Callable[[bytes], str]
    owner: str

    async def run(self) -> Report:
        """Make one pass; never raises for the network or the server, always gives the lease back."""
        report = Report()
        if not await self._lock():
            report.busy = True
            return report
        try:
            identity = await self.store.identity()
            if identity:
                await self._push(identity, report)
                if not report.push_failure or report.push_failure.kind not in ("network", "server"):
                    await self._pull(report)
        finally:
            await self.store.unlock(self.owner)
        return report

    async def _lock(self) -> bool:
        now_ms = to_ms(self.clock.now())
        return await self.store.lock(self.owner, now_ms, now_ms + LEASE_MS)

    async def _push(self, identity: Identity, report: Report) -> None:
        """Send unsettled operations batch by batch; the server's next number tells whether to go back once."""
        after, most, went_back = 0, BATCH_OPERATIONS, False
        epoch, digest = identity.epoch, hashlib.sha256()
        while operations := await self.store.unsettled(after, most):
            batch = next(outbox.batches(operations, most=most))
            answer = await self._send(outbox.sealed(identity.device_id, epoch, batch, self.sign), report)
            if answer is None:
                if _too_large(report) and len(batch) > 1:
                    report.push_failure, most = None, len(batch) // 2
                    continue
                break
            await self.store.settle(answer)
            _tally(report, batch, answer, digest)
            if answer.epoch != epoch:  # the server was restored: it may lack what it once acknowledged
                epoch, after = answer.epoch, 0
                await self.store.adopt_epoch(epoch)
            elif answer.next_seq <= batch[-1].seq and not went_back:
                went_back, after = True, answer.next_seq - 1
                await self.store.resend(answer.next_seq)
            else:
                after = batch[-1].seq
            if not await self._lock():
                break
        report.fingerprint = digest.hexdigest()

    async def _send(self, batch: object, report: Report) -> PushAnswer | None:
        try:
            return await self.transport.push(wire.encode(batch))
        except TransportFailed as failure:
            report.push_failure = failure
            return None

    async def _pull(self, report: Report) -> None:
        """Fetch and apply page after page; rows and cursor are one transaction of the store."""
        more = True
        while more and await self._lock():
            request = PullRequest(cursor=await self.store.cursor())
            try:
                page = await self._page(request)
            except TransportFailed as failure:
                if failure.code != "cursor_invalid" or not request.cursor:
                    report.pull_failure = failure
                    return
                again = await self._afresh(report)
                if again is None:
                    return
                page = again
            await self.store.apply_page(page)
            report.rows += len(page.rows)
            report.removals += len(page.removals)
            more = page.more

    async def _afresh(self, report: Report) -> Page | None:
        """Ask from the beginning, because the server does not know our cursor."""
        try:
            return await self._page(PullRequest())
        except TransportFailed as failure:
            report.pull_failure = failure
            return None

    async def _page(self, request: PullRequest) -> Page:
        """Ask for a page with the access token; a token that ran out is renewed once."""
        tokens = await self.store.tokens()
        try:
            return await self.transport.pull(request, tokens.access_token if tokens else "")
        except TransportFailed as failure:
            if failure.kind != "auth" or tokens is None:
                raise
        try:
            tokens = await self.transport.refresh(RefreshRequest(tokens.refresh_token))
        except TransportFailed as failure:
            if failure.kind == "auth":
                await self.store.keep_tokens(None)
            raise
        await self.store.keep_tokens(tokens)
        return await self.transport.pull(request, tokens.access_token)


def _too_large(report: Report) -> bool:
    return report.push_failure is not None and report.push_failure.code == "batch_too_large"


def _tally(report: Report, batch: list[Operation], answer: PushAnswer, digest: hashlib._Hash) -> None:
    """Count only what the answer names: verdicts by status, payments by currency."""
    verdicts = {verdict.id: verdict.status for verdict in answer.verdicts}
    for operation in batch:
        status = verdicts.get(operation.id)
        if status is None:
            continue
        report.verdicts[status] += 1
        if outbox.settles(status):
            digest.update(operation.hash.encode())
        if operation.kind == "collection.record" and status in ("accepted", "duplicate"):
            payment = msgspec.json.decode(operation.payload, type=CollectionRecorded)
            report.pushed_minor[payment.currency] += payment.amount_minor

"""When the engine runs: a timer with back-off and jitter; a new fact or a tap only wakes it."""

from __future__ import annotations

import asyncio
import secrets
from contextlib import suppress

from mobile.device.keys import signer
from mobile.session import Phone, refusal_of
from mobile.store import meta
from sync import backoff
from sync.engine import Engine, Report
from sync.port import Transport

_BUSY_MS = 2_000  # another drain holds the lease


class Syncing:
    """One loop in one session; the lease in the store keeps a second one from draining at the same time."""

    def __init__(self, phone: Phone) -> None:
        """Belong to a phone, whose ``wake`` is from now on this loop's."""
        self.phone = phone
        self.owner = secrets.token_hex(8)
        self.attempt = 0
        self._woken = asyncio.Event()
        self._transport: Transport | None = None
        phone.wake = self.wake

    def wake(self) -> None:
        """Make the next pass start now."""
        self._woken.set()

    async def run(self) -> None:
        """Run until cancelled; nothing that a pass raises ends the loop."""
        while True:
            self._woken.clear()
            wait_ms = await self._pass()
            with suppress(TimeoutError):
                await asyncio.wait_for(self._woken.wait(), wait_ms / 1000)

    async def _pass(self) -> int:
        """Make one pass and return how long to wait for the next, in milliseconds."""
        phone, chance = self.phone, secrets.randbelow(1000) / 1000
        if phone.state.gate != "open" or not phone.server:
            return backoff.idle_ms(chance)
        phone.sync.running = True
        try:
            report = await self.once()
            await self._tell(report)
        except Exception as error:  # noqa: BLE001 - the loop outlives whatever one pass met
            phone.report(error)
            return backoff.idle_ms(chance)
        finally:
            phone.sync.running = False
        if report.failure:
            self.attempt += 1
            return backoff.wait_ms(report.failure, self.attempt - 1, chance)
        self.attempt = 0
        return _BUSY_MS if report.busy else backoff.idle_ms(chance)

    async def once(self) -> Report:
        """Make one pass of the engine."""
        phone = self.phone
        self._transport = self._transport or phone.connect(phone.server)
        engine = Engine(phone.store, self._transport, phone.clock, await signer(phone.keys), self.owner)
        return await engine.run()

    async def _tell(self, report: Report) -> None:
        phone, failure = self.phone, report.failure
        if report.busy:
            return
        phone.sync.failure = failure.kind if failure else ""
        phone.sync.failure_text = refusal_of(failure).what if failure else ""
        if failure is None:
            phone.sync.synced_at_ms = phone.now_ms
            await meta.put(phone.database, "synced_at_ms", str(phone.now_ms))
        if report.verdicts or report.rows or report.removals:
            await phone.changed()

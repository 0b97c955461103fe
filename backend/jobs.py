"""Work that the server does by itself while it runs: each job is a service function called again and again."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass

import structlog

from backend.audit import sealer
from backend.auth import queries as auth
from backend.auth.service import ABSOLUTE_MS
from backend.database import Database
from shared.clock import Clock, to_ms
from shared.ident import uuid7

_log = structlog.get_logger("fieldtill.jobs")


@dataclass(frozen=True, slots=True)
class Job:
    """One kind of work, and the seconds between the end of one run and the start of the next."""

    name: str
    every_seconds: int
    run: Callable[[Database, Clock, str], Awaitable[object]]


async def forget_old_sign_ins(database: Database, clock: Clock, _holder: str) -> None:
    """Forget console sessions and refresh tokens that ended long ago."""
    now = to_ms(clock.now())
    async with database.writing() as session:
        await auth.forget_old(session, sessions_before_ms=now - ABSOLUTE_MS, tokens_before_ms=now - 90 * 86_400_000)


JOBS = (Job("audit.seal", 2, sealer.seal), Job("auth.forget", 3_600, forget_old_sign_ins))


@asynccontextmanager
async def running_jobs(
    database: Database, clock: Clock, jobs: tuple[Job, ...] = JOBS, *, switched_on: bool = True
) -> AsyncIterator[None]:
    """Run the jobs beside whatever happens inside; at the end each finishes what it is doing."""
    stopping, holder = asyncio.Event(), uuid7(to_ms(clock.now()))
    tasks = [asyncio.create_task(_repeat(job, database, clock, holder, stopping)) for job in jobs if switched_on]
    try:
        yield
    finally:
        stopping.set()
        await asyncio.gather(*tasks)


async def _repeat(job: Job, database: Database, clock: Clock, holder: str, stopping: asyncio.Event) -> None:
    """Run a job until the end; a run that fails is logged and tried again in its turn."""
    while not stopping.is_set():
        try:
            await job.run(database, clock, holder)
        except Exception as error:  # noqa: BLE001 - one failed run must not end the job
            _log.error("job failed", job=job.name, exc_info=error)
        with suppress(TimeoutError):
            await asyncio.wait_for(stopping.wait(), job.every_seconds)

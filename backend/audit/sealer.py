"""Sealing and verifying the audit log: a hash chain over committed events, appended by whoever holds the lease."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass

from sqlalchemy.ext.asyncio import AsyncSession

from backend.audit import queries
from backend.audit.tables import AuditEvent
from backend.database import Database
from shared.clock import Clock, to_ms
from shared.language import N_

BATCH = 1_000
LEASE_MS = 30_000
START = "0" * 64
WHAT = {
    "changed": N_("was changed"),
    "removed": N_("was removed"),
    "head_missing": N_("the noted head is no longer in the chain"),
}


@dataclass(frozen=True, slots=True)
class Broken:
    """One place where the log is not what was sealed; ``what`` is a key of ``WHAT``."""

    position: int
    event_id: str
    what: str


@dataclass(frozen=True, slots=True)
class Verified:
    """The outcome of a verification; ``unsealed`` events wait for their link and prove nothing yet."""

    sealed: int
    unsealed: int
    head: str
    broken: tuple[Broken, ...]

    @property
    def ok(self) -> bool:
        """Whether every sealed event is what it was."""
        return not self.broken


def link_hash(previous: str, position: int, event: AuditEvent) -> str:
    """Return SHA-256 (hex) over the previous link's hash, the position and every field of the event, as JSON."""
    fields = [
        *("fieldtill-audit-1", previous, position, event.id, event.at_ms, event.actor_id, event.actor_role),
        *(event.device_id, event.action, event.subject_kind, event.subject_id, event.detail),
    ]
    return hashlib.sha256(json.dumps(fields, ensure_ascii=False, separators=(",", ":")).encode()).hexdigest()


async def seal(database: Database, clock: Clock, holder: str) -> int:
    """Append links for all committed events, a batch a transaction; return how many, 0 while another seals."""
    sealed = 0
    while True:
        async with database.reading() as reader:
            waiting = await queries.unsealed_count(reader)
        if not waiting:
            return sealed
        async with database.writing() as session:
            count = await _seal_batch(session, clock, holder)
        sealed += count
        if count < BATCH:
            return sealed


async def _seal_batch(session: AsyncSession, clock: Clock, holder: str) -> int:
    """Append one batch; the lease's row stays locked until COMMIT, so two sealers never fork the chain."""
    now = to_ms(clock.now())
    if not await queries.take_lease(session, "audit.seal", holder, now, now + LEASE_MS):
        return 0
    last = await queries.last_link(session)
    position, previous = (last.position, last.hash) if last else (0, START)
    links: list[dict[str, object]] = []
    for event in await queries.unsealed(session, BATCH):
        position += 1
        previous = link_hash(previous, position, event)
        links.append({"position": position, "event_id": event.id, "hash": previous})
    await queries.add_links(session, links)
    return len(links)


async def verify(reader: AsyncSession, head: str = "") -> Verified:
    """Walk the whole chain and name every place where it breaks.

    ``head`` is the head of an earlier verification, noted elsewhere: a chain that no longer holds it was cut or
    rewritten. Each link is checked against its own predecessor's stored hash, so that one change is one finding.
    """
    position, previous, broken, head_seen = 0, START, list[Broken](), not head
    while rows := await queries.links_after(reader, position, BATCH):
        for link, event in rows:
            if link.position != position + 1:
                broken.append(Broken(position + 1, "", "removed"))
            if event is None:
                broken.append(Broken(link.position, link.event_id, "removed"))
            elif link_hash(previous, link.position, event) != link.hash:
                broken.append(Broken(link.position, link.event_id, "changed"))
            position, previous = link.position, link.hash
            head_seen = head_seen or link.hash == head
    if not head_seen:
        broken.append(Broken(position, "", "head_missing"))
    return Verified(position, await queries.unsealed_count(reader), previous if position else "", tuple(broken))

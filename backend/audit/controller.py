"""The audit log, under /api."""

from __future__ import annotations

from typing import Annotated

import msgspec
from litestar import Controller, get
from litestar.di import NamedDependency
from litestar.params import FromQuery, ParameterKwarg
from sqlalchemy.ext.asyncio import AsyncSession

from backend.audit import queries, sealer
from backend.audit.tables import AuditEvent
from backend.bounds import PageLimit, WordText
from backend.guards import requires
from shared.ident import is_uuid
from shared.refusal import Refused

_Before = Annotated[str, ParameterKwarg(pattern=r"^([0-9]{1,15}_[0-9a-f-]{36})?$", description="Empty: the newest.")]


class EventRow(msgspec.Struct, frozen=True):
    """One event; ``position`` in the chain is empty until it is sealed."""

    id: str
    at_ms: int
    actor_id: str
    actor_role: str
    device_id: str
    action: str
    subject_kind: str
    subject_id: str
    detail: msgspec.Raw
    position: int | None


class EventPage(msgspec.Struct, frozen=True):
    """Events, newest first; ``before`` asks for the next page, empty at the end."""

    events: list[EventRow]
    before: str


class AuditLog(Controller):
    """Who did what, and whether the log is what was written."""

    path = "/api/audit"
    tags = ["audit"]

    @get("/", guards=[requires("audit.view")])
    async def events(
        self,
        *,
        reader: NamedDependency[AsyncSession],
        before: FromQuery[_Before] = "",
        limit: FromQuery[PageLimit] = 50,
        action: FromQuery[WordText] = "",
        actor_id: FromQuery[WordText] = "",
        subject_id: FromQuery[WordText] = "",
    ) -> EventPage:
        """List events, newest first."""
        rows = await queries.page(
            reader, before=cursor(before), limit=limit, action=action, actor_id=actor_id, subject_id=subject_id
        )
        more = f"{rows[-1][0].at_ms}_{rows[-1][0].id}" if len(rows) == limit else ""
        return EventPage([event_row(event, position) for event, position in rows], more)

    @get("/verify", guards=[requires("audit.verify")])
    async def verify(self, reader: NamedDependency[AsyncSession]) -> sealer.Verified:
        """Walk the chain; note ``head`` elsewhere to prove later that nothing was cut off."""
        return await sealer.verify(reader)


def cursor(text: str) -> tuple[int, str] | None:
    """Read the place to continue from; refuses ``cursor_invalid``."""
    at_ms, _, event_id = text.partition("_")
    if not text:
        return None
    if not is_uuid(event_id):
        raise Refused("cursor_invalid")
    return int(at_ms), event_id


def event_row(event: AuditEvent, position: int | None) -> EventRow:
    """Return an event as it is shown."""
    return EventRow(
        event.id,
        event.at_ms,
        event.actor_id,
        event.actor_role,
        event.device_id,
        event.action,
        event.subject_kind,
        event.subject_id,
        msgspec.Raw(event.detail.encode()),
        position,
    )


ROUTES = [AuditLog]

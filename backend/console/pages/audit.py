"""The audit log: who did what, filtered; and whether the log is what was written."""

from __future__ import annotations

from typing import Any

from litestar import Response, get
from litestar.di import NamedDependency
from sqlalchemy.ext.asyncio import AsyncSession

from backend.audit import queries, sealer
from backend.audit.tables import AuditEvent
from backend.console import wording
from backend.console.view import View
from backend.export import every
from backend.guards import requires
from shared.language import N_, _

LIMIT = 50
HEADS = (N_("When"), N_("Who"), N_("Role"), N_("Action"), N_("Subject"), N_("Id"), N_("Detail"), N_("Position"))


@get("/audit", name="console.audit", guards=[requires("audit.view")])
async def events(view: NamedDependency[View], reader: NamedDependency[AsyncSession]) -> Response[Any]:
    """List events, newest first; ``format=csv`` sends them."""
    asked = {name: view.asked(name) for name in ("action", "person", "subject")}

    async def page(before: tuple[int, str] | None, limit: int) -> list[tuple[AuditEvent, int | None]]:
        options = {"action": asked["action"], "actor_id": asked["person"], "subject_id": asked["subject"]}
        return await queries.page(reader, before=before, limit=limit, **options)

    if view.wants_csv:
        found = await every(page, lambda row: (row[0].at_ms, row[0].id), None)
        return view.export("audit", [_(head) for head in HEADS], (_cells(view, event, at) for event, at in found))
    rows = await page(view.behind(), LIMIT + 1)
    tail = await queries.unsealed_count(reader)
    return view.show(
        "audit.html", rows=rows[:LIMIT], more=len(rows) > LIMIT, asked=asked, tail=tail, people=view.people
    )


def _cells(view: View, event: AuditEvent, position: int | None) -> list[object]:
    who = view.people.get(event.actor_id, event.actor_id)
    action = wording.word(wording.ACTIONS, event.action)
    about = [event.subject_kind, event.subject_id, event.detail, position]
    return [view.written(event.at_ms), who, event.actor_role, action, *about]


@get("/audit/verify", name="console.audit.verify", guards=[requires("audit.verify")])
async def verify(view: NamedDependency[View], reader: NamedDependency[AsyncSession]) -> Response[Any]:
    """Walk the whole chain and say where it breaks, if it does."""
    return view.show("audit_verify.html", found=await sealer.verify(reader, view.asked("head")))


PAGES = [events, verify]

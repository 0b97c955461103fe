"""Approvals: what waits for a decision and what is unusual about it; one decision, or many with exceptions left out."""

from __future__ import annotations

from typing import Any

from litestar import Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath
from sqlalchemy.ext.asyncio import AsyncSession

from backend.approval import queries, service
from backend.auth.actor import Actor
from backend.console.form import Form
from backend.console.view import View
from backend.guards import requires
from shared.approval import Decision, Subject
from shared.clock import Clock
from shared.language import _, ngettext
from shared.refusal import Refused

LIMIT = 50


@get("/approvals", name="console.approvals", guards=[requires("collection.approve")])
async def approvals(view: NamedDependency[View], reader: NamedDependency[AsyncSession]) -> Response[Any]:
    """Show what waits, oldest first."""
    rows = await queries.queue(reader, after=view.behind(), limit=LIMIT + 1)
    count = await queries.count(reader)
    return view.show("approvals.html", rows=rows[:LIMIT], more=len(rows) > LIMIT, count=count)


@post("/approvals/preview", name="console.approvals.preview", status_code=200, guards=[requires("collection.approve")])
async def preview(
    view: NamedDependency[View], form: NamedDependency[Form], reader: NamedDependency[AsyncSession]
) -> Response[Any]:
    """Say what approving the ticked ones comes to, and ask once."""
    ticked = set(form.many("subject"))
    rows = await queries.queue(reader, limit=200)
    chosen = [row for row in rows if f"{row.subject_kind}:{row.subject_id}" in ticked]
    return view.show("approvals_preview.html", chosen=chosen, left=len(rows) - len(chosen))


@post("/approvals/many", name="console.approvals.many", status_code=303, guards=[requires("collection.approve")])
async def approve_many(
    view: NamedDependency[View],
    form: NamedDependency[Form],
    session: NamedDependency[AsyncSession],
    actor: NamedDependency[Actor],
    clock: NamedDependency[Clock],
) -> Response[Any]:
    """Approve what was previewed; one that is refused keeps its place in the list."""
    subjects = [_subject(*text.split(":", 1)) for text in form.many("subject") if ":" in text]
    outcomes = await service.decide_many(session, actor, clock, subjects=subjects, decision="approved")
    refused = [outcome.refused.what for outcome in outcomes if outcome.refused]
    sentence = ngettext("%(count)s was approved.", "%(count)s were approved.", len(outcomes) - len(refused))
    return view.go("/console/approvals", " ".join([sentence, *sorted(set(refused))]))


@post(
    "/approvals/{kind:str}/{subject_id:str}",
    name="console.approvals.decide",
    status_code=303,
    guards=[requires("collection.approve")],
)
async def decide(
    *,
    view: NamedDependency[View],
    form: NamedDependency[Form],
    session: NamedDependency[AsyncSession],
    actor: NamedDependency[Actor],
    clock: NamedDependency[Clock],
    kind: FromPath[str],
    subject_id: FromPath[str],
) -> Response[Any]:
    """Approve or reject one."""
    approved, reason = form.text("decision") == "approved", form.text("reason", longest=500)
    if not approved and form.text("decision") != "rejected":
        raise Refused("request_invalid", problem="decision")
    subject_kind, one = _subject(kind, subject_id)
    decision: Decision = "approved" if approved else "rejected"
    await service.decide(
        session, actor, clock, subject_kind=subject_kind, subject_id=one, decision=decision, reason=reason
    )
    return view.go("/console/approvals", _("Approved.") if approved else _("Rejected."))


def _subject(kind: str, subject_id: str) -> tuple[Subject, str]:
    """Return a subject as the service knows it; refuses ``request_invalid``."""
    if kind not in ("collection", "void"):
        raise Refused("request_invalid", problem="subject")
    return ("void" if kind == "void" else "collection", subject_id)


PAGES = [approvals, preview, approve_many, decide]

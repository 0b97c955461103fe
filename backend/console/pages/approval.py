"""Approvals: what waits for a decision and what is unusual about it; one decision, or many with exceptions left out."""

from __future__ import annotations

from typing import Any

from litestar import Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath
from sqlalchemy.ext.asyncio import AsyncSession

from backend.approval import queries, service
from backend.auth.actor import Actor
from backend.console import wording
from backend.console.form import Form
from backend.console.view import View
from backend.export import PAGE, every
from backend.guards import requires
from shared.approval import Decision, Subject
from shared.clock import Clock
from shared.language import N_, _, ngettext
from shared.money import decimal_text
from shared.refusal import Refused

LIMIT = 50


HEADS = (
    *(N_("Waits since"), N_("Kind"), N_("Receipt"), N_("Customer"), N_("Customer name"), N_("Salesperson")),
    *(N_("Method"), N_("Currency"), N_("Amount"), N_("Reason"), N_("Unusual")),
)


def _place(row: queries.Waiting) -> tuple[int, str] | None:
    return (row.since_ms, row.subject_id)


def _cells(view: View, row: queries.Waiting) -> list[object]:
    c = row.collection
    kind = _("Void asked for") if row.subject_kind == "void" else wording.word(wording.KINDS, row.subject_kind)
    about = [view.written(row.since_ms), kind, c.receipt_number, row.customer_number, row.customer_name]
    flags = ", ".join(wording.word(wording.FLAGS, flag) for flag in row.unusual)
    amount = decimal_text(c.amount_minor, c.currency)
    method = wording.word(wording.METHODS, c.method)
    return [*about, row.salesperson_name, method, c.currency, amount, row.reason, flags]


@get("/approvals", name="console.approvals", guards=[requires("collection.approve")])
async def approvals(view: NamedDependency[View], reader: NamedDependency[AsyncSession]) -> Response[Any]:
    """Show what waits, oldest first; ``format=csv`` sends all of it."""
    if view.wants_csv:
        found = await every(lambda after, limit: queries.queue(reader, after=after, limit=limit), _place, None)
        return view.export("approvals", [_(head) for head in HEADS], (_cells(view, row) for row in found))
    rows = await queries.queue(reader, after=view.behind(), limit=LIMIT + 1)
    count = await queries.count(reader)
    return view.show("approvals.html", rows=rows[:LIMIT], more=len(rows) > LIMIT, count=count)


@post("/approvals/preview", name="console.approvals.preview", status_code=200, guards=[requires("collection.approve")])
async def preview(
    view: NamedDependency[View], form: NamedDependency[Form], reader: NamedDependency[AsyncSession]
) -> Response[Any]:
    """Say what approving the ticked ones comes to, and ask once."""
    ticked = set(form.many("subject"))
    chosen: list[queries.Waiting] = []
    after, more = None, bool(ticked)
    while more and len(chosen) < len(ticked):
        rows = await queries.queue(reader, after=after, limit=PAGE)
        chosen += [row for row in rows if f"{row.subject_kind}:{row.subject_id}" in ticked]
        after, more = (_place(rows[-1]) if rows else None), len(rows) == PAGE
    return view.show("approvals_preview.html", chosen=chosen, left=await queries.count(reader) - len(chosen))


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

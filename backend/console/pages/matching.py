"""Review of matches: one bank line beside its candidates, confirmed or rejected by key; matches undone in one step."""

from __future__ import annotations

from typing import Any

from litestar import Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath
from sqlalchemy.ext.asyncio import AsyncSession

from backend.auth.actor import Actor
from backend.console import wording
from backend.console.form import Form
from backend.console.view import View
from backend.export import every
from backend.guards import requires
from backend.matching import queries, service
from shared.clock import Clock
from shared.language import N_, _
from shared.money import decimal_text, money_text
from shared.refusal import Refused

HEADS = (
    *(N_("When"), N_("Booked on"), N_("Counterparty"), N_("Bank reference"), N_("Currency"), N_("Amount")),
    *(N_("With"), N_("Id"), N_("Reason"), N_("By"), N_("Undone because")),
)


def _cells(view: View, row: queries.Matched) -> list[object]:
    m, line = row.match, row.line
    about = [view.written(m.confirmed_at_ms), line.booked_on, line.counterparty_name, line.reference, line.currency]
    who = _("automatically") if m.confirmed_by == "auto" else view.people.get(m.confirmed_by, m.confirmed_by)
    why = [wording.word(wording.KINDS, m.expected_kind), m.expected_id, wording.word(wording.RULES, m.rule), who]
    return [*about, decimal_text(m.amount_minor, line.currency), *why, row.unmatch.reason if row.unmatch else ""]


@get("/matching", name="console.matching", guards=[requires("matching.view")])
async def queue(view: NamedDependency[View], reader: NamedDependency[AsyncSession]) -> Response[Any]:
    """Show the first line that waits (those with proposals go first), and how far the queue is."""
    rows = await service.review(reader, view.actor, after=view.asked("after"), limit=200)
    rows.sort(key=lambda row: not row.candidates)
    matched, open_count, proposed = await queries.counts(reader)
    values: dict[str, Any] = {"matched": matched, "open_count": open_count, "proposed": proposed, "rows": rows}
    first = rows[0].line if rows else None
    offered = await service.candidates(reader, view.actor, line_id=first.id, limit=8) if first else []
    return view.show("matching.html", line=first, candidates=offered, match=None, dependants=[], **values)


@get("/matching/done", name="console.matching.done", guards=[requires("matching.view")])
async def done(view: NamedDependency[View], reader: NamedDependency[AsyncSession]) -> Response[Any]:
    """List matches, newest first, undone ones too; ``format=csv`` sends them."""
    if view.wants_csv:
        found = await every(
            lambda after, limit: queries.matches(reader, after=after, limit=limit), lambda row: row.match.id, ""
        )
        return view.export("matches", [_(head) for head in HEADS], (_cells(view, row) for row in found))
    rows = await queries.matches(reader, after=view.asked("after"), limit=51)
    return view.show("matching_done.html", rows=rows[:50], more=len(rows) > 50)


@get("/matching/{line_id:str}", name="console.matching.line", guards=[requires("matching.view")])
async def one(
    view: NamedDependency[View], reader: NamedDependency[AsyncSession], line_id: FromPath[str]
) -> Response[Any]:
    """Show one line: its candidates while it is open, else its match and what stands on it."""
    record = await queries.line(reader, line_id)
    if record is None:
        raise Refused("bank_line_not_found")
    match_id = (await queries.claimed(reader, [line_id])).get(line_id, "")
    values: dict[str, Any] = {"line": queries.bank_line(record), "candidates": [], "match": None, "dependants": []}
    if match_id:
        values["match"] = await queries.match(reader, match_id)
        values["dependants"] = await service.dependants(reader, view.actor, match_id=match_id)
    elif record.amount_minor > 0:
        values["candidates"] = await service.candidates(reader, view.actor, line_id=line_id)
    return view.show("matching.html", rows=None, **values)


@post("/matching/run", name="console.matching.run", status_code=303, guards=[requires("matching.confirm")])
async def run(
    view: NamedDependency[View],
    session: NamedDependency[AsyncSession],
    actor: NamedDependency[Actor],
    clock: NamedDependency[Clock],
) -> Response[Any]:
    """Match everything that is unambiguous, and propose the rest anew."""
    outcome = await service.run(session, actor, clock)
    counts = {"matched": len(outcome.confirmed), "proposed": outcome.proposed_count}
    return view.go("/console/matching", _("%(matched)s matched, %(proposed)s proposals to review.", **counts))


@post("/matching/confirm", name="console.matching.confirm", status_code=303, guards=[requires("matching.confirm")])
async def confirm(
    view: NamedDependency[View],
    form: NamedDependency[Form],
    session: NamedDependency[AsyncSession],
    actor: NamedDependency[Actor],
    clock: NamedDependency[Clock],
) -> Response[Any]:
    """Match the line with the chosen money."""
    line, kind, expected = form.text("line"), form.text("kind"), form.text("expected")
    await service.confirm(session, actor, clock, line_id=line, expected_kind=kind, expected_id=expected)
    return view.go("/console/matching", _("Matched. The bank line's page undoes it."))


@post("/matching/reject", name="console.matching.reject", status_code=303, guards=[requires("matching.reject")])
async def reject(
    view: NamedDependency[View],
    form: NamedDependency[Form],
    session: NamedDependency[AsyncSession],
    actor: NamedDependency[Actor],
    clock: NamedDependency[Clock],
) -> Response[Any]:
    """Note that the line is not this money."""
    line, expected = form.text("line"), form.text("expected")
    await service.reject(session, actor, clock, line_id=line, expected_id=expected)
    return view.go("/console/matching", _("Rejected: the two are never proposed together again."))


@post("/matching/unmatch", name="console.matching.unmatch", status_code=303, guards=[requires("matching.unmatch")])
async def unmatch(
    view: NamedDependency[View],
    form: NamedDependency[Form],
    session: NamedDependency[AsyncSession],
    actor: NamedDependency[Actor],
    clock: NamedDependency[Clock],
) -> Response[Any]:
    """Undo a match with everything that stood on it."""
    match_id, reason = form.text("match"), form.text("reason", longest=500)
    undone = await service.unmatch(session, actor, clock, match_id=match_id, reason=reason)
    currency = view.company.currency if view.company else "CNY"
    back = money_text(undone.clawed_back_minor, currency)
    return view.go("/console/matching", _("The match is undone; incentive %(amount)s.", amount=back))


PAGES = [queue, done, one, run, confirm, reject, unmatch]

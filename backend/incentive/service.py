"""Incentive plans, and the vesting ledger that follows the money's facts."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from backend.audit import service as audit
from backend.company.service import company
from backend.incentive import queries
from backend.incentive.tables import IncentiveMovement, PlanVersion
from backend.sync.feed import touch
from shared import incentive
from shared.clock import Clock, business_date, to_ms
from shared.ident import uuid7
from shared.incentive import Arrived, Earned, Key
from shared.language import _
from shared.money import MAX_MINOR, exponent, money_text
from shared.refusal import Refused

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sqlalchemy.ext.asyncio import AsyncSession

    from backend.auth.actor import Actor


@dataclass(frozen=True, slots=True)
class Line:
    """One vested or clawed-back amount, with the sentence that explains it."""

    id: str
    subject: str
    title: str
    kind: str
    state: str
    amount_minor: int
    currency: str
    base_minor: int
    rate_bp: int
    plan_version: int
    booked_at_ms: int
    explanation: str


@dataclass(frozen=True, slots=True)
class Summary:
    """What one salesperson has earned in one currency, and what is still on its way."""

    salesperson_id: str
    currency: str
    vested_minor: int
    pending_minor: int


async def add_plan(
    session: AsyncSession,
    actor: Actor,
    clock: Clock,
    *,
    valid_from: date,
    currency: str,
    rate_bp: int,
    on_time_bp: int = 0,
    target_minor: int = 0,
    target_bonus_minor: int = 0,
) -> int:
    """Add a version of the plan and return its number; rates in basis points, amounts in minor units.

    Refuses ``plan_invalid`` and ``plan_backdated``: only the first plan may start in the past, because what was
    earned under a plan is never changed by a later one.
    """
    actor.require("incentive.edit")
    exponent(currency)
    amounts_fit = all(0 <= amount <= MAX_MINOR for amount in (target_minor, target_bonus_minor))
    if not (0 <= rate_bp <= 10_000 and 0 <= on_time_bp <= 10_000 and amounts_fit):
        raise Refused("plan_invalid")
    existing = await queries.plans(session)
    if existing and valid_from < business_date(to_ms(clock.now()), (await company(session)).zone):
        raise Refused("plan_backdated")
    version = max((plan.version for plan in existing), default=0) + 1
    session.add(
        PlanVersion(
            version=version,
            valid_from=valid_from,
            currency=currency,
            rate_bp=rate_bp,
            on_time_bp=on_time_bp,
            target_minor=target_minor,
            target_bonus_minor=target_bonus_minor,
            created_by=actor.user_id,
            created_at_ms=to_ms(clock.now()),
        )
    )
    audit.record(session, actor, clock, "incentive.edit", "plan", str(version), valid_from=valid_from.isoformat())
    await session.flush()
    return version


async def rescore(session: AsyncSession, clock: Clock, collection_ids: Iterable[str]) -> list[IncentiveMovement]:
    """Make the vesting ledger equal what the facts earn now, after an approval, void, match or unmatch.

    Scores the whole salesperson-months of the named collections, because one payment can reach a month's target.
    Returns the rows appended; asking again appends none.
    """
    await session.flush()
    zone = (await company(session)).zone
    named = await queries.facts_of(session, collection_ids, zone)
    for fact in named:
        touch(session, "incentive", fact.collection_id)
    if not await _may_change(session, named):
        return []
    months = {(fact.salesperson_id, f"{fact.taken_on:%Y-%m}") for fact in named}
    facts = await queries.facts_of_months(session, [(who, *_window(month, zone)) for who, month in months], zone)
    earned = incentive.score(facts, await queries.plans(session))
    subjects = {fact.collection_id for fact in facts} | {month for _who, month in months}
    sums = await queries.vested(session, {who for who, _month in months}, subjects)
    # A month string is shared by all salespeople: keep only the months that were scored.
    vested = {key: amount for key, amount in sums.items() if key.kind != "target" or key[:2] in months}
    return await _append(session, clock, earned, vested)


async def _may_change(session: AsyncSession, named: list[Arrived]) -> bool:
    """Say whether any named collection earns or has earned something; most approvals come before the money."""
    if any(fact.approved and not fact.voided and fact.matched_minor > 0 for fact in named):
        return True
    people, subjects = {fact.salesperson_id for fact in named}, [fact.collection_id for fact in named]
    return bool(await queries.vested(session, people, subjects))


async def _append(
    session: AsyncSession, clock: Clock, earned: dict[Key, Earned], vested: dict[Key, int]
) -> list[IncentiveMovement]:
    changes = incentive.movements(earned, vested)
    lost = await queries.currencies(session, [m.earned.key for m in changes if not m.earned.currency])
    now_ms = to_ms(clock.now())
    rows = [
        IncentiveMovement(
            salesperson_id=change.earned.key.salesperson_id,
            id=uuid7(now_ms),
            subject=change.earned.key.subject,
            kind=change.earned.key.kind,
            amount_minor=change.amount_minor,
            currency=change.earned.currency or lost[change.earned.key],
            base_minor=change.earned.base_minor,
            rate_bp=change.earned.rate_bp,
            plan_version=change.earned.plan_version,
            booked_at_ms=now_ms,
        )
        for change in changes
    ]
    session.add_all(rows)
    for row in rows:
        touch(session, "incentive", row.id)
    await session.flush()
    return rows


async def pending(session: AsyncSession, collection_ids: Iterable[str]) -> dict[str, Earned]:
    """Return by collection what approval and the bank would still add to what has vested (rate and on-time part).

    Rejected and voided collections, and those without a plan, are left out.
    """
    zone = (await company(session)).zone
    facts = await queries.facts_of(session, collection_ids, zone)
    rejected = await queries.rejected_of(session, [fact.collection_id for fact in facts])
    hopeful = [fact for fact in facts if not fact.voided and fact.collection_id not in rejected]
    full = incentive.score([_fulfilled(fact) for fact in hopeful], await queries.plans(session))
    have = await queries.vested(
        session, {fact.salesperson_id for fact in hopeful}, [fact.collection_id for fact in hopeful]
    )
    waiting: dict[str, Earned] = {}
    for key, best in full.items():
        if key.kind == "target":
            continue
        before = waiting[key.subject].amount_minor if key.subject in waiting else 0
        amount_minor = before + best.amount_minor - have.get(key, 0)
        head = waiting.get(key.subject, best)
        waiting[key.subject] = Earned(
            head.key, amount_minor, head.base_minor, head.rate_bp, head.plan_version, head.currency
        )
    return {subject: earned for subject, earned in waiting.items() if earned.amount_minor > 0}


def _fulfilled(fact: Arrived) -> Arrived:
    """Return a fact as if it were approved and had arrived in full."""
    return Arrived(
        fact.collection_id,
        fact.salesperson_id,
        fact.taken_on,
        fact.currency,
        fact.amount_minor,
        fact.amount_minor,
        fact.on_time_minor,
        approved=True,
        voided=False,
    )


async def lines(reader: AsyncSession, salesperson_id: str, *, after: str = "", limit: int = 200) -> list[Line]:
    """Return a page of one salesperson's lines, newest first, each explained in the language in force."""
    rows = await queries.movements_of(reader, salesperson_id, after=after, limit=limit)
    return [_line(row, receipt_number or row.subject) for row, receipt_number in rows]


def _line(row: IncentiveMovement, title: str) -> Line:
    return Line(
        row.id,
        row.subject,
        title,
        row.kind,
        "vested" if row.amount_minor > 0 else "clawed_back",
        row.amount_minor,
        row.currency,
        row.base_minor,
        row.rate_bp,
        row.plan_version,
        row.booked_at_ms,
        explain(
            row.kind,
            amount_minor=row.amount_minor,
            base_minor=row.base_minor,
            rate_bp=row.rate_bp,
            plan_version=row.plan_version,
            currency=row.currency,
        ),
    )


def explain(kind: str, *, amount_minor: int, base_minor: int, rate_bp: int, plan_version: int, currency: str) -> str:
    """Say how a line came about: "1.5% of ¥1,200.00 that arrived (plan 2)"."""
    if not plan_version:
        return _("Taken back: the money or its approval no longer stands.")
    words: dict[str, object] = {
        "rate": f"{rate_bp // 100}.{rate_bp % 100:02d}".rstrip("0").rstrip("."),
        "base": money_text(base_minor, currency),
        "plan": plan_version,
    }
    if kind == "target":
        text = _("Monthly target reached with %(base)s that arrived (plan %(plan)s)", **words)
    elif kind == "on_time":
        text = _("%(rate)s%% of %(base)s paid on time (plan %(plan)s)", **words)
    else:
        text = _("%(rate)s%% of %(base)s that arrived (plan %(plan)s)", **words)
    return text if amount_minor > 0 else _("Corrected: now %(what)s", what=text)


async def summary(reader: AsyncSession, salesperson_id: str) -> list[Summary]:
    """Return what a salesperson has earned and may still earn, one row a currency."""
    sums: dict[str, list[int]] = {}
    for _who, currency, _kind, vested_minor in await queries.totals(reader, salesperson_id):
        sums.setdefault(currency, [0, 0])[0] += vested_minor
    for earned in (await pending(reader, await queries.unsettled(reader, salesperson_id))).values():
        sums.setdefault(earned.currency, [0, 0])[1] += earned.amount_minor
    return [Summary(salesperson_id, currency, have, hope) for currency, (have, hope) in sorted(sums.items())]


def _window(month: str, zone: str) -> tuple[int, int]:
    """Return the first millisecond of a month ("2026-03") in a time zone, and that of the next."""
    first = date.fromisoformat(f"{month}-01")
    after = (first + timedelta(days=31)).replace(day=1)
    start, end = (datetime(day.year, day.month, 1, tzinfo=ZoneInfo(zone)).astimezone(UTC) for day in (first, after))
    return to_ms(start), to_ms(end)

"""Incentives: scored from money that truly arrived, under a versioned plan, as a ledger of vested and clawed back."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

KINDS = ("rate", "on_time", "target")
_BASIS = 10_000


@dataclass(frozen=True, slots=True)
class Plan:
    """One version of a plan. Rates in basis points (1/100 %), bonus and target in minor units of ``currency``."""

    version: int
    valid_from: date
    currency: str
    rate_bp: int
    on_time_bp: int
    target_minor: int
    target_bonus_minor: int


@dataclass(frozen=True, slots=True)
class Arrived:
    """One collection's money as far as it is known to have arrived: the facts that are scored.

    ``matched_minor`` is what matches with bank lines stand for now; ``on_time_minor`` the part of the collection that
    paid invoices not yet overdue on the day it was taken. ``approved`` and not ``voided`` are needed to vest.
    """

    collection_id: str
    salesperson_id: str
    taken_on: date
    currency: str
    amount_minor: int
    matched_minor: int
    on_time_minor: int
    approved: bool
    voided: bool


class Key(NamedTuple):
    """What one incentive line is for: a collection and a kind, or a salesperson's month and ``target``."""

    salesperson_id: str
    subject: str
    kind: str


@dataclass(frozen=True, slots=True)
class Earned:
    """An amount with the arithmetic that made it: ``amount = base * rate_bp / 10,000`` (or a fixed bonus)."""

    key: Key
    amount_minor: int
    base_minor: int
    rate_bp: int
    plan_version: int
    currency: str


class Movement(NamedTuple):
    """One row to append to the vesting ledger: > 0 vested, < 0 clawed back."""

    earned: Earned
    amount_minor: int


def share(base_minor: int, rate_bp: int) -> int:
    """Return a rate's share of an amount in minor units, half up."""
    return (base_minor * rate_bp + _BASIS // 2) // _BASIS


def plan_in_force(plans: Iterable[Plan], day: date) -> Plan | None:
    """Return the latest version that was valid on a day, or ``None`` before the first."""
    valid = [plan for plan in plans if plan.valid_from <= day]
    return max(valid, key=lambda plan: (plan.valid_from, plan.version), default=None)


def score(facts: Iterable[Arrived], plans: Iterable[Plan]) -> dict[Key, Earned]:
    """Score facts under the plan in force on the day each payment was taken; pure and order-free."""
    plans, earned, months = tuple(plans), {}, dict[tuple[str, str], list[tuple[date, int]]]()
    for fact in facts:
        plan = plan_in_force(plans, fact.taken_on)
        if plan is None or plan.currency != fact.currency or not fact.approved or fact.voided:
            continue
        base = min(fact.matched_minor, fact.amount_minor)
        if base <= 0:
            continue
        on_time = fact.on_time_minor * base // fact.amount_minor
        for kind, part, rate_bp in (("rate", base, plan.rate_bp), ("on_time", on_time, plan.on_time_bp)):
            if share(part, rate_bp):
                key = Key(fact.salesperson_id, fact.collection_id, kind)
                earned[key] = Earned(key, share(part, rate_bp), part, rate_bp, plan.version, plan.currency)
        month = (fact.salesperson_id, f"{fact.taken_on:%Y-%m}")
        months.setdefault(month, []).append((fact.taken_on, base))
    return earned | _targets(months, plans)


def _targets(months: Mapping[tuple[str, str], list[tuple[date, int]]], plans: tuple[Plan, ...]) -> dict[Key, Earned]:
    """Give each salesperson's month its fixed bonus once the month's arrived money reaches the target."""
    bonuses = {}
    for (salesperson_id, month), parts in months.items():
        plan = plan_in_force(plans, max(day for day, _ in parts))
        total = sum(base for _, base in parts)
        if plan and plan.target_minor and total >= plan.target_minor:
            key = Key(salesperson_id, month, "target")
            bonuses[key] = Earned(key, plan.target_bonus_minor, total, 0, plan.version, plan.currency)
    return bonuses


def movements(earned: Mapping[Key, Earned], vested: Mapping[Key, int]) -> tuple[Movement, ...]:
    """Return the rows to append so that the vesting ledger equals what is earned now.

    ``vested`` is the sum so far by key. Applying the result and asking again gives nothing: vesting is idempotent,
    and an unmatch or void claws back exactly what it had given.
    """
    rows = []
    for key in sorted(set(earned) | set(vested)):
        now = earned.get(key)
        change = (now.amount_minor if now else 0) - vested.get(key, 0)
        if change:
            rows.append(Movement(now or Earned(key, 0, 0, 0, 0, ""), change))
    return tuple(rows)

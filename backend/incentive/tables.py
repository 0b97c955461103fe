"""Plan versions, and the vesting ledger."""

from __future__ import annotations

from datetime import date

from sqlalchemy import Index
from sqlalchemy.orm import Mapped, mapped_column

from backend.schema import Base, Currency, Id, Millis, Minor, PrimaryId, Word


class PlanVersion(Base):
    """One version of the incentive plan; versions are added, never changed."""

    __tablename__ = "incentive_plan"

    version: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    valid_from: Mapped[date]
    currency: Mapped[Currency]
    rate_bp: Mapped[int]
    on_time_bp: Mapped[int]
    target_minor: Mapped[Minor]
    target_bonus_minor: Mapped[Minor]
    created_by: Mapped[Id]
    created_at_ms: Mapped[Millis]


class IncentiveMovement(Base):
    """One vested (> 0) or clawed-back (< 0) line with its arithmetic; sums give what is earned."""

    __tablename__ = "incentive_movement"

    salesperson_id: Mapped[Id]
    id: Mapped[PrimaryId]
    subject: Mapped[Id]
    kind: Mapped[Word]
    amount_minor: Mapped[Minor]
    currency: Mapped[Currency]
    base_minor: Mapped[Minor]
    rate_bp: Mapped[int]
    plan_version: Mapped[int]
    booked_at_ms: Mapped[Millis]

    __table_args__ = (Index(None, "salesperson_id", "subject", "kind"),)

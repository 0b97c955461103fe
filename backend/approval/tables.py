"""Decisions: who approved or rejected what, when and why."""

from __future__ import annotations

from sqlalchemy import UniqueConstraint
from sqlalchemy.orm import Mapped

from backend.schema import Base, Body, Id, Millis, PrimaryId, Word


class Approval(Base):
    """One decision on a collection or a void request; the first is the only one."""

    __tablename__ = "approval"

    id: Mapped[PrimaryId]
    subject_kind: Mapped[Word]  # "collection" | "void"
    subject_id: Mapped[Id]
    decision: Mapped[Word]  # "approved" | "rejected"
    reason: Mapped[Body]
    decided_by: Mapped[Id]
    decided_at_ms: Mapped[Millis]

    __table_args__ = (UniqueConstraint("subject_kind", "subject_id"),)

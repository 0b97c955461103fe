"""Audit events, and the chain that seals them after commit."""

from __future__ import annotations

from sqlalchemy import BigInteger, ForeignKey, Index, Integer
from sqlalchemy.orm import Mapped, mapped_column

from backend.schema import Base, Body, Hash, Id, Millis, PrimaryId, Word


class AuditEvent(Base):
    """Who did what to what, written in the write's own transaction; ``action`` is a permission word."""

    __tablename__ = "audit_event"

    id: Mapped[PrimaryId]
    at_ms: Mapped[Millis] = mapped_column(index=True)
    actor_id: Mapped[Id]
    actor_role: Mapped[Word]
    device_id: Mapped[Id]
    action: Mapped[Word]
    subject_kind: Mapped[Word]
    subject_id: Mapped[Id]
    detail: Mapped[Body]

    __table_args__ = (Index(None, "subject_kind", "subject_id"),)


class AuditLink(Base):
    """One link of the hash chain: position, event, and SHA-256 over the previous link's hash and the event."""

    __tablename__ = "audit_link"

    position: Mapped[int] = mapped_column(
        BigInteger().with_variant(Integer, "sqlite"), primary_key=True, autoincrement=False
    )
    event_id: Mapped[Id] = mapped_column(ForeignKey("audit_event.id"), unique=True)
    hash: Mapped[Hash]


class Lease(Base):
    """A job that one process at a time may do (the sealer), until a time."""

    __tablename__ = "lease"

    name: Mapped[Word] = mapped_column(primary_key=True)
    holder: Mapped[Id]
    until_ms: Mapped[Millis]

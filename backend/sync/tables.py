"""Devices, the operations they sent, and the feed they read."""

from __future__ import annotations

from sqlalchemy import ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from backend.schema import Base, Body, Hash, Id, Millis, Name, PrimaryId, Word


class Device(Base):
    """A phone bound to one user by its public key, with its receipt series."""

    __tablename__ = "device"

    id: Mapped[PrimaryId]
    user_id: Mapped[Id] = mapped_column(ForeignKey("user_account.id"), index=True)
    name: Mapped[Name]
    public_key: Mapped[Hash] = mapped_column(unique=True)
    series: Mapped[Word] = mapped_column(unique=True)
    app_version: Mapped[Word]
    enrolled_at_ms: Mapped[Millis]
    seen_at_ms: Mapped[Millis]
    clock_offset_ms: Mapped[Millis]
    revoked_at_ms: Mapped[Millis | None]
    next_seq: Mapped[int] = mapped_column(default=1)  # all operations before it are here


class EnrolmentCode(Base):
    """A one-time code (stored as SHA-256) that lets one phone enrol for one user within ten minutes."""

    __tablename__ = "enrolment_code"

    hash: Mapped[Hash] = mapped_column(primary_key=True)
    user_id: Mapped[Id] = mapped_column(ForeignKey("user_account.id"))
    issued_by: Mapped[Id]
    expires_at_ms: Mapped[Millis]
    used_at_ms: Mapped[Millis | None]


class OperationRecord(Base):
    """An operation as it arrived, with its hash (kept for ever) and the server's answer to it."""

    __tablename__ = "operation"

    device_id: Mapped[Id] = mapped_column(ForeignKey("device.id"))
    id: Mapped[PrimaryId]
    seq: Mapped[int]
    kind: Mapped[Word]
    version: Mapped[int]
    payload: Mapped[Body]
    device_time_ms: Mapped[Millis]
    uptime_ms: Mapped[Millis]
    time_token: Mapped[Body]
    prev_hash: Mapped[Hash]
    hash: Mapped[Hash]
    received_at_ms: Mapped[Millis]
    status: Mapped[Word]  # accepted | held | quarantined
    code: Mapped[Word]
    detail: Mapped[Body]  # the refusal's values, as JSON

    __table_args__ = (UniqueConstraint("device_id", "seq"), Index(None, "status"))


class OperationConflict(Base):
    """An operation that claims an id, a number or a predecessor of another one: kept whole, booked nowhere."""

    __tablename__ = "operation_conflict"

    hash: Mapped[Hash] = mapped_column(primary_key=True)
    operation_id: Mapped[Id] = mapped_column(index=True)
    device_id: Mapped[Id] = mapped_column(ForeignKey("device.id"), index=True)
    seq: Mapped[int]
    body: Mapped[Body]  # the operation as JSON
    received_at_ms: Mapped[Millis]


class FeedScope(Base):
    """The counter of one scope (``s:<salesperson>``); its row is locked until the writing transaction commits."""

    __tablename__ = "feed_scope"

    scope: Mapped[Word] = mapped_column(primary_key=True)
    position: Mapped[Millis]


class FeedRow(Base):
    """The latest state of one record within one scope, moved forward on change; ``body`` is the row as JSON."""

    __tablename__ = "feed"

    scope: Mapped[Word] = mapped_column(primary_key=True)
    kind: Mapped[Word] = mapped_column(primary_key=True)
    record_id: Mapped[PrimaryId]
    position: Mapped[Millis]
    body: Mapped[Body]  # empty: removed

    __table_args__ = (Index(None, "scope", "position"), Index(None, "kind", "record_id"))

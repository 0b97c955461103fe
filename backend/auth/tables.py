"""People, their refresh tokens and console sessions."""

from __future__ import annotations

from sqlalchemy import ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from backend.schema import Base, Body, Hash, Id, Millis, Name, PrimaryId, Word


class UserAccount(Base):
    """A person who signs in; ``password_hash`` is argon2id."""

    __tablename__ = "user_account"

    id: Mapped[PrimaryId]
    login: Mapped[Name] = mapped_column(unique=True)
    name: Mapped[Name]
    role: Mapped[Word]
    password_hash: Mapped[Body]
    language: Mapped[Word]
    active: Mapped[bool]
    created_at_ms: Mapped[Millis]
    failed_count: Mapped[int] = mapped_column(default=0)
    locked_until_ms: Mapped[Millis] = mapped_column(default=0)


class RefreshToken(Base):
    """One refresh token (stored as SHA-256), spent by its first use; reuse revokes its whole family."""

    __tablename__ = "refresh_token"

    hash: Mapped[Hash] = mapped_column(primary_key=True)
    family_id: Mapped[Id] = mapped_column(index=True)
    user_id: Mapped[Id] = mapped_column(ForeignKey("user_account.id"))
    device_id: Mapped[Id]  # empty before enrolment
    issued_at_ms: Mapped[Millis]
    expires_at_ms: Mapped[Millis]
    used_at_ms: Mapped[Millis | None]
    revoked_at_ms: Mapped[Millis | None]


class ConsoleSession(Base):
    """A browser signed in to the console: opaque cookie, idle and absolute limits."""

    __tablename__ = "console_session"

    hash: Mapped[Hash] = mapped_column(primary_key=True)
    user_id: Mapped[Id] = mapped_column(ForeignKey("user_account.id"))
    created_at_ms: Mapped[Millis]
    seen_at_ms: Mapped[Millis]

    __table_args__ = (Index(None, "user_id"),)

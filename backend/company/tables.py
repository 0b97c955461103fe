"""The company's settings: one row a key, values as JSON."""

from __future__ import annotations

from sqlalchemy.orm import Mapped, mapped_column

from backend.schema import Base, Body, Millis, Word


class Setting(Base):
    """One setting, such as ``company.name`` or ``sync.epoch``; secrets live here too and are never shown."""

    __tablename__ = "setting"

    key: Mapped[Word] = mapped_column(primary_key=True)
    value: Mapped[Body]
    changed_at_ms: Mapped[Millis]

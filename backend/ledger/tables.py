"""Ledger entries and their postings: the only place where balances come from."""

from __future__ import annotations

from datetime import date

from sqlalchemy import ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from backend.schema import Base, Currency, Id, Millis, Minor, PrimaryId, Word


class Entry(Base):
    """One balanced entry behind one fact; ``reverses_id`` names the entry it undoes."""

    __tablename__ = "ledger_entry"

    id: Mapped[PrimaryId]
    fact_kind: Mapped[Word]
    fact_id: Mapped[Id]
    booked_on: Mapped[date]
    posted_at_ms: Mapped[Millis]
    reverses_id: Mapped[Id | None] = mapped_column(unique=True)

    __table_args__ = (Index(None, "fact_kind", "fact_id"),)


class PostingRow(Base):
    """One side of an entry; ``key`` is a customer, ``holder:kind``, channel or bank account (see shared.ledger)."""

    __tablename__ = "ledger_posting"

    entry_id: Mapped[PrimaryId] = mapped_column(ForeignKey("ledger_entry.id"))
    line: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[Word]
    key: Mapped[str] = mapped_column(String(80))
    currency: Mapped[Currency]
    amount_minor: Mapped[Minor]
    invoice_id: Mapped[Id]  # empty unless kind is receivable
    booked_on: Mapped[date]

    __table_args__ = (
        Index(None, "key", "kind", "currency"),
        Index(None, "kind", "currency", "key"),
        Index(None, "invoice_id"),
    )

"""Invoices and credit notes, and settlements that the company's accounting booked elsewhere."""

from __future__ import annotations

from datetime import date

from sqlalchemy import ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from backend.schema import Base, Currency, Id, Millis, Minor, Name, PrimaryId, Word


class InvoiceRecord(Base):
    """A receivable document; never changed. What is open is a sum over ledger postings."""

    __tablename__ = "invoice"

    id: Mapped[PrimaryId]
    customer_id: Mapped[Id] = mapped_column(ForeignKey("customer.id"))
    number: Mapped[Word]
    kind: Mapped[Word]
    issued_on: Mapped[date]
    due_on: Mapped[date]
    currency: Mapped[Currency]
    amount_minor: Mapped[Minor]  # negative for a credit note
    note: Mapped[Name]
    import_id: Mapped[Id]
    created_at_ms: Mapped[Millis]

    __table_args__ = (UniqueConstraint("customer_id", "number"), Index(None, "number"))


class Settlement(Base):
    """A payment (or other reduction) of an invoice that was booked outside: known only from a file."""

    __tablename__ = "settlement"

    id: Mapped[PrimaryId]
    invoice_id: Mapped[Id] = mapped_column(ForeignKey("invoice.id"), index=True)
    amount_minor: Mapped[Minor]
    settled_on: Mapped[date]
    import_id: Mapped[Id]
    accepted_by: Mapped[Id]
    created_at_ms: Mapped[Millis]

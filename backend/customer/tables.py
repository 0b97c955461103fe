"""Customers, and the history of who serves them."""

from __future__ import annotations

from sqlalchemy import ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from backend.schema import Base, Body, Currency, Id, Millis, Minor, Name, PrimaryId, Word


class CustomerRecord(Base):
    """A customer; ``salesperson_id`` is who serves it now (empty: nobody)."""

    __tablename__ = "customer"

    id: Mapped[PrimaryId]
    number: Mapped[Word] = mapped_column(unique=True)
    name: Mapped[Name]
    pinyin: Mapped[Body]
    class_code: Mapped[Word]
    phone: Mapped[Word]
    address: Mapped[Name]
    contact: Mapped[Name]
    terms_days: Mapped[int]
    limit_minor: Mapped[Minor]
    currency: Mapped[Currency]
    salesperson_id: Mapped[Id]
    on_hold: Mapped[bool]
    created_at_ms: Mapped[Millis]

    __table_args__ = (Index(None, "salesperson_id", "number"),)


class Assignment(Base):
    """A customer given to a salesperson: a fact with who and when."""

    __tablename__ = "customer_assignment"

    id: Mapped[PrimaryId]
    customer_id: Mapped[Id] = mapped_column(ForeignKey("customer.id"), index=True)
    salesperson_id: Mapped[Id]
    assigned_by: Mapped[Id]
    assigned_at_ms: Mapped[Millis]

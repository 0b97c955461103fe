"""Collections, their allocations as intended and as applied, and requests to void them."""

from __future__ import annotations

from sqlalchemy import ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from backend.schema import Base, Body, Currency, Id, Millis, Minor, Name, PrimaryId, Word


class Collection(Base):
    """One payment taken; ``flags`` (space separated) say what a person should look at (reassigned, clock …)."""

    __tablename__ = "collection"

    salesperson_id: Mapped[Id]
    id: Mapped[PrimaryId]
    customer_id: Mapped[Id] = mapped_column(ForeignKey("customer.id"))
    device_id: Mapped[Id]
    operation_id: Mapped[Id] = mapped_column(unique=True)
    currency: Mapped[Currency]
    amount_minor: Mapped[Minor]
    unapplied_minor: Mapped[Minor]
    method: Mapped[Word]
    receipt_number: Mapped[Word] = mapped_column(index=True)
    reference: Mapped[Name]
    note: Mapped[Body]
    request_id: Mapped[Id]
    latitude_e5: Mapped[int | None]
    longitude_e5: Mapped[int | None]
    accuracy_m: Mapped[int | None]
    mocked: Mapped[bool | None]
    taken_at_ms: Mapped[Millis]
    received_at_ms: Mapped[Millis]
    flags: Mapped[Name]

    __table_args__ = (Index(None, "salesperson_id", "taken_at_ms"), Index(None, "customer_id", "taken_at_ms"))


class Allocation(Base):
    """One invoice of a collection: what the customer chose and what the invoice could take."""

    __tablename__ = "allocation"

    collection_id: Mapped[PrimaryId] = mapped_column(ForeignKey("collection.id"))
    line: Mapped[int] = mapped_column(primary_key=True)
    invoice_id: Mapped[Id] = mapped_column(index=True)
    intended_minor: Mapped[Minor]
    applied_minor: Mapped[Minor]


class VoidRequest(Base):
    """A wish to void a collection, with its reason; an approval row with subject ``void`` decides it."""

    __tablename__ = "collection_void"

    id: Mapped[PrimaryId]
    collection_id: Mapped[Id] = mapped_column(ForeignKey("collection.id"), index=True)
    reason: Mapped[Body]
    asked_by: Mapped[Id]
    asked_at_ms: Mapped[Millis]

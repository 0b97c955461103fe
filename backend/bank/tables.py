"""Bank accounts, imported statements and their lines, kept as they came."""

from __future__ import annotations

from datetime import date

from sqlalchemy import ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from backend.schema import Base, Body, Currency, Hash, Id, Millis, Minor, Name, PrimaryId, Word


class BankAccount(Base):
    """One of the company's own accounts."""

    __tablename__ = "bank_account"

    id: Mapped[PrimaryId]
    name: Mapped[Name]
    number: Mapped[Word] = mapped_column(unique=True)
    currency: Mapped[Currency]
    created_at_ms: Mapped[Millis]


class BankImport(Base):
    """One statement file that was imported, with its SHA-256 and the mapping that read it."""

    __tablename__ = "bank_import"

    id: Mapped[PrimaryId]
    account_id: Mapped[Id] = mapped_column(ForeignKey("bank_account.id"))
    file_name: Mapped[Name]
    file_hash: Mapped[Hash]
    mapping: Mapped[Body]
    imported_by: Mapped[Id]
    imported_at_ms: Mapped[Millis]
    new_count: Mapped[int]
    known_count: Mapped[int]
    unreadable_count: Mapped[int]


class BankLineRecord(Base):
    """One normalised line; ``raw`` is untouched. Fingerprint and occurrence make a second import add nothing."""

    __tablename__ = "bank_line"

    account_id: Mapped[Id] = mapped_column(ForeignKey("bank_account.id"))
    id: Mapped[PrimaryId]
    import_id: Mapped[Id] = mapped_column(ForeignKey("bank_import.id"), index=True)
    booked_on: Mapped[date]
    value_on: Mapped[date]
    amount_minor: Mapped[Minor]
    currency: Mapped[Currency]
    counterparty_name: Mapped[Name]
    counterparty_account: Mapped[Name]
    reference: Mapped[Name]
    text: Mapped[Body]
    bank_id: Mapped[Name]
    balance_after_minor: Mapped[Minor | None]
    raw: Mapped[Body]
    fingerprint: Mapped[Hash]
    occurrence: Mapped[int]
    created_at_ms: Mapped[Millis]

    __table_args__ = (
        UniqueConstraint("account_id", "fingerprint", "occurrence"),
        Index(None, "account_id", "booked_on"),
    )

"""Files of customers and invoices that were imported, and the column mappings that read them."""

from __future__ import annotations

from datetime import date

from sqlalchemy.orm import Mapped, mapped_column

from backend.schema import Base, Body, Hash, Id, Millis, Minor, Name, PrimaryId, Word


class ImportMapping(Base):
    """A saved column mapping (JSON) for files of customers, invoices or bank lines."""

    __tablename__ = "import_mapping"

    kind: Mapped[Word] = mapped_column(primary_key=True)
    name: Mapped[Name] = mapped_column(primary_key=True)
    body: Mapped[Body]
    saved_by: Mapped[Id]
    saved_at_ms: Mapped[Millis]


class ImportBatch(Base):
    """One file that was imported: counts, and the rows that were refused with their reasons (JSON)."""

    __tablename__ = "import_batch"

    id: Mapped[PrimaryId]
    kind: Mapped[Word]
    file_name: Mapped[Name]
    file_hash: Mapped[Hash]
    mapping: Mapped[Body]
    as_of: Mapped[date | None]
    imported_by: Mapped[Id]
    imported_at_ms: Mapped[Millis]
    new_count: Mapped[int]
    known_count: Mapped[int]
    refused: Mapped[Body]


class OpenDifference(Base):
    """An open amount in a file that differs from our ledger: proposed as a settlement, decided by a person.

    ``missing``: the file does not have the invoice at all; that is only listed.
    """

    __tablename__ = "open_difference"

    import_id: Mapped[PrimaryId]
    invoice_id: Mapped[PrimaryId]
    file_open_minor: Mapped[Minor]
    ledger_open_minor: Mapped[Minor]
    state: Mapped[Word]  # proposed | accepted | dismissed | missing
    decided_by: Mapped[Id]

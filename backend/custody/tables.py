"""Held money: lots moved between holders, hand-overs in two halves, and deposits."""

from __future__ import annotations

from datetime import date

from sqlalchemy import ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from backend.schema import Base, Body, Currency, Id, Millis, Minor, Name, PrimaryId, Word


class CustodyMove(Base):
    """Money of one collection entering (> 0) or leaving (< 0) one holder's hands, because of one fact.

    Over all holders and facts the moves of a collection sum to what is still held of it.
    """

    __tablename__ = "custody_move"

    holder_id: Mapped[PrimaryId]
    collection_id: Mapped[PrimaryId] = mapped_column(ForeignKey("collection.id"))
    fact_id: Mapped[PrimaryId]
    fact_kind: Mapped[Word]  # "collection" | "hand_over" | "deposit" | "void"
    kind: Mapped[Word]  # cash, cheque, draft
    currency: Mapped[Currency]
    amount_minor: Mapped[Minor]
    taken_at_ms: Mapped[Millis]  # of the collection: the age of the money

    __table_args__ = (Index(None, "collection_id"), Index(None, "fact_id"))


class HandOver(Base):
    """The giver's half, signed on the giver's phone."""

    __tablename__ = "hand_over"

    id: Mapped[PrimaryId]
    giver_id: Mapped[Id]
    device_id: Mapped[Id]
    operation_id: Mapped[Id] = mapped_column(unique=True)
    currency: Mapped[Currency]
    kind: Mapped[Word]
    counted_minor: Mapped[Minor]
    pairing_code: Mapped[Word]
    note: Mapped[Body]
    given_at_ms: Mapped[Millis]
    received_at_ms: Mapped[Millis]

    __table_args__ = (Index(None, "giver_id", "given_at_ms"),)


class HandOverReceipt(Base):
    """The receiver's half: who counted what. With both halves the hand-over posts."""

    __tablename__ = "hand_over_receipt"

    hand_over_id: Mapped[PrimaryId] = mapped_column(ForeignKey("hand_over.id"))
    receiver_id: Mapped[Id]
    counted_minor: Mapped[Minor]
    counted_at_ms: Mapped[Millis]
    note: Mapped[Body]


class HandOverRefusal(Base):
    """A giver's half that nobody will receive: mistyped, or the money never came. The giver may give again."""

    __tablename__ = "hand_over_refusal"

    hand_over_id: Mapped[PrimaryId] = mapped_column(ForeignKey("hand_over.id"))
    refused_by: Mapped[Id]
    reason: Mapped[Body]
    refused_at_ms: Mapped[Millis]


class Deposit(Base):
    """Held money paid in at the bank; its collections are its custody moves."""

    __tablename__ = "deposit"

    id: Mapped[PrimaryId]
    holder_id: Mapped[Id]
    operation_id: Mapped[Id]  # empty when recorded in the console
    bank_account_id: Mapped[Id] = mapped_column(ForeignKey("bank_account.id"))
    currency: Mapped[Currency]
    kind: Mapped[Word]
    amount_minor: Mapped[Minor]
    slip_reference: Mapped[Name]
    deposited_on: Mapped[date]
    recorded_at_ms: Mapped[Millis]
    note: Mapped[Body]

    __table_args__ = (Index(None, "holder_id", "deposited_on"),)

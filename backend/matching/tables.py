"""Matches between bank lines and expected money, their undoing, and proposals waiting for a person."""

from __future__ import annotations

from sqlalchemy import ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from backend.schema import Base, Body, Id, Millis, Minor, PrimaryId, Word


class Match(Base):
    """A confirmed match; in force until an ``Unmatch`` names it. ``confirmed_by`` is ``auto`` or a user."""

    __tablename__ = "match"

    id: Mapped[PrimaryId]
    line_id: Mapped[Id] = mapped_column(ForeignKey("bank_line.id"), index=True)
    expected_kind: Mapped[Word]
    expected_id: Mapped[Id]
    amount_minor: Mapped[Minor]
    rule: Mapped[Word]
    evidence: Mapped[Body]
    probability_bp: Mapped[int]
    confirmed_by: Mapped[Id]
    confirmed_at_ms: Mapped[Millis]

    __table_args__ = (Index(None, "expected_id"),)


class Unmatch(Base):
    """A match undone, with who, when and why."""

    __tablename__ = "unmatch"

    match_id: Mapped[PrimaryId] = mapped_column(ForeignKey("match.id"))
    reason: Mapped[Body]
    undone_by: Mapped[Id]
    undone_at_ms: Mapped[Millis]


class Claim(Base):
    """What is taken now: one row for each bank line and each expected amount in a match in force.

    The primary key is the lock that lets nothing be matched twice; unmatching deletes the two rows.
    """

    __tablename__ = "match_claim"

    subject_id: Mapped[PrimaryId]
    match_id: Mapped[Id] = mapped_column(ForeignKey("match.id"), index=True)


class ProposalRecord(Base):
    """A proposal waiting in the review queue; made anew by each run, so it holds no truth."""

    __tablename__ = "match_proposal"

    line_id: Mapped[PrimaryId] = mapped_column(ForeignKey("bank_line.id"))
    expected_id: Mapped[PrimaryId]
    expected_kind: Mapped[Word]
    amount_minor: Mapped[Minor]
    rule: Mapped[Word]
    evidence: Mapped[Body]
    probability_bp: Mapped[int]
    proposed_at_ms: Mapped[Millis]


class MatchRejection(Base):
    """A pair that a person refused: never proposed again."""

    __tablename__ = "match_rejection"

    line_id: Mapped[PrimaryId] = mapped_column(ForeignKey("bank_line.id"))
    expected_id: Mapped[PrimaryId]
    rejected_by: Mapped[Id]
    rejected_at_ms: Mapped[Millis]

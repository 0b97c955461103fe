"""Approving and rejecting recorded collections and requested voids."""

from __future__ import annotations

from typing import Literal

from shared.permission import require
from shared.refusal import Refused

Decision = Literal["approved", "rejected"]
Subject = Literal["collection", "void"]


def decide(
    *, role: str, decider_id: str, recorder_id: str, decision: Decision, reason: str, decided_before: bool
) -> None:
    """Check that this person may take this decision; returns nothing.

    Refuses ``permission_missing``, ``approval_own`` (four eyes: DESIGN.md, the people), ``already_decided`` and
    ``reason_missing`` (a rejection always says why).
    """
    require(role, "collection.approve" if decision == "approved" else "collection.reject")
    if decider_id == recorder_id:
        raise Refused("approval_own")
    if decided_before:
        raise Refused("already_decided")
    if decision == "rejected" and not reason.strip():
        raise Refused("reason_missing")

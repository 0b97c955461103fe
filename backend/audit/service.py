"""Recording what was done: one event a write, in the write's own transaction."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from backend.audit.tables import AuditEvent
from shared.clock import to_ms
from shared.ident import uuid7

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncSession

    from backend.auth.actor import Actor
    from shared.clock import Clock


def record(  # noqa: PLR0917 - the order in which an event reads: who, when, what, to what
    session: AsyncSession,
    actor: Actor,
    clock: Clock,
    action: str,
    subject_kind: str,
    subject_id: str,
    **detail: object,
) -> None:
    """Note who did what to what; ``action`` is a permission word, ``detail`` what a person would ask next.

    Never put secrets in ``detail``: the log is shown and exported.
    """
    now = to_ms(clock.now())
    session.add(
        AuditEvent(
            id=uuid7(now),
            at_ms=now,
            actor_id=actor.user_id,
            actor_role=actor.role,
            device_id=actor.device_id,
            action=action,
            subject_kind=subject_kind,
            subject_id=subject_id,
            detail=json.dumps(detail, ensure_ascii=False, sort_keys=True, default=str),
        )
    )

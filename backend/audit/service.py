"""Recording what was done: one event a write, in the write's own transaction."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from backend.audit import queries
from backend.audit.tables import AuditEvent
from shared.clock import to_ms
from shared.ident import uuid7

if TYPE_CHECKING:
    from collections.abc import Mapping

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
    session.add(AuditEvent(**_row(actor, clock, action, (subject_kind, subject_id), detail)))


async def record_many(  # noqa: PLR0917 - as above
    session: AsyncSession,
    actor: Actor,
    clock: Clock,
    action: str,
    subject_kind: str,
    details: Mapping[str, Mapping[str, object]],
) -> None:
    """Note the same action on many subjects (id -> detail), an event each, with one statement."""
    rows = [_row(actor, clock, action, (subject_kind, one), detail) for one, detail in details.items()]
    await queries.add_events(session, rows)


def _row(
    actor: Actor, clock: Clock, action: str, subject: tuple[str, str], detail: Mapping[str, object]
) -> dict[str, Any]:
    now = to_ms(clock.now())
    return {
        "id": uuid7(now),
        "at_ms": now,
        "actor_id": actor.user_id,
        "actor_role": actor.role,
        "device_id": actor.device_id,
        "action": action,
        "subject_kind": subject[0],
        "subject_id": subject[1],
        "detail": json.dumps(detail, ensure_ascii=False, sort_keys=True, default=str),
    }

"""The change feed: services name the records they touched; their latest state is written last, before COMMIT.

Positions are counters per scope. A counter's row is locked (in sorted order) before the records are read and stays
locked until COMMIT, so positions become visible in order and the later writer's body holds the earlier writer's change.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sqlalchemy.ext.asyncio import AsyncSession

_TOUCHED = "touched"
# What is worked out from another kind moves with it: a collection's incentive that is still on its way.
_FOLLOWERS = {"collection": ("incentive",)}

Touched = dict[str, set[str]]  # kind -> record ids


def touch(session: AsyncSession, kind: str, record_id: str) -> None:
    """Note that a record (a kind of ``sync.message.ROWS``) changed in this transaction."""
    session.info.setdefault(_TOUCHED, {}).setdefault(kind, set()).add(record_id)


async def publish(session: AsyncSession) -> None:
    """Write the touched records' latest state into the feed of each scope that sees them."""
    touched: Touched | None = session.info.pop(_TOUCHED, None)
    if not touched:
        return
    from backend.sync import records  # noqa: PLC0415 - records knows every domain's tables; database.py imports feed

    for kind, followers in _FOLLOWERS.items():
        for follower in followers if kind in touched else ():
            touched.setdefault(follower, set()).update(touched[kind])
    scopes, before, positions = await _locked(session, touched)
    bodies = {kind: await records.bodies(session, kind, ids) for kind, ids in touched.items()}
    await records.write(session, list(_rows(touched, scopes, before, positions, bodies)))


Key = tuple[str, str]  # (kind, record id)


async def _locked(
    session: AsyncSession, touched: Touched
) -> tuple[dict[Key, str], dict[Key, set[str]], dict[str, int]]:
    """Lock the counters of all scopes that see the records now or saw them before; repeat until nothing moved."""
    from backend.sync import records  # noqa: PLC0415 - as above

    positions: dict[str, int] = {}
    while True:
        scopes: dict[Key, str] = {}
        for kind, ids in touched.items():
            scopes |= {(kind, one): scope for one, scope in (await records.scopes(session, kind, ids)).items()}
        before = await records.seen(session, touched)
        wanted = {*scopes.values(), *(scope for held in before.values() for scope in held)} - {"", *positions}
        if not wanted:
            return scopes, before, positions
        positions |= await records.advance(session, sorted(wanted))


def _rows(
    touched: Touched,
    scopes: dict[Key, str],
    before: dict[Key, set[str]],
    positions: dict[str, int],
    bodies: dict[str, dict[str, str]],
) -> Iterable[dict[str, object]]:
    """Yield feed rows: the body in the record's scope, and a removal wherever else it was (or where it ended)."""
    for kind, ids in touched.items():
        for one in sorted(ids):
            scope, body = scopes.get((kind, one), ""), bodies[kind].get(one, "")
            shown = {scope: body} if scope and body else {}
            for held in sorted(before.get((kind, one), set()) | set(shown)):
                yield {
                    "scope": held,
                    "kind": kind,
                    "record_id": one,
                    "position": positions[held],
                    "body": shown.get(held, ""),
                }

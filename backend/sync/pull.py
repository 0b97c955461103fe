"""Giving phones what changed in their scopes: pages that never cut a transaction, behind an opaque cursor."""

from __future__ import annotations

import base64
import binascii
from dataclasses import dataclass, field

import msgspec
from sqlalchemy.ext.asyncio import AsyncSession

from backend.auth.actor import Actor
from backend.company import service as company
from backend.sync import queries
from backend.sync.rows.company import EVERYONE
from shared.clock import Clock, to_ms
from shared.refusal import Refused
from sync.message import PAGE_ROWS, Page, PullRequest
from sync.signing import time_token

HARD_CAP = 20_000  # rows of one transaction that a page takes whole
_CURSOR_LENGTH = 4_000

Place = tuple[int, str, str]
_START: Place = (0, "", "")


class Cursor(msgspec.Struct, array_like=True, forbid_unknown_fields=True):
    """What a cursor holds: the epoch, and for each scope the place that was reached.

    It grants nothing: the scopes read are those of who asks, so a forged cursor only shifts its forger's own place.
    """

    epoch: str
    places: dict[str, Place]


def encode(cursor: Cursor) -> str:
    """Write a cursor as opaque text."""
    return base64.urlsafe_b64encode(msgspec.json.encode(cursor)).decode()


def decode(text: str) -> Cursor:
    """Read a cursor; refuses ``cursor_invalid``."""
    if len(text) > _CURSOR_LENGTH:
        raise Refused("cursor_invalid")
    try:
        cursor = msgspec.json.decode(base64.urlsafe_b64decode(text.encode("ascii")), type=Cursor)
    except (msgspec.MsgspecError, UnicodeError, binascii.Error):
        raise Refused("cursor_invalid") from None
    for position, kind, one in cursor.places.values():
        if not 0 <= position < 2**62 or len(kind) > 40 or len(one) > 36 or "\0" in kind + one:
            raise Refused("cursor_invalid")
    return cursor


def scopes_of(actor: Actor) -> list[str]:
    """Return what a person's phone reads: the company, and what is theirs."""
    return [EVERYONE, queries.scope_of(actor.user_id)]


@dataclass
class _Reading:
    """A page being filled."""

    left: int
    rows: list[tuple[str, str, msgspec.Raw]] = field(default_factory=list)
    removals: list[tuple[str, str]] = field(default_factory=list)
    more: bool = False

    def add(self, found: list[tuple[int, str, str, str]]) -> None:
        for _position, kind, one, body in found:
            if body:
                self.rows.append((kind, one, msgspec.Raw(body.encode())))
            else:
                self.removals.append((kind, one))
        self.left -= len(found)


async def pull(session: AsyncSession, actor: Actor, clock: Clock, request: PullRequest) -> Page:
    """Return the next page for a phone; ``restart`` when its mirror cannot be continued.

    Refuses ``permission_missing`` and ``cursor_invalid``.
    """
    actor.require("sync.pull")
    epoch, scopes = await company.epoch(session), scopes_of(actor)
    counters = await queries.positions(session, scopes)
    cursor = decode(request.cursor) if request.cursor else None
    restart = cursor is None or not _continues(cursor, epoch, scopes, counters)
    places = dict.fromkeys(scopes, _START) if cursor is None or restart else cursor.places
    page = _Reading(left=max(1, min(request.limit, PAGE_ROWS)))
    for scope in scopes:
        if counters.get(scope, 0) < places[scope][0] or page.left <= 0:
            page.more = page.more or counters.get(scope, 0) > places[scope][0] or bool(places[scope][1])
            continue
        places[scope] = await _read(session, scope, places[scope], page)
    return Page(
        epoch=epoch,
        rows=page.rows,
        removals=page.removals,
        cursor=encode(Cursor(epoch, places)),
        more=page.more,
        time_token=time_token(await company.secret(session, company.TIME_SECRET), to_ms(clock.now())),
        restart=restart,
    )


def _continues(cursor: Cursor, epoch: str, scopes: list[str], counters: dict[str, int]) -> bool:
    """Say whether a cursor fits: same epoch, same scopes, and nothing from a future that this server never had."""
    known = all(place[0] <= counters.get(scope, 0) for scope, place in cursor.places.items())
    return cursor.epoch == epoch and set(cursor.places) == set(scopes) and known


async def _read(session: AsyncSession, scope: str, place: Place, page: _Reading) -> Place:
    """Add what fits of one scope to the page and return the place reached; a position is taken whole or not at all."""
    found = await queries.feed(session, scope, place, page.left + 1)
    if len(found) <= page.left:
        page.add(found)
        return (found[-1][0], "", "") if found else (place[0], "", "")
    whole = [row for row in found if row[0] < found[-1][0]]
    if whole:
        page.more = True
        page.add(whole)
        return (whole[-1][0], "", "")
    return await _read_one_position(session, scope, place, page, found[0][0])


async def _read_one_position(session: AsyncSession, scope: str, place: Place, page: _Reading, position: int) -> Place:
    """Take all rows of one transaction that is larger than a page; beyond the hard cap, cut it after all."""
    found = await queries.feed(session, scope, place, HARD_CAP + 1)
    rows = [row for row in found if row[0] == position][:HARD_CAP]
    page.add(rows)
    page.more = page.more or len(found) > len(rows)
    cut = len(found) > HARD_CAP and found[HARD_CAP][0] == position
    return (position, rows[-1][1], rows[-1][2]) if cut else (position, "", "")

"""Collections, each with its timeline of facts, under /api."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Any
from zoneinfo import ZoneInfo

import msgspec
from litestar import Controller, Response, get
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery, ParameterKwarg
from sqlalchemy.ext.asyncio import AsyncSession

from backend.auth.actor import Actor
from backend.bounds import IdText, PageLimit, WordText
from backend.collection import queries
from backend.collection.place import PlaceText, place, place_text
from backend.collection.timeline import Event, timeline
from backend.company import service as company
from backend.export import csv_response
from backend.guards import requires
from shared.clock import from_ms, to_ms
from shared.money import decimal_text
from shared.refusal import Refused

_EXPORT_ROWS = 10_000
_OwnId = Annotated[str, ParameterKwarg(pattern=r"^([0-9a-f-]{36})?$", description="Empty: any.")]


class CollectionRow(msgspec.Struct, frozen=True):
    """One collection; facts apart, never one status."""

    id: str
    receipt_number: str
    customer_id: str
    customer_number: str
    customer_name: str
    salesperson_id: str
    salesperson_name: str
    currency: str
    amount_minor: int
    unapplied_minor: int
    method: str
    reference: str
    taken_at_ms: int
    received_at_ms: int
    flags: list[str]
    decision: str
    void: str
    held_minor: int
    matched_minor: int


class CollectionPage(msgspec.Struct, frozen=True):
    """Collections, newest first; ``after`` asks for the next page, empty at the end."""

    collections: list[CollectionRow]
    after: str


class PartRow(msgspec.Struct, frozen=True):
    """What the customer chose for one invoice, and what it could take."""

    invoice_id: str
    invoice_number: str
    intended_minor: int
    applied_minor: int


class CollectionDetail(msgspec.Struct, frozen=True):
    """One collection with everything that happened to it, oldest first."""

    collection: CollectionRow
    note: str
    parts: list[PartRow]
    timeline: list[Event]


class Collections(Controller):
    """Payments taken; a salesperson sees their own."""

    path = "/api/collections"
    tags = ["collection"]

    @get("/", guards=[requires("collection.view")])
    async def collections(
        self,
        *,
        reader: NamedDependency[AsyncSession],
        actor: NamedDependency[Actor],
        salesperson_id: FromQuery[_OwnId] = "",
        customer_id: FromQuery[_OwnId] = "",
        method: FromQuery[WordText] = "",
        receipt_number: FromQuery[WordText] = "",
        flag: FromQuery[WordText] = "",
        since: FromQuery[date | None] = None,
        until: FromQuery[date | None] = None,
        after: FromQuery[PlaceText] = "",
        limit: FromQuery[PageLimit] = 50,
    ) -> CollectionPage:
        """List collections, newest first; ``since`` and ``until`` are days in the company's zone, both included."""
        wanted = queries.Filter(
            own(actor, salesperson_id), customer_id, method, receipt_number, flag, *await _days(reader, since, until)
        )
        found = await queries.page(reader, wanted, after=place(after), limit=limit)
        last = found[-1].collection if len(found) == limit else None
        return CollectionPage([row_of(one) for one in found], place_text(last.taken_at_ms, last.id) if last else "")

    @get("/export.csv", guards=[requires("collection.view")])
    async def export(
        self,
        *,
        reader: NamedDependency[AsyncSession],
        actor: NamedDependency[Actor],
        salesperson_id: FromQuery[_OwnId] = "",
        customer_id: FromQuery[_OwnId] = "",
        since: FromQuery[date | None] = None,
        until: FromQuery[date | None] = None,
    ) -> Response[bytes]:
        """Export collections as CSV (10,000 rows at most, newest first)."""
        wanted = queries.Filter(own(actor, salesperson_id), customer_id, "", "", "", *await _days(reader, since, until))
        found = await queries.page(reader, wanted, limit=_EXPORT_ROWS)
        zone = (await company.company(reader)).zone
        return csv_response("collections", _COLUMNS, (_line(one, zone) for one in found))

    @get("/{collection_id:str}", guards=[requires("collection.view")])
    async def detail(
        self, reader: NamedDependency[AsyncSession], actor: NamedDependency[Actor], collection_id: FromPath[IdText]
    ) -> CollectionDetail:
        """Show one collection; another person's is not found."""
        found = await queries.listed(reader, collection_id)
        if found is None or (actor.only_own and found.collection.salesperson_id != actor.user_id):
            raise Refused("collection_not_found")
        parts = (await queries.parts(reader, [collection_id])).get(collection_id, [])
        split = [PartRow(one.invoice_id, one.invoice_number, one.intended_minor, one.applied_minor) for one in parts]
        return CollectionDetail(row_of(found), found.collection.note, split, await timeline(reader, found.collection))


def own(actor: Actor, asked: str) -> str:
    """Return whose collections to list: what was asked for, but only one's own without ``team.view``."""
    return actor.user_id if actor.only_own else asked


async def _days(reader: AsyncSession, since: date | None, until: date | None) -> tuple[int | None, int | None]:
    """Return the milliseconds at which the first day begins and the last one ends."""
    zone = ZoneInfo((await company.company(reader)).zone)

    def start(day: date) -> int:
        return to_ms(datetime(day.year, day.month, day.day, tzinfo=zone))

    after_last = date.fromordinal(min(until.toordinal() + 1, date.max.toordinal())) if until else None
    return (start(since) if since else None, start(after_last) if after_last else None)


def row_of(one: queries.Listed) -> CollectionRow:
    """Return one collection as it is listed."""
    of, now = one.collection, one.standing
    named: dict[str, Any] = {
        name: getattr(of, name)
        for name in (
            *("id", "receipt_number", "customer_id", "salesperson_id", "currency", "amount_minor"),
            *("unapplied_minor", "method", "reference", "taken_at_ms", "received_at_ms"),
        )
    }
    return CollectionRow(
        **named,
        customer_number=one.customer_number,
        customer_name=one.customer_name,
        salesperson_name=one.salesperson_name,
        flags=of.flags.split(),
        decision=now.decision,
        void=now.void,
        held_minor=now.held_minor,
        matched_minor=now.matched_minor,
    )


_COLUMNS = (
    *("receipt_number", "taken_at", "customer_number", "customer", "salesperson", "currency", "amount"),
    *("unapplied", "method", "reference", "flags", "decision", "void", "held", "matched"),
)


def _line(one: queries.Listed, zone: str) -> list[str]:
    of, now = one.collection, one.standing
    amounts = (of.amount_minor, of.unapplied_minor, now.held_minor, now.matched_minor)
    amount, unapplied, held, matched = (decimal_text(minor, of.currency) for minor in amounts)
    taken_at = from_ms(of.taken_at_ms).astimezone(ZoneInfo(zone)).strftime("%Y-%m-%d %H:%M")
    return [
        *(of.receipt_number, taken_at, one.customer_number, one.customer_name, one.salesperson_name, of.currency),
        *(amount, unapplied, of.method, of.reference, of.flags, now.decision, now.void, held, matched),
    ]


ROUTES = [Collections]

"""Who holds what, hand-overs and deposits, under /api."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Literal

import msgspec
from litestar import Controller, get, post
from litestar.di import NamedDependency
from litestar.params import FromQuery, JSONBody
from sqlalchemy.ext.asyncio import AsyncSession

from backend.auth.actor import Actor
from backend.bounds import IdText, NameText, NoteText, PageLimit, PositiveMinor
from backend.collection.place import PlaceText, place, place_text
from backend.custody import queries, service
from backend.guards import requires, signed_in
from shared.clock import Clock, to_ms
from shared.custody import DepositMade
from shared.ident import uuid7

_Held = Literal["cash", "cheque", "draft"]
_Currency = Annotated[str, msgspec.Meta(pattern="^[A-Z]{3}$")]


class HoldingRow(msgspec.Struct, frozen=True):
    """What one person holds."""

    holder_id: str
    kind: str
    currency: str
    amount_minor: int
    oldest_ms: int


class HandOverRow(msgspec.Struct, frozen=True):
    """A hand-over; without ``receiver_id`` the other half has not arrived, or ``refused`` says why it never will."""

    id: str
    giver_id: str
    giver_name: str
    currency: str
    kind: str
    given_minor: int
    given_at_ms: int
    receiver_id: str
    receiver_name: str
    received_minor: int | None
    refused: str = ""


class HandOverPage(msgspec.Struct, frozen=True):
    """Hand-overs, newest first; ``after`` asks for the next page, empty at the end."""

    hand_overs: list[HandOverRow]
    after: str


class ReceiveBody(msgspec.Struct, frozen=True):
    """The receiver's half: the code the giver shows, and what was counted."""

    pairing_code: Annotated[str, msgspec.Meta(pattern="^[0-9]{6}$")]
    counted_minor: PositiveMinor
    note: NoteText = ""
    hand_over_id: IdText | Literal[""] = ""


class DepositBody(msgspec.Struct, frozen=True):
    """Held money paid in at the bank by who is signed in."""

    bank_account_id: IdText
    currency: _Currency
    kind: _Held
    amount_minor: PositiveMinor
    slip_reference: NameText
    deposited_on: date
    note: NoteText = ""


class DepositRow(msgspec.Struct, frozen=True):
    """A deposit, and whether the bank has it."""

    id: str
    holder_id: str
    holder_name: str
    account_name: str
    currency: str
    kind: str
    amount_minor: int
    slip_reference: str
    deposited_on: date
    matched: bool


class DepositPage(msgspec.Struct, frozen=True):
    """Deposits, newest first; ``after`` asks for the next page, empty at the end."""

    deposits: list[DepositRow]
    after: str


class Custody(Controller):
    """Held money."""

    path = "/api/custody"
    tags = ["custody"]

    @get("/holdings", guards=[signed_in])
    async def holdings(self, reader: NamedDependency[AsyncSession], actor: NamedDependency[Actor]) -> list[HoldingRow]:
        """Say who holds what; without ``custody.view`` only what is one's own."""
        found = await queries.holdings(reader, own(actor))
        return [HoldingRow(*one) for one in found]

    @get("/hand-overs", guards=[signed_in])
    async def hand_overs(
        self,
        *,
        reader: NamedDependency[AsyncSession],
        actor: NamedDependency[Actor],
        awaiting: FromQuery[bool] = False,
        after: FromQuery[PlaceText] = "",
        limit: FromQuery[PageLimit] = 50,
    ) -> HandOverPage:
        """List hand-overs; the pairing code is known to giver and receiver only."""
        found = await queries.hand_overs(
            reader, giver_id=own(actor), awaiting=awaiting, after=place(after), limit=limit
        )
        last = found[-1].hand_over if len(found) == limit else None
        more = place_text(last.given_at_ms, last.id) if last else ""
        return HandOverPage([_hand_over_row(one) for one in found], more)

    @post("/hand-overs/receive", guards=[requires("custody.receive")], status_code=200)
    async def receive(
        self,
        session: NamedDependency[AsyncSession],
        actor: NamedDependency[Actor],
        clock: NamedDependency[Clock],
        data: JSONBody[ReceiveBody],
    ) -> dict[str, str]:
        """Receive a hand-over: count, and it posts."""
        return {"id": await service.receive(session, actor, clock, **msgspec.structs.asdict(data))}

    @get("/deposits", guards=[signed_in])
    async def deposits(
        self,
        reader: NamedDependency[AsyncSession],
        actor: NamedDependency[Actor],
        after: FromQuery[PlaceText] = "",
        limit: FromQuery[PageLimit] = 50,
    ) -> DepositPage:
        """List deposits; without ``custody.view`` only one's own."""
        found = await queries.deposits(reader, holder_id=own(actor), after=place(after), limit=limit)
        last = found[-1].deposit if len(found) == limit else None
        more = place_text(last.recorded_at_ms, last.id) if last else ""
        return DepositPage([_deposit_row(one) for one in found], more)

    @post("/deposits", guards=[requires("custody.deposit")])
    async def deposit(
        self,
        session: NamedDependency[AsyncSession],
        actor: NamedDependency[Actor],
        clock: NamedDependency[Clock],
        data: JSONBody[DepositBody],
    ) -> dict[str, str]:
        """Book a deposit of one's own held money."""
        now = to_ms(clock.now())
        values = msgspec.structs.asdict(data) | {"deposited_on": data.deposited_on.isoformat()}
        made = DepositMade(id=uuid7(now), holder_id=actor.user_id, deposited_at_ms=now, **values)
        await service.deposit(session, actor, clock, made)
        return {"id": made.id}


def own(actor: Actor) -> str:
    """Return whose custody an actor may see: their own id, or "" for everybody's."""
    return "" if actor.may("custody.view") else actor.user_id


def _hand_over_row(one: queries.HandOverState) -> HandOverRow:
    half, receipt = one.hand_over, one.receipt
    return HandOverRow(
        id=half.id,
        giver_id=half.giver_id,
        giver_name=one.giver_name,
        currency=half.currency,
        kind=half.kind,
        given_minor=half.counted_minor,
        given_at_ms=half.given_at_ms,
        receiver_id=receipt.receiver_id if receipt else "",
        receiver_name=one.receiver_name,
        received_minor=receipt.counted_minor if receipt else None,
        refused=one.refusal.reason if one.refusal else "",
    )


def _deposit_row(one: queries.DepositState) -> DepositRow:
    made = one.deposit
    return DepositRow(
        id=made.id,
        holder_id=made.holder_id,
        holder_name=one.holder_name,
        account_name=one.account_name,
        currency=made.currency,
        kind=made.kind,
        amount_minor=made.amount_minor,
        slip_reference=made.slip_reference,
        deposited_on=made.deposited_on,
        matched=one.matched,
    )


ROUTES = [Custody]

"""Money: who holds what and how old it is, hand-overs waiting to be counted, deposits at the bank."""

from __future__ import annotations

from typing import Any

from litestar import Response, get, post
from litestar.di import NamedDependency
from sqlalchemy.ext.asyncio import AsyncSession

from backend.auth.actor import Actor
from backend.bank import queries as bank
from backend.console.form import Form
from backend.console.view import View
from backend.custody import queries, service
from backend.guards import requires
from shared.clock import Clock
from shared.custody import DepositMade
from shared.ident import uuid7
from shared.language import _
from shared.money import money_text
from shared.refusal import Refused


@get("/money", name="console.money", guards=[requires("custody.view")])
async def money(view: NamedDependency[View], reader: NamedDependency[AsyncSession]) -> Response[Any]:
    """Show holdings, hand-overs and deposits; a cashier counts and deposits here."""
    holdings = await queries.holdings(reader)
    return view.show(
        "money.html",
        holdings=sorted(holdings, key=lambda holding: holding.oldest_ms),
        mine=[holding for holding in holdings if holding.holder_id == view.actor.user_id],
        waiting=await queries.hand_overs(reader, awaiting=True, limit=100),
        done=[one for one in await queries.hand_overs(reader, limit=15) if one.receipt or one.refusal],
        deposits=await queries.deposits(reader, limit=15),
        accounts=await bank.accounts(reader),
    )


@post("/money/receive/preview", name="console.money.preview", status_code=200, guards=[requires("custody.receive")])
async def preview_receipt(
    view: NamedDependency[View], form: NamedDependency[Form], reader: NamedDependency[AsyncSession]
) -> Response[Any]:
    """Show the difference between what was given and what was counted, and ask once."""
    code = form.text("code")
    states = await queries.hand_overs(reader, awaiting=True, limit=500)
    found = [one for one in states if one.hand_over.pairing_code == code]
    wanted = [one for one in found if form.text("id") in ("", one.hand_over.id)]
    if len(wanted) != 1:
        raise Refused("hand_over_not_found")
    counted = form.minor("counted", wanted[0].hand_over.currency)
    return view.show("money_receive.html", state=wanted[0], counted=counted, note=form.text("note"))


@post("/money/receive", name="console.money.receive", status_code=303, guards=[requires("custody.receive")])
async def receive(
    view: NamedDependency[View],
    form: NamedDependency[Form],
    session: NamedDependency[AsyncSession],
    actor: NamedDependency[Actor],
    clock: NamedDependency[Clock],
) -> Response[Any]:
    """Confirm what was counted: the money is the cashier's from now on."""
    counted, currency = form.minor("counted", form.text("currency")), form.text("currency")
    await service.receive(
        session,
        actor,
        clock,
        pairing_code=form.text("code"),
        counted_minor=counted,
        note=form.text("note"),
        hand_over_id=form.text("id"),
    )
    return view.go("/console/money", _("%(amount)s is in your hands now.", amount=money_text(counted, currency)))


@post("/money/refuse", name="console.money.refuse", status_code=303, guards=[requires("custody.receive")])
async def refuse(
    view: NamedDependency[View],
    form: NamedDependency[Form],
    session: NamedDependency[AsyncSession],
    actor: NamedDependency[Actor],
    clock: NamedDependency[Clock],
) -> Response[Any]:
    """Refuse a hand-over that is not received: what was counted stays with its giver, who may give again."""
    await service.refuse(session, actor, clock, hand_over_id=form.text("id"), reason=form.text("reason"))
    return view.go("/console/money", _("The hand-over is refused. The money stays with its giver."))


@post("/money/deposit", name="console.money.deposit", status_code=303, guards=[requires("custody.deposit")])
async def deposit(
    view: NamedDependency[View],
    form: NamedDependency[Form],
    session: NamedDependency[AsyncSession],
    actor: NamedDependency[Actor],
    clock: NamedDependency[Clock],
) -> Response[Any]:
    """Record that held money was paid in at the bank."""
    kind, _sep, currency = form.text("held").partition(":")
    made = DepositMade(
        id=uuid7(view.now_ms),
        holder_id=actor.user_id,
        bank_account_id=form.text("account"),
        currency=currency,
        kind=kind,
        amount_minor=form.minor("amount", currency),
        slip_reference=form.text("slip"),
        deposited_on=form.day("on").isoformat(),
        deposited_at_ms=view.now_ms,
        note=form.text("note"),
    )
    await service.deposit(session, actor, clock, made)
    return view.go(
        "/console/money", _("The deposit of %(amount)s is recorded.", amount=money_text(made.amount_minor, currency))
    )


PAGES = [money, preview_receipt, receive, refuse, deposit]

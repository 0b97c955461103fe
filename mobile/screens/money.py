"""Money: what is in hand and how old, and what was handed over or paid in."""

from __future__ import annotations

from dataclasses import dataclass

import flet as ft

from mobile import theme
from mobile.guard import screen
from mobile.session import Phone, use_phone, use_stored
from mobile.store import custody
from mobile.store.custody import InHand, Remitted
from mobile.widgets.parts import (
    card,
    empty,
    figure,
    line,
    loading,
    money,
    named,
    primary,
    progress,
    quiet,
    secondary,
    section,
    stacked,
    state_colour,
    strong,
    text,
)
from mobile.widgets.shell import shell
from mobile.wording import METHODS, STATES, moment_text, word
from shared.custody import oldest_age_days
from shared.language import _, ngettext
from shared.money import money_text


@dataclass(frozen=True, slots=True)
class Purse:
    """Everything the screen shows, read in one go."""

    held: tuple[InHand, ...]
    remitted: tuple[Remitted, ...]


async def read_purse(phone: Phone) -> Purse:
    """Read custody from the store."""
    held = await custody.in_hand_everywhere(phone.database, phone.state.company.currency)
    return Purse(tuple(held), tuple(await custody.remittances(phone.database)))


@screen
def Money() -> ft.View:
    """Show what is in hand first."""
    phone = use_phone()
    purse = use_stored(lambda: read_purse(phone))
    if purse is None:
        return shell(phone, _("Money"), [loading(), loading()], tab=2)

    async def hand_over() -> None:
        await phone.go("/money/hand-over")

    async def deposit() -> None:
        await phone.go("/money/deposit")

    remitted = (
        card(stacked([_remitted(phone, one) for one in purse.remitted]))
        if purse.remitted
        else empty(
            "money.empty",
            ft.Icons.SWAP_HORIZ,
            _("Nothing handed over yet"),
            _("Hand cash to the cashier, or pay it in at the bank; each appears here with its state."),
        )
    )
    body = [_held(phone, purse.held), section(_("Handed over and paid in"), remitted)]
    actions = [
        ft.Container(
            secondary("money.deposit", _("Deposit"), phone.on(deposit), icon=ft.Icons.ACCOUNT_BALANCE_OUTLINED),
            expand=True,
        ),
        ft.Container(
            primary("money.hand_over", _("Hand over"), phone.on(hand_over), icon=ft.Icons.HANDSHAKE_OUTLINED),
            expand=True,
        ),
    ]
    return shell(phone, _("Money"), body, tab=2, actions=actions)


def _held(phone: Phone, held: tuple[InHand, ...]) -> ft.Control:
    cash, others = held[0], held[1:]
    controls: list[ft.Control] = [
        quiet(_("Cash in hand")),
        named("money.cash", figure(money_text(cash.amount_minor, cash.currency))),
    ]
    if cash.lots:
        days = oldest_age_days(cash.lots, phone.now_ms)
        age = (
            ngettext("The oldest is %(count)s day old", "The oldest is %(count)s days old", days)
            if days
            else _("All of it was taken today")
        )
        controls.append(text(age, 13, theme.WAITING if days else theme.QUIET))
    limit = phone.state.company.carry_limit_minor
    if limit > 0:
        controls += [
            progress(cash.amount_minor, limit, theme.LATE if cash.amount_minor > limit else theme.ACTION),
            quiet(_("Limit %(amount)s", amount=money_text(limit, cash.currency))),
        ]
    if cash.awaiting_minor:
        waiting = money_text(cash.awaiting_minor, cash.currency)
        controls.append(text(_("%(amount)s handed over, waiting for the receiver", amount=waiting), 13, theme.WAITING))
    controls += [line(quiet(word(METHODS, one.kind)), money(one.amount_minor, one.currency, 16)) for one in others]
    return card(*controls)


def _remitted(phone: Phone, one: Remitted) -> ft.Control:
    kind = _("Hand-over") if one.kind == "hand_over" else _("Deposit")
    detail = " · ".join(part for part in (moment_text(one.at_ms, phone.state.company.zone), one.other) if part)

    async def open_code() -> None:
        if one.kind == "hand_over":
            await phone.go(f"/money/hand-over/{one.id}")

    return named(
        f"remittance.{one.reference}",
        ft.Container(
            line(
                ft.Column([strong(f"{kind} {one.reference}", 14), quiet(detail, 12)], spacing=0, tight=True),
                ft.Column(
                    [
                        money(one.amount_minor, one.currency, 15),
                        text(word(STATES, one.state), 12, state_colour(one.state)),
                    ],
                    spacing=0,
                    tight=True,
                    horizontal_alignment=ft.CrossAxisAlignment.END,
                ),
            ),
            on_click=phone.on(open_code) if one.kind == "hand_over" else None,
            ink=one.kind == "hand_over",
        ),
    )

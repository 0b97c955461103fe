"""Handing cash over: count, see the difference to the book at once, then show the pairing code."""

from __future__ import annotations

import secrets

import flet as ft

from mobile import theme
from mobile.guard import screen
from mobile.session import Phone, use_choice, use_phone, use_stored
from mobile.store import custody
from mobile.store.custody import InHand, Remitted
from mobile.widgets.parts import (
    badge,
    card,
    chips,
    choice,
    empty,
    line,
    loading,
    money,
    named,
    primary,
    quiet,
    state_colour,
    strong,
    text,
)
from mobile.widgets.shell import shell
from mobile.wording import METHODS, STATES, word
from shared.language import _
from shared.money import decimal_text, money_text, parse_minor
from shared.refusal import Refused

_UNTOUCHED: str | None = None  # the field shows what the book says until somebody counts otherwise


@screen
def HandOver() -> ft.View:
    """Count and confirm; the amount starts at what the book says."""
    phone = use_phone()
    currency = phone.state.company.currency
    held = use_stored(lambda: custody.in_hand_everywhere(phone.database, currency))
    kind, set_kind = ft.use_state("cash")
    typed, set_typed = use_choice(_UNTOUCHED)
    busy = ft.use_ref(False)
    route = "/money/hand-over"
    if held is None:
        return shell(phone, _("Hand over"), [loading()], route=route)
    book = next((one for one in held if one.kind == kind), InHand(kind, currency, (), 0))
    if book.amount_minor <= 0 and len(held) < 2:
        nothing = empty(
            "hand_over.empty", ft.Icons.SAVINGS_OUTLINED, _("No cash in hand"), _("Record a cash payment first.")
        )
        return shell(phone, _("Hand over"), [nothing], route=route)
    shown = decimal_text(book.amount_minor, currency) if typed is None else typed
    counted, problem = read_amount(shown, currency)

    async def confirm() -> None:
        if busy.current:
            return
        busy.current = True
        try:
            code = f"{secrets.randbelow(1_000_000):06d}"
            given = await custody.give(
                phone.database, phone.clock, kind=kind, currency=currency, counted_minor=counted, code=code
            )
            await phone.recorded()
            await phone.go(f"/money/hand-over/{given}")
        finally:
            busy.current = False

    def choose_kind(chosen: str) -> None:
        set_kind(chosen)
        set_typed(_UNTOUCHED)

    def type_amount(event: ft.Event[ft.TextField]) -> None:
        set_typed(str(event.control.value or ""))

    body: list[ft.Control] = [
        _kinds(phone, held, kind, choose_kind),
        card(line(quiet(_("In the book")), named("hand_over.book", money(book.amount_minor, currency, 20)))),
        named(
            "hand_over.counted",
            ft.TextField(
                label=_("Counted"),
                value=shown,
                text_size=24,
                keyboard_type=ft.KeyboardType.NUMBER,
                on_change=phone.on(type_amount),
            ),
        ),
        named("hand_over.difference", difference(counted, book.amount_minor, currency, problem), live_region=True),
    ]
    label = _("Hand over %(amount)s", amount=money_text(counted, currency))
    wrong = bool(problem) or counted <= 0 or counted > book.amount_minor
    button = primary("hand_over.confirm", label, phone.on(confirm), disabled=wrong)
    return shell(phone, _("Hand over"), body, route=route, actions=[ft.Container(button, expand=True)])


def read_amount(typed: str, currency: str) -> tuple[int, str]:
    """Read a typed amount; return it with the sentence that says what is wrong with it, if anything."""
    try:
        return parse_minor(typed, currency), ""
    except Refused as refused:
        return 0, refused.what


def difference(counted_minor: int, book_minor: int, currency: str, problem: str) -> ft.Control:
    """Say at once how the count differs from the book."""
    gap = counted_minor - book_minor
    if problem:
        return text(problem, 14, theme.LATE)
    if gap > 0:
        return text(
            _("%(amount)s more than the book: record the payment first.", amount=money_text(gap, currency)),
            14,
            theme.LATE,
        )
    if gap < 0:
        return text(_("%(amount)s stays in hand.", amount=money_text(-gap, currency)), 14, theme.WAITING)
    return quiet(_("The count agrees with the book."), 14)


def _kinds(phone: Phone, held: list[InHand], kind: str, set_kind: object) -> ft.Control:
    if len(held) < 2:
        return ft.Container(height=0)
    return chips(
        *(
            choice(
                f"held.{one.kind}",
                word(METHODS, one.kind),
                phone.on(lambda k=one.kind: set_kind(k)),  # type: ignore[operator]
                selected=one.kind == kind,
            )
            for one in held
        )
    )


async def read_given(phone: Phone, remittance_id: str) -> tuple[Remitted, ...]:
    """Read one hand-over; empty when it is not on this phone."""
    found = await custody.remittance(phone.database, remittance_id)
    return (found,) if found else ()


@screen
def PairingCode() -> ft.View:
    """Show the six digits that the receiver types, and the other half's state."""
    phone = use_phone()
    remittance_id = ft.use_route_params().get("remittance_id", "")
    found = use_stored(lambda: read_given(phone, remittance_id), remittance_id)
    route = f"/money/hand-over/{remittance_id}"

    async def done() -> None:
        await phone.go("/money")

    if not found:
        return shell(phone, _("Hand over"), [loading()], route=route)
    one = found[0]
    code = f"{one.reference[:3]} {one.reference[3:]}"
    body = card(
        quiet(_("The receiver types this code"), 14, text_align=ft.TextAlign.CENTER),
        named("hand_over.code", strong(code, 56, theme.ACTION, text_align=ft.TextAlign.CENTER), label=one.reference),
        strong(money_text(one.amount_minor, one.currency), 24, text_align=ft.TextAlign.CENTER),
        ft.Row([badge(word(STATES, one.state), state_colour(one.state))], alignment=ft.MainAxisAlignment.CENTER),
        quiet(
            _("The money counts as yours until both halves are there. This phone must have sent its half."),
            14,
            text_align=ft.TextAlign.CENTER,
        ),
    )
    button = primary("hand_over.done", _("Done"), phone.on(done))
    return shell(phone, _("Hand over"), [body], route=route, actions=[ft.Container(button, expand=True)])

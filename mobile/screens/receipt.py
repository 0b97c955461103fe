"""The receipt: like paper, with what it paid, what remains, and where the payment stands."""

from __future__ import annotations

import flet as ft

from mobile import theme
from mobile.guard import screen
from mobile.receipt_text import in_words, plain_text
from mobile.session import Phone, explain, use_phone, use_stored
from mobile.store import collection
from mobile.store.collection import Shown
from mobile.widgets.parts import (
    badge,
    card,
    empty,
    line,
    loading,
    money,
    named,
    primary,
    quiet,
    secondary,
    state_colour,
    strong,
    text,
)
from mobile.widgets.shell import shell
from mobile.wording import MEANINGS, METHODS, STATES, moment_text, word
from shared.language import _


async def read_receipt(phone: Phone, collection_id: str) -> tuple[Shown, ...]:
    """Read one payment; empty when it is not on this phone."""
    found = await collection.one(phone.database, collection_id)
    return (found,) if found else ()


@screen
def Receipt() -> ft.View:
    """Show the receipt; done returns to the customer."""
    phone = use_phone()
    collection_id = ft.use_route_params().get("collection_id", "")
    route = f"/receipts/{collection_id}"
    found = use_stored(lambda: read_receipt(phone, collection_id), collection_id)
    if found is None:
        return shell(phone, _("Receipt"), [loading()], route=route)
    if not found:
        missing = empty("receipt.missing", ft.Icons.RECEIPT_LONG, _("This receipt is not on this phone"), "")
        return shell(phone, _("Receipt"), [missing], route=route, back="/")
    one = found[0]

    async def copy() -> None:
        company, identity = phone.state.company, phone.state.identity
        name = identity.user_name if identity else ""
        await ft.Clipboard().set(plain_text(one, company.name, name, company.zone))
        phone.tell(_("The receipt's text was copied."))

    async def done() -> None:
        await phone.go(f"/customers/{one.customer_id}")

    actions = [
        secondary("receipt.copy", _("Copy"), phone.on(copy), icon=ft.Icons.CONTENT_COPY),
        ft.Container(primary("receipt.done", _("Done"), phone.on(done)), expand=True),
    ]
    return shell(
        phone,
        _("Receipt"),
        [_paper(phone, one), _standing(one), *_voiding(phone, one, route)],
        route=route,
        back=f"/customers/{one.customer_id}",
        actions=actions,
    )


def _paper(phone: Phone, one: Shown) -> ft.Control:
    company, identity = phone.state.company, phone.state.identity
    controls: list[ft.Control] = [
        strong(company.name or "Fieldtill", 17, text_align=ft.TextAlign.CENTER),
        named("receipt.number", strong(one.receipt_number, 15, theme.ACTION, text_align=ft.TextAlign.CENTER)),
        ft.Divider(height=12, color=ft.Colors.OUTLINE_VARIANT),
        quiet(_("Received from %(name)s", name=one.customer_name), 14),
        named("receipt.amount", strong_money(one)),
        quiet(in_words(one.amount_minor, one.currency), 14, text_align=ft.TextAlign.RIGHT),
        ft.Divider(height=12, color=ft.Colors.OUTLINE_VARIANT),
    ]
    for paid in one.lines:
        controls.append(line(text(paid.invoice_number), money(paid.paid_minor, one.currency, 15)))
        if one.local and paid.remaining_minor:
            controls.append(
                line(quiet(_("still open on it"), 12), money(paid.remaining_minor, one.currency, 12, theme.QUIET))
            )
    if one.unapplied_minor > 0:
        controls.append(line(text(_("Unapplied"), 14, theme.WAITING), money(one.unapplied_minor, one.currency, 15)))
    if one.local:
        controls.append(line(quiet(_("Balance after this payment")), money(one.balance_minor, one.currency, 15)))
    controls += [
        ft.Divider(height=12, color=ft.Colors.OUTLINE_VARIANT),
        line(quiet(_("Method")), text(word(METHODS, one.method))),
        line(quiet(_("Time")), text(moment_text(one.taken_at_ms, company.zone))),
        line(quiet(_("Received by")), text(identity.user_name if identity else "")),
    ]
    if one.reference:
        controls.append(line(quiet(_("Reference")), text(one.reference)))
    return card(*controls, identifier="receipt", padding=20)


def strong_money(one: Shown) -> ft.Control:
    """Write the amount as the largest thing on the paper."""
    return money(one.amount_minor, one.currency, 34, expand=True)


def _voiding(phone: Phone, one: Shown, route: str) -> list[ft.Control]:
    """Offer to ask for a void while nobody has."""
    if one.void or one.decision == "rejected":
        return []

    async def ask() -> None:
        await phone.go(f"{route}/void")

    style = ft.ButtonStyle(color=theme.LATE)
    button = ft.TextButton(_("Ask to void this receipt…"), icon=ft.Icons.BLOCK, on_click=phone.on(ask), style=style)
    return [ft.Row([named("receipt.void", button)], alignment=ft.MainAxisAlignment.CENTER)]


def _standing(one: Shown) -> ft.Control:
    """Say where the payment stands, why, and what happens next."""
    meaning = word(MEANINGS, one.status)
    if one.status == "quarantined":
        meaning = " ".join(explain("", one.what, one.next)).strip() or meaning
    if one.reason:
        meaning = f"{meaning} {_('Reason: %(reason)s', reason=one.reason)}"
    return card(
        ft.Row([badge(word(STATES, one.status), state_colour(one.status))]),
        quiet(meaning, 14),
        identifier="receipt.state",
        padding=14,
    )

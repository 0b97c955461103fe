"""What a payment pays: one line in words, and an editor for when the customer wants it otherwise."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from typing import Any

import flet as ft

from mobile import entry as entries
from mobile import theme
from mobile.entry import Entry
from mobile.guard import part
from mobile.session import Phone, use_kept
from mobile.widgets.parts import card, line, money, named, quiet, stacked, strong, text
from shared.invoice import Invoice
from shared.language import _, ngettext
from shared.money import decimal_text, money_text, parse_minor
from shared.refusal import Refused


def says_what_it_pays(entry: Entry, invoices: tuple[Invoice, ...]) -> ft.Control:
    """Say in one line what the amount pays, with a sign that it opens."""
    parts = entries.allocations(entry, invoices)
    numbers = {one.id: one.number for one in invoices}
    if not entry.amount_minor:
        words = _("Pays the oldest invoice first")
    elif not parts:
        words = _("Pays no invoice")
    elif len(parts) == 1:
        words = _("Pays %(number)s", number=numbers.get(parts[0].invoice_id, ""))
    else:
        first = numbers.get(parts[0].invoice_id, "")
        words = ngettext("Pays %(count)s invoice", "Pays %(count)s invoices", len(parts)) + f" · {first} …"
    return line(text(words, 15), ft.Icon(ft.Icons.TUNE, size=20, color=theme.ACTION))


@part
def AllocationEditor(
    phone: Phone, entry: Entry, invoices: tuple[Invoice, ...], change: Callable[[Any], None]
) -> ft.Control:
    """Let every open invoice take an amount; what is typed counts from the next key on."""
    typed = use_kept(dict[str, str])  # as typed, because "5." and "5" are the same amount
    parts = {one.invoice_id: one.amount_minor for one in entries.allocations(entry, invoices)}
    left = entry.amount_minor - sum(parts.values())

    def put(one: Invoice) -> Callable[[ft.Event[ft.TextField]], None]:
        def keep(event: ft.Event[ft.TextField]) -> None:
            typed[one.id] = str(event.control.value or "")
            with suppress(Refused):
                amount = parse_minor(typed[one.id] or "0", one.currency)
                change(lambda before: entries.edit(before, invoices, one.id, max(0, amount)))

        return keep

    rows: list[ft.Control] = [
        _row(phone, one, typed.get(one.id, _plain(parts.get(one.id, 0), one.currency)), put(one)) for one in invoices
    ]
    verdict = (
        text(_("%(amount)s more than received", amount=money_text(-left, entry.currency)), 13, theme.LATE)
        if left < 0
        else quiet(_("Left over: %(amount)s", amount=money_text(left, entry.currency)))
    )
    return card(stacked(rows) if rows else quiet(_("Nothing is open")), named("collect.left", verdict), padding=12)


def _plain(amount_minor: int, currency: str) -> str:
    return decimal_text(amount_minor, currency) if amount_minor else ""


def _row(phone: Phone, one: Invoice, value: str, put: Callable[[Any], None]) -> ft.Control:
    return line(
        ft.Column(
            [
                strong(one.number, 14),
                ft.Row([quiet(_("Open amount")), money(one.open_minor, one.currency, 13)], spacing=6),
            ],
            spacing=0,
            tight=True,
        ),
        named(
            f"collect.part.{one.number}",
            ft.TextField(
                value=value,
                hint_text="0",
                width=130,
                dense=True,
                text_align=ft.TextAlign.RIGHT,
                keyboard_type=ft.KeyboardType.NUMBER,
                on_change=phone.on(put),
            ),
            label=_("Amount for %(number)s", number=one.number),
        ),
    )

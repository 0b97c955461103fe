"""Collecting: amount first, method, one line that says what it pays; saved before the receipt is shown."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import flet as ft

from mobile import entry as entries
from mobile import theme
from mobile.entry import Entry
from mobile.guard import screen
from mobile.session import Phone, use_choice, use_phone, use_stored
from mobile.store import customer, draft, invoice
from mobile.store.collection import Taken, record_collection
from mobile.widgets.allocation import AllocationEditor, says_what_it_pays
from mobile.widgets.keypad import keypad
from mobile.widgets.parts import card, chips, choice, empty, loading, named, primary, quiet, strong, text
from mobile.widgets.shell import shell
from mobile.wording import METHODS, word
from shared.customer import Customer as Who
from shared.ident import uuid7
from shared.invoice import Invoice
from shared.language import _
from shared.money import money_text

_SETTLE_S = 0.3  # typing is kept this long after the last key


@dataclass(frozen=True, slots=True)
class Begun:
    """What the screen starts from; ``who`` is ``None`` when the customer is not on this phone."""

    who: Who | None
    invoices: tuple[Invoice, ...]
    draft: dict[str, object]


async def read_begun(phone: Phone, customer_id: str) -> Begun:
    """Read the customer, the open invoices and the draft that an earlier moment left."""
    return Begun(
        await customer.one(phone.database, customer_id),
        tuple(one for one in await invoice.of_customer(phone.database, customer_id) if one.payable),
        await draft.of(phone.database, f"collect:{customer_id}"),
    )


@screen
def Collect() -> ft.View:
    """Take a payment in at most four taps."""
    phone = use_phone()
    customer_id = ft.use_route_params().get("customer_id", "")
    route = f"/customers/{customer_id}/collect"
    untouched: Entry | None = None
    begun = use_stored(lambda: read_begun(phone, customer_id), customer_id)
    entry, set_entry = use_choice(untouched)
    editing, set_editing = ft.use_state(False)
    busy = ft.use_ref(False)

    async def keep() -> None:
        if entry is not None:
            await asyncio.sleep(_SETTLE_S)
            await draft.keep(phone.database, f"collect:{customer_id}", entries.to_draft(entry), phone.now_ms)

    ft.use_effect(keep, [entry], cleanup=lambda: None)
    if begun is None:
        return shell(phone, _("Collect"), [loading()], route=route)
    if begun.who is None:
        missing = empty("collect.missing", ft.Icons.PERSON_OFF_OUTLINED, _("This customer is not in your list"), "")
        return shell(phone, _("Collect"), [missing], route=route)
    who, invoices = begun.who, begun.invoices
    now = entry or entries.from_draft(begun.draft, Entry(uuid7(phone.now_ms), who.currency))

    def change(step: Callable[[Entry], Entry]) -> None:
        set_entry(lambda before: step(before or now))

    async def save() -> None:
        if busy.current:
            return
        busy.current = True
        try:
            await _save(phone, who, now, invoices)
        finally:
            busy.current = False

    amount = money_text(now.amount_minor, now.currency)
    body: list[ft.Control] = [
        strong(who.name, 16, max_lines=1, overflow=ft.TextOverflow.ELLIPSIS),
        named("collect.amount", strong(amount, 38, text_align=ft.TextAlign.CENTER), live_region=True),
        _amounts(phone, now, invoices, change),
        keypad(phone, "collect", lambda key: change(lambda before: entries.press(before, key))),
        _methods(phone, now, change),
        *_reference(phone, now, change),
        card(
            says_what_it_pays(now, invoices),
            identifier="collect.split",
            on_click=phone.on(lambda: set_editing(lambda shown: not shown)),
            padding=12,
        ),
    ]
    if editing:
        body.append(AllocationEditor(phone, now, invoices, change))
    unapplied = now.amount_minor - sum(part.amount_minor for part in entries.allocations(now, invoices))
    if unapplied > 0:
        rest = money_text(unapplied, now.currency)
        body.append(
            named(
                "collect.unapplied",
                text(_("%(amount)s is kept as unapplied money of the customer.", amount=rest), 13, theme.WAITING),
            )
        )
    label = _("Collect %(amount)s", amount=amount) if now.amount_minor else _("Type the amount")
    button = primary("collect.save", label, phone.on(save), disabled=now.amount_minor <= 0)
    return shell(phone, _("Collect"), body, route=route, actions=[ft.Container(button, expand=True)])


async def _save(phone: Phone, who: Who, entry: Entry, invoices: tuple[Invoice, ...]) -> None:
    collection_id = await record_collection(
        phone.database,
        phone.clock,
        Taken(
            id=entry.id,
            customer_id=who.id,
            currency=entry.currency,
            amount_minor=entry.amount_minor,
            method=entry.method,
            allocations=entries.allocations(entry, invoices),
            reference=entry.reference,
        ),
    )
    await phone.recorded()
    await phone.go(f"/receipts/{collection_id}")


def _amounts(phone: Phone, entry: Entry, invoices: tuple[Invoice, ...], change: Callable[[Any], None]) -> ft.Control:
    late, late_ids = entries.overdue(invoices, entry.currency, phone.today)
    everything = entries.total(invoices, entry.currency)
    ticked = sum(one.open_minor for one in invoices if one.id in entry.chosen)
    offers = [
        ("collect.chosen", _("Chosen"), ticked, entry.chosen),
        ("collect.overdue", _("All overdue"), late, late_ids),
        ("collect.all", _("Everything"), everything, ()),
    ]
    if late == everything:  # one chip for one amount
        offers = [offer for offer in offers if offer[0] != "collect.overdue"]
    shown = [offer for offer in offers if offer[2] > 0 and not (offer[0] == "collect.chosen" and offer[3] == late_ids)]
    if not shown:
        return quiet(_("Nothing is open; the payment is kept as unapplied money."))
    return chips(
        *(
            choice(
                name,
                f"{label} {money_text(amount, entry.currency)}",
                phone.on(lambda a=amount, c=chosen: change(lambda before: entries.fill(before, a, c))),
                selected=entry.amount_minor == amount and entry.chosen == chosen,
            )
            for name, label, amount, chosen in shown
        )
    )


def _methods(phone: Phone, entry: Entry, change: Callable[[Any], None]) -> ft.Control:
    return chips(
        *(
            choice(
                f"collect.method.{method}",
                word(METHODS, method),
                phone.on(lambda m=method: change(lambda before: replace(before, method=m))),
                selected=entry.method == method,
            )
            for method in phone.state.company.methods
        )
    )


def _reference(phone: Phone, entry: Entry, change: Callable[[Any], None]) -> list[ft.Control]:
    """Ask for a number only where there is one: cheque, transfer, code; cash has none."""
    if entry.method == "cash":
        return []

    def keep(event: ft.Event[ft.TextField]) -> None:
        value = str(event.control.value or "")[:60]
        change(lambda before: replace(before, reference=value))

    return [
        named(
            "collect.reference",
            ft.TextField(label=_("Number or reference (optional)"), value=entry.reference, on_change=phone.on(keep)),
        )
    ]

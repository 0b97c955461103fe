"""Asking to void a receipt: the reason, what it means, and one button that names the amount."""

from __future__ import annotations

import flet as ft

from mobile.guard import screen
from mobile.screens.receipt import read_receipt
from mobile.session import use_choice, use_phone, use_stored
from mobile.store import void
from mobile.widgets.parts import card, empty, line, loading, money, named, primary, quiet, strong
from mobile.widgets.shell import shell
from shared.language import _
from shared.money import money_text

_LONGEST = 200


@screen
def Void() -> ft.View:
    """Ask for the reason; the receipt stays valid until someone else agrees."""
    phone = use_phone()
    collection_id = ft.use_route_params().get("collection_id", "")
    receipt, route = f"/receipts/{collection_id}", f"/receipts/{collection_id}/void"
    found = use_stored(lambda: read_receipt(phone, collection_id), collection_id)
    reason, set_reason = use_choice("")
    busy = ft.use_ref(False)
    if found is None:
        return shell(phone, _("Void"), [loading()], route=route)
    if not found:
        missing = empty("void.missing", ft.Icons.RECEIPT_LONG, _("This receipt is not on this phone"), "")
        return shell(phone, _("Void"), [missing], route=route)
    one = found[0]

    async def ask() -> None:
        if busy.current:
            return
        busy.current = True
        try:
            await void.ask(phone.database, phone.clock, collection_id, reason)
            await phone.recorded()
            await phone.go(receipt)
        finally:
            busy.current = False

    def keep(event: ft.Event[ft.TextField]) -> None:
        set_reason(str(event.control.value or "")[:_LONGEST])

    body: list[ft.Control] = [
        card(
            line(strong(one.receipt_number, 15), money(one.amount_minor, one.currency, 20)),
            quiet(one.customer_name, 14),
        ),
        named(
            "void.reason",
            ft.TextField(
                label=_("Reason"),
                value=reason,
                on_change=phone.on(keep),
                multiline=True,
                min_lines=2,
                max_lines=4,
                max_length=_LONGEST,
            ),
        ),
        quiet(_("The receipt counts until somebody else agrees. Then the invoices are open again, and money in hand"
                " goes back to the customer."), 14),
    ]  # fmt: skip
    label = _("Ask to void %(amount)s", amount=money_text(one.amount_minor, one.currency))
    button = primary("void.ask", label, phone.on(ask), disabled=not reason.strip())
    return shell(phone, _("Void"), body, route=route, actions=[ft.Container(button, expand=True)])

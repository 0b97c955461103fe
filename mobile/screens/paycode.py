"""The payment code: white whatever the theme, for exactly what is left after everything recorded here."""

from __future__ import annotations

from dataclasses import dataclass

import flet as ft

from mobile.guard import screen
from mobile.session import Phone, use_phone, use_stored
from mobile.store import customer, draft, invoice
from mobile.widgets.parts import choice, empty, loading, named, primary, slide, strong
from mobile.widgets.shell import shell
from shared.customer import Customer as Who
from shared.ident import rf_reference, uuid7
from shared.invoice import Invoice
from shared.language import _
from shared.money import decimal_text, money_text
from shared.paycode import payment_code
from shared.paycode.image import svg
from shared.refusal import Refused

CODE_PX = 280  # the code without its quiet zone, and at least 4 px for each module (SCREENS.md)
_QUIET_MODULES = 8
_MODULE_PX = 4


@dataclass(frozen=True, slots=True)
class Due:
    """What may be asked for: the customer's total, and each open invoice."""

    who: Who | None
    invoices: tuple[Invoice, ...]
    balance_minor: int


@dataclass(frozen=True, slots=True)
class Code:
    """One code ready to be shown, or the refusal that says why there is none."""

    amount_minor: int
    reference: str
    image: str
    side_px: int
    refused: Refused | None = None


async def read_due(phone: Phone, customer_id: str) -> Due:
    """Read what is left after every payment recorded here, sent or not."""
    return Due(
        await customer.one(phone.database, customer_id),
        tuple(one for one in await invoice.of_customer(phone.database, customer_id) if one.payable),
        await customer.balance(phone.database, customer_id),
    )


def make_code(settings: dict[str, str], due: Due, invoice_id: str) -> Code:
    """Make the code for one invoice, or for the whole balance; refuses amounts that are not above zero."""
    if due.who is None:
        return Code(0, "", "", 0, Refused("customer_not_found"))
    one = next((one for one in due.invoices if one.id == invoice_id), None)
    amount = min(one.open_minor, due.balance_minor) if one else due.balance_minor
    if amount <= 0:
        return Code(amount, "", "", 0, Refused("amount_not_positive"))
    try:
        body = "".join(c for c in (one.number if one else due.who.number) if c.isascii() and c.isalnum())
        reference = rf_reference(body[-21:])
        drawn = svg(payment_code(settings, amount, due.who.currency, reference), module_px=_MODULE_PX)
    except Refused as refused:
        return Code(amount, "", "", 0, refused)
    modules = int(drawn.partition('width="')[2].partition('"')[0]) // _MODULE_PX
    side = max(modules * _MODULE_PX, -(-CODE_PX * modules // (modules - _QUIET_MODULES)))
    return Code(amount, reference, drawn, side)


@screen
def PayCode() -> ft.View:
    """Show the code; one chip for each invoice and one for the total."""
    phone = use_phone()
    params = ft.use_route_params()
    customer_id = params.get("customer_id", "")
    route = f"/customers/{customer_id}/paycode"
    due = use_stored(lambda: read_due(phone, customer_id), customer_id)
    chosen, choose = ft.use_state(params.get("invoice_id", ""))
    code = ft.use_memo(lambda: make_code(phone.state.company.paycode, due, chosen) if due else None, [due, chosen])
    if due is None or code is None or due.who is None:
        return shell(phone, _("Payment code"), [loading()], route=route)
    who = due.who

    async def paid() -> None:
        body: dict[str, object] = {
            "id": uuid7(phone.now_ms),
            "typed": decimal_text(code.amount_minor, who.currency),
            "method": "code",
            "chosen": [chosen] if chosen else [],
            "reference": code.reference,
        }
        await draft.keep(phone.database, f"collect:{customer_id}", body, phone.now_ms)
        await phone.go(f"/customers/{customer_id}/collect")

    def side(invoice_id: str) -> object:
        return phone.on(lambda: choose(invoice_id))

    switch = slide(
        choice("paycode.total", _("Total"), side(""), selected=not chosen),  # type: ignore[arg-type]
        *(
            choice(f"paycode.invoice.{one.number}", one.number, side(one.id), selected=chosen == one.id)  # type: ignore[arg-type]
            for one in due.invoices[:12]
        ),
    )
    if code.refused:
        shown = _refused(code, who.currency)
        return shell(phone, _("Payment code"), [switch, shown], route=route)
    actions = [ft.Container(primary("paycode.paid", _("Paid: record it"), phone.on(paid)), expand=True)]
    return shell(phone, _("Payment code"), [switch, _page(phone, code, who)], route=route, actions=actions)


def _refused(code: Code, currency: str) -> ft.Control:
    refused = code.refused
    if refused is None or refused.code == "amount_not_positive":
        return empty(
            "paycode.nothing",
            ft.Icons.DONE_ALL,
            _("Nothing is left to pay"),
            _("After what was recorded here the amount is %(amount)s.", amount=money_text(code.amount_minor, currency)),
        )
    return empty("paycode.refused", ft.Icons.QR_CODE_2, refused.what, refused.next)


def _page(phone: Phone, code: Code, who: Who) -> ft.Control:
    """Draw the white page; black on white also in the dark theme, because scanners need it."""
    black = ft.Colors.BLACK
    payee = phone.state.company.paycode.get("local_name") or phone.state.company.name
    return ft.Container(
        ft.Column(
            [
                strong(payee, 16, black, text_align=ft.TextAlign.CENTER),
                named("paycode.amount", strong(money_text(code.amount_minor, who.currency), 32, black)),
                named(
                    "paycode.image",
                    ft.Image(src=code.image, width=code.side_px, height=code.side_px, gapless_playback=True),
                    image=True,
                    label=_("Payment code over %(amount)s", amount=money_text(code.amount_minor, who.currency)),
                ),
                ft.Text(_("Reference %(reference)s", reference=code.reference), size=13, color=black, selectable=True),
                ft.Text(who.name, size=13, color=black, text_align=ft.TextAlign.CENTER),
            ],
            horizontal_alignment=ft.CrossAxisAlignment.CENTER,
            spacing=8,
            tight=True,
        ),
        bgcolor=ft.Colors.WHITE,
        border_radius=16,
        padding=8,
        alignment=ft.Alignment.CENTER,
    )

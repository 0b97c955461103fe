"""One customer: what they owe and how old it is, open invoices to choose from, and recent payments."""

from __future__ import annotations

from dataclasses import dataclass

import flet as ft

from mobile import theme
from mobile.guard import screen
from mobile.session import Phone, use_choice, use_phone, use_stored
from mobile.store import collection, customer, draft, invoice
from mobile.store.collection import Shown
from mobile.widgets.ageing import ageing_bar, ageing_table
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
    section,
    stacked,
    state_colour,
    strong,
    text,
)
from mobile.widgets.shell import shell
from mobile.wording import METHODS, STATES, day_text, moment_text, word
from shared.customer import Customer as Who
from shared.ident import uuid7
from shared.invoice import Invoice, age_days, aged
from shared.language import _, ngettext
from shared.money import decimal_text


@dataclass(frozen=True, slots=True)
class Account:
    """Everything the screen shows, read in one go; ``who`` is ``None`` when the customer is not on this phone."""

    who: Who | None
    balance_minor: int
    invoices: tuple[Invoice, ...]
    payments: tuple[Shown, ...]


async def read_account(phone: Phone, customer_id: str) -> Account:
    """Read a customer's account from the store."""
    database = phone.database
    return Account(
        await customer.one(database, customer_id),
        await customer.balance(database, customer_id),
        tuple(await invoice.of_customer(database, customer_id)),
        tuple(await collection.of_customer(database, customer_id)),
    )


@screen
def Customer() -> ft.View:
    """Show the account; ticked invoices are what the next payment is for."""
    phone = use_phone()
    customer_id = ft.use_route_params().get("customer_id", "")
    route = f"/customers/{customer_id}"
    nothing_ticked: tuple[str, ...] = ()
    account = use_stored(lambda: read_account(phone, customer_id), customer_id)
    ticked, set_ticked = use_choice(nothing_ticked)
    if account is None:
        return shell(phone, _("Customer"), [loading(), loading()], route=route)
    who = account.who
    if who is None:
        gone = empty(
            "customer.missing",
            ft.Icons.PERSON_OFF_OUTLINED,
            _("This customer is not in your list"),
            _("Go back and search again."),
        )
        return shell(phone, _("Customer"), [gone], route=route)

    def tick(invoice_id: str) -> None:
        set_ticked(lambda now: tuple(i for i in now if i != invoice_id) if invoice_id in now else (*now, invoice_id))

    async def collect() -> None:
        if ticked:
            await _begin(phone, account, ticked)
        await phone.go(f"{route}/collect")

    async def code() -> None:
        await phone.go(f"{route}/paycode" + (f"/{ticked[0]}" if len(ticked) == 1 else ""))

    body = [
        _head(phone, account, who),
        section(_("Open invoices"), _invoices(phone, account, ticked, tick)),
        section(_("Recent payments"), _payments(phone, account)),
    ]
    actions = [
        ft.Container(
            secondary("customer.paycode", _("Payment code"), phone.on(code), icon=ft.Icons.QR_CODE_2), expand=True
        ),
        ft.Container(
            primary("customer.collect", _("Collect"), phone.on(collect), icon=ft.Icons.PAYMENTS_OUTLINED), expand=True
        ),
    ]
    return shell(phone, _("Customer"), body, route=route, actions=actions)


async def _begin(phone: Phone, account: Account, ticked: tuple[str, ...]) -> None:
    """Begin a payment of exactly the ticked invoices; it waits as a draft for the next screen."""
    who = account.who
    if who is None:
        return
    amount = sum(one.open_minor for one in account.invoices if one.id in ticked)
    kept = await draft.of(phone.database, f"collect:{who.id}")
    body: dict[str, object] = {
        "id": kept.get("id") or uuid7(phone.now_ms),
        "typed": decimal_text(amount, who.currency),
        "chosen": list(ticked),
    }
    await draft.keep(phone.database, f"collect:{who.id}", body, phone.now_ms)


def _head(phone: Phone, account: Account, who: Who) -> ft.Control:
    sums = aged(
        ((i.due_on, i.open_minor) for i in account.invoices if i.payable and i.currency == who.currency), phone.today
    )
    controls: list[ft.Control] = [
        strong(who.name, 20),
        quiet(
            " · ".join(
                part for part in (who.number, _("Class %(name)s", name=who.class_code), who.contact, who.phone) if part
            )
        ),
    ]
    if who.on_hold:
        controls.append(badge(_("On hold: ask before delivering more"), theme.LATE))
    label = _("Owes") if account.balance_minor >= 0 else _("Has with us")
    controls += [
        line(quiet(label, 14), named("customer.balance", money(abs(account.balance_minor), who.currency, 26))),
        ageing_bar(sums),
        ageing_table(sums, who.currency),
    ]
    return card(*controls)


def _invoices(phone: Phone, account: Account, ticked: tuple[str, ...], tick: object) -> ft.Control:
    if not account.invoices:
        return empty(
            "customer.no_invoices",
            ft.Icons.DONE_ALL,
            _("Nothing is open"),
            _("A payment now is kept as unapplied money."),
        )
    return card(stacked([_invoice(phone, one, one.id in ticked, tick) for one in account.invoices]), padding=8)


def _invoice(phone: Phone, one: Invoice, ticked: bool, tick: object) -> ft.Control:  # noqa: FBT001 - a tick has two sides
    days = age_days(one.due_on, phone.today)
    if not one.payable:
        note = text(_("Credit note"), 12, theme.ARRIVED)
    elif days:
        note = text(ngettext("%(count)s day overdue", "%(count)s days overdue", days), 12, theme.LATE)
    else:
        note = quiet(_("Due %(date)s", date=day_text(one.due_on)), 12)
    return line(
        ft.Row(
            [
                named(
                    f"invoice.tick.{one.number}",
                    ft.Checkbox(
                        value=ticked,
                        disabled=not one.payable,
                        on_change=phone.on(lambda: tick(one.id)),  # type: ignore[operator]
                    ),
                    label=one.number,
                ),
                ft.Container(ft.Column([strong(one.number, 14), note], spacing=0, tight=True), expand=True),
            ],
            spacing=2,
        ),
        named(f"invoice.open.{one.number}", money(one.open_minor, one.currency, 15)),
    )


def _payments(phone: Phone, account: Account) -> ft.Control:
    if not account.payments:
        return quiet(_("No payment from this customer yet."))
    return card(stacked([_payment(phone, one) for one in account.payments]))


def _payment(phone: Phone, one: Shown) -> ft.Control:
    async def open_receipt() -> None:
        await phone.go(f"/receipts/{one.id}")

    left = ft.Column(
        [
            strong(one.receipt_number, 14),
            quiet(f"{moment_text(one.taken_at_ms, phone.state.company.zone)} · {word(METHODS, one.method)}", 12),
        ],
        spacing=0,
        tight=True,
    )
    right = ft.Column(
        [money(one.amount_minor, one.currency, 15), text(word(STATES, one.status), 12, state_colour(one.status))],
        spacing=0,
        tight=True,
        horizontal_alignment=ft.CrossAxisAlignment.END,
    )
    return named(
        f"receipt.row.{one.receipt_number}",
        ft.Container(line(left, right), ink=True, on_click=phone.on(open_receipt), border_radius=8),
        button=True,
    )

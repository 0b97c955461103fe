"""Paying cash in at the bank: account, amount, slip reference."""

from __future__ import annotations

import flet as ft

from mobile.guard import screen
from mobile.screens.hand_over import difference, read_amount
from mobile.session import use_choice, use_phone, use_stored
from mobile.store import custody
from mobile.widgets.parts import card, chips, choice, empty, line, loading, money, named, primary, quiet, section
from mobile.widgets.shell import shell
from shared.language import _
from shared.money import decimal_text, money_text

_UNTOUCHED: str | None = None  # the field shows what the book says until somebody types


@screen
def Deposit() -> ft.View:
    """Record a deposit; the amount starts at all the cash in hand."""
    phone = use_phone()
    currency, route = phone.state.company.currency, "/money/deposit"
    accounts = [one for one in phone.state.company.bank_accounts if one.currency == currency]
    held = use_stored(lambda: custody.in_hand(phone.database, "cash", currency))
    account_id, set_account = ft.use_state("")
    typed, set_typed = use_choice(_UNTOUCHED)
    slip, set_slip = ft.use_state("")
    busy = ft.use_ref(False)
    if held is None:
        return shell(phone, _("Deposit"), [loading()], route=route)
    if held.amount_minor <= 0:
        nothing = empty(
            "deposit.empty", ft.Icons.SAVINGS_OUTLINED, _("No cash in hand"), _("Record a cash payment first.")
        )
        return shell(phone, _("Deposit"), [nothing], route=route)
    shown = decimal_text(held.amount_minor, currency) if typed is None else typed
    amount, problem = read_amount(shown, currency)
    chosen = next((one for one in accounts if one.id == account_id), accounts[0] if len(accounts) == 1 else None)

    async def confirm() -> None:
        if busy.current:
            return
        busy.current = True
        try:
            await custody.deposit(
                phone.database,
                phone.clock,
                kind="cash",
                currency=currency,
                amount_minor=amount,
                account_id=chosen.id if chosen else "",
                account_name=chosen.name if chosen else "",
                slip=slip,
                deposited_on=phone.today,
            )
            await phone.recorded()
            phone.tell(_("The deposit was recorded."))
            await phone.go("/money")
        finally:
            busy.current = False

    picks = [
        choice(
            f"deposit.account.{one.number}",
            f"{one.name} {one.number[-4:]}",
            phone.on(lambda i=one.id: set_account(i)),
            selected=one is chosen,
        )
        for one in accounts
    ]
    body: list[ft.Control] = [
        card(line(quiet(_("Cash in hand")), named("deposit.book", money(held.amount_minor, currency, 20)))),
        section(_("Account"), chips(*picks) if picks else quiet(_("No account yet: sync first, or ask the office."))),
        _field(
            "deposit.amount",
            _("Amount"),
            shown,
            phone.on(lambda event: set_typed(str(event.control.value or ""))),
            text_size=24,
            keyboard_type=ft.KeyboardType.NUMBER,
        ),
        named("deposit.difference", difference(amount, held.amount_minor, currency, problem), live_region=True),
        _field(
            "deposit.slip", _("Slip reference"), slip, phone.on(lambda event: set_slip(str(event.control.value or "")))
        ),
    ]
    wrong = bool(problem) or chosen is None or amount <= 0 or amount > held.amount_minor
    label = _("Choose an account") if chosen is None else _("Deposit %(amount)s", amount=money_text(amount, currency))
    button = primary("deposit.confirm", label, phone.on(confirm), disabled=wrong)
    return shell(phone, _("Deposit"), body, route=route, actions=[ft.Container(button, expand=True)])


def _field(identifier: str, label: str, value: str, on_change: object, **more: object) -> ft.Control:
    return named(identifier, ft.TextField(label=label, value=value, on_change=on_change, **more))  # type: ignore[arg-type]

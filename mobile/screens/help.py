"""Help: how the till works, in a few plain answers; no network needed."""

from __future__ import annotations

import flet as ft

from mobile.guard import screen
from mobile.session import use_phone
from mobile.widgets.parts import card, strong, text
from mobile.widgets.shell import shell
from shared.language import N_, _

ANSWERS = (
    (
        N_("Is a payment safe without a network?"),
        N_(
            "Yes. It is kept on this phone before the receipt is shown, and sent by itself as soon as there is "
            "a network. The chip at the top says what is still waiting."
        ),
    ),
    (
        N_("What does a payment pay?"),
        N_(
            "The oldest invoices first. Tick other invoices on the customer's page, or tap the line under the "
            "amount to change each part. What no invoice takes is kept for the customer as unapplied money."
        ),
    ),
    (
        N_("I recorded a wrong payment."),
        N_(
            "Open its receipt and ask for a void with a reason. The receipt counts until somebody else agrees. "
            "Nothing is ever deleted."
        ),
    ),
    (
        N_("How do I hand cash over?"),
        N_(
            "Under Money: count, confirm, and read the six digits to the cashier, who counts too. Until then "
            "the money is still yours. Or pay it in at the bank yourself and record the deposit with the slip's"
            " number."
        ),
    ),
    (
        N_("Something needs attention."),
        N_(
            "The outbox names each record that the office must look at, why, and what comes next. The money is "
            "not lost, and the other records go on."
        ),
    ),
    (
        N_("When is my incentive earned?"),
        N_(
            "When the payment is approved and the money has arrived at the bank, in either order. Tap a line "
            "under Me for its arithmetic."
        ),
    ),
)


@screen
def Help() -> ft.View:
    """Show the questions with their answers."""
    phone = use_phone()
    body: list[ft.Control] = [
        card(strong(_(question), 16), text(_(answer), 14), identifier=f"help.{number}")
        for number, (question, answer) in enumerate(ANSWERS, start=1)
    ]
    return shell(phone, _("Help"), body, route="/help", back="/me")

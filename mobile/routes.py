"""The map of the app: every address and the screen that answers it."""

from __future__ import annotations

import flet as ft

from mobile.screens.collect import Collect
from mobile.screens.customer import Customer
from mobile.screens.customers import Customers
from mobile.screens.deposit import Deposit
from mobile.screens.hand_over import HandOver, PairingCode
from mobile.screens.help import Help
from mobile.screens.invited import Invited
from mobile.screens.me import Me
from mobile.screens.money import Money
from mobile.screens.outbox import Outbox
from mobile.screens.paycode import PayCode
from mobile.screens.receipt import Receipt
from mobile.screens.today import Today
from mobile.screens.void import Void


def routes() -> list[ft.Route]:
    """Return the route table; a child lies on top of its parent, and back leads there."""
    return [
        ft.Route(index=True, component=Today),
        ft.Route(
            path="customers",
            component=Customers,
            children=[
                ft.Route(
                    path=":customer_id",
                    component=Customer,
                    children=[
                        ft.Route(path="collect", component=Collect),
                        ft.Route(path="paycode/:invoice_id?", component=PayCode),
                    ],
                )
            ],
        ),
        ft.Route(path="receipts/:collection_id", component=Receipt, children=[ft.Route(path="void", component=Void)]),
        ft.Route(
            path="money",
            component=Money,
            children=[
                ft.Route(path="hand-over", component=HandOver),
                ft.Route(path="hand-over/:remittance_id", component=PairingCode),
                ft.Route(path="deposit", component=Deposit),
            ],
        ),
        ft.Route(path="outbox", component=Outbox),
        ft.Route(path="me", component=Me),
        ft.Route(path="help", component=Help),
        ft.Route(path="enrol", component=Invited),
    ]

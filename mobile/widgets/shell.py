"""The frame of a screen: top bar with the sync chip, body that scrolls, actions at the thumb, bottom bar."""

from __future__ import annotations

from collections.abc import Sequence

import flet as ft

from mobile.session import Phone
from mobile.widgets.parts import named
from mobile.widgets.sync_chip import SyncChip
from shared.language import N_, _

TABS = (
    ("/", "nav.today", N_("Today"), ft.Icons.TODAY_OUTLINED, ft.Icons.TODAY),
    ("/customers", "nav.customers", N_("Customers"), ft.Icons.STOREFRONT_OUTLINED, ft.Icons.STOREFRONT),
    ("/money", "nav.money", N_("Money"), ft.Icons.ACCOUNT_BALANCE_WALLET_OUTLINED, ft.Icons.ACCOUNT_BALANCE_WALLET),
    ("/me", "nav.me", N_("Me"), ft.Icons.PERSON_OUTLINE, ft.Icons.PERSON),
)


def shell(
    phone: Phone,
    title: str,
    body: Sequence[ft.Control],
    *,
    tab: int | None = None,
    route: str = "",
    actions: Sequence[ft.Control] = (),
    scroll: bool = True,
    back: str = "",
) -> ft.View:
    """Frame a screen; ``back`` names where back leads when the screen has no parent in the route table.

    Tab roots share one view, so that changing tabs does not slide.
    """
    content = ft.Column(
        list(body),
        spacing=12,
        expand=True,
        scroll=ft.ScrollMode.AUTO if scroll else None,
        horizontal_alignment=ft.CrossAxisAlignment.STRETCH,
    )
    controls: list[ft.Control] = [ft.Container(content, expand=True, padding=ft.Padding(16, 8, 16, 8))]
    if actions:
        controls.append(ft.Container(ft.Row(list(actions), spacing=12), padding=ft.Padding(16, 8, 16, 12)))
    return ft.View(
        route=route or ("/" if tab is not None else None) or "/",
        padding=0,
        can_pop=tab is None,
        appbar=ft.AppBar(
            leading=_back(phone, back) if back else None,
            title=ft.Text(title, max_lines=1, overflow=ft.TextOverflow.ELLIPSIS),
            actions=[SyncChip()],
            automatically_imply_leading=tab is None,
            center_title=False,
            title_spacing=16 if tab is not None else 4,
        ),
        navigation_bar=_bar(phone, tab) if tab is not None else None,
        controls=[
            ft.SafeArea(
                ft.Column(controls, spacing=0, expand=True, horizontal_alignment=ft.CrossAxisAlignment.STRETCH),
                expand=True,
            )
        ],
    )


def _back(phone: Phone, route: str) -> ft.Control:
    return named(
        "nav.back", ft.IconButton(ft.Icons.ARROW_BACK, tooltip=_("Back"), on_click=phone.on(lambda: phone.go(route)))
    )


def _bar(phone: Phone, tab: int) -> ft.NavigationBar:
    async def choose(event: ft.Event[ft.NavigationBar]) -> None:
        index = int(event.data if event.data is not None else event.control.selected_index)
        await phone.go(TABS[index][0])

    return ft.NavigationBar(
        selected_index=tab,
        on_change=phone.on(choose),
        destinations=[
            ft.NavigationBarDestination(
                icon=named(name, ft.Icon(icon)), selected_icon=named(name, ft.Icon(chosen)), label=_(label)
            )
            for _route, name, label, icon, chosen in TABS
        ],
    )

"""The page a second window meets: one store, one window."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import flet as ft

from mobile.guard import screen
from mobile.widgets.parts import empty, primary
from shared.language import _
from shared.refusal import REFUSALS


@screen
def Locked(again: Callable[..., Any]) -> ft.View:
    """Say that this phone is open elsewhere, and offer to look again."""
    row = REFUSALS["store_locked"]
    return ft.View(
        route="/locked",
        controls=[
            ft.SafeArea(
                ft.Column(
                    [
                        empty("locked", ft.Icons.PHONELINK_LOCK, _(row.what), _(row.next)),
                        ft.Container(
                            ft.Row([ft.Container(primary("locked.again", _("Try again"), again), expand=True)]),
                            padding=ft.Padding.symmetric(vertical=8, horizontal=24),
                        ),
                    ],
                    alignment=ft.MainAxisAlignment.CENTER,
                    horizontal_alignment=ft.CrossAxisAlignment.STRETCH,
                    expand=True,
                ),
                expand=True,
            )
        ],
    )

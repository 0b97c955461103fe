"""Large keys for an amount, because a salesperson types it standing."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

import flet as ft

from mobile import theme
from mobile.session import Phone
from mobile.widgets.parts import named
from shared.language import _

_ROWS = (("1", "2", "3"), ("4", "5", "6"), ("7", "8", "9"), (".", "0", "back"))


def keypad(phone: Phone, prefix: str, press: Callable[[str], Awaitable[None] | None]) -> ft.Control:
    """Lay out twelve keys, at least 48 px high; ``press`` gets a digit, ``.`` or ``back``."""
    return ft.Column(
        [ft.Row([_key(phone, prefix, key, press) for key in row], spacing=8) for row in _ROWS], spacing=8, tight=True
    )


def _key(phone: Phone, prefix: str, key: str, press: Callable[[str], Awaitable[None] | None]) -> ft.Control:
    face: ft.Control = (
        ft.Icon(ft.Icons.BACKSPACE_OUTLINED, size=22) if key == "back" else ft.Text(key, style=theme.bold(22))
    )
    return ft.Container(
        named(
            f"{prefix}.key.{'point' if key == '.' else key}",
            ft.Container(
                face,
                alignment=ft.Alignment.CENTER,
                padding=ft.Padding.symmetric(vertical=14 if key == "back" else 9),
                border_radius=12,
                bgcolor=ft.Colors.SURFACE_CONTAINER_HIGH,
                ink=True,
                on_click=phone.on(lambda: press(key)),
            ),
            button=True,
            label=_("Delete the last digit") if key == "back" else None,
        ),
        expand=True,
    )

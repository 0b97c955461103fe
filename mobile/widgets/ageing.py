"""The ageing bar: how old what is owed is, as one thin bar with its amounts."""

from __future__ import annotations

from collections.abc import Mapping

import flet as ft

from mobile.widgets.parts import line, money, quiet
from mobile.wording import BUCKETS, word

# Not due is quiet; the older, the stronger the one colour for "late".
_SHADES = {
    "current": ft.Colors.OUTLINE_VARIANT,
    "d1_30": ft.Colors.with_opacity(0.35, ft.Colors.ERROR),
    "d31_60": ft.Colors.with_opacity(0.55, ft.Colors.ERROR),
    "d61_90": ft.Colors.with_opacity(0.78, ft.Colors.ERROR),
    "over_90": ft.Colors.ERROR,
}


def ageing_bar(sums: Mapping[str, int], height: int = 10) -> ft.Control:
    """Draw the bar; parts in proportion to their amounts."""
    total = sum(max(0, amount) for amount in sums.values())
    if total <= 0:
        return ft.Container(height=height, border_radius=height, bgcolor=ft.Colors.OUTLINE_VARIANT)
    parts: list[ft.Control] = [
        ft.Container(height=height, bgcolor=_SHADES[name], expand=max(1, amount * 1000 // total))
        for name, amount in sums.items()
        if amount > 0
    ]
    return ft.Container(
        ft.Row(parts, spacing=2), border_radius=height, clip_behavior=ft.ClipBehavior.ANTI_ALIAS, height=height
    )


def ageing_table(sums: Mapping[str, int], currency: str) -> ft.Control:
    """Write the classes that have something with their amounts."""
    rows: list[ft.Control] = [
        line(
            ft.Row(
                [ft.Container(width=10, height=10, border_radius=5, bgcolor=_SHADES[name]), quiet(word(BUCKETS, name))],
                spacing=8,
                tight=True,
            ),
            money(amount, currency, 14),
        )
        for name, amount in sums.items()
        if amount > 0
    ]
    return ft.Column(rows, spacing=4, tight=True)

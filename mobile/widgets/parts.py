"""Small pieces: money, headings, cards, chips, empty states, each with a name for tests and screen readers."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import flet as ft

from mobile import theme
from shared.money import money_text


def named(identifier: str, content: ft.Control, **semantics: Any) -> ft.Semantics:
    """Give a control the name by which tests and screen readers find it."""
    return ft.Semantics(identifier=identifier, content=content, **semantics)


def text(value: str, size: int = 14, colour: str | None = None, **more: Any) -> ft.Text:
    """Write plain text."""
    return ft.Text(value, size=size, color=colour, **more)


def strong(value: str, size: int = 16, colour: str | None = None, **more: Any) -> ft.Text:
    """Write a heading or a name."""
    return ft.Text(value, style=theme.bold(size, colour), **more)


def money(amount_minor: int, currency: str, size: int = 16, colour: str | None = None, **more: Any) -> ft.Text:
    """Write an amount: right-aligned, tabular, never broken over two lines."""
    return ft.Text(
        money_text(amount_minor, currency),
        style=theme.bold(size, colour),
        text_align=ft.TextAlign.RIGHT,
        no_wrap=True,
        **more,
    )


def figure(value: str, colour: str | None = None) -> ft.Text:
    """Write a screen's one figure as large as still fits on one line when the phone's text is set to 200 %.

    It may break when it is longer still, but it is never cut: half an amount is another amount.
    """
    size = next((size for longest, size in ((9, 34), (10, 28), (12, 24)) if len(value) <= longest), 22)
    return strong(value, size, colour)


def quiet(value: str, size: int = 13, **more: Any) -> ft.Text:
    """Write what matters less."""
    return ft.Text(value, size=size, color=theme.QUIET, **more)


def card(
    *controls: ft.Control, identifier: str = "", on_click: Callable[..., Any] | None = None, **more: Any
) -> ft.Control:
    """Put controls on a card; with ``on_click`` the whole card is a button."""
    box = ft.Container(
        ft.Column(list(controls), spacing=6, tight=True, horizontal_alignment=ft.CrossAxisAlignment.STRETCH),
        **{
            "bgcolor": theme.CARD,
            "border_radius": 14,
            "padding": 16,
            "border": ft.Border.all(1, ft.Colors.OUTLINE_VARIANT),
            "ink": on_click is not None,
            "on_click": on_click,
            **more,
        },
    )
    return named(identifier, box, button=on_click is not None) if identifier else box


def line(left: ft.Control, right: ft.Control) -> ft.Row:
    """Put a description left and a figure right; the description wraps, the figure does not."""
    return ft.Row(
        [ft.Container(left, expand=True), right],
        alignment=ft.MainAxisAlignment.SPACE_BETWEEN,
        vertical_alignment=ft.CrossAxisAlignment.CENTER,
        spacing=12,
    )


def primary(
    identifier: str, label: str, on_click: Callable[..., Any], *, icon: Any = None, disabled: bool = False
) -> ft.Control:
    """Make a screen's one primary button: wide, at least 52 px high, at the thumb."""
    return named(
        identifier,
        ft.FilledButton(
            label,
            icon=icon,
            on_click=on_click,
            disabled=disabled,
            expand=True,
            style=ft.ButtonStyle(
                padding=ft.Padding.symmetric(vertical=16, horizontal=12),
                shape=ft.RoundedRectangleBorder(radius=14),
                text_style=theme.bold(17),
                bgcolor={
                    ft.ControlState.DISABLED: ft.Colors.SURFACE_CONTAINER_HIGHEST,
                    ft.ControlState.DEFAULT: theme.ACTION,
                },
                color={ft.ControlState.DISABLED: theme.QUIET, ft.ControlState.DEFAULT: ft.Colors.ON_PRIMARY},
            ),
        ),
    )


def secondary(identifier: str, label: str, on_click: Callable[..., Any], *, icon: Any = None) -> ft.Control:
    """Make a quieter button of the same size."""
    return named(
        identifier,
        ft.OutlinedButton(
            label,
            icon=icon,
            on_click=on_click,
            style=ft.ButtonStyle(
                padding=ft.Padding.symmetric(vertical=16, horizontal=10),
                shape=ft.RoundedRectangleBorder(radius=14),
            ),
        ),
    )


def choice(identifier: str, label: str, on_select: Callable[..., Any], *, selected: bool) -> ft.Control:
    """Make one chip of a row of chips."""
    return named(
        identifier, ft.Chip(label=ft.Text(label), selected=selected, on_select=on_select, show_checkmark=False)
    )


def chips(*controls: ft.Control) -> ft.Row:
    """Put chips beside each other; they wrap when the text is large."""
    return ft.Row(list(controls), wrap=True, spacing=8, run_spacing=4)


def slide(*controls: ft.Control) -> ft.Row:
    """Put many chips into one row that is pushed sideways, where a second row would push down what matters."""
    return ft.Row(list(controls), scroll=ft.ScrollMode.HIDDEN, spacing=8)


def badge(label: str, colour: str) -> ft.Control:
    """Write a state as a small label in its colour of meaning."""
    return ft.Container(
        text(label, 12, colour),
        border=ft.Border.all(1, colour),
        border_radius=8,
        padding=ft.Padding.symmetric(vertical=2, horizontal=8),
    )


def empty(identifier: str, icon: Any, title: str, what_to_do: str) -> ft.Control:
    """Say what will appear here and what to do."""
    return named(
        identifier,
        ft.Container(
            ft.Column(
                [
                    ft.Icon(icon, size=44, color=theme.QUIET),
                    strong(title, 16, text_align=ft.TextAlign.CENTER),
                    quiet(what_to_do, 14, text_align=ft.TextAlign.CENTER),
                ],
                horizontal_alignment=ft.CrossAxisAlignment.CENTER,
                tight=True,
            ),
            padding=ft.Padding.symmetric(vertical=40, horizontal=24),
            alignment=ft.Alignment.CENTER,
        ),
    )


def progress(part: int, whole: int, colour: str) -> ft.Control:
    """Draw how much of a whole (above zero) is there, in thousandths; more than the whole fills the bar."""
    thousandths = max(0, min(1000, part * 1000 // whole))
    return ft.ProgressBar(value=thousandths / 1000, bar_height=8, border_radius=4, color=colour)


def loading() -> ft.Control:
    """Hold the place of what is being read from the store, which takes milliseconds."""
    return ft.Container(height=120, border_radius=14, bgcolor=ft.Colors.SURFACE_CONTAINER)


def section(title: str, *controls: ft.Control) -> ft.Column:
    """Put a heading above some controls."""
    return ft.Column([strong(title, 15, theme.QUIET), *controls], spacing=8, tight=True)


def stacked(controls: Sequence[ft.Control]) -> ft.Column:
    """Put rows under each other with thin lines between."""
    rows: list[ft.Control] = []
    for control in controls:
        if rows:
            rows.append(ft.Divider(height=1, color=ft.Colors.OUTLINE_VARIANT))
        rows.append(control)
    return ft.Column(rows, spacing=8, tight=True)


def state_colour(state: str) -> str:
    """Return the one colour that a state has: green arrived, amber waiting, red lost, grey otherwise."""
    if state == "matched":
        return theme.ARRIVED
    if state in {"rejected", "refused", "voided", "quarantined"}:
        return theme.LATE
    return theme.WAITING if state in {"unsent", "held", "awaiting", "asked", "booked"} else theme.QUIET

"""Customers: found by name, number or pinyin; fifty at a time."""

from __future__ import annotations

from typing import Any

import flet as ft

from mobile import theme
from mobile.guard import part, screen
from mobile.session import use_phone, use_stored
from mobile.store import customer
from mobile.store.customer import PAGE, Owing
from mobile.widgets.parts import chips, choice, empty, line, loading, money, named, quiet, strong, text
from mobile.widgets.shell import shell
from mobile.wording import why
from mobile.worth import visits
from shared.language import _


@screen
def Customers() -> ft.View:
    """Show the list; the search looks as one types."""
    phone = use_phone()
    query, set_query = ft.use_state("")
    late, set_late = ft.use_state(False)
    pages, set_pages = ft.use_state(1)
    today = phone.today
    found = use_stored(
        lambda: customer.search(phone.database, today, query, overdue=late, limit=PAGE * pages + 1), query, late, pages
    )

    def search(event: ft.Event[ft.TextField]) -> None:
        set_pages(1)
        set_query(str(event.control.value or ""))

    def only(value: bool) -> object:  # noqa: FBT001 - a chip has two sides
        def choose() -> None:
            set_pages(1)
            set_late(value)

        return phone.on(choose)

    def more() -> None:
        set_pages(lambda shown: shown + 1)

    head: list[ft.Control] = [
        named(
            "customers.search",
            ft.TextField(
                label=_("Name, number or pinyin"),
                prefix_icon=ft.Icons.SEARCH,
                value=query,
                on_change=phone.on(search),
                border=ft.OutlineInputBorder(border_radius=ft.BorderRadius.all(14)),
            ),
        ),
        chips(
            choice("customers.all", _("All"), only(False), selected=not late),  # type: ignore[arg-type]
            choice("customers.overdue", _("Overdue"), only(True), selected=late),  # type: ignore[arg-type]
        ),
    ]
    if found is None:
        return shell(phone, _("Customers"), [*head, loading()], tab=1)
    rows: list[ft.Control] = [
        CustomerItem(one, today.isoformat(), phone.state.language, key=one.id) for one in found[: PAGE * pages]
    ]
    if not rows:
        rows = [
            empty(
                "customers.empty",
                ft.Icons.PERSON_SEARCH_OUTLINED,
                _("No customer found"),
                _("Try part of the name, the number, or the first letters in pinyin."),
            )
        ]
    if len(found) > PAGE * pages:
        rows.append(named("customers.more", ft.TextButton(_("Show more"), on_click=phone.on(more))))
    listed = ft.ListView(rows, expand=True, spacing=8, build_controls_on_demand=True)
    return shell(phone, _("Customers"), [*head, listed], tab=1, scroll=False)


@part
def _Item(one: Owing, today: str, language: str) -> ft.Control:  # noqa: ARG001 - drawn again in the other language
    """Show one customer in two lines."""
    phone = use_phone()
    visit = next(iter(visits([one], phone.today)), None)
    reason = why(visit) if visit else _("Nothing due")
    late = visit is not None and visit.why == "overdue"

    async def open_customer() -> None:
        await phone.go(f"/customers/{one.id}")

    second: list[ft.Control] = [quiet(one.number), text(reason, 13, theme.LATE if late else theme.QUIET)]
    if one.on_hold:
        second.append(text(_("On hold"), 13, theme.LATE))
    if one.gone:
        second.append(text(_("No longer in your list"), 13, theme.WAITING))
    return named(
        f"customer.row.{one.number}",
        ft.Container(
            line(
                ft.Column(
                    [strong(one.name, 15, max_lines=2), ft.Row(second, wrap=True, spacing=10, run_spacing=0)],
                    spacing=2,
                    tight=True,
                ),
                ft.Column(
                    [
                        money(one.balance_minor, one.currency, 15),
                        *([money(one.overdue_minor, one.currency, 13, theme.LATE)] if one.overdue_minor else []),
                    ],
                    spacing=2,
                    tight=True,
                    horizontal_alignment=ft.CrossAxisAlignment.END,
                ),
            ),
            padding=ft.Padding.symmetric(vertical=10, horizontal=14),
            border_radius=12,
            bgcolor=theme.CARD,
            border=ft.Border.all(1, ft.Colors.OUTLINE_VARIANT),
            ink=True,
            on_click=phone.on(open_customer),
        ),
        button=True,
    )


CustomerItem: Any = ft.memo(_Item)  # type: ignore[no-untyped-call]

"""Today: what was collected, what is in hand, and whom to see next and why."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, time
from zoneinfo import ZoneInfo

import flet as ft

from mobile import theme
from mobile.guard import part, screen
from mobile.session import Phone, use_phone, use_stored
from mobile.store import collection, custody, customer, incentive
from mobile.widgets.parts import card, empty, figure, loading, money, named, progress, quiet, section, strong, text
from mobile.widgets.shell import shell
from mobile.wording import why
from mobile.worth import Visit, visits
from shared.clock import to_ms
from shared.language import _
from shared.money import money_text

_CARDS = 30


@dataclass(frozen=True, slots=True)
class Day:
    """Everything the screen shows, read in one go."""

    today_minor: int
    month_minor: int
    target_minor: int
    currency: str
    visits: tuple[Visit, ...]
    cash_minor: int
    incentive_minor: int
    customers: int


async def read_day(phone: Phone) -> Day:
    """Read the day from the store."""
    company, today = phone.state.company, phone.today
    zone = ZoneInfo(company.zone)
    start = to_ms(datetime.combine(today, time(), zone))
    month = to_ms(datetime.combine(today.replace(day=1), time(), zone))
    end = max(phone.now_ms, start) + 86_400_000
    database, currency = phone.database, company.currency
    today_minor, seen = await collection.taken_between(database, start, end, currency)
    month_minor, _seen = await collection.taken_between(database, month, end, currency)
    todo = [one for one in visits(await customer.owing(database, today), today) if one.customer.id not in seen]
    return Day(
        today_minor,
        month_minor,
        company.month_target_minor,
        currency,
        tuple(todo),
        (await custody.in_hand(database, "cash", currency)).amount_minor,
        (await incentive.summary(database, month, currency)).earned_minor,
        await customer.count(database),
    )


@screen
def Today() -> ft.View:
    """Show the day, the most worthwhile customers first."""
    phone = use_phone()
    day = use_stored(lambda: read_day(phone))
    if day is None:
        return shell(phone, _("Today"), [loading(), loading()], tab=0)
    if day.customers == 0:
        nothing = empty(
            "today.empty",
            ft.Icons.CLOUD_DOWNLOAD_OUTLINED,
            _("No customers on this phone yet"),
            _("They appear after the first sync. Tap the chip above to sync now."),
        )
        return shell(phone, _("Today"), [_head(day), nothing], tab=0)
    cards = [
        VisitCard(visit, phone.state.language, key=visit.customer.id)  # type: ignore[call-arg]  # Flet adds key
        for visit in day.visits[:_CARDS]
    ]
    done = empty(
        "today.done",
        ft.Icons.TASK_ALT,
        _("Nobody is due today"),
        _("Find any customer under Customers to record a payment."),
    )
    return shell(
        phone, _("Today"), [_head(day), _figures(phone, day), section(_("Worth a visit"), *(cards or [done]))], tab=0
    )


def _head(day: Day) -> ft.Control:
    controls: list[ft.Control] = [
        quiet(_("Collected today")),
        named("today.collected", figure(money_text(day.today_minor, day.currency))),
    ]
    if day.target_minor > 0:
        controls += [
            progress(day.month_minor, day.target_minor, theme.ARRIVED),
            ft.Row(
                [
                    quiet(_("This month %(amount)s", amount=money_text(day.month_minor, day.currency))),
                    quiet(_("Target %(amount)s", amount=money_text(day.target_minor, day.currency))),
                ],
                wrap=True,
                alignment=ft.MainAxisAlignment.SPACE_BETWEEN,
                run_spacing=2,
            ),
        ]
    return card(*controls)


def _figures(phone: Phone, day: Day) -> ft.Control:
    def small(identifier: str, label: str, value: str, route: str) -> ft.Control:
        return ft.Container(
            card(
                quiet(label, 12),
                strong(value, 15),
                identifier=identifier,
                on_click=phone.on(lambda: phone.go(route)),
                padding=12,
            ),
            expand=True,
        )

    return ft.Row(
        [
            small("today.visits", _("Visits left"), str(len(day.visits)), "/customers"),
            small("today.cash", _("Cash in hand"), money_text(day.cash_minor, day.currency), "/money"),
            small("today.incentive", _("Incentive"), money_text(day.incentive_minor, day.currency), "/me"),
        ],
        spacing=8,
    )


@part
def VisitCard(visit: Visit, language: str) -> ft.Control:  # noqa: ARG001 - drawn again in the other language
    """Show one customer: who, why now, how much, and the button to collect."""
    phone = use_phone()
    who, late = visit.customer, visit.why == "overdue"

    async def open_customer() -> None:
        await phone.go(f"/customers/{who.id}")

    async def collect() -> None:
        await phone.go(f"/customers/{who.id}/collect")

    return card(
        strong(who.name, 16, max_lines=2),
        ft.Row(
            [
                ft.Container(
                    ft.Column(
                        [
                            text(why(visit), 13, theme.LATE if late else theme.WAITING),
                            money(visit.amount_minor, who.currency, 18),
                        ],
                        spacing=2,
                        tight=True,
                    ),
                    expand=True,
                ),
                named(
                    f"today.collect.{who.number}",
                    ft.FilledButton(_("Collect"), icon=ft.Icons.PAYMENTS_OUTLINED, on_click=phone.on(collect)),
                ),
            ]
        ),
        identifier=f"today.card.{who.number}",
        on_click=phone.on(open_customer),
    )

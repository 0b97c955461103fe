"""Me: the incentive with its arithmetic, and this phone's settings; signing out is guarded."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, time
from zoneinfo import ZoneInfo

import flet as ft

from mobile import theme
from mobile.guard import part, screen
from mobile.session import VERSION, Phone, use_phone, use_stored
from mobile.store import identity, incentive
from mobile.store.identity import Numbering
from mobile.store.incentive import Line, Summary
from mobile.widgets.parts import (
    card,
    chips,
    choice,
    figure,
    line,
    loading,
    money,
    named,
    quiet,
    secondary,
    section,
    stacked,
    strong,
    text,
)
from mobile.widgets.shell import shell
from mobile.wording import INCENTIVES, moment_text, percent, word
from shared.clock import to_ms
from shared.ident import ReceiptNumber
from shared.language import LANGUAGES, N_, _
from shared.money import money_text

_NAMES = {"zh_CN": "中文", "en": "English"}
_THEMES = {"system": N_("As the system"), "light": N_("Light"), "dark": N_("Dark")}


@dataclass(frozen=True, slots=True)
class Mine:
    """Everything the screen shows, read in one go."""

    month: Summary
    lines: tuple[Line, ...]
    numbering: Numbering


async def read_mine(phone: Phone) -> Mine:
    """Read incentive and numbering from the store."""
    company = phone.state.company
    month = to_ms(datetime.combine(phone.today.replace(day=1), time(), ZoneInfo(company.zone)))
    return Mine(
        await incentive.summary(phone.database, month, company.currency),
        tuple(await incentive.lines(phone.database, limit=40)),
        await identity.numbering(phone.database),
    )


@screen
def Me() -> ft.View:
    """Show what was earned first."""
    phone = use_phone()
    mine = use_stored(lambda: read_mine(phone))
    if mine is None:
        return shell(phone, _("Me"), [loading(), loading()], tab=3)
    lines = [
        IncentiveLine(one, phone.state.language, key=one.id)  # type: ignore[call-arg]  # Flet adds key
        for one in mine.lines
    ]
    nothing = quiet(_("Incentive appears when a payment was approved and its money reached the bank."), 14)
    body = [
        _summary(phone, mine.month),
        section(_("How it came about"), card(stacked(lines)) if lines else card(nothing)),
        section(_("Language"), chips(*_languages(phone))),
        section(_("Appearance"), chips(*_themes(phone))),
        _about(phone, mine.numbering),
        _sign_out(phone),
        ft.Container(height=8),
    ]
    return shell(phone, _("Me"), body, tab=3)


def _summary(phone: Phone, month: Summary) -> ft.Control:
    currency = phone.state.company.currency
    return card(
        quiet(_("Incentive this month")),
        named("me.earned", figure(money_text(month.earned_minor, currency), theme.ARRIVED)),
        line(quiet(_("On its way")), named("me.pending", money(month.pending_minor, currency, 15, theme.WAITING))),
    )


@part
def IncentiveLine(one: Line, language: str) -> ft.Control:  # noqa: ARG001 - drawn again in the other language
    """Show one line; a tap opens its arithmetic."""
    phone = use_phone()
    shown, set_shown = ft.use_state(False)
    colour = {"vested": theme.ARRIVED, "clawed_back": theme.LATE}.get(one.state, theme.WAITING)
    state = {"vested": _("Earned"), "clawed_back": _("Taken back"), "pending": _("On its way")}.get(
        one.state, one.state
    )
    controls: list[ft.Control] = [
        line(
            ft.Column([strong(one.title, 14), quiet(word(INCENTIVES, one.kind), 12)], spacing=0, tight=True),
            ft.Column(
                [money(one.amount_minor, one.currency, 15, colour), text(state, 12, colour)],
                spacing=0,
                tight=True,
                horizontal_alignment=ft.CrossAxisAlignment.END,
            ),
        )
    ]
    if shown:
        controls.append(named("incentive.arithmetic", quiet(arithmetic(one, phone.state.company.zone), 13)))
    return named(
        f"incentive.{one.title}.{one.kind}",
        ft.Container(
            ft.Column(controls, spacing=4, tight=True),
            ink=True,
            on_click=phone.on(lambda: set_shown(lambda now: not now)),
        ),
        button=True,
    )


def arithmetic(one: Line, zone: str) -> str:
    """Write how an amount came about: base × rate = amount, under which version of the plan, and when."""
    base = money_text(one.base_minor, one.currency)
    amount = money_text(one.amount_minor, one.currency)
    plan = _("plan version %(version)s", version=one.plan_version) if one.plan_version else ""
    sum_ = f"{base} × {percent(one.rate_bp)} = {amount}" if one.rate_bp else f"{base} → {amount}"
    return " · ".join(each for each in (sum_, plan, moment_text(one.at_ms, zone)) if each)


def _languages(phone: Phone) -> list[ft.Control]:
    return [
        choice(
            f"language.{name}",
            _NAMES[name],
            phone.on(lambda n=name: phone.choose_language(n)),
            selected=phone.state.language == name,
        )
        for name in LANGUAGES
    ]


def _themes(phone: Phone) -> list[ft.Control]:
    return [
        choice(
            f"theme.{name}",
            word(_THEMES, name),
            phone.on(lambda n=name: phone.choose_theme(n)),
            selected=phone.state.theme == name,
        )
        for name in _THEMES
    ]


def _about(phone: Phone, numbering: Numbering) -> ft.Control:
    who = phone.state.identity
    series = who.series if who else ""
    following = str(ReceiptNumber(series, numbering.next_counter)) if series else ""
    facts = [
        (_("Name"), who.user_name if who else ""),
        (_("Receipt series"), series),
        (_("Next receipt"), following),
        (_("Device"), (who.device_id if who else "")[-12:]),
        (_("Server"), phone.server),
        (_("Version"), VERSION),
    ]
    return section(
        _("This phone"),
        card(
            *(
                line(quiet(label), ft.Container(text(value, 13, text_align=ft.TextAlign.RIGHT), expand=True))
                for label, value in facts
            )
        ),
    )


def _sign_out(phone: Phone) -> ft.Control:
    async def sign_out() -> None:
        await phone.sign_out()

    async def help_() -> None:
        await phone.go("/help")

    return ft.Row(
        [
            secondary("me.help", _("Help"), phone.on(help_), icon=ft.Icons.HELP_OUTLINE),
            secondary("me.sign_out", _("Sign out"), phone.on(sign_out), icon=ft.Icons.LOGOUT),
        ],
        wrap=True,
        spacing=12,
        run_spacing=8,
    )

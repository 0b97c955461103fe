"""The chip in every top bar: what is sent and what is not, in words."""

from __future__ import annotations

import flet as ft

from mobile import theme
from mobile.guard import part
from mobile.session import SyncState, use_phone
from mobile.widgets.parts import named
from mobile.wording import local, short_moment_text, time_text
from shared.language import _, ngettext
from shared.money import money_text


@part
def SyncChip() -> ft.Control:
    """Show the chip; a tap opens the outbox."""
    phone = use_phone()
    ft.use_state(phone.sync)
    words, colour, icon = chip_words(phone.sync, phone.state.company.currency, phone.state.company.zone, phone.now_ms)

    async def outbox() -> None:
        await phone.go("/outbox")

    return named(
        "sync.chip",
        ft.Container(
            ft.Row(
                [
                    ft.Icon(icon, size=15, color=colour),
                    ft.Container(ft.Text(words, size=12, color=colour, max_lines=2), expand=False),
                ],
                spacing=5,
                tight=True,
            ),
            padding=ft.Padding.symmetric(vertical=8, horizontal=10),
            margin=ft.Margin.only(right=10),
            border_radius=18,
            border=ft.Border.all(1, ft.Colors.OUTLINE_VARIANT),
            ink=True,
            on_click=phone.on(outbox),
        ),
        button=True,
    )


def chip_words(sync: SyncState, currency: str, zone: str, now_ms: int) -> tuple[str, str, ft.IconData]:
    """Return the chip's words, colour of meaning and icon; what needs a person comes first."""
    if sync.attention:
        words = ngettext("%(count)s record needs you", "%(count)s records need you", sync.attention)
        return words, theme.LATE, ft.Icons.ERROR_OUTLINE
    if sync.unsent:
        words = ngettext("%(count)s to send", "%(count)s to send", sync.unsent)
        if sync.unsent_minor:
            words += f" {money_text(sync.unsent_minor, currency)}"
        return words, theme.WAITING, ft.Icons.CLOUD_UPLOAD_OUTLINED
    if sync.failure == "auth":
        return _("Sign in again"), theme.WAITING, ft.Icons.LOCK_OUTLINE
    if sync.failure:
        return _("Offline"), theme.QUIET, ft.Icons.CLOUD_OFF_OUTLINED
    if not sync.synced_at_ms:
        return _("Not synced yet"), theme.QUIET, ft.Icons.CLOUD_OUTLINED
    same_day = local(sync.synced_at_ms, zone).date() == local(now_ms, zone).date()
    when = time_text(sync.synced_at_ms, zone) if same_day else short_moment_text(sync.synced_at_ms, zone)
    return _("Synced %(time)s", time=when), theme.QUIET, ft.Icons.CLOUD_DONE_OUTLINED

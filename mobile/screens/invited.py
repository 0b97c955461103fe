"""What an enrolment link meets on a phone that is somebody's already."""

from __future__ import annotations

import flet as ft

from mobile.guard import screen
from mobile.session import use_phone
from mobile.widgets.parts import empty, primary
from mobile.widgets.shell import shell
from shared.language import _


@screen
def Invited() -> ft.View:
    """Say whose phone this is and how another person may have it."""
    phone = use_phone()
    who = phone.state.identity

    async def today() -> None:
        await phone.go("/")

    body = empty(
        "invited",
        ft.Icons.HOW_TO_REG_OUTLINED,
        _("This phone is enrolled for %(name)s", name=who.user_name if who else ""),
        _("To enrol it for somebody else, send everything, sign out under Me, and open the link again."),
    )
    button = ft.Container(primary("invited.done", _("Back to today"), phone.on(today)), expand=True)
    return shell(phone, _("Enrolment"), [body], route="/enrol", back="/", actions=[button])

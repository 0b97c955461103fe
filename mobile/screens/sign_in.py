"""Signing in: by user name and password or by an enrolment code; what was recorded before stays where it is."""

from __future__ import annotations

from collections.abc import Callable

import flet as ft

from mobile import theme
from mobile.guard import screen
from mobile.invitation import Invitation
from mobile.session import Phone, use_kept, use_phone
from mobile.widgets.parts import chips, choice, named, primary, quiet, strong
from shared.language import LANGUAGES, _
from shared.refusal import Refused

_NAMES = {"zh_CN": "中文", "en": "English"}


def use_invitation(phone: Phone, typed: dict[str, str], set_by_code: Callable[[bool], None]) -> Invitation | None:
    """Fill in what an enrolment link says, when one was opened."""
    invited = phone.state.invitation

    def take_up() -> None:
        if invited:
            typed["code"], typed["server"] = invited.code, invited.server or typed["server"]
            set_by_code(True)

    ft.use_effect(take_up, [invited], cleanup=lambda: None)
    return invited


@screen
def SignIn() -> ft.View:
    """Ask who this is; the fields are read when the button is pressed."""
    phone = use_phone()
    by_code, set_by_code = ft.use_state(False)
    busy, set_busy = ft.use_state(False)
    problem, set_problem = ft.use_state("")
    typed = use_kept(lambda: {"server": phone.server, "login": "", "password": "", "code": ""})
    invited = use_invitation(phone, typed, set_by_code)

    async def start() -> None:
        set_problem("")
        set_busy(True)
        try:
            phone.server = typed["server"].strip()
            await phone.forget_invitation()
            if by_code:
                await phone.enrol_with_code(typed["code"])
            else:
                await phone.sign_in(typed["login"], typed["password"])
        except Refused as refused:
            set_problem(f"{refused.what} {refused.next}")
        finally:
            set_busy(False)

    def field(name: str, label: str, **more: object) -> ft.Control:
        def keep(event: ft.Event[ft.TextField]) -> None:
            typed[name] = str(event.control.value or "")

        return named(
            f"sign_in.{name}",
            ft.TextField(
                label=label,
                value=typed[name],
                on_change=phone.on(keep),
                on_submit=phone.on(start),
                border=ft.OutlineInputBorder(border_radius=ft.BorderRadius.all(12)),
                **more,  # type: ignore[arg-type]
            ),
        )

    who = (
        [field("code", _("Enrolment code"), capitalization=ft.TextCapitalization.CHARACTERS)]
        if by_code
        else [
            field("login", _("User name"), autofill_hints=ft.AutofillHint.USERNAME),
            field("password", _("Password"), password=True, can_reveal_password=True),
        ]
    )

    def switch(value: bool) -> object:  # noqa: FBT001 - a chip has two sides
        return phone.on(lambda: set_by_code(value))

    body: list[ft.Control] = [
        ft.Container(height=24),
        ft.Icon(ft.Icons.RECEIPT_LONG, size=52, color=theme.ACTION),
        strong(phone.state.company.name or "Fieldtill", 24, text_align=ft.TextAlign.CENTER),
        quiet(_("Payments are recorded on this phone, also without a network."), 14, text_align=ft.TextAlign.CENTER),
        ft.Container(height=8),
        chips(
            choice("sign_in.by_password", _("User name"), switch(False), selected=not by_code),  # type: ignore[arg-type]
            choice("sign_in.by_code", _("Enrolment code"), switch(True), selected=by_code),  # type: ignore[arg-type]
        ),
        *who,
        field("server", _("Server address"), keyboard_type=ft.KeyboardType.URL),
    ]
    if invited:
        body.append(named("sign_in.invited", quiet(_("The link filled this in. Check the server's address."), 14)))
    if problem:
        body.append(named("sign_in.problem", ft.Text(problem, color=theme.LATE), live_region=True))
    label = _("Signing in…") if busy else _("Start")
    body += [
        ft.Row([ft.Container(primary("sign_in.start", label, phone.on(start), disabled=busy), expand=True)]),
        chips(
            *(
                choice(
                    f"language.{name}",
                    _NAMES[name],
                    phone.on(lambda n=name: phone.choose_language(n)),
                    selected=phone.state.language == name,
                )
                for name in LANGUAGES
            )
        ),
    ]
    return ft.View(
        route="/sign-in",
        padding=0,
        controls=[
            ft.SafeArea(
                ft.Container(
                    ft.Column(
                        body,
                        spacing=14,
                        scroll=ft.ScrollMode.AUTO,
                        expand=True,
                        horizontal_alignment=ft.CrossAxisAlignment.STRETCH,
                    ),
                    padding=24,
                    expand=True,
                ),
                expand=True,
            )
        ],
    )

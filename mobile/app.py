"""The app: one process, one store, one page session at a time."""

from __future__ import annotations

import asyncio
import os
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import flet as ft

from mobile import guard, theme
from mobile.device.keys import FileKeys, Keys, SecureKeys
from mobile.guard import part, screen
from mobile.routes import routes
from mobile.screens.locked import Locked
from mobile.screens.sign_in import SignIn
from mobile.session import PHONE, Phone, use_phone
from mobile.store.database import Database
from mobile.syncing import Syncing
from mobile.transport import HttpTransport
from mobile.widgets.parts import empty, loading
from shared import language
from shared.clock import Clock, SystemClock
from shared.language import _
from shared.refusal import Refused
from sync.port import Transport


@dataclass(frozen=True)
class Settings:
    """What the process was started with; on a device everything has its default."""

    store: Path
    server: str = ""
    language: str = ""


@dataclass
class Process:
    """The one store of this process and the page session that holds it."""

    settings: Settings
    clock: Clock = field(default_factory=SystemClock)
    connect: type[HttpTransport] = HttpTransport
    database: Database | None = None
    holder: ft.Page | None = None
    opening: asyncio.Lock = field(default_factory=asyncio.Lock)

    async def claim(self, page: ft.Page) -> Database | None:
        """Give the store to a page session, unless another live one or another process has it."""
        async with self.opening:
            if self.holder not in (None, page):
                return None
            if self.database is None:
                try:
                    self.database = await Database(self.settings.store).open()
                except Refused as refused:
                    if refused.code == "store_locked":
                        return None
                    raise
            self.holder = page
            return self.database

    def release(self, page: ft.Page) -> None:
        """Take the store back from a page session that went away."""
        if self.holder is page:
            self.holder = None


class Session:
    """One page session: it shows the phone while it holds the store, and says so when another one does."""

    def __init__(self, process: Process, page: ft.Page) -> None:
        """Belong to a page."""
        self.process = process
        self.page = page
        self.phone: Phone | None = None
        self.loop: object = None

    async def start(self) -> None:
        """Dress the page, take the store, and show the app; the second window gets a clear page."""
        page = self.page
        language.choose_default(self.process.settings.language or _language_of(page))
        theme.dress(page)
        page.on_disconnect = self.leave
        page.on_close = self.leave
        page.on_connect = self.enter
        page.on_route_change = self.linked  # the router takes over while somebody is signed in
        page.on_app_lifecycle_state_change = self.lifecycle
        guard.install(page, self.report)
        await self.enter()

    def report(self, error: BaseException) -> None:
        """Tell an error through the phone, if there is one yet."""
        if self.phone:
            self.phone.report(error)
        else:
            guard.log.error("before the app was shown", exc_info=error)

    async def enter(self, _event: object = None) -> None:
        """Take or take back the store."""
        database = await self.process.claim(self.page)
        if database is None:
            self.page.render_views(Locked, self.enter)
            return
        if self.phone is None:
            self.phone = await self._phone(database)
            self.phone.invite(self.page.route or "")
            self.page.theme_mode = ft.ThemeMode(self.phone.state.theme)
            self.page.update()
            self.page.render_views(App, self.phone)
        if self.loop is None:
            self.loop = self.page.run_task(Syncing(self.phone).run)

    def leave(self, _event: object = None) -> None:
        """Give the store back: the window was closed or lost its line."""
        if self.loop is not None:
            self.loop.cancel()  # type: ignore[attr-defined]
            self.loop = None
        self.process.release(self.page)

    def linked(self, event: ft.RouteChangeEvent) -> None:
        """Take up an enrolment link that is opened while the sign-in is shown."""
        if self.phone:
            self.phone.invite(event.route)

    def lifecycle(self, event: ft.AppLifecycleStateChangeEvent) -> None:
        """Look at the network again when the app comes back."""
        if self.phone and event.state in (ft.AppLifecycleState.RESUME, ft.AppLifecycleState.SHOW):
            self.phone.wake()

    async def _phone(self, database: Database) -> Phone:
        process = self.process

        def connect(server: str) -> Transport:
            return process.connect(server)

        keys = _keys(self.page, process.settings.store)
        phone = Phone(
            self.page, database, keys=keys, clock=process.clock, connect=connect, server=process.settings.server
        )
        await phone.open(process.settings.language or _language_of(self.page))
        return phone


@part
def App(phone: Phone) -> ft.Control:
    """Bind the phone for all screens."""
    return PHONE(phone, Gate)  # type: ignore[no-any-return]


@part
def Gate() -> ft.Control:
    """Show the sign-in until somebody is signed in, then the route's screens."""
    phone = use_phone()
    if phone.state.gate == "opening":
        return ft.View(controls=[loading()])
    if phone.state.gate == "sign_in":
        return SignIn()
    return ft.Router(routes(), not_found=Lost, manage_views=True)


@screen
def Lost() -> ft.View:
    """Answer an address that nobody knows."""
    return ft.View(controls=[empty("lost", ft.Icons.EXPLORE_OFF, _("There is no such screen"), _("Go back to today."))])


def _keys(page: ft.Page, store: Path) -> Keys:
    if not page.web and page.platform in (ft.PagePlatform.ANDROID, ft.PagePlatform.IOS):
        from flet_secure_storage import SecureStorage  # type: ignore[import-untyped]

        return SecureKeys(SecureStorage())
    return FileKeys(store.with_name(store.name + ".keys"))


def _language_of(page: ft.Page) -> str:
    """Choose Chinese unless the device speaks another language that we know."""
    locales = page.locale_configuration.current_locale if page.locale_configuration else None
    return "en" if locales and locales.language_code == "en" else "zh_CN"


async def run(settings: Settings, **how: Any) -> None:
    """Run one process until it is told to stop; ``how`` goes to ``flet.run_async``. The store is closed at the end."""
    process = Process(settings)

    async def main(page: ft.Page) -> None:
        await Session(process, page).start()

    try:
        await ft.run_async(main, **how)
    finally:
        if process.database:
            await process.database.close()


def start() -> None:
    """Run on a device or desktop; the store lies where the system keeps an app's own files."""
    folder = Path(os.environ.get("FLET_APP_STORAGE_DATA") or Path.home() / ".fieldtill")
    asyncio.run(run(Settings(folder / "phone.db"), assets_dir="assets"))

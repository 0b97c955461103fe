"""One phone in one page session: its store, keys, clock and the one observable that its screens follow."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import date
from typing import Any, TypeVar

import flet as ft

from mobile.device.keys import Keys, new_pair
from mobile.guard import guarded
from mobile.invitation import Invitation, read_link
from mobile.store import company, identity, meta, operation
from mobile.store.database import Database
from mobile.store.engine_store import EngineStore
from shared import language
from shared.clock import Clock, business_date, to_ms
from shared.language import _
from shared.refusal import REFUSALS, Refused, sentence
from sync.message import CompanyRow, EnrolRequest, SignInRequest
from sync.port import Identity, Transport, TransportFailed

log = logging.getLogger("fieldtill.phone")
T = TypeVar("T")
VERSION = "0.1.0"


@ft.observable
@dataclass
class State:
    """What screens follow. ``version`` moves whenever the store changed; made in ``main``, never module-global."""

    gate: str = "opening"  # "opening" | "locked" | "sign_in" | "open"
    language: str = "zh_CN"
    theme: str = "system"
    version: int = 0
    identity: Identity | None = None
    invitation: Invitation | None = None  # from an enrolment link that was opened
    company: CompanyRow = field(default_factory=lambda: company.UNKNOWN)


@ft.observable
@dataclass
class SyncState:
    """What the chip says. ``failure`` is the kind of ``TransportFailed``, empty when the last pass went well."""

    running: bool = False
    synced_at_ms: int = 0
    failure: str = ""
    failure_text: str = ""
    unsent: int = 0
    unsent_minor: int = 0
    attention: int = 0


class Phone:
    """The container that screens get from ``use_phone``."""

    def __init__(
        self,
        page: ft.Page,
        database: Database,
        *,
        keys: Keys,
        clock: Clock,
        connect: Callable[[str], Transport],
        server: str,
    ) -> None:
        """Put a phone together; ``connect`` makes a transport to a server's address."""
        self.page = page
        self.database = database
        self.keys = keys
        self.clock = clock
        self.connect = connect
        self.server = server
        self.state = State()
        self.sync = SyncState()
        self.store = EngineStore(database, keys, clock)
        self.wake: Callable[[], None] = lambda: None

    async def open(self, default_language: str) -> None:
        """Read who this phone is and what it was set to, and let the screens show it."""
        self.state.language = await meta.get(self.database, "language") or default_language
        self.state.theme = await meta.get(self.database, "theme") or "system"
        self.server = self.server or await meta.get(self.database, "server")
        self.sync.synced_at_ms = int(await meta.get(self.database, "synced_at_ms") or 0)
        language.choose_default(self.state.language)
        await self.changed()
        signed_out = await identity.is_signed_out(self.database)
        self.state.gate = "sign_in" if self.state.identity is None or signed_out else "open"

    async def changed(self) -> None:
        """Tell the screens that the store changed, and count what is unsent."""
        self.state.identity = await identity.of(self.database)
        self.state.company = await company.of(self.database)
        waiting = await operation.unsent(self.database)
        self.sync.unsent, self.sync.unsent_minor = waiting.count, waiting.money_minor
        self.sync.attention = await operation.needing_attention(self.database)
        self.state.version += 1

    async def recorded(self) -> None:
        """Show a new fact everywhere and wake the engine; it owns nothing that the store does not hold."""
        await self.changed()
        self.wake()

    @property
    def now_ms(self) -> int:
        """The device's time in Unix milliseconds."""
        return to_ms(self.clock.now())

    @property
    def today(self) -> date:
        """The company's business day."""
        return business_date(self.now_ms, self.state.company.zone)

    # ---- who uses it ----

    async def sign_in(self, login: str, password: str) -> None:
        """Sign in by password and, the first time, enrol this phone; refuses in the server's words."""
        known = await identity.of(self.database)
        transport = self._transport()
        device = known.device_id if known else ""
        tokens = await told(transport.sign_in(SignInRequest(login.strip(), password, device_id=device)))
        if known and known.user_id == tokens.user_id:
            await self.store.keep_tokens(tokens)
            await identity.sign_in_again(self.database)
        else:
            if known:
                async with self.database.reading() as connection:
                    await identity.refuse_unsent(connection)
            await self._enrol(
                transport, EnrolRequest(await new_pair(self.keys), "", _name(self.page), VERSION), tokens.access_token
            )
        await self._enter()

    async def enrol_with_code(self, code: str) -> None:
        """Enrol this phone by a one-time code issued in the console."""
        if await identity.of(self.database):
            async with self.database.reading() as connection:
                await identity.refuse_unsent(connection)
        request = EnrolRequest(await new_pair(self.keys), code.strip(), _name(self.page), VERSION)
        await self._enrol(self._transport(), request, "")
        await self._enter()

    def invite(self, route: str) -> None:
        """Take up an enrolment link; any other route changes nothing."""
        self.state.invitation = read_link(route) or self.state.invitation

    async def forget_invitation(self) -> None:
        """Leave the link's address, so that the app opens on today."""
        self.state.invitation = None
        if read_link(self.page.route or ""):
            await self.go("/")

    async def sign_out(self) -> None:
        """End the sign-in; refuses ``money_unsent``."""
        await identity.sign_out(self.database)
        await self.store.keep_tokens(None)
        self.state.gate = "sign_in"

    def _transport(self) -> Transport:
        if not self.server:
            raise Refused("server_unreachable")
        return self.connect(self.server)

    async def _enrol(self, transport: Transport, request: EnrolRequest, access_token: str) -> None:
        answer = await told(transport.enrol(request, access_token))
        await identity.adopt(self.database, answer)
        await self.store.keep_tokens(answer.tokens)

    async def _enter(self) -> None:
        await meta.put(self.database, "server", self.server)
        await self.changed()
        self.state.gate = "open"
        self.wake()

    # ---- settings ----

    async def choose_language(self, name: str) -> None:
        """Switch the language of the whole phone at once."""
        language.choose_default(name)
        await meta.put(self.database, "language", name)
        self.state.language = name

    async def choose_theme(self, name: str) -> None:
        """Switch between light, dark and the system's choice."""
        await meta.put(self.database, "theme", name)
        self.state.theme = name
        self.page.theme_mode = ft.ThemeMode(name)
        self.page.update()

    # ---- events and messages ----

    def on(self, handler: Callable[..., Any]) -> Callable[..., Awaitable[None]]:
        """Guard an event handler: a refusal becomes its sentence, anything else is logged and told."""
        return guarded(handler, self.report)

    def report(self, error: BaseException) -> None:
        """Tell the person what happened and what to do next."""
        if isinstance(error, Refused):
            self.tell(error.what, error.next, bad=True)
            return
        log.error("unexpected", exc_info=error)
        self.tell(
            _("Something went wrong in the app."), _("Nothing that was saved is lost. Please try again."), bad=True
        )

    def tell(self, what: str, next: str = "", *, bad: bool = False) -> None:
        """Show a message at the bottom of the screen."""
        scheme = (ft.Colors.ERROR_CONTAINER, ft.Colors.ON_ERROR_CONTAINER)
        ground, ink = scheme if bad else (ft.Colors.INVERSE_SURFACE, ft.Colors.ON_INVERSE_SURFACE)
        text = ft.Text(f"{what} {next}".strip(), color=ink)
        try:
            self.page.show_dialog(
                ft.SnackBar(ft.Semantics(identifier="message", live_region=True, content=text), bgcolor=ground)
            )
        except Exception:
            log.exception("could not show: %s", what)

    async def go(self, route: str) -> None:
        """Open a screen."""
        await self.page.push_route(route)


async def told(call: Awaitable[T]) -> T:
    """Turn a failed call into a refusal with the server's own sentence where it gave one."""
    try:
        return await call
    except TransportFailed as failure:
        raise refusal_of(failure) from failure


def refusal_of(failure: TransportFailed) -> Refused:
    """Return the refusal that says a failed call in words."""
    refused = Refused(
        failure.code if failure.kind in {"auth", "business"} and failure.code in REFUSALS else "server_unreachable"
    )
    if failure.kind == "server":
        refused.row = REFUSALS["not_saved"]
    if failure.what and refused.code == failure.code:
        refused.row = refused.row._replace(what=failure.what.replace("%", "%%"))
    return refused


def explain(code: str, what: str, next: str) -> tuple[str, str]:
    """Return the two sentences of a verdict: the server's, else our own for its code."""
    row = REFUSALS.get(code)
    return what or (sentence(row.what, {}) if row else ""), next or (sentence(row.next, {}) if row else "")


def _name(page: ft.Page) -> str:
    return (
        f"web {page.client_user_agent or ''}"[:60].strip()
        if page.web
        else str(page.platform.value if page.platform else "")
    )


PHONE: Any = ft.create_context(None)


def use_phone() -> Phone:
    """Return the phone and follow its state: the component is drawn again when the state changes."""
    phone: Phone = ft.use_context(PHONE)
    ft.use_state(phone.state)
    return phone


def use_kept(make: Callable[[], T]) -> T:
    """Keep one changeable thing for a component's life without drawing again when it changes."""
    kept: Any = ft.use_ref(None)
    if kept.current is None:
        kept.current = make()
    return kept.current  # type: ignore[no-any-return]


def use_choice(first: T) -> tuple[T, Callable[[T | Callable[[T], T]], None]]:
    """Keep one value that draws the component again when it changes (Flet's ``use_state``, typed)."""
    state: Any = ft.use_state(first)
    return state[0], state[1]


def use_stored(load: Callable[[], Awaitable[T]], *dependencies: object) -> T | None:
    """Load from the store outside of rendering, again whenever it changes; ``None`` while loading."""
    phone = use_phone()
    nothing: T | None = None
    value, set_value = use_choice(nothing)

    async def run() -> None:
        try:
            found = await load()
        except Exception as error:  # noqa: BLE001 - an effect that raises would be lost
            phone.report(error)
            return
        set_value(lambda _before: found)

    ft.use_effect(run, [phone.state.version, *dependencies], cleanup=lambda: None)
    return value

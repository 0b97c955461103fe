"""The phone's screens, walked through as a salesperson does on one morning."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tests.e2e.pages import PhonePage

if TYPE_CHECKING:
    from tests.e2e.processes import Running
    from tools.shots.camera import Camera


class Walk(PhonePage):
    """A phone page with a camera."""

    def __init__(self, page: Any, camera: Camera) -> None:
        """Take the page over."""
        super().__init__(page)
        self.camera = camera

    def shoot(self, name: str, settle_ms: int = 500) -> None:
        """Take a picture, with the mouse where it lights nothing up."""
        self.page.mouse.move(3, 60)
        self.camera.phone(self.page, name, settle_ms)

    def ids(self, beginning: str) -> list[str]:
        """Return the identifiers on the screen that begin so, from top to bottom."""
        self.page.wait_for_timeout(400)
        found: list[str] = self.page.evaluate(
            """beginning => [...document.querySelectorAll('flt-semantics[flt-semantics-identifier]')]
                .map(e => [e.getBoundingClientRect().y, e.getAttribute('flt-semantics-identifier')])
                .filter(([_, name]) => name.startsWith(beginning)).sort((a, b) => a[0] - b[0]).map(pair => pair[1])""",
            beginning,
        )
        return found

    def home(self) -> None:
        """Go back in the browser until the bottom bar is there."""
        for _ in range(12):
            if self.ids("nav.today"):
                return
            self.page.go_back()

    def scroll(self, pixels: int) -> None:
        """Scroll the middle of the screen."""
        self.page.mouse.move(195, 500)
        self.page.mouse.wheel(0, pixels)
        self.page.wait_for_timeout(400)


def walk(screen: Walk, url: str, who: tuple[str, str], server: Running) -> None:
    """Photograph every screen as a person (login, password); at the end the server is taken away for a while."""
    sign_in(screen, url, *who)
    screen.shoot("today", 2500)
    customers(screen)
    collect(screen)
    money(screen)
    me(screen)
    second_window(screen, url)
    server.stop()
    offline(screen)
    server.start()


def sign_in(screen: Walk, url: str, login: str, password: str) -> None:
    """Photograph the door, by name, by code and with a refusal; then go in."""
    screen.open(url)
    screen.see("sign_in.login", 60_000)
    screen.shoot("sign-in", 1500)
    screen.tap("sign_in.by_code")
    screen.shoot("sign-in-code")
    screen.tap("sign_in.by_password")
    screen.type("sign_in.login", login)
    screen.type("sign_in.password", "wrong")
    screen.tap("sign_in.start")
    screen.see("sign_in.problem")
    screen.shoot("sign-in-refused")
    screen.type("sign_in.password", password)
    screen.tap("sign_in.start")
    screen.see("today.visits", 60_000)


def customers(screen: Walk) -> None:
    """Photograph the list, a search and its empty answer, and the customer most worth a visit."""
    screen.tap("nav.customers")
    screen.see("customers.search")
    screen.shoot("customers")
    screen.tap("customers.overdue")
    screen.shoot("customers-overdue")
    screen.tap("customers.all")
    screen.type("customers.search", "x")
    screen.shoot("search", 900)
    screen.type("customers.search", "zzzz9")
    screen.see("customers.empty")
    screen.shoot("search-empty")
    screen.type("customers.search", "")
    screen.tap("nav.today")
    screen.see("today.visits")
    screen.tap(screen.ids("today.card.")[0])
    screen.see("customer.balance")
    screen.shoot("customer")
    screen.scroll(500)
    screen.shoot("customer-more")
    screen.scroll(-900)


def collect(screen: Walk) -> None:
    """Photograph a payment from the first key to the receipt, and the payment code of what is left."""
    screen.tap("customer.paycode")
    screen.see("paycode.amount")
    screen.shoot("paycode", 1200)
    screen.page.go_back()
    screen.tap("customer.collect")
    screen.see("collect.key.1")
    screen.shoot("collect-empty")
    if screen.ids("collect.overdue"):
        screen.tap("collect.overdue")
    else:
        screen.tap("collect.all")
    screen.shoot("collect")
    screen.tap("collect.split")
    screen.scroll(500)
    screen.shoot("collect-split")
    screen.scroll(-900)
    screen.tap("collect.method.cheque")
    screen.shoot("collect-cheque")
    screen.tap("collect.method.cash")
    screen.tap("collect.save")
    screen.see("receipt.number")
    screen.shoot("receipt", 2500)
    if screen.ids("receipt.void"):
        screen.tap("receipt.void")
        screen.see("void.reason")
        screen.shoot("void")
        screen.page.go_back()
    screen.tap("receipt.done")
    screen.see("customer.balance")
    screen.tap("customer.collect")
    for key in "1234567890":
        screen.tap(f"collect.key.{key}")
    screen.shoot("collect-large")
    screen.home()


def money(screen: Walk) -> None:
    """Photograph cash in hand and the ways it leaves the pocket."""
    screen.tap("nav.money")
    screen.see("money.cash")
    screen.shoot("money")
    screen.tap("money.deposit")
    screen.shoot("deposit", 900)
    screen.page.go_back()
    screen.tap("money.hand_over")
    screen.see("hand_over.book")
    screen.shoot("hand-over")
    screen.type("hand_over.counted", "9999999")
    screen.shoot("hand-over-too-much")
    screen.type("hand_over.counted", "500")
    screen.tap("hand_over.confirm")
    screen.see("hand_over.code")
    screen.shoot("pairing-code", 2000)
    screen.tap("hand_over.done")


def me(screen: Walk) -> None:
    """Photograph the incentive, one line's arithmetic, and the settings below."""
    screen.tap("nav.me")
    screen.see("me.earned")
    screen.shoot("me")
    lines = screen.ids("incentive.")
    if lines:
        screen.tap(lines[0])
        screen.shoot("me-arithmetic")
    screen.scroll(6000)
    screen.shoot("me-settings")
    screen.tap("nav.today")


def second_window(screen: Walk, url: str) -> None:
    """Photograph what a second window says."""
    if not screen.camera.wants("phone-locked"):
        return
    page = screen.page.context.new_page()
    page.route("**://cdn.jsdelivr.net/**", lambda route: route.abort())
    second = Walk(page, screen.camera)
    second.open(url)
    second.see("locked")
    second.shoot("locked", 900)
    page.close()


def offline(screen: Walk) -> None:
    """Photograph the outbox and today with a payment that no server knows."""
    screen.tap("nav.customers")
    screen.tap(screen.ids("customer.row.")[1])
    screen.tap("customer.collect")
    for key in "86.5":
        screen.tap(f"collect.key.{'point' if key == '.' else key}")
    screen.tap("collect.save")
    screen.see("receipt.number")
    screen.shoot("receipt-unsent", 1500)
    screen.home()
    screen.tap("nav.today")
    screen.tap("sync.chip")
    screen.see("outbox.unsent")
    screen.shoot("outbox", 2500)
    screen.tap("nav.back")
    screen.shoot("today-unsent")

"""The phone and the console as a person handles them in a browser."""

import io
import time

import zxingcpp
from PIL import Image
from playwright.sync_api import TimeoutError as PlaywrightTimeout

_CDN = "cdn.jsdelivr.net"
_ENABLE = "() => { const p = document.querySelector('flt-semantics-placeholder'); if (p) p.click(); return !p; }"


def watched(page, noise):
    """Collect what a page complains of; the one script that Flet's web client asks a CDN for is blocked."""
    page.route(f"**://{_CDN}/**", lambda route: route.abort())
    page.on(
        "console",
        lambda message: noise.append(f"{message.text} {message.location}") if message.type == "error" else None,
    )
    page.on("pageerror", lambda error: noise.append(str(error)))
    return page


def complaints(noise):
    """Return every complaint but the blocked script's."""
    return [text for text in noise if _CDN not in text]


class PhonePage:
    """One phone in a browser page; controls are found by their semantics identifiers."""

    def __init__(self, page):
        """Take the page over."""
        self.page = page

    def open(self, url):
        """Open the phone and wait until its controls can be read."""
        self.page.goto(url)
        self.page.wait_for_selector("flt-semantics-placeholder", state="attached", timeout=60_000)
        self.page.wait_for_function(_ENABLE, timeout=30_000, polling=200)
        return self

    def at(self, name):
        """Return the control of a name."""
        return self.page.locator(f'flt-semantics[flt-semantics-identifier="{name}"]').first

    def see(self, name, timeout_ms=20_000):
        """Wait until a control is there and return its text."""
        try:
            self.at(name).wait_for(state="attached", timeout=timeout_ms)
        except PlaywrightTimeout:
            message = f"{name} is not on the screen; there are: {', '.join(self.names())}"
            raise AssertionError(message) from None
        return self.text(name)

    def names(self):
        """Return the names of all controls on the screen."""
        mark = "flt-semantics-identifier"
        return self.page.eval_on_selector_all(f"[{mark}]", f"all => all.map(e => e.getAttribute('{mark}'))")

    def text(self, name):
        """Return everything that a control says."""
        return self.page.evaluate(
            """name => {
                const root = document.querySelector(`flt-semantics[flt-semantics-identifier="${name}"]`);
                if (!root) return "";
                const labels = [...root.querySelectorAll("[aria-label]"), root].map(e => e.getAttribute("aria-label"));
                return [root.innerText, ...labels.filter(Boolean)].join(" ");
            }""",
            name,
        )

    def tap(self, name, timeout_ms=20_000):
        """Tap a control in its middle, as a finger does."""
        self.see(name, timeout_ms)
        control = self.at(name)
        control.scroll_into_view_if_needed(timeout=2_000)
        box = control.bounding_box()
        self.page.mouse.click(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
        self.page.wait_for_timeout(250)

    def type(self, name, text):
        """Type into a field."""
        field = self.at(name).locator("input, textarea").first
        field.wait_for(state="attached", timeout=20_000)
        field.click()
        field.fill(text)
        self.page.wait_for_timeout(150)

    def wait_for_text(self, name, words, timeout_s=30):
        """Wait until a control says some words."""
        deadline = time.monotonic() + timeout_s
        while words not in self.text(name):
            if time.monotonic() > deadline:
                message = f"{name} says {self.text(name)!r}, not {words!r}"
                raise AssertionError(message)
            self.page.wait_for_timeout(200)

    def code(self):
        """Read the payment code back from a screenshot."""
        picture = Image.open(io.BytesIO(self.page.screenshot()))
        found = zxingcpp.read_barcodes(picture, formats=zxingcpp.BarcodeFormat.QRCode)
        return found[0].text if found else ""


class ConsolePage:
    """The console in a browser page."""

    def __init__(self, page, url):
        """Take the page over."""
        self.page, self.url = page, url

    def sign_in(self, login, password):
        """Sign in, or change to another person."""
        self.page.context.clear_cookies()
        self.page.goto(f"{self.url}/console/sign-in")
        self.page.fill("input[name=login]", login)
        self.page.fill("input[name=password]", password)
        self.page.locator("button[type=submit]").last.click()
        self.page.wait_for_url(lambda url: "sign-in" not in url)
        return self

    def go(self, path):
        """Open a page of the console."""
        answer = self.page.goto(f"{self.url}/console{path}")
        assert answer is not None
        assert answer.ok, f"{path}: {answer.status}"
        return self

"""The pictures of the documentation, and of every screen and page for looking over: `make screenshots`.

    python tools/screenshots.py                       every screen, both languages, light and dark → ./screenshots
    python tools/screenshots.py --readme              the pictures that the documentation shows → docs/pictures
    python tools/screenshots.py --lang en --only console-matching --only phone-today

Makes the demo's data in a temporary folder (or ``--data DIR``, which is used again when it is there), starts server
and phone on free ports, drives a headless Chromium, and stops what it started.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
import time
from pathlib import Path
from typing import Any

import click
from playwright.sync_api import Browser, sync_playwright

from backend.demo.people import PASSWORD
from tests.e2e.conftest import FLAGS
from tests.e2e.pages import ConsolePage, complaints, watched
from tests.e2e.processes import FIELDTILL, Running, free_port
from tools.shots.camera import DESK, PHONE, ROOT, THEMES, Camera, for_readme
from tools.shots.console import Tour, tour
from tools.shots.phone import Walk, walk

LANGUAGES = ("zh_CN", "en")
SALESPEOPLE = {"zh_CN": "chenyu", "en": "linxia"}  # one each, so that both walks begin with a phone of their own
_LARGE = "addEventListener('DOMContentLoaded', () => { document.documentElement.style.fontSize = '32px'; });"
PICTURES = {  # name of the picture → language
    "phone-today": "zh_CN",
    "phone-collect": "zh_CN",
    "phone-receipt": "zh_CN",
    "phone-paycode": "en",
    "phone-customer": "en",
    "console-dashboard": "zh_CN",
    "console-matching": "en",
    "console-approvals": "zh_CN",
    "console-control": "en",
}


@click.command(help=__doc__)
@click.option("--out", type=click.Path(path_type=Path), default=ROOT / "screenshots", help="Where pictures go.")
@click.option("--readme", is_flag=True, help="Write docs/pictures instead.")
@click.option("--large", is_flag=True, help="The phone with text at 200 %.")
@click.option("--data", type=click.Path(path_type=Path), help="A demo's folder to make or use again.")
@click.option("--lang", multiple=True, type=click.Choice(LANGUAGES), help="Only this language.")
@click.option("--only", multiple=True, help="Only pictures of this name: phone-today, console-matching, …")
def main(
    *, out: Path, readme: bool, large: bool, data: Path | None, lang: tuple[str, ...], only: tuple[str, ...]
) -> None:
    """Take the pictures."""
    began = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="fieldtill-pictures-") as folder:
        place = Path(folder)
        noise = photograph(
            place,
            place / "pictures" if readme else out,
            data or place / "demo",
            {
                language: frozenset(only) or (_of_readme(language) if readme else frozenset())
                for language in lang or LANGUAGES
            },
            readme=readme,
            large=large,
        )
        if readme:
            publish(place / "pictures")
    for line in noise:
        click.echo(f"the browser complained: {line}")
    click.echo(f"{time.monotonic() - began:.0f} s")
    raise SystemExit(1 if noise else 0)


def photograph(
    place: Path, out: Path, data: Path, wanted: dict[str, frozenset[str]], *, readme: bool, large: bool
) -> list[str]:
    """Run everything once for each language; return what browsers complained of."""
    if not readme:
        shutil.rmtree(out, ignore_errors=True)
    click.echo("preparing the demo's data …")
    subprocess.run([FIELDTILL, "demo", "--prepare-only", "--data", str(data), "--lang", "zh_CN"], check=True)
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    server = Running(place / "server.log", f"{url}/health/ready", "serve", "--data", data, "--port", port)
    noise: list[str] = []
    try:
        server.start()
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path=_browser(), args=FLAGS)
            for language, only in wanted.items():
                camera = Camera(out, language, only, themes=THEMES[:1] if readme else THEMES)
                _console(browser, camera, url, place, noise)
                _phone(_page(browser, PHONE, language, 2 if readme else 1, large=large), camera, server, noise)
                for sheet in () if readme else camera.sheets():
                    click.echo(f"  {sheet}")
            browser.close()
    finally:
        server.stop()
    return complaints(noise)


def _console(browser: Browser, camera: Camera, url: str, place: Path, noise: list[str]) -> None:
    if camera.only and not any(name.startswith("console-") for name in camera.only):
        return
    click.echo(f"console, {camera.language} …")
    page = watched(_page(browser, DESK, camera.language), noise)
    tour(Tour(ConsolePage(page, url), camera, place, PASSWORD, noise))
    page.close()


def _phone(page: Any, camera: Camera, server: Running, noise: list[str]) -> None:
    if camera.only and not any(name.startswith("phone-") for name in camera.only):
        return
    click.echo(f"phone, {camera.language} …")
    port, place = free_port(), server.log.parent
    address, store = f"http://127.0.0.1:{port}", place / f"phone-{camera.language}.db"
    words = ("phone", "--server", server.url.removesuffix("/health/ready"), "--port", port, "--store", store)
    phone = Running(place / f"phone-{camera.language}.log", address, *words, "--lang", camera.language, "--no-browser")
    watched(page, noise)
    try:
        phone.start()
        walk(Walk(page, camera), address, (SALESPEOPLE[camera.language], PASSWORD), server)
    finally:
        page.close()
        phone.stop()


def publish(folder: Path) -> None:
    """Write the documentation's pictures, small."""
    for name, language in PICTURES.items():
        kind, _, rest = name.partition("-")
        size, kind = ((390, 844), "phone") if kind == "phone" else ((1200, 750), "desk")
        found = next((folder / f"{kind}-{language}-light").glob(f"*-{rest}.png"), None)
        if found:
            target = ROOT / "docs/pictures" / f"{name}-{language}.png"
            for_readme(found, target, size)
            click.echo(f"  {target.relative_to(ROOT)} {target.stat().st_size // 1000} KB")


def _of_readme(language: str) -> frozenset[str]:
    return frozenset(name for name, one in PICTURES.items() if one == language)


def _page(browser: Browser, size: tuple[int, int], language: str, scale: int = 1, *, large: bool = False) -> Any:
    viewport: Any = {"width": size[0], "height": size[1]}
    locale = language.replace("_", "-") if language != "en" else "en-GB"
    page = browser.new_context(viewport=viewport, device_scale_factor=scale, locale=locale).new_page()
    if large:  # Flutter takes its text scale from the root element's font size
        page.add_init_script(_LARGE)
    return page


def _browser() -> str:
    found = os.environ.get("FIELDTILL_BROWSER")
    return (
        found or subprocess.run([ROOT / "tools/browser.sh"], capture_output=True, text=True, check=True).stdout.strip()
    )


if __name__ == "__main__":
    main()

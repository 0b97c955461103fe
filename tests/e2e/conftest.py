"""A real browser: one Chromium for all end-to-end tests, a fresh profile for each page."""

import os
import shutil
import subprocess

import pytest
from playwright.sync_api import sync_playwright

from tests.e2e.processes import ROOT

PHONE = {"width": 390, "height": 844}
DESK = {"width": 1440, "height": 900}
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


@pytest.fixture(scope="module")
def chromium():
    """Start the Chromium that ``make test`` found or installed.

    Not for the session: Playwright runs an event loop in this thread, in which no other test could run its own.
    """
    path = os.environ.get("FIELDTILL_BROWSER") or shutil.which("chromium") or _found()
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=FLAGS)
        yield browser
        browser.close()


def _found():
    return subprocess.run([ROOT / "tools/browser.sh"], capture_output=True, text=True, check=True).stdout.strip()

#!/bin/sh
# Print the path of a Chromium for the browser tests and screenshots, installing one if there is none.
# Set FIELDTILL_BROWSER to choose one yourself.
set -eu
cd "$(dirname "$0")/.."

works() { [ -n "$1" ] && "$1" --version </dev/null >/dev/null 2>&1; }

on_path() {
    for name in "${FIELDTILL_BROWSER:-}" chromium chromium-browser google-chrome google-chrome-stable chrome; do
        found=$(command -v "$name" 2>/dev/null) || continue
        if works "$found"; then echo "$found"; return; fi
    done
    return 1
}

from_playwright() {
    found=$(.venv/bin/python -c '
from playwright.sync_api import sync_playwright
with sync_playwright() as playwright:
    print(playwright.chromium.executable_path)' 2>/dev/null) || return 1
    works "$found" && echo "$found"
}

on_path && exit
from_playwright && exit
echo "fieldtill: no Chromium found; installing one for the browser tests." >&2
tools/apt.sh chromium && on_path && exit
.venv/bin/playwright install chromium >&2 </dev/null && from_playwright && exit
echo "fieldtill: the browser tests need Chromium or Chrome. Install one (Debian: apt-get install chromium)," >&2
echo "or name it: FIELDTILL_BROWSER=/path/to/chrome make test" >&2
exit 1

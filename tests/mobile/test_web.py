"""The phone as a process: its command, its fonts, and its end."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

import pytest
from flet_web import get_package_web_dir

ROOT = Path(__file__).resolve().parents[2]


def test_the_web_page_loads_our_fonts_and_every_icon_font_of_flets_before_its_first_frame():
    ours = json.loads((ROOT / "assets/assets/FontManifest.json").read_text())
    theirs = json.loads((Path(get_package_web_dir()) / "assets/FontManifest.json").read_text())
    icons = [one for one in theirs if "KaTeX" not in one["family"]]
    assert [one for one in ours if one in icons] == icons
    files = [font["asset"] for one in ours if one["family"].startswith("Noto") for font in one["fonts"]]
    assert len(files) == 2
    assert all((ROOT / "assets/assets" / name).resolve().exists() for name in files)


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@pytest.mark.parametrize("end", [signal.SIGTERM, signal.SIGINT])
def test_the_command_serves_the_page_and_stops_when_told(tmp_path, end):
    port = free_port()
    command = [sys.executable, "-c", "from mobile.cli import phone; phone()", "--server", "http://127.0.0.1:9"]
    command += ["--port", str(port), "--store", str(tmp_path / "phone.db"), "--no-browser"]
    child = subprocess.Popen(
        command, cwd=ROOT, env=os.environ | {"PYTHONUNBUFFERED": "1"}, stdout=subprocess.PIPE, text=True
    )
    try:
        assert child.stdout.readline().strip() == f"Phone: http://127.0.0.1:{port}"
        page = ""
        for _ in range(150):
            try:
                page = urllib.request.urlopen(f"http://127.0.0.1:{port}/", timeout=5).read().decode()
                break
            except OSError:
                time.sleep(0.1)
        assert "flutter" in page
        child.send_signal(end)
        assert child.wait(15) == 0
    finally:
        child.kill()

"""Starting the demo's processes, waiting until they answer, and stopping them again."""

from __future__ import annotations

import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from dataclasses import dataclass
from typing import TYPE_CHECKING, Self

from shared.refusal import Refused

if TYPE_CHECKING:
    from collections.abc import Sequence
    from types import FrameType

HOST = "127.0.0.1"
_PATIENCE_S = 60
_STOPPING_S = 25
_COMMAND = (sys.executable, "-c", "from backend.cli import main; main()")


@dataclass(frozen=True, slots=True)
class Part:
    """One process: the words after ``fieldtill``, and the address that answers once it is up."""

    name: str
    words: tuple[str, ...]
    answers_at: str


class Stopped(Exception):
    """SIGINT or SIGTERM arrived."""


def check_port(port: int, option: str) -> None:
    """Refuse ``port_busy`` when another program listens on a port of this machine."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except OSError:
            raise Refused("port_busy", port=port, option=option) from None


class Processes:
    """The running parts; leaving the context stops them all, also after SIGINT and SIGTERM."""

    def __init__(self, parts: Sequence[Part]) -> None:
        """Know the parts; nothing runs yet."""
        self._parts = parts
        self._running: list[tuple[Part, subprocess.Popen[bytes]]] = []

    def __enter__(self) -> Self:
        """Start every part."""
        for word in (signal.SIGINT, signal.SIGTERM):
            signal.signal(word, _stop)
        for part in self._parts:
            self._running.append((part, subprocess.Popen([*_COMMAND, *part.words])))  # noqa: S603 - ourselves
        return self

    def __exit__(self, *_: object) -> None:
        """Ask every part to stop, and make it after a while."""
        for word in (signal.SIGINT, signal.SIGTERM):
            signal.signal(word, signal.SIG_IGN)
        for _part, process in self._running:
            process.terminate()
        for _part, process in self._running:
            try:
                process.wait(_STOPPING_S)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()

    def wait_until_ready(self) -> None:
        """Return when all parts answer; refuses ``demo_part_failed`` when one ends or stays silent."""
        deadline = time.monotonic() + _PATIENCE_S
        for part, process in self._running:
            while not _answers(part.answers_at):
                if process.poll() is not None or time.monotonic() > deadline:
                    raise Refused("demo_part_failed", part=part.name)
                time.sleep(0.1)

    def wait(self) -> None:
        """Return when somebody asks to stop; refuses ``demo_part_failed`` when a part ends by itself."""
        try:
            while True:
                for part, process in self._running:
                    if process.poll() is not None:
                        raise Refused("demo_part_failed", part=part.name)
                time.sleep(0.3)
        except Stopped:
            return


def _stop(_number: int, _frame: FrameType | None) -> None:
    raise Stopped


def _answers(address: str) -> bool:
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        with opener.open(address, timeout=2) as answer:
            return bool(answer.status == 200)
    except (urllib.error.URLError, OSError):
        return False

"""Real processes for tests: started on free ports of 127.0.0.1, killed or stopped, their output kept."""

import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
FIELDTILL = str(Path(sys.executable).with_name("fieldtill"))


def free_port():
    """Return a port of 127.0.0.1 that nobody uses now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def run(*arguments, env=None, check=True, stdin=None):
    """Run a command of Fieldtill's to its end and return what it printed."""
    done = subprocess.run(
        [FIELDTILL, *map(str, arguments)],
        capture_output=True,
        text=True,
        input=stdin,
        env={**os.environ, **(env or {})},
        timeout=120,
        check=False,
    )
    if check and done.returncode:
        message = f"fieldtill {' '.join(map(str, arguments))} exited {done.returncode}\n{done.stdout}\n{done.stderr}"
        raise AssertionError(message)
    return done


class Running:
    """One process of Fieldtill's that answers HTTP."""

    def __init__(self, log, url, *arguments, env=None):
        """Name the process; ``start`` starts it."""
        self.log, self.url, self.arguments = Path(log), url, [str(a) for a in arguments]
        self.env = {**os.environ, **(env or {})}
        self.process = None

    def start(self, wait_s=60):
        """Start it and wait until it answers."""
        with self.log.open("ab") as out:
            self.process = subprocess.Popen(
                [FIELDTILL, *self.arguments], stdout=out, stderr=subprocess.STDOUT, env=self.env, start_new_session=True
            )
        deadline = time.monotonic() + wait_s
        while not answers(self.url):
            if self.process.poll() is not None or time.monotonic() > deadline:
                self.kill()
                message = f"{self.arguments[0]} did not answer at {self.url}:\n{self.output()[-4000:]}"
                raise AssertionError(message)
            time.sleep(0.1)
        return self

    def kill(self):
        """End it as a power cut would: SIGKILL, also to what it started."""
        if self.process and self.process.poll() is None:
            os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait(10)

    def stop(self):
        """Ask it to stop and return its exit status."""
        if self.process and self.process.poll() is None:
            self.process.terminate()
            try:
                self.process.wait(15)
            except subprocess.TimeoutExpired:
                self.kill()
        return self.process.returncode if self.process else None

    def output(self):
        """Return what it has printed so far."""
        return self.log.read_text(errors="replace") if self.log.exists() else ""


def answers(url):
    """Say whether a server answers at an address, with whatever status."""
    try:
        urllib.request.urlopen(url, timeout=2).close()
    except urllib.error.HTTPError:
        return True
    except (OSError, ValueError):
        return False
    return True

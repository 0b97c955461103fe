"""`fieldtill demo`: its options, its folder, and its children."""

import os
import signal
import socket
import subprocess
import sys
import time

import pytest
from click.testing import CliRunner

from backend.demo import cli, start
from backend.demo.people import PEOPLE
from backend.demo.prepare import Size
from backend.settings import DATABASE_FILE, folder_lock, read_settings
from shared.language import choose_default
from shared.permission import ROLE_NAMES
from shared.refusal import Refused

TINY = Size(customers=4, invoices=8, days=9)


@pytest.fixture(autouse=True)
def english():
    yield
    choose_default("en")


@pytest.fixture
def settings(tmp_path):
    return read_settings(tmp_path / "demo", {})


def refusal(function, *args, **kwargs):
    with pytest.raises(Refused) as caught:
        function(*args, **kwargs)
    return caught.value.code


def free_port():
    with socket.socket() as probe:
        probe.bind((start.HOST, 0))
        return probe.getsockname()[1]


def test_a_second_start_keeps_the_data(settings, capsys):
    cli.prepare_folder(settings, size=TINY)
    before = (settings.data / DATABASE_FILE).read_bytes()
    cli.prepare_folder(settings, size=TINY)
    assert (settings.data / DATABASE_FILE).read_bytes() == before
    assert "--reset" in capsys.readouterr().out


def test_reset_makes_it_anew(settings):
    cli.prepare_folder(settings, size=TINY)
    before = (settings.data / DATABASE_FILE).read_bytes()
    phone = settings.data / "phone" / "phone.db"
    phone.parent.mkdir()
    phone.touch()
    cli.prepare_folder(settings, reset=True, size=TINY)
    assert (settings.data / DATABASE_FILE).read_bytes() != before
    assert not phone.exists()


def test_an_unfinished_story_is_begun_anew(settings):
    cli.prepare_folder(settings, size=TINY)
    (settings.data / "demo.ready").rename(settings.data / "demo.unfinished")
    (settings.data / DATABASE_FILE).write_bytes(b"cut in the middle")
    cli.prepare_folder(settings, size=TINY)
    assert (settings.data / "demo.ready").exists()
    assert (settings.data / DATABASE_FILE).read_bytes().startswith(b"SQLite format 3")


@pytest.mark.parametrize("reset", [False, True])
def test_a_companys_own_data_is_never_touched(settings, reset):
    settings.data.mkdir()
    (settings.data / DATABASE_FILE).write_bytes(b"a company")
    assert refusal(cli.prepare_folder, settings, reset=reset, size=TINY) == "demo_folder_taken"
    assert (settings.data / DATABASE_FILE).read_bytes() == b"a company"


def test_a_folder_in_use_is_refused(settings):
    code = f"from backend.settings import *; import sys\nwith folder_lock(read_settings({str(settings.data)!r})):\n"
    code += " print('held', flush=True); sys.stdin.read()"
    with subprocess.Popen([sys.executable, "-c", code], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as holder:
        assert holder.stdout.readline() == b"held\n"
        assert refusal(cli.prepare_folder, settings, reset=True, size=TINY) == "data_folder_busy"
        holder.stdin.close()
    with folder_lock(settings):
        pass


@pytest.mark.parametrize("option", ["--port", "--phone-port"])
def test_a_busy_port_is_said_before_anything_is_made(tmp_path, option):
    with socket.create_server((start.HOST, 0)) as taken:
        port = taken.getsockname()[1]
        result = CliRunner().invoke(cli.demo, [option, str(port), "--data", str(tmp_path / "d"), "--no-browser"])
    assert isinstance(result.exception, Refused)
    assert result.exception.code == "port_busy"
    assert result.exception.values == {"port": port, "option": option}
    assert not (tmp_path / "d").exists()


@pytest.mark.parametrize("words", [["--port", "0"], ["--lang", "fr"], ["--no-such"], ["--port", "x"]])
def test_wrong_options_are_refused(words):
    assert CliRunner().invoke(cli.demo, words).exit_code == 2


def test_the_folder_is_the_users_own(monkeypatch, tmp_path):
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    assert cli.default_folder() == tmp_path / "fieldtill-demo"
    monkeypatch.delenv("XDG_DATA_HOME")
    monkeypatch.setenv("HOME", str(tmp_path))
    assert cli.default_folder() == tmp_path / ".local" / "share" / "fieldtill-demo"


def test_the_announcement_names_addresses_and_logins():
    text = cli._announcement("http://127.0.0.1:1", "http://127.0.0.1:2")
    assert "Fieldtill is ready" in text
    for wanted in ("http://127.0.0.1:1/schema", "http://127.0.0.1:1/console", "http://127.0.0.1:2", "fieldtill-demo"):
        assert wanted in text
    assert all(person.login in text for person in PEOPLE)


def test_every_role_is_there():
    assert {person.role for person in PEOPLE} == set(ROLE_NAMES)
    assert len({person.login for person in PEOPLE}) == len(PEOPLE)


def running(part):
    """Run one part in a process of its own and say when it is ready, as the command does."""
    code = (
        "from backend.demo import start\n"
        f"start._COMMAND = ({sys.executable!r}, '-c')\n"
        "try:\n"
        f"    with start.Processes([start.Part(*{part!r})]) as parts:\n"
        "        parts.wait_until_ready(); print('ready', parts._running[0][1].pid, flush=True); parts.wait()\n"
        "except start.Stopped: pass\n"
        "except start.Refused as refused: print(refused.code, flush=True)\n"
    )
    return subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True)


@pytest.mark.parametrize("word", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_stops_the_children(word):
    port = free_port()
    serving = f"from http.server import *; HTTPServer(('127.0.0.1', {port}), SimpleHTTPRequestHandler).serve_forever()"
    with running(("web", (serving,), f"http://127.0.0.1:{port}/")) as parent:
        said, child = parent.stdout.readline().split()
        assert said == "ready"
        parent.send_signal(word)
        assert parent.wait(20) == 0
    with pytest.raises(ProcessLookupError):
        os.kill(int(child), 0)


def test_a_part_that_ends_by_itself_is_said():
    started = time.monotonic()
    with running(("web", ("raise SystemExit(3)",), f"http://127.0.0.1:{free_port()}/")) as parent:
        assert parent.stdout.read() == "demo_part_failed\n"
    assert time.monotonic() - started < 20

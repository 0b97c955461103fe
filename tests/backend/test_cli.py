"""The command line on a data folder of its own: set up, look, check, and respect for the running server."""

import asyncio
import json
import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import httpx
import pytest
from click.testing import CliRunner
from sqlalchemy import text

from backend.cli import WORDS, cli, main
from backend.database import Database
from backend.settings import DATABASE_FILE, folder_lock, read_settings, sqlite_url
from shared.refusal import Refused
from tests import builders

SET_UP = ("company", "set", "name=江南", "zone=Asia/Shanghai", "currency=CNY", "month_target_minor=500")


@pytest.fixture
def run(tmp_path, monkeypatch):
    """Return a function that runs a command on the test's data folder and returns its outcome."""
    monkeypatch.delenv("FIELDTILL_DATABASE_URL", raising=False)
    monkeypatch.setenv("LC_ALL", "C.UTF-8")

    def invoke(*arguments, status=0):
        found = CliRunner().invoke(cli, [*arguments, "--data", str(tmp_path / "data")], catch_exceptions=False)
        assert found.exit_code == status, found.output
        return found.output

    return invoke


@pytest.fixture
def folder(run, tmp_path):
    """Return a data folder with a company."""
    run(*SET_UP)
    return tmp_path / "data"


def write(folder, job):
    """Run an async function of a session on the folder's database and return its answer."""

    async def work():
        database = Database(sqlite_url(folder / DATABASE_FILE))
        async with database.writing() as session:
            answer = await job(session)
        await database.close()
        return answer

    return asyncio.run(work())


def test_a_company_is_set_up_and_shown(run, folder):
    shown = run("company", "show")
    assert "江南" in shown
    assert "500" in shown
    run("company", "set", 'methods=["cash"]', "name=江北")
    shown = run("company", "show")
    assert '["cash"]' in shown
    assert "江北" in shown


@pytest.mark.parametrize("pair", ["zone=Mars", "methods=gold", "colour=red", "nothing"])
def test_a_setting_that_is_none_is_refused(run, folder, pair):
    with pytest.raises(Refused) as refusal:
        run("company", "set", pair)
    assert refusal.value.code == "setting_invalid"


def test_a_command_that_only_looks_makes_no_data(run, tmp_path):
    for words in (("company", "show"), ("ledger", "check"), ("audit", "verify"), ("user", "list")):
        with pytest.raises(Refused) as refusal:
            run(*words)
        assert refusal.value.code == "company_missing"
    assert not (tmp_path / "data").exists()


def test_people_are_added_listed_disabled_and_given_passwords(run, folder):
    words = ("--role", "cashier", "--name", "陈杰", "--password", builders.PASSWORD)
    run("user", "add", "ChenJie", *words)
    assert "陈杰" in run("user", "list")
    with pytest.raises(Refused, match="user_exists"):
        run("user", "add", "chenjie", *words)
    run("user", "disable", "chenjie")
    assert run("user", "list").splitlines()[1].endswith("no")
    run("user", "enable", "chenjie")
    run("user", "password", "chenjie", "--password", "another password")
    with pytest.raises(Refused, match="user_not_found"):
        run("user", "disable", "nobody")
    assert "$argon2id$" not in run("user", "list")


def test_the_audit_log_is_sealed_verified_and_found_changed(run, folder):
    run("audit", "seal")
    sound = run("audit", "verify")
    head = next(line.split()[-1] for line in sound.splitlines() if line.startswith("Head"))
    assert "The log is what was written." in run("audit", "verify", "--head", head)
    assert "no longer in the chain" in run("audit", "verify", "--head", "0" * 64, status=1)
    write(folder, lambda session: session.execute(text("UPDATE audit_event SET detail = '{}'")))
    assert "The log was changed." in run("audit", "verify", status=1)


def test_the_ledger_is_checked_and_a_false_posting_is_named(run, folder, clock):
    async def fill(session):
        await builders.add_people(session, clock)
        who = type("Who", (), {"user_id": builders.PEOPLE["salesperson"][0]})
        customer_id = await builders.add_customer(session, clock, who)
        await builders.add_invoice(session, clock, customer_id, "I1", 5_00)

    write(folder, fill)
    assert "Everything adds up." in run("ledger", "check")
    assert "Assets:Receivable:C001  5.00 CNY" in run("ledger", "export")
    assert "Assets:Receivable:C001,receivable" in run("ledger", "export", "--format", "csv")
    aged = json.loads(run("report", "aged", "--as-of", "2026-03-03", "--format", "json"))
    assert aged["rows"][0]["d1_30_minor"] == 5_00
    assert "5.00" in run("report", "aged", "--as-of", "2026-03-03")
    assert run("report", "aged", "--as-of", "2026-01-01", "--format", "csv").count("\n") == 1
    write(folder, lambda session: session.execute(text("UPDATE ledger_posting SET amount_minor = 1 WHERE line = 0")))
    found = run("ledger", "check", status=1)
    assert "✗  All postings sum to zero" in found
    assert "Something does not add up." in found


def test_a_writing_command_leaves_a_folder_alone_that_a_server_holds(run, folder):
    with folder_lock(read_settings(folder)):
        with pytest.raises(Refused) as refusal:
            run("audit", "seal")
        assert refusal.value.code == "data_folder_busy"
        assert "江南" in run("company", "show")
    run("audit", "seal")


def test_a_refusal_is_one_sentence_and_status_two(folder, monkeypatch, capsys):
    words = ["fieldtill", "user", "disable", "nobody", "--data", str(folder)]
    monkeypatch.setattr(sys, "argv", words)
    with pytest.raises(SystemExit) as ended:
        main()
    assert ended.value.code == 2
    assert "There is no such user." in capsys.readouterr().err


def test_every_word_that_is_listed_can_be_asked_for_help():
    runner = CliRunner()
    listed = cli.list_commands(None)
    assert {"serve", "db", "user", "company", "ledger", "audit", "report"} <= set(listed) <= set(WORDS)
    for word in listed:
        assert runner.invoke(cli, [word, "--help"]).exit_code == 0, word


def test_settings_prefer_the_folder_named_by_the_command():
    environment = {"FIELDTILL_DATABASE_URL": "postgresql+asyncpg://x/y", "FIELDTILL_PORT": "9"}
    assert read_settings(None, environment).database_url == "postgresql+asyncpg://x/y"
    assert read_settings(None, environment).data is None
    assert read_settings("/tmp/d", environment).database_url == "sqlite+aiosqlite:////tmp/d/fieldtill.sqlite3"
    assert read_settings(None, environment).port == 9
    assert read_settings(None, environment, port=7).port == 7
    assert read_settings(None, {"FIELDTILL_DATA": "/tmp/e"}).data == Path("/tmp/e")


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def test_the_server_starts_holds_its_folder_seals_and_stops_when_asked(run, folder):
    port = free_port()
    words = [sys.executable, "-c", "from backend.cli import main; main()", "serve", "--port", str(port)]
    environment = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])}
    server = subprocess.Popen([*words, "--data", folder], env=environment, stdout=subprocess.PIPE, text=True)
    try:
        assert server.stdout.readline().strip() == f"Fieldtill serves http://127.0.0.1:{port}"
        assert httpx.get(f"http://127.0.0.1:{port}/health/ready", trust_env=False).status_code == 200
        with pytest.raises(Refused, match="data_folder_busy"):
            run("audit", "seal")
        deadline = time.monotonic() + 20
        while "0 wait" not in (told := run("audit", "verify")) and time.monotonic() < deadline:
            time.sleep(0.2)
        assert "0 wait" in told
    finally:
        server.send_signal(signal.SIGTERM)
        assert server.wait(30) in (0, -signal.SIGTERM)
    run("audit", "seal")

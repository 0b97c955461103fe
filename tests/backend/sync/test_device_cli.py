"""The command `fieldtill device` on a data folder."""

import pytest
from click.testing import CliRunner

from backend.cli import cli
from shared.refusal import Refused


@pytest.fixture
def run(tmp_path):
    def _run(*arguments):
        return CliRunner().invoke(cli, ["--lang", "en", *arguments, "--data", str(tmp_path)], catch_exceptions=False)

    _run("company", "set", "name=Hetai", "zone=Asia/Shanghai", "currency=CNY")
    _run("user", "add", "lina", "--role", "salesperson", "--password", "correct horse 7")
    _run("user", "add", "sunli", "--role", "auditor", "--password", "correct horse 7")
    return _run


def test_a_code_is_issued_for_somebody_who_carries_a_phone(run):
    issued = run("device", "code", "LINA")
    assert issued.exit_code == 0
    assert len(issued.output.strip()) == 10


@pytest.mark.parametrize("login", ["sunli", "nobody"])
def test_no_code_for_somebody_without_a_phone(run, login):
    with pytest.raises(Refused) as refusal:
        run("device", "code", login)
    assert refusal.value.code == "user_not_found"


def test_no_phones_yet_is_an_empty_table(run):
    assert run("device", "list").output.splitlines()[0].startswith("Series")
    assert len(run("device", "list").output.splitlines()) == 1


def test_an_unknown_phone_cannot_be_revoked(run):
    with pytest.raises(Refused) as refusal:
        run("device", "revoke", "00000000-0000-7000-8000-00000000abcd")
    assert refusal.value.code == "device_not_found"

"""``fieldtill bank read``: a JSON object a line, a summary on standard error, and the exit status of each case."""

import json
import subprocess
import sys

import pytest

STA = """:20:A
:25:12345678
:60F:C260301EUR1,
:61:2603020302C5,00NTRFREF1//B1
:86:Müller
:61:{second}
:62F:C260302EUR6,
-"""


def run(*arguments):
    command = [sys.executable, "-c", "from backend.cli import main; main()", "bank", "read", *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, encoding="utf-8", check=False)


@pytest.fixture
def file(tmp_path):
    def write(second):
        path = tmp_path / "s.sta"
        path.write_text(STA.format(second=second), "utf-8")
        return path

    return write


def test_every_line_is_an_object_and_the_summary_is_apart(file):
    done = run(file("2603030303D2,50NCHG"))
    assert done.returncode == 0
    first, second = map(json.loads, done.stdout.splitlines())
    assert first == {
        "account": "12345678",
        "amount_minor": 500,
        "currency": "EUR",
        "date": "2026-03-02",
        "value_date": "2026-03-02",
        "counterparty_name": "",
        "counterparty_account": "",
        "reference": "REF1",
        "text": "Müller",
        "bank_id": "B1",
        "balance_after_minor": None,
    }
    assert second["amount_minor"] == -250
    assert "2 lines (€2.50)" in done.stderr


def test_some_bad_lines_are_told_and_the_good_ones_printed(file):
    done = run(file("2613030303D2,50NCHG"))
    assert (done.returncode, len(done.stdout.splitlines())) == (1, 1)
    assert "Line 6" in done.stderr


def test_a_file_that_is_no_statement_is_refused_with_the_place(tmp_path):
    path = tmp_path / "x.xml"
    path.write_text('<Document xmlns="urn:iso:std:iso:20022:tech:xsd:camt.053.001.02"><BkToCstmrStmt>\n<Stmt>', "utf-8")
    done = run(path)
    assert (done.returncode, done.stdout) == (2, "")
    assert "line 2" in done.stderr


def test_a_format_can_be_named(file):
    done = run(file("2603030303D2,50NCHG"), "--format", "csv")
    assert (done.returncode, done.stdout) == (2, "")

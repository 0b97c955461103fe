"""The README's commands for an accounting extract, run as they stand there."""

import csv
import json
import re
import shlex
from datetime import date
from decimal import Decimal

import pytest

from tests.e2e.processes import ROOT, run

FILE = ROOT.parent / "shared" / "data" / "receivables_2012_2013q1.csv"
AS_OF = date(2013, 4, 1)
CLASSES = {"current": 0, "d1_30": 30, "d31_60": 60, "d61_90": 90}


def readme_command(words, data):
    """Return the arguments of the one README command that begins with these words, on this machine's folders."""
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    (line,) = re.findall(rf"^\.venv/bin/fieldtill ({words} .*)$", readme, re.MULTILINE)
    changed = {FILE.name: str(FILE), "./company": str(data)}
    return [changed.get(word, word) for word in shlex.split(line)]


def figures():
    """Return the sums of the five classes in cents, from the raw file, without any of our code."""
    sums = dict.fromkeys([*CLASSES, "over_90"], 0)
    with FILE.open(newline="", encoding="utf-8") as file:
        for row in csv.DictReader(file):
            due, settled = (
                date(int(year), int(month), int(day))
                for month, day, year in (row[name].split("/") for name in ("DueDate", "SettledDate"))
            )
            if settled >= AS_OF:
                days = (AS_OF - due).days
                name = next((name for name, top in CLASSES.items() if days <= top), "over_90")
                sums[name] += int(Decimal(row["InvoiceAmount"]) * 100)
    return sums


@pytest.mark.skipif(not FILE.exists(), reason="the extract is not part of the repository")
def test_the_extract_is_imported_and_aged_by_the_readmes_commands(tmp_path, monkeypatch):
    monkeypatch.chdir(ROOT)
    data = tmp_path / "company"
    run("company", "set", "--data", data, "name=Extract", "zone=UTC", "currency=USD")
    assert "1594 new" in run("--lang", "en", *readme_command("import invoices \\S+ --map", data)).stdout
    report = json.loads(run(*readme_command("report aged", data), "--format", "json").stdout)
    totals = report["totals"]["USD"]
    assert {name: totals[name] for name in figures()} == figures()
    assert totals["total"] == sum(figures().values())
    assert "1594 known" in run("--lang", "en", *readme_command("import invoices \\S+ --map", data)).stdout
    run("ledger", "check", "--data", data)

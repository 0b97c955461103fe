"""The import, bank, match and incentive commands: exit status and what they print."""

import pytest
from click.testing import CliRunner

from backend import cli
from backend.settings import DATABASE_FILE
from shared.clock import SystemClock
from shared.refusal import Refused


@pytest.fixture
def data(tmp_path, sqlite_template):
    """Return a data folder with a company in it."""
    import asyncio

    from backend.company import service
    from backend.database import Database
    from backend.migrations.upgrade import upgrade
    from backend.settings import sqlite_url

    folder = tmp_path / "data"
    folder.mkdir()

    async def make():
        database = Database(sqlite_url(folder / DATABASE_FILE))
        await upgrade(database)
        async with database.writing() as session:
            await service.install(session, SystemClock(), name="x", zone="Asia/Shanghai", currency="CNY")
        await database.close()

    asyncio.run(make())
    return folder


def run(*words):
    return CliRunner().invoke(cli.cli, ["--lang", "en", *map(str, words)])


def test_files_are_imported_with_the_exit_status_that_says_how(data, tmp_path):
    customers, invoices = tmp_path / "c.csv", tmp_path / "i.csv"
    customers.write_text("客户编号,客户名称\nC1,甲\n", encoding="gb18030")
    invoices.write_text("客户编号,发票号码,开票日期,金额\nC1,F1,2026-01-02,5.00\nC9,F2,2026-01-02,5.00\n", "utf-8")
    dry = run("import", "customers", customers, "--dry-run", "--data", data)
    assert (dry.exit_code, dry.output) == (0, "Dry run: nothing was written.\n1 new, 0 changed, 0 known, 0 refused.\n")
    assert run("import", "customers", customers, "--data", data).exit_code == 0
    some = run("import", "invoices", invoices, "--as-of", "2026-03-01", "--data", data)
    assert some.exit_code == 1
    assert "1 new, 0 changed, 0 known, 1 refused." in some.output
    assert "Line 3: There is no customer with number “C9”" in some.output
    again = run("import", "invoices", invoices, "--as-of", "2026-03-01", "--data", data)
    assert "0 new, 0 changed, 1 known, 1 refused." in again.output


def test_a_refused_file_is_a_refusal(data, tmp_path):
    empty = tmp_path / "c.csv"
    empty.write_text("客户编号,客户名称\n", "utf-8")
    result = run("import", "customers", empty, "--data", data)
    assert isinstance(result.exception, Refused)
    assert result.exception.code == "file_empty"


def test_a_statement_is_read_without_any_data(tmp_path):
    file = tmp_path / "s.csv"
    file.write_text("交易日期,收入,支出,对方户名\n2026-03-02,5.00,,甲\n", "gb18030")
    result = run("bank", "read", file)
    assert (result.exit_code, "5.00" in result.output, "甲" in result.output) == (0, True, True)


def test_a_bank_account_is_added_imported_into_and_its_open_lines_are_listed(data, tmp_path):
    added = run(
        "bank", "account", "add", "6222000011112222", "--name", "ICBC basic", "--currency", "CNY", "--data", data
    )
    assert added.exit_code == 0
    twice = run("bank", "account", "add", "6222000011112222", "--name", "x", "--data", data)
    assert twice.exception.code == "bank_account_exists"
    file = tmp_path / "s.csv"
    file.write_text(
        "交易日期,收入,支出,对方户名,附言\n2026-03-02,5.00,,甲,货款\n2026-03-02,,2.00,乙,手续费\n", "gb18030"
    )
    assert run("bank", "import", file, "--account", "6222000011112222", "--data", data).exit_code == 0
    listed = run("bank", "account", "list", "--data", data).output.splitlines()
    assert listed[1].split() == ["6222000011112222", "ICBC", "basic", "CNY", "¥3.00", "¥3.00"]
    waiting = run("match", "list", "--account", "6222000011112222", "--data", data).output.splitlines()
    assert [row.split() for row in waiting[1:]] == [["2026-03-02", "¥5.00", "甲", "货款"]]
    assert run("match", "list", "--account", "1", "--data", data).exception.code == "bank_account_not_found"


def test_matching_and_plans_have_commands(data):
    assert "0 lines matched, 0 to review, 0 open." in run("match", "run", "--data", data).output
    added = run("incentive", "plan", "add", "--rate-bp", "100", "--target", "1000", "--bonus", "50", "--data", data)
    assert added.output == "Plan 1 is in force.\n"
    assert "1,000.00" in run("incentive", "plan", "list", "--data", data).output

"""Statements of Chinese and other banks as tables: preambles, two columns, directions, totals."""

from datetime import date
from pathlib import Path

import pytest

from backend.bank.formats import csv as table_format
from backend.importing import mapping
from shared.refusal import Refused

TWO_COLUMNS = """# 招商银行交易记录
# 账号: [6222000011]
#
交易日期,收入,支出,余额,对方户名,对方账号,摘要,附言
20260302,"1,200.00",-,"11,200.00",杭州西湖商贸,622200,转账,A00-000001-X 货款
20260303,-,35.50,"11,164.50",,,手续费,
交易日期,收入,支出,余额,对方户名,对方账号,摘要,附言
20260304,0.01,,,某某,,,
# 合计,1200.01,35.50
"""
SIGNED = "Date;Amount;Name;Reference\n02/03/2026;-1.234,56;Acme GmbH;RF18539007547034\n03/03/2026;99,00;Müller;x\n"
DIRECTION = (
    "交易时间,借贷标志,发生额,对方名称,用途\n2026-03-02 10:11:12,贷,100.00,甲,存款\n2026-03-02 10:12,借,40.00,乙,\n"
)


def read(text, read_with=None, currency="CNY", encoding="utf-8"):
    return table_format.extract(text.encode(encoding), "s.csv", read_with or mapping.usual("bank"), currency)


@pytest.mark.parametrize("encoding", ["utf-8", "gb18030", "utf-8-sig"])
def test_income_and_outgo_columns_below_a_preamble(encoding):
    statement = read(TWO_COLUMNS, encoding=encoding)
    assert [line.amount_minor for line in statement.lines] == [120_000, -3_550, 1]
    first = statement.lines[0]
    assert (first.booked_on, first.value_on) == (date(2026, 3, 2), date(2026, 3, 2))
    assert (first.counterparty_name, first.counterparty_account) == ("杭州西湖商贸", "622200")
    assert (first.reference, first.text, first.balance_after_minor) == ("A00-000001-X 货款", "转账", 1_120_000)
    assert first.raw.startswith('20260302,"1,200.00",-')
    assert (statement.unreadable, statement.ignored_count) == ([], 1)


def test_a_signed_amount_with_a_decimal_comma():
    own = mapping.Mapping(
        kind="bank",
        columns={"booked": "Date", "amount": "Amount", "counterparty_name": "Name", "reference": "Reference"},
        date_form="%d/%m/%Y",
        decimal_mark=",",
    )
    statement = read(SIGNED, own, "EUR", "cp1252")
    assert [(line.booked_on.day, line.amount_minor) for line in statement.lines] == [(2, -123_456), (3, 9_900)]
    assert statement.lines[1].counterparty_name == "Müller"


def test_a_direction_column_gives_the_sign():
    assert [line.amount_minor for line in read(DIRECTION).lines] == [10_000, -4_000]


def test_an_unreadable_line_is_listed_and_loses_no_other():
    text = (
        "Date,Amount,Reference\n2026-03-02,abc,x\n2026-13-02,5.00,y\n2026-03-02,,z\n2026-03-02,7.00,ok\nTotal,12.00,\n"
    )
    statement = read(text)
    assert [line.amount_minor for line in statement.lines] == [700]
    assert [(row.line, row.code) for row in statement.unreadable] == [
        (2, "amount_unreadable"),
        (3, "date_unreadable"),
        (4, "row_value_missing"),
    ]
    assert statement.ignored_count == 1


def test_a_line_in_another_currency_is_not_booked():
    statement = read("Date,Amount,Currency\n2026-03-02,5.00,USD\n2026-03-02,6.00,人民币\n")
    assert [row.code for row in statement.unreadable] == ["currency_mismatch"]
    assert [line.currency for line in statement.lines] == ["CNY"]


def test_a_file_that_is_no_statement_is_not_identified():
    usual = mapping.usual("bank")
    assert table_format.identify(TWO_COLUMNS.encode(), "s.csv", usual)
    assert not table_format.identify(b"number,name\n1,x\n", "s.csv", usual)
    assert not table_format.identify(b"\x00\x01\x02", "s.csv", usual)
    with pytest.raises(Refused) as refused:
        read("number,name\n1,x\n")
    assert refused.value.code == "column_missing"


SAMPLES = Path(__file__).resolve().parents[4] / "shared" / "samples"


@pytest.mark.skipif(not SAMPLES.exists(), reason="the samples are not part of the repository")
@pytest.mark.parametrize(
    "name",
    [
        "china-preamble/cmb_debit_pc_export_gbk.csv",
        "china-preamble/cmb_debit_pc_export_utf8.csv",
        "china/deg__ccb_交易明细_xxxx_2025xxxx_2025xxxx.xls",
    ],
)
def test_real_exports_of_chinese_banks_are_read_without_a_mapping(name):
    statement = table_format.extract((SAMPLES / name).read_bytes(), name, mapping.usual("bank"), "CNY")
    assert statement.lines
    assert statement.unreadable == []

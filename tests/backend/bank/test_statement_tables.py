"""Every sample of tables, Chinese and Western: lines and sums; sums checked by the columns of each file by number."""

import csv
import io
import re
from collections import Counter
from decimal import Decimal
from pathlib import Path

import pytest

from backend.bank import formats
from backend.bank.formats import dialect
from backend.importing import mapping
from shared.refusal import Refused

SAMPLES = Path(__file__).resolve().parents[4] / "shared" / "samples"
needs_samples = pytest.mark.skipif(not SAMPLES.exists(), reason="the samples are not part of the repository")

# file -> lines read, sum of each currency in minor units, lines that could not be read; or the refusal of the file
EXPECTED = {
    "china/deg__abc_debit_abc_debit-records.csv": (5, {"CNY": -235588}, 0),
    "china/deg__alipay_alipay-records.csv": (8, {"CNY": 22223223}, 0),
    "china/deg__bmo_debit_bmo-records.csv": (4, {"CNY": -15831}, 0),
    "china/deg__boc_credit_boc-records.csv": (14, {"CNY": -23825, "USD": -372}, 0),
    "china/deg__boc_debit_boc-records.csv": (17, {"CNY": 42670}, 0),
    "china/deg__ccb_交易明细_xxxx_2025xxxx_2025xxxx.xls": (6, {"CNY": -70326}, 0),
    "china/deg__cmb_credit_cmb-records.csv": "column_missing",
    "china/deg__cmb_debit_cmb-records.csv": (5, {"CNY": -77914}, 0),
    "china/deg__hsbchk_debit_hsbchk-debit-records.csv": (10, {"HKD": 947895, "CNY": 1250000}, 0),
    "china/deg__icbc_credit_icbc-credit-records.csv": (9, {"CNY": 425788}, 0),
    "china/deg__icbc_debit-v1_icbc-debit-v1-records.csv": (11, {"CNY": -139934}, 0),
    "china/deg__jd_jd-records.csv": (26, {"CNY": -168404}, 0),
    "china/deg__mt_mt-records.csv": (29, {"CNY": -101407}, 0),
    "china/deg__wechat_wechat-records.csv": (27, {"CNY": -2110737}, 0),
    "china/deg__wechat_wechat-records.xlsx": (27, {"CNY": -2110737}, 0),
    "china/trim21__微信支付账单(20200830-20200906).csv": (7, {"CNY": 79012}, 0),
    "china-merchant/alipay_fund_empty_gbk.csv": (0, {}, 0),
    "china-merchant/alipay_fund_signcustomer_gbk.csv": (1, {"CNY": 316256}, 0),
    "china-merchant/alipay_trade_detail_gbk.csv": (3, {"CNY": 989}, 0),
    "china-merchant/wechat_fundflow_docsample.csv": (1, {"CNY": -2}, 0),
    "china-merchant/wechat_tradebill_v2_docsample.csv": (2, {"CNY": 2}, 0),
    "china-preamble/boc_debit__reencoded_utf16le_bom_tab.csv": (17, {"CNY": 42670}, 0),
    "china-preamble/boc_debit_boc-records__reencoded_gb18030.csv": (17, {"CNY": 42670}, 0),
    "china-preamble/cmb_debit_pc_export_gbk.csv": (1, {"CNY": -1000}, 0),
    "china-preamble/cmb_debit_pc_export_utf8.csv": (1, {"CNY": -1000}, 0),
    "csv-bank/b2y__20171001-20171106.csv": (1, {"CNY": -5999}, 0),
    "csv-bank/b2y__2018-04-14_10-52-13_bunq-transactieoverzicht.csv": (3, {"CNY": 72854}, 0),
    "csv-bank/b2y__20180226-1000594757-umsatz.CSV": (1, {"EUR": -3699}, 0),
    "csv-bank/b2y__20180226_12345678.csv": (0, {}, 1),
    "csv-bank/b2y__2019-03-02_11-50-46_bunq-statement.csv": (7, {"CNY": -2382}, 0),
    "csv-bank/b2y__CSV_A_20180414_112204.csv": (3, {"EUR": -103749}, 0),
    "csv-bank/b2y__MS_JANE_SMITH_01-12-2019_14-12-2019.csv": (0, {}, 13),
    "csv-bank/b2y__MonzoDataExport_February2018_2018-02-26_174335.csv": (0, {}, 1),
    "csv-bank/b2y__Movements_1234512345_201805271848.csv": "column_missing",
    "csv-bank/b2y__TH_20180101-20180523_page_1.csv": (0, {}, 9),
    "csv-bank/b2y__TH_20180101-20180523_strana_1.csv": "column_missing",
    "csv-bank/b2y__TH_20180521-20180523.csv": (0, {}, 1),
    "csv-bank/b2y__TransactionHistory_20180418043121.csv": "column_missing",
    "csv-bank/b2y__Umsaetze_KtoNr538917600_EUR_02-03-2018_1503.CSV": (1, {"EUR": -1722}, 0),
    "csv-bank/b2y__W80844_EBH_201945.202122.csv": "column_missing",
    "csv-bank/b2y__dba33fceecd62c3c727893361e0ba4d3.P000000027355791.csv": "column_missing",
    "csv-bank/b2y__export_BE11123456789012_20180304_1422.csv": (1, {"EUR": -340}, 0),
    "csv-bank/b2y__export_KBC-Mastercard Business Essential_20200204_1604.csv": "column_missing",
    "csv-bank/b2y__kta_ei.dat": "column_missing",
    "csv-bank/b2y__statement_1.csv": "column_missing",
    "csv-bank/b2y__test_BOI_TransactionExport.csv": (27, {"CNY": -41961}, 0),
    "csv-bank/b2y__test_delimiter_tab.csv": "column_missing",
    "csv-bank/b2y__test_headers.csv": "column_missing",
    "csv-bank/b2y__test_raiffeisen_01.csv": "column_missing",
    "csv-bank/b2y__test_row_format_CD_flag.csv": "column_missing",
    "csv-bank/b2y__test_row_format_default.csv": "column_missing",
    "csv-bank/b2y__test_row_format_neg_inflow.csv": "column_missing",
    "csv-bank/b2y__test_swedebank_statement.xls": (0, {}, 17),
    "csv-bank/b2y__umsatz-1234________1234-20180227.CSV": (1, {"EUR": -500}, 0),
    "csv-bank/bsp__csv_european_decimals.csv": (3, {"EUR": 226094}, 0),
    "csv-bank/bsp__csv_french_headers.csv": (3, {"EUR": 226094}, 0),
    "csv-bank/bsp__csv_garbled_amount.csv": (1, {"EUR": 10000}, 1),
    "csv-bank/bsp__csv_spanish_headers.csv": (3, {"EUR": 226094}, 0),
    "csv-bank/bsp__sample_split_amounts.csv": (2, {"EUR": 105025}, 0),
    "csv-bank/bsp__sample_statement.csv": (2, {"EUR": 130000}, 0),
}
# file -> encoding, column of the first date, and where the amount stands: one signed column, money in and out, or an
# amount with the column of the word that says its direction
COLUMNS = {
    "china/deg__abc_debit_abc_debit-records.csv": ("utf-8", 0, 3),
    "china/deg__boc_debit_boc-records.csv": ("utf-8", 0, 3),
    "china/deg__cmb_debit_cmb-records.csv": ("utf-8", 0, 2),
    "china/deg__bmo_debit_bmo-records.csv": ("utf-8", 2, 3),
    "china/deg__icbc_debit-v1_icbc-debit-v1-records.csv": ("utf-8", 0, (8, 9)),
    "china/deg__icbc_credit_icbc-credit-records.csv": ("utf-8", 0, (8, 9)),
    "china/deg__mt_mt-records.csv": ("utf-8", 0, (7, "in", 4)),
    "china/trim21__微信支付账单(20200830-20200906).csv": ("utf-8-sig", 0, (5, "in", 4)),
    "china-preamble/cmb_debit_pc_export_gbk.csv": ("gb18030", 0, (2, 3)),
    "china-preamble/boc_debit_boc-records__reencoded_gb18030.csv": ("gb18030", 0, 3),
    "china-merchant/alipay_fund_signcustomer_gbk.csv": ("gb18030", 4, (6, 7)),
}


def read(name):
    return formats.extract((SAMPLES / name).read_bytes(), name, mapping.usual("bank"), "")


@needs_samples
@pytest.mark.parametrize(("name", "expected"), EXPECTED.items(), ids=list(EXPECTED))
def test_a_sample_has_the_lines_and_the_sum_of_the_table(name, expected):
    if isinstance(expected, str):
        with pytest.raises(Refused) as refused:
            read(name)
        assert refused.value.code == expected
        return
    statement = read(name)
    sums = Counter()
    for line in statement.lines:
        sums[line.currency] += line.amount_minor
    assert (len(statement.lines), dict(sums), len(statement.unreadable)) == expected


@needs_samples
def test_no_sample_is_left_out_of_the_table():
    folders = ("china", "china-merchant", "china-preamble", "csv-bank")
    assert set(EXPECTED) == {f"{folder}/{path.name}" for folder in folders for path in (SAMPLES / folder).iterdir()}


def plain(cell):
    return Decimal(re.sub(r"[^0-9.+-]", "", cell).strip("+") or "0") if re.search("[0-9]", cell) else Decimal(0)


@needs_samples
@pytest.mark.parametrize("name", COLUMNS)
def test_the_sum_is_that_of_the_files_own_columns(name):
    encoding, day, where = COLUMNS[name]
    total, count = Decimal(0), 0
    for row in csv.reader(io.StringIO((SAMPLES / name).read_bytes().decode(encoding))):
        if len(row) <= day or not re.match(r"\s*(20[0-9]{6}|20[0-9]{2}-[0-9]{2}-[0-9]{2})", row[day]):
            continue
        count += 1
        if isinstance(where, int):
            total += plain(row[where])
        elif len(where) == 2:
            total += plain(row[where[0]]) - plain(row[where[1]])
        else:
            total += plain(row[where[0]]) * (1 if row[where[2]].strip() == "收入" else -1)
    assert (count, int(total * 100)) == (EXPECTED[name][0], sum(EXPECTED[name][1].values()))


@needs_samples
def test_wechats_workbook_says_what_its_text_says():
    texts, book = (read(f"china/deg__wechat_wechat-records.{ending}") for ending in ("csv", "xlsx"))
    assert [line.amount_minor for line in book.lines] == [line.amount_minor for line in texts.lines]


def lines(text, encoding="utf-8"):
    return formats.extract(text.encode(encoding), "s.csv", mapping.usual("bank"), "")


def test_wechats_totals_below_a_bill_are_no_bookings():
    text = (
        "记账时间,资金流水单号,业务类型,收支类型,收支金额（元）,账户结余（元）\n"
        "`2018-02-01 04:21:23,`50001,`退款,`支出,`0.02,`0.17\n`2018-02-01 04:22:23,`50002,`交易,`收入,`1.00,`1.17\n"
        "资金流水总笔数,收入笔数,收入金额,支出笔数,支出金额\n`2.0,`1.0,`1.00,`1.0,`0.02\n"
    )
    statement = lines(text, "utf-8-sig")
    assert [(line.amount_minor, line.bank_id) for line in statement.lines] == [(-2, "50001"), (100, "50002")]
    assert (statement.unreadable, statement.ignored_count) == ([], 2)


@pytest.mark.parametrize("amount", ["0.02", "-0.02"])
def test_a_refund_of_a_shop_is_money_out_however_it_is_signed(amount):
    head = "#支付宝业务明细查询\n支付宝交易号,商户订单号,业务类型,完成时间,商家实收（元）\n"
    text = f"{head}1\t,A\t,交易\t,2026-06-05 16:01:38,9.90\n2\t,B\t,退款\t,2026-06-05 17:00:05,{amount}\n#合计\n"
    assert [line.amount_minor for line in lines(text, "gb18030").lines] == [990, -2]


def test_a_refund_in_a_banks_signed_column_keeps_its_sign():
    assert [one.amount_minor for one in lines("交易日期,交易类型,金额\n2026-03-02,退款,5.00\n").lines] == [500]


def test_a_closed_trade_is_no_booking_and_a_refund_beside_the_totals_comes_in():
    text = (
        "交易时间,交易分类,收/支,金额,交易状态\n2023-01-10 13:10:16,日用,支出,82.00,交易关闭\n"
        "2023-01-09 18:22:28,退款,不计收支,50.00,退款成功\n2023-01-09 18:22:28,日用,支出,7.00(已退款2.00),交易成功\n"
    )
    statement = lines(text)
    assert ([line.amount_minor for line in statement.lines], statement.ignored_count) == ([5_000, -700], 1)


def test_the_balance_alone_being_unreadable_loses_no_booking():
    line = lines("交易日期,金额,余额\n2026-03-02,5.00,xx.yy\n").lines[0]
    assert (line.amount_minor, line.balance_after_minor) == (500, None)


@pytest.mark.parametrize(
    ("dates", "forms"),
    [
        (["2026-03-02", "2026/3/4"], ()),
        (["13/03/2026", "01/04/2026"], ("%d/%m/%Y",)),
        (["03/13/2026", "04/01/2026"], ("%m/%d/%Y",)),
        (["01/03/2026", "02/03/2026", "03/02/2026"], ("%m/%d/%Y",)),
        (["28/02/2026 10:00", "01/03/2026"], ("%d/%m/%Y",)),
        (["02/03/2026"], ()),
        (["31.12.26"], ("%d.%m.%y",)),
        ([], ()),
    ],
)
def test_the_order_of_day_and_month_is_found_only_without_doubt(dates, forms):
    assert dialect.date_forms(dates) == forms


@pytest.mark.parametrize(
    ("amounts", "is_comma"),
    [
        (["1.234,56", "-5,00"], True),
        (["1,234.56", "5"], False),
        (["1,234"], False),
        (["5,5", "1.25"], False),
        (["5,00 €", "-"], True),
    ],
)
def test_a_decimal_comma_is_found_only_without_doubt(amounts, is_comma):
    assert dialect.is_comma_decimal(amounts) is is_comma

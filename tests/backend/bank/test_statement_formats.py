"""The formats of banks, each by a small file of our own: signs, parties, references, batches, refusals."""

import gzip
import io
import zipfile
from datetime import date

import openpyxl
import pytest

from backend.bank import formats
from backend.importing import mapping
from shared.refusal import Refused

ENTRY = (
    "<Ntry><Amt Ccy='EUR'>{amount}</Amt><CdtDbtInd>{side}</CdtDbtInd>{more}<BookgDt><Dt>2026-03-02</Dt></BookgDt>"
    "<ValDt><DtTm>2026-03-03T10:00:00</DtTm></ValDt><AcctSvcrRef>S1</AcctSvcrRef>"
    "<NtryDtls>{details}</NtryDtls><AddtlNtryInf>Booked</AddtlNtryInf></Ntry>"
)
DETAIL = (
    "<TxDtls><Refs><EndToEndId>{end}</EndToEndId></Refs><Amt Ccy='EUR'>{amount}</Amt><RltdPties>"
    "<Dbtr><Pty><Nm>Payer</Nm></Pty></Dbtr><DbtrAcct><Id><IBAN>DE1</IBAN></Id></DbtrAcct>"
    "<Cdtr><Nm>Payee</Nm></Cdtr><CdtrAcct><Id><Othr><Id>77</Id></Othr></Id></CdtrAcct></RltdPties>"
    "<RmtInf><Ustrd>Invoice {end}</Ustrd>{structured}</RmtInf></TxDtls>"
)


def camt(*entries, head=""):
    return (
        f'<?xml version="1.0"?>{head}<Document xmlns="urn:iso:std:iso:20022:tech:xsd:camt.053.001.08"><BkToCstmrStmt>'
        "<GrpHdr><CreDtTm>2026-03-04T00:00:00</CreDtTm></GrpHdr><Stmt><Acct><Id><IBAN>NL01</IBAN></Id><Ccy>EUR</Ccy></Acct>"
        f"{''.join(entries)}</Stmt></BkToCstmrStmt></Document>"
    ).encode()


def entry(amount, side="CRDT", more="", details=""):
    return ENTRY.format(amount=amount, side=side, more=more, details=details)


def detail(amount, end="E1", structured=""):
    return DETAIL.format(amount=amount, end=end, structured=structured)


def read(content, name="file", currency="", **options):
    content = content if isinstance(content, bytes) else content.encode()
    return formats.extract(content, name, mapping.usual("bank"), currency, **options)


def amounts(statement):
    return [line.amount_minor for line in statement.lines]


def test_camt_one_detail_gives_the_entry_its_parties_and_references():
    structured = "<Strd><CdtrRefInf><Ref>RF18539007547034</Ref></CdtrRefInf></Strd>"
    line = read(camt(entry("8.850", details=detail("8.85", structured=structured)))).lines[0]
    assert (line.amount_minor, line.currency, line.account) == (885, "EUR", "NL01")
    assert (line.booked_on, line.value_on) == (date(2026, 3, 2), date(2026, 3, 3))
    assert (line.counterparty_name, line.counterparty_account) == ("Payer", "DE1")
    assert (line.reference, line.text, line.bank_id) == ("RF18539007547034", "Invoice E1", "S1")
    assert line.raw.startswith("<TxDtls")


def test_camt_money_out_is_negative_and_names_the_payee():
    line = read(camt(entry("5", "DBIT", details=detail("5", "NOTPROVIDED")))).lines[0]
    assert (line.amount_minor, line.counterparty_name, line.counterparty_account) == (-500, "Payee", "77")
    assert line.reference == ""


def test_camt_a_returned_payment_keeps_its_sign_and_the_parties_of_the_payment():
    line = read(camt(entry("5", "CRDT", "<RvslInd>true</RvslInd>", detail("5")))).lines[0]
    assert (line.amount_minor, line.counterparty_name) == (500, "Payee")


def test_camt_a_batch_that_adds_up_is_read_as_its_details():
    statement = read(camt(entry("3.00", details=detail("1.00", "A") + detail("2.00", "B"))))
    assert [(line.amount_minor, line.reference) for line in statement.lines] == [(100, "A"), (200, "B")]


def test_camt_a_batch_that_does_not_add_up_stays_what_was_booked_and_says_all_it_holds():
    statement = read(camt(entry("2.90", details=detail("1.00", "A") + detail("2.00", "B"))))
    assert [(line.amount_minor, line.reference) for line in statement.lines] == [(290, "A B")]
    assert statement.lines[0].text == "Invoice A Invoice B"


def test_camt_an_entry_without_details_is_one_line():
    line = read(camt(entry("1.50"))).lines[0]
    assert (line.amount_minor, line.text) == (150, "Booked")


def test_camt_a_pending_entry_is_marked():
    lines = read(camt(entry("1", more="<Sts><Cd>PDNG</Cd></Sts>"), entry("2", more="<Sts>BOOK</Sts>"))).lines
    assert [line.pending for line in lines] == [True, False]


@pytest.mark.parametrize(
    ("amount", "code"),
    [
        ("1.234,56", "amount_unreadable"),
        ("1.234", "amount_too_precise"),
        ("", "amount_unreadable"),
        ("1e3", "amount_unreadable"),
        ("99999999999999999", "amount_too_large"),
    ],
)
def test_camt_an_amount_that_is_none_is_listed_and_loses_no_other(amount, code):
    statement = read(camt(entry(amount), entry("1.00")))
    assert (amounts(statement), [row.code for row in statement.unreadable]) == ([100], [code])


def test_camt_another_currency_than_the_accounts_is_listed():
    statement = read(camt(entry("1.00")), currency="USD")
    assert (statement.lines, [row.code for row in statement.unreadable]) == ([], ["currency_mismatch"])


BOMB = '<!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]>'


@pytest.mark.parametrize(
    "content",
    [
        camt(entry("1.00"), head=BOMB),
        camt(entry("1.00"), head='<!DOCTYPE x SYSTEM "file:/etc/passwd">'),
        camt(entry("1.00"), head=BOMB).decode().encode("utf-16"),
        camt(entry("1.00"))[:-40],
        camt().replace(b"Stmt>", b"Other>").replace(b"BkToCstmrOther>", b"BkToCstmrStmt>"),
    ],
    ids=["bomb", "external", "bomb in utf-16", "cut off", "no statement"],
)
def test_camt_that_is_broken_or_dangerous_is_refused(content):
    with pytest.raises(Refused) as refused:
        read(content)
    assert refused.value.code == "statement_unreadable"
    assert refused.value.values["place"]


MT = """:20:A
:25:20070000/0123456601
:28C:1/1
:60F:C260228EUR1,00
:61:2602300301DR6,00N024NONREF
:86:805?00FEE?20EREF+E-9 SVWZ+Yearly?21 fee?31DE99?32BANK?33 AG
:61:2603010301RC5,N024REF1//B-7
:61:2601021231C10,5NTRFNONREF
/more/
:62F:C260301EUR0,50
:86:statement's own words
-
"""


def test_mt940_bookings_have_signs_days_and_parties():
    lines = read(MT.replace("\n", "\r\n")).lines
    assert [line.amount_minor for line in lines] == [-600, -500, 1050]
    assert (lines[0].value_on, lines[0].booked_on) == (date(2026, 2, 28), date(2026, 3, 1))
    assert (lines[2].value_on, lines[2].booked_on) == (date(2026, 1, 2), date(2025, 12, 31))
    assert (lines[0].counterparty_name, lines[0].counterparty_account) == ("BANK AG", "DE99")
    assert (lines[0].reference, lines[0].text) == ("E-9", "Yearly fee")
    assert (lines[1].reference, lines[1].bank_id) == ("REF1", "B-7")
    assert (lines[2].text, lines[2].account, lines[2].currency) == ("/more/", "20070000/0123456601", "EUR")


def test_mt940_slashes_and_numbered_lines_are_understood():
    head = ":20:A\n:25:NL71RABO0123456789\n:60F:C130101EUR0,\n"
    dutch = head + ":61:130101D25,00N102EREF\n:86:/EREF/E1/BENM//NAME/CONTRA ACCOUN\nT HOLDER/REMI/Rent/ISDT/2013"
    line = read(dutch).lines[0]
    assert (line.counterparty_name, line.reference, line.text) == ("CONTRA ACCOUNT HOLDER", "E1", "Rent")
    numbered = head + ":61:1301010101CM50,S05168790452\n:NS:01Purpose 1\n02Purpose 2\n15Payer\n34998877\n"
    line = read(numbered).lines[0]
    assert (line.counterparty_name, line.counterparty_account, line.text) == ("Payer", "998877", "Purpose 1 Purpose 2")


def test_mt940_a_line_that_cannot_be_read_is_listed_with_its_place():
    statement = read(MT.replace(":61:2603010301RC5,", ":61:2613010301RC5,"))
    assert (amounts(statement), [(row.line, row.code) for row in statement.unreadable]) == (
        [-600, 1050],
        [(7, "date_unreadable")],
    )


SGML = """OFXHEADER:100
DATA:OFXSGML

<OFX><BANKMSGSRSV1><STMTTRNRS><STMTRS><CURDEF>USD
<BANKACCTFROM><BANKID>1<ACCTID>111<ACCTTYPE>CHECKING</BANKACCTFROM>
<BANKTRANLIST>
<STMTTRN><TRNTYPE>DEBIT<DTPOSTED>20260302120000[-5:EST]<TRNAMT>-1,5<FITID>F1<NAME>AT&amp;T<MEMO>Phone<CHECKNUM>12
<BANKACCTTO><ACCTID>999</BANKACCTTO></STMTTRN>
<STMTTRN><TRNTYPE>CREDIT<DTPOSTED>20260230<TRNAMT>1.00<FITID>F2</STMTTRN>
</BANKTRANLIST></STMTRS></STMTTRNRS>
<STMTTRNRS><STMTRS><CURDEF>EUR<BANKACCTFROM><ACCTID>222</BANKACCTFROM><BANKTRANLIST>
<STMTTRN><DTPOSTED>20260303<TRNAMT>+2.00</TRNAMT><FITID>F3</FITID><NAME><![CDATA[A < B]]></NAME></STMTTRN>
</BANKTRANLIST></STMTRS></STMTTRNRS></BANKMSGSRSV1></OFX>
"""


def test_ofx_of_two_accounts_with_open_and_closed_elements():
    statement = read(SGML)
    first, second = statement.lines
    assert (first.amount_minor, first.currency, first.account, first.booked_on) == (
        -150,
        "USD",
        "111",
        date(2026, 3, 2),
    )
    assert (first.counterparty_name, first.counterparty_account) == ("AT&T", "999")
    assert (first.reference, first.text, first.bank_id) == ("12", "Phone", "F1")
    assert (second.amount_minor, second.currency, second.account) == (200, "EUR", "222")
    assert second.counterparty_name == "A < B"
    assert [(row.line, row.code) for row in statement.unreadable] == [(9, "date_unreadable")]


def test_ofx_cut_off_within_a_transaction_is_refused():
    with pytest.raises(Refused) as refused:
        read(SGML[: SGML.index("<FITID>F3")])
    assert refused.value.values["place"].startswith("line 12")


def test_qif_finds_the_order_of_day_and_month():
    american = "!Type:Bank\nD3/2/2026\nT1,234.56\nPA\nN7\nMnote\n^\nD3/13'26\nT-5\n^\n"
    lines = read(american).lines
    assert [(line.booked_on, line.amount_minor) for line in lines] == [
        (date(2026, 3, 2), 123_456),
        (date(2026, 3, 13), -500),
    ]
    assert (lines[0].counterparty_name, lines[0].reference, lines[0].text) == ("A", "7", "note")
    european = read("!Account\nNGiro\n^\n!Type:CCard\nD13.03.26\nT1.234,5\n^\nD14.03.26\nU-5,00\n^\n").lines
    assert [(line.booked_on.day, line.amount_minor, line.account) for line in european] == [
        (13, 123_450, "Giro"),
        (14, -500, "Giro"),
    ]
    ordered = read("!Type:Bank\nD01/03/2026\nT1\n^\nD02/03/2026\nT1\n^\nD03/02/2026\nT1\n^\n").lines
    assert {line.booked_on.month for line in ordered} == {1, 2, 3}


def test_qif_lists_and_investments_are_no_bookings():
    text = "!Type:Cat\nNFood\n^\n!Type:Bank\nD2026-03-02\nTx\n^\nD2026-03-02\nT2\n^\n"
    statement = read(text)
    assert (amounts(statement), statement.ignored_count) == ([200], 1)
    assert [(row.line, row.code) for row in statement.unreadable] == [(5, "amount_unreadable")]
    with pytest.raises(Refused):
        read("!Type:Invst\nD3/2/2026\nNBuy\n^\n")


BAI = """01,0004,12345,060321,0829,001,80,1,2/
02,12345,0004,1,260302,,JPY,2/
03,1020,,040,+000,,/
88,100,208500,,V,060316,,/
16,195,2500,V,260303,,BANK1,CUST1,first, second/
88,EREF: E5 DBNM: PAYER LTD DACT: 123
16,475,300,S,100,100/
88,100,B2,,check/ 16,495,7,D,2,1,3,2,4,B3,C3
16,890,1,,,,note/
49,+834000,14/
98,+1280000,2,25/
99,+1280000,1,27/
"""


def test_bai2_records_that_are_continued_joined_and_unended():
    statement = read(BAI)
    first, second, third = statement.lines
    assert (first.amount_minor, first.currency, first.account) == (2500, "JPY", "1020")
    assert (first.booked_on, first.value_on) == (date(2026, 3, 2), date(2026, 3, 3))
    assert (first.bank_id, first.reference, first.counterparty_name) == ("BANK1", "CUST1", "PAYER LTD")
    assert (first.counterparty_account, first.text.startswith("first, second")) == ("123", True)
    assert (second.amount_minor, second.bank_id, second.text) == (-300, "B2", "check")
    assert (third.amount_minor, third.bank_id, third.reference) == (-7, "B3", "C3")
    assert [row.line for row in statement.unreadable] == [9]


def test_bai2_without_its_trailer_is_cut_off():
    with pytest.raises(Refused) as refused:
        read(BAI[: BAI.index("99,")])
    assert refused.value.code == "statement_unreadable"


def packed(*members):
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members:
            archive.writestr(name, content)
    return stream.getvalue()


def test_a_statement_is_read_out_of_zip_and_gzip():
    assert amounts(read(gzip.compress(MT.encode()), "a.gz")) == [-600, -500, 1050]
    assert amounts(read(packed(("账单汇总.csv", "x"), ("业务明细.sta", MT)))) == [-600, -500, 1050]


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (packed(("a.sta", MT), ("b.sta", MT)), "statement_unreadable"),
        (packed(("a", b"0" * (257 * 1024 * 1024))), "file_too_large"),
        (gzip.compress(b"0" * (257 * 1024 * 1024)), "file_too_large"),
        (gzip.compress(MT.encode())[:-20], "statement_unreadable"),
        (b"PK\x03\x04broken", "statement_unreadable"),
        (packed(("a", "")), "file_empty"),
        (b" \r\n ", "file_empty"),
        (b"\x89PNG\r\n\x1a\n\0\0", "file_unreadable"),
    ],
    ids=["two", "zip bomb", "gzip bomb", "cut gzip", "broken zip", "empty member", "blank", "picture"],
)
def test_a_container_that_cannot_be_opened_is_refused(content, code):
    with pytest.raises(Refused) as refused:
        read(content)
    assert refused.value.code == code


def test_two_formats_claiming_one_file_is_a_refusal_and_naming_one_decides():
    content = "!Type:Bank\nD3/2/2026\nT1.00\nM\n:20:x\n^\n"
    with pytest.raises(Refused) as refused:
        read(content)
    assert refused.value.code == "statement_format_unclear"
    assert amounts(read(content, kind="qif")) == [100]


def test_a_torn_workbook_is_refused_and_a_sound_one_is_read():
    stream = io.BytesIO()
    book = openpyxl.Workbook()
    for row in (["交易日期", "金额"], ["2026-03-02", "5.00"]):
        book.active.append(row)
    book.save(stream)
    assert amounts(read(stream.getvalue(), "s.xlsx")) == [500]
    with pytest.raises(Refused) as refused:
        read(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\xff" * 600, "s.xls")
    assert refused.value.code == "file_unreadable"

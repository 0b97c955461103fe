"""Whatever happened to a statement on its way, reading it ends with lines or with a refusal."""

from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from backend.bank import formats
from backend.bank.line import Statement
from backend.importing import mapping
from shared.refusal import Refused

SAMPLES = Path(__file__).resolve().parents[4] / "shared" / "samples"
SEEDS = {
    "camt": (
        b'<Document xmlns="urn:iso:std:iso:20022:tech:xsd:camt.053.001.02"><BkToCstmrStmt><Stmt><Acct><Id>'
        b'<IBAN>X1</IBAN></Id><Ccy>EUR</Ccy></Acct><Ntry><Amt Ccy="EUR">8.85</Amt><CdtDbtInd>CRDT</CdtDbtInd>'
        b"<Sts>BOOK</Sts><BookgDt>"
        b"<Dt>2026-03-02</Dt></BookgDt><NtryDtls><TxDtls><Refs><EndToEndId>E1</EndToEndId></Refs></TxDtls></NtryDtls>"
        b"</Ntry></Stmt></BkToCstmrStmt></Document>"
    ),
    "mt940": (
        b":20:A\n:25:1234567EUR\n:28C:1\n:60F:C260301EUR1,\n:61:2603020302RC5,00NTRFREF//B\n:86:166?20SVWZ+x?32N\n"
        b":62F:C260302EUR6,\n-"
    ),
    "ofx": (
        b"OFXHEADER:100\n\n<OFX><STMTRS><CURDEF>USD<BANKACCTFROM><ACCTID>1</BANKACCTFROM><STMTTRN><TRNTYPE>DEBIT"
        b"<DTPOSTED>20260302<TRNAMT>-5.50<FITID>1<MEMO>x</STMTTRN></STMTRS></OFX>"
    ),
    "qif": b"!Type:Bank\nD3/2/2026\nT-5.50\nPShop\nMNote\n^\n",
    "bai2": (
        b"01,1,2,260302,0829,1,80,1,2/\n02,1,2,1,260302,,USD,/\n03,77,USD,010,1,,/\n"
        b"16,195,500,V,260303,,B,R,text/\n88,more/\n49,1,2/\n98,1,1,3/\n99,1,1,5/"
    ),
    "csv": "交易日期,收入,支出,余额,对方户名\n2026-03-02,5.00,,1,甲\n合计,5.00,,,\n".encode("gb18030"),
}
PIECES = [b"\0", b"<", b">", b":61:", b"16,", b"9" * 20, b"-,", b"\n"]


def ends_well(content):
    try:
        statement = formats.extract(content, "file", mapping.usual("bank"), "")
    except Refused:
        return
    assert isinstance(statement, Statement)
    assert all(one.sentence for one in statement.unreadable)
    assert not any("\0" in line.raw or "\0" in line.text for line in statement.lines)


edits = st.lists(
    st.tuples(
        st.integers(0, 10_000),
        st.sampled_from(["flip", "cut", "double", "insert", "drop"]),
        st.binary(min_size=1, max_size=6) | st.sampled_from(PIECES),
    ),
    max_size=4,
)


def edited(content, changes):
    for place, how, piece in changes:
        at = place % (len(content) + 1)
        if how == "flip" and content:
            content = content[:at] + piece[:1] + content[at + 1 :]
        elif how == "cut":
            content = content[:at]
        elif how == "double":
            content = content[:at] + content[at : at + 40] + content[at:]
        elif how == "insert":
            content = content[:at] + piece + content[at:]
        else:
            content = content[:at] + content[at + len(piece) :]
    return content


@pytest.mark.parametrize("kind", sorted(SEEDS))
def test_an_edited_statement_is_read_or_refused(kind):
    @settings(max_examples=120, deadline=None, suppress_health_check=list(HealthCheck))
    @given(edits)
    def tried(changes):
        ends_well(edited(SEEDS[kind], changes))

    tried()


@pytest.mark.skipif(not SAMPLES.exists(), reason="the samples are not part of the repository")
@settings(max_examples=250, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.data(), edits)
def test_an_edited_sample_is_read_or_refused(data, changes):
    found = sorted(path for path in SAMPLES.glob("*/*") if path.is_file())
    ends_well(edited(data.draw(st.sampled_from(found)).read_bytes(), changes))

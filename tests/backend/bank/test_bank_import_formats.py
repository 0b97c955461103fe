"""Importing a bank's own formats: only booked money of the one account is posted."""

import pytest

from backend.auth.actor import SYSTEM
from backend.bank import queries, service
from backend.ledger import queries as ledger
from shared.refusal import Refused

NUMBER = "6222000000000001"
HEAD = "OFXHEADER:100\n<OFX>"
PART = (
    "<STMTRS><CURDEF>{unit}<BANKACCTFROM><ACCTID>{account}</BANKACCTFROM><BANKTRANLIST><STMTTRN><DTPOSTED>20260302"
    "<TRNAMT>{amount}<FITID>{account}-1</STMTTRN></BANKTRANLIST></STMTRS>"
)
CAMT = """<Document xmlns="urn:iso:std:iso:20022:tech:xsd:camt.052.001.08">
<BkToCstmrAcctRpt><Rpt>{}</Rpt></BkToCstmrAcctRpt>
</Document>"""
NTRY = (
    "<Ntry><Amt Ccy='CNY'>{amount}</Amt><CdtDbtInd>CRDT</CdtDbtInd><Sts><Cd>{status}</Cd></Sts>"
    "<BookgDt><Dt>2026-03-02</Dt></BookgDt></Ntry>"
)


def part(account, amount, unit="CNY"):
    return PART.format(account=account, amount=amount, unit=unit)


@pytest.fixture
async def account(database, clock, people):
    async with database.writing() as session:
        return await service.add_account(session, SYSTEM, clock, name="Basic", number=NUMBER, currency="CNY")


async def bring_in(database, clock, account, content):
    async with database.writing() as session:
        return await service.import_file(
            session, SYSTEM, clock, account_id=account, file_name="s", content=content.encode()
        )


async def test_only_the_accounts_own_part_of_a_file_is_imported(database, clock, account):
    content = HEAD + part("9999", "7.00") + part(NUMBER, "5.00") + "</OFX>"
    outcome = await bring_in(database, clock, account, content)
    assert (outcome.new_count, outcome.statement.ignored_count) == (1, 1)
    again = await bring_in(database, clock, account, content)
    assert (again.new_count, again.known_count) == (0, 1)
    async with database.reading() as reader:
        assert await ledger.balance_minor(reader, "bank", account, "CNY") == 500
        assert [record.bank_id for record, _match in await queries.lines(reader)] == [f"{NUMBER}-1"]


async def test_a_file_of_other_accounts_is_refused(database, clock, account):
    with pytest.raises(Refused) as refused:
        await bring_in(database, clock, account, HEAD + part("9999", "7.00") + part("8888", "5.00") + "</OFX>")
    assert refused.value.code == "statement_other_account"


async def test_pending_lines_and_lines_of_nothing_post_nothing(database, clock, account):
    entries = [("1.00", "PDNG"), ("0", "BOOK"), ("2.00", "BOOK")]
    content = CAMT.format("".join(NTRY.format(amount=amount, status=status) for amount, status in entries))
    outcome = await bring_in(database, clock, account, content)
    assert (outcome.new_count, outcome.statement.ignored_count) == (1, 2)
    async with database.reading() as reader:
        assert await ledger.balance_minor(reader, "bank", account, "CNY") == 200


async def test_lines_in_another_currency_are_listed_and_not_posted(database, clock, account):
    outcome = await bring_in(database, clock, account, HEAD + part(NUMBER, "5.00", "USD") + "</OFX>")
    assert (outcome.new_count, [row.code for row in outcome.statement.unreadable]) == (0, ["currency_mismatch"])

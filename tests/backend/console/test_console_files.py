"""Files from and for the console: nothing cut, nobody alone, our own words; and the pages of a fresh company."""

import csv
import io
from datetime import date

import pytest

from backend import export
from backend.auth.actor import SYSTEM
from backend.bank import service as bank
from backend.console.pages import approval
from backend.importing import queries, service
from backend.invoice import service as invoice

HEAD = "客户编号,发票号码,开票日期,到期日,价税合计,未收金额\n"
LISTS = ["users", "devices", "controls", "approvals", "incentive", "matching/done", "customers", "invoices", "audit"]


async def bring_in(database, clock, who, text):
    async with database.writing() as session:
        return await service.import_invoices(
            session, who, clock, content=(HEAD + text).encode(), file_name="f.csv", as_of=date(2026, 3, 1)
        )


@pytest.mark.parametrize("path", LISTS)
async def test_every_list_is_sent_as_a_file_and_links_to_it(as_, facts, path):
    browser = await as_("supervisor" if path == "approvals" else "admin")
    assert ">CSV</a>" in (await browser.get(f"/console/{path}")).text
    answer = await browser.get(f"/console/{path}?format=csv")
    assert answer.headers["content-type"] == "text/csv; charset=utf-8"
    assert answer.content.startswith("\ufeff".encode())


async def test_a_file_is_not_cut_at_a_page(as_, facts, database, clock, monkeypatch):
    async with database.writing() as session:
        for n in range(7):
            await invoice.issue(
                session, SYSTEM, clock, customer_id=facts.customer, number=f"X{n}", kind="invoice", currency="CNY",
                issued_on=date(2026, 1, 1), due_on=date(2026, 2, 1), amount_minor=100,
            )  # fmt: skip
    monkeypatch.setattr(export, "PAGE", 2)
    browser = await as_("admin")
    for path, count in (("invoices?all=1&format=csv", 10), ("customers?format=csv", 2), ("users?format=csv", 9)):
        rows = list(csv.reader(io.StringIO((await browser.get(f"/console/{path}")).text)))[1:]
        assert (len(rows), len({row[0] for row in rows})) == (count, count), path


async def test_a_tick_beyond_the_first_page_of_the_queue_is_previewed(as_, facts, monkeypatch):
    monkeypatch.setattr(approval, "PAGE", 1)
    ticked = {"subject": [f"collection:{one}" for one in (facts.cash, facts.cheque)]}
    page = (await (await as_("supervisor")).post("/console/approvals/preview", ticked)).text
    assert page.count('name="subject"') == 2
    assert "1 is left out" in page


async def test_a_candidate_that_cannot_be_matched_has_no_button_but_a_reason(
    as_, facts, database, statement, people, clock
):
    async with database.writing() as session:
        await bank.import_file(
            session, people.reconciler, clock, account_id=facts.account, file_name="march.csv",
            content=statement.content.replace(b"350.00", b"12.00"),
            mapping=bank.mappings.from_text(statement.mapping, "bank", toml=True),
        )  # fmt: skip
    page = (await (await as_("reconciler")).get("/console/matching")).text
    assert "so the two cannot be matched" in page
    assert 'action="/console/matching/confirm"' not in page


async def test_the_importer_is_told_why_the_button_is_missing_and_a_second_person_has_it(
    as_, facts, database, clock, people
):
    row = "C001,N1,2026-01-10,2026-02-09,100.00,{}\n"
    await bring_in(database, clock, people.reconciler, row.format("100.00"))
    outcome = await bring_in(database, clock, people.reconciler, row.format("40.00"))
    own = (await (await as_("reconciler")).get("/console/differences")).text
    assert "You imported this file" in own
    assert 'value="accepted"' not in own
    assert 'value="dismissed"' in own
    other = await as_("credit")
    assert 'value="accepted"' in (await other.get("/console/differences")).text
    fields = {"import": outcome.import_id, "invoice": outcome.differences[0].invoice_id, "decision": "accepted"}
    assert "posted as settled elsewhere" in (await other.post("/console/imports/difference", fields)).text
    async with database.reading() as reader:
        assert await queries.differences(reader) == []


async def test_an_import_lists_what_it_lacks_and_sends_it(as_, facts, database, clock, people):
    outcome = await bring_in(database, clock, people.reconciler, "C001,N1,2026-01-10,2026-02-09,100.00,100.00\n")
    browser = await as_("reconciler")
    assert "but not in the file" in (await browser.get(f"/console/imports/done/{outcome.import_id}")).text
    sent = (await browser.get(f"/console/imports/done/{outcome.import_id}?format=csv")).text
    assert sorted(row[0] for row in csv.reader(io.StringIO(sent)))[:3] == ["F1", "F2", "F3"]


async def test_a_file_that_is_too_large_is_refused_on_a_page_in_our_words(as_, facts):
    browser = await as_("reconciler")
    for megabytes in (13, 18):
        files = {"file": ("big.csv", b"x" * (megabytes * 1024 * 1024), "text/csv")}
        answer = await browser.post("/console/imports/customers/preview", {}, files=files)
        assert answer.status_code == 413
        assert answer.headers["content-type"].startswith("text/html")
        assert "larger than 10 MB" in answer.text


async def test_a_refused_page_shows_the_companys_name(as_, facts, database):
    from backend.company.service import company

    async with database.reading() as reader:
        name = (await company(reader)).name
    for path in ("/console/settings", "/console/nowhere"):
        answer = await (await as_("salesperson")).get(path)
        assert answer.status_code in (403, 404)
        assert f"<span>{name}</span>" in answer.text


async def test_a_refused_sign_in_keeps_the_user_name(stranger, people):
    answer = await stranger.sign_in("lina", "wrong password")
    assert answer.status_code == 401
    assert 'value="lina"' in answer.text


@pytest.mark.parametrize("path", ["", "/customers", "/invoices", "/collections", "/imports", "/differences"])
async def test_a_fresh_company_has_pages_that_say_what_to_do(as_, company, path):
    answer = await (await as_("reconciler")).get(f"/console{path}")
    assert answer.status_code == 200
    if path:
        assert 'class="empty"' in answer.text


async def test_matching_in_a_fresh_company_leads_to_the_bank(as_, company):
    page = (await (await as_("reconciler")).get("/console/matching")).text
    assert "Nothing to review" in page


async def test_a_preview_speaks_in_words_and_money(as_, facts):
    text = (HEAD + "C001,N1,2026-01-10,2026-02-09,1000.00,40.00\n").encode()
    page = await (await as_("reconciler")).post(
        "/console/imports/invoices/preview", {}, files={"file": ("f.csv", text, "text/csv")}
    )
    assert "<th>Customer number</th>" in page.text
    assert "¥1,000.00" in page.text
    assert "amount_minor" not in page.text

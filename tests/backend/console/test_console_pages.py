"""What pages show: facts, both languages, nothing unescaped, files that spreadsheets cannot be tricked with."""

import re

import pytest

from backend.console.template import environment
from shared.language import catalogue
from tests.backend.console.addresses import addresses


async def test_a_customers_page_shows_its_facts(as_, facts):
    page = (await (await as_("supervisor")).get(f"/console/customers/{facts.customer}")).text
    for shown in ("杭州大华超市", "F2", "F3", "¥1,250.00", "A00-000001-", "¥200.00"):
        assert shown in page, shown


async def test_a_payments_page_shows_intention_custody_postings_and_audit(as_, facts):
    page = (await (await as_("supervisor")).get(f"/console/collections/{facts.cash}")).text
    for shown in ("¥600.00", "¥400.00", "Waiting for approval", "Li Na · Cash", "Recorded a payment"):
        assert shown in page, shown


async def test_the_to_do_page_counts_what_waits_for_this_role(as_, facts, give):
    await give()
    assert re.search(r"Payments to approve.*?\b3\b", (await (await as_("supervisor")).get("/console")).text, re.DOTALL)
    cashier = (await (await as_("cashier")).get("/console")).text
    assert "Hand-overs to count" in cashier
    assert "Payments to approve" not in cashier


async def test_names_are_escaped_everywhere(as_, facts, people):
    browser = await as_("admin")
    seen = 0
    for path in addresses(facts, people):
        text = (await browser.get(path)).text
        assert "<script>alert" not in text, path
        seen += "&lt;script&gt;alert(1)" in text
    assert (await browser.get(f"/console/customers/{facts.wicked}")).text.count("&lt;script&gt;alert(1)") >= 2
    assert seen


async def test_a_search_term_is_escaped(as_, facts):
    page = (await (await as_("admin")).get('/console/search?q="><img src=x>')).text
    assert "<img src=x>" not in page


@pytest.mark.parametrize("language", ["zh_CN", "en"])
async def test_every_page_is_there_in_both_languages(as_, facts, people, language):
    browser = await as_("admin")
    await browser.post("/console/preferences", {"language": language, "back": "/console"})
    for path in addresses(facts, people):
        page = await browser.get(path)
        if page.status_code == 200:
            assert f'lang="{"zh-CN" if language == "zh_CN" else "en"}"' in page.text[:200], path
            assert "%(" not in page.text, path


async def test_the_chosen_language_is_spoken(as_, facts):
    browser = await as_("admin")
    await browser.post("/console/preferences", {"language": "zh_CN", "back": "/console/customers"})
    assert catalogue("zh_CN").gettext("Customers") in (await browser.get("/console/customers")).text


async def test_a_theme_is_kept_in_this_browser(as_, facts):
    browser = await as_("admin")
    await browser.post("/console/preferences", {"theme": "dark", "back": "/console"})
    assert 'data-theme="dark"' in (await browser.get("/console")).text


@pytest.mark.parametrize("back", ["https://evil.example/", "//evil.example", "/api/x", "/console\\evil"])
async def test_preferences_lead_nowhere_else(stranger, back, company):
    page = await stranger.get("/console/sign-in")
    token = re.search(r'value="([0-9a-f]{64})"', page.text)[1]
    answer = await stranger.post("/console/preferences", {"theme": "dark", "back": back}, token=token, follow=False)
    assert answer.headers["location"] == "/console"


@pytest.mark.parametrize("path", ["customers", "invoices", "collections", "audit"])
async def test_a_list_is_sent_as_a_file_that_spreadsheets_open(as_, facts, path):
    answer = await (await as_("admin")).get(f"/console/{path}?format=csv")
    assert answer.headers["content-type"] == "text/csv; charset=utf-8"
    assert answer.content.startswith("\ufeff".encode())
    assert len(answer.text.splitlines()) > 1


async def test_htmx_gets_the_content_without_the_frame(as_, facts):
    browser = await as_("admin")
    part = (await browser.get("/console/customers?q=C001", **{"HX-Request": "true"})).text
    assert '<main id="page">' in part
    assert "<html" not in part
    assert "C002" not in part


async def test_the_style_sheet_and_the_fonts_are_served_from_here(stranger, company):
    style = await stranger.get("/console/static/console.css")
    assert (style.status_code, len(style.content) < 25_000) == (200, True)
    for address in re.findall(r'url\("([^"]+)"\)', style.text):
        assert (await stranger.client.get(address)).status_code == 200, address
    assert not re.search(r"https?://", style.text)


def test_every_template_compiles_and_names_no_foreign_address():
    for name in environment().list_templates():
        environment().get_template(name)
        source = environment().loader.get_source(environment(), name)[0]
        assert not re.search(r'(src|href)="(https?:)?//', source), name

"""Who gets to which page, and how strangers and the wrong roles are told no."""

import re

import pytest

from shared.permission import ROLES
from tests.backend.console.addresses import addresses


async def test_a_stranger_is_sent_to_the_sign_in_page(stranger, facts, people):
    for path in addresses(facts, people):
        answer = await stranger.client.get(path, follow_redirects=False)
        assert (answer.status_code, answer.headers.get("location")) == (303, "/console/sign-in"), path


async def test_a_stranger_in_htmx_is_sent_there_by_a_header(stranger, facts):
    answer = await stranger.get("/console/customers", **{"HX-Request": "true"})
    assert answer.headers["hx-redirect"] == "/console/sign-in"


@pytest.mark.parametrize("role", sorted(ROLES))
async def test_a_role_sees_its_pages_and_is_refused_the_others(as_, facts, people, role):
    browser = await as_(role)
    for path, permission in addresses(facts, people).items():
        answer = await browser.get(path)
        expected = 200 if not permission or permission in ROLES[role] else 403
        assert answer.status_code == expected, (path, answer.text[:300])
        assert answer.headers["content-type"].startswith("text/html"), path


@pytest.mark.parametrize("role", sorted(ROLES))
async def test_the_navigation_leads_only_where_the_role_may_go(as_, facts, role):
    browser = await as_(role)
    page = await browser.get("/console")
    places = re.findall(r'<a href="(/console[^"]*)"', re.search(r"<nav.*?</nav>", page.text, re.DOTALL)[0])
    assert len(places) > 3
    for place in places:
        assert (await browser.get(place)).status_code == 200, place


async def test_a_salesperson_sees_no_other_salespersons_facts(as_, facts):
    browser = await as_("other_salesperson")
    assert "杭州大华超市" not in (await browser.get("/console/customers")).text
    assert "杭州大华超市" not in (await browser.get("/console/collections")).text
    assert "杭州大华超市" not in (await browser.get("/console/search?q=C001")).text
    for path in (f"customers/{facts.customer}", f"invoices/{facts.invoices[0]}", f"collections/{facts.cash}"):
        assert (await browser.get(f"/console/{path}")).status_code == 404


@pytest.mark.parametrize("path", ["/console/nowhere", "/console/customers/x", "/console/collections/%00"])
async def test_an_address_that_leads_nowhere_is_a_page_that_says_so(as_, facts, path):
    answer = await (await as_("admin")).get(path)
    assert answer.status_code in (400, 404)
    assert "<html" in answer.text


async def test_an_id_that_is_no_id_is_never_a_server_error(as_, facts):
    for role in ("admin", "reconciler", "supervisor"):
        browser = await as_(role)
        for path in (
            "customers",
            "invoices",
            "collections",
            "bank",
            "matching",
            "incentive",
            "imports/done",
            "imports",
        ):
            answer = await browser.get(f"/console/{path}/" + "x" * 300)
            assert answer.status_code < 500, (path, answer.text[:2000])
        for path in (
            "customers?after=%F0%9F",
            "collections?after=9.9&from=x&to=2026-99-99",
            "audit?after=-1.x",
            "invoices?after=x",
        ):
            assert (await browser.get(f"/console/{path}")).status_code < 500, path

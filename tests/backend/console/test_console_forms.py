"""What the console's forms change, what they ask first, and what they refuse."""

import re

import pytest

from backend.approval import queries as approval_queries
from backend.auth import queries as auth
from backend.bank import queries as bank_queries
from backend.collection import queries as collections
from backend.company.service import company as company_of
from backend.custody import queries as custody
from backend.customer import queries as customers
from backend.incentive import queries as incentive
from backend.matching import queries as matching
from tests import builders


async def test_a_wrong_password_is_told_and_opens_nothing(stranger, people):
    answer = await stranger.sign_in("wangfang", "wrong")
    assert answer.status_code == 401
    assert "User name or password is wrong." in answer.text
    assert (await stranger.client.get("/console", follow_redirects=False)).status_code == 303


async def test_signing_out_ends_the_session(as_, facts):
    browser = await as_("supervisor")
    cookie = browser.client.cookies["fieldtill_console"]
    await browser.post("/console/sign-out")
    browser.client.cookies.set("fieldtill_console", cookie, domain="localhost.local", path="/console")
    assert (await browser.client.get("/console", follow_redirects=False)).status_code == 303


async def test_the_session_cookie_is_out_of_reach_of_scripts_and_other_sites(stranger, people):
    answer = await stranger.sign_in("wangfang")
    cookie = next(c for c in answer.headers.get_list("set-cookie") if c.startswith("fieldtill_console="))
    assert "httponly" in cookie.lower()
    assert "samesite=lax" in cookie.lower()


@pytest.mark.parametrize("token", ["", "0" * 64, "é"])
async def test_a_form_without_the_pages_token_is_refused_and_changes_nothing(as_, facts, database, token):
    browser = await as_("supervisor")
    answer = await browser.post(f"/console/approvals/collection/{facts.cash}", {"decision": "approved"}, token=token)
    assert answer.status_code == 403
    assert "too old" in answer.text
    async with database.reading() as reader:
        assert await approval_queries.decision(reader, "collection", facts.cash) is None


async def test_another_visits_token_is_refused(as_, facts):
    mine, theirs = await as_("supervisor"), await as_("other_supervisor")
    token = re.search(r'name="csrf" value="([0-9a-f]{64})"', (await theirs.get("/console")).text)[1]
    answer = await mine.post(f"/console/approvals/collection/{facts.cash}", {"decision": "approved"}, token=token)
    assert answer.status_code == 403


async def test_every_write_of_the_console_refuses_a_missing_token(as_, facts, console_app):
    browser = await as_("admin")
    writes = [
        route.path for route in console_app.routes if route.path.startswith("/console") and "POST" in route.methods
    ]
    assert len(writes) > 20
    for path in writes:
        filled = re.sub(r"{[^}]+}", "x", path)
        answer = await browser.client.post(filled, data={}, follow_redirects=False)
        assert answer.status_code == 403, path


async def test_no_page_allows_foreign_or_inline_scripts(as_, facts):
    answer = await (await as_("supervisor")).get("/console")
    policy = answer.headers["content-security-policy"]
    assert "script-src 'self'" in policy
    assert "unsafe" not in policy
    assert not re.search(r"<script(?![^>]*src=)|\son\w+=|style=", answer.text)


async def test_approving_on_the_page_approves(as_, facts, database, people):
    browser = await as_("supervisor")
    page = await browser.get("/console/approvals")
    assert "Approve ¥1,000.00" in page.text
    answer = await browser.post(f"/console/approvals/collection/{facts.cash}", {"decision": "approved"})
    assert "Approved." in answer.text
    async with database.reading() as reader:
        decision = await approval_queries.decision(reader, "collection", facts.cash)
    assert (decision.decision, decision.decided_by) == ("approved", people.supervisor.user_id)


async def test_rejecting_needs_a_reason(as_, facts, database):
    browser = await as_("supervisor")
    path = f"/console/approvals/collection/{facts.cash}"
    assert (await browser.post(path, {"decision": "rejected"})).status_code == 422
    await browser.post(path, {"decision": "rejected", "reason": "slip and amount differ"})
    async with database.reading() as reader:
        assert (await collections.standings(reader, [facts.cash]))[facts.cash].decision == "rejected"


async def test_deciding_twice_is_a_conflict_page_and_in_htmx_a_note(as_, facts):
    browser = await as_("supervisor")
    path = f"/console/approvals/collection/{facts.cash}"
    await browser.post(path, {"decision": "approved"})
    page = await browser.post(path, {"decision": "approved"})
    assert (page.status_code, "<html" in page.text) == (409, True)
    note = await browser.post(path, {"decision": "approved"}, **{"HX-Request": "true"})
    assert (note.status_code, note.headers["hx-retarget"], "<html" in note.text) == (409, "#toasts", False)


async def test_the_bulk_step_names_the_sum_and_leaves_exceptions_out(as_, facts, database):
    browser = await as_("supervisor")
    page = await browser.get("/console/approvals")
    ticked = re.findall(r'name="subject" value="([^"]+)"[^>]* checked', page.text)
    assert ticked == [f"collection:{facts.cash}", f"collection:{facts.claim}"]  # the cheque is on no invoice: unusual
    preview = await browser.post("/console/approvals/preview", {"subject": ticked})
    assert "Approve ¥1,350.00" in preview.text
    assert "1 is left out and keeps waiting." in preview.text
    done = await browser.post("/console/approvals/many", {"subject": ticked})
    assert "2 were approved." in done.text
    async with database.reading() as reader:
        standing = await collections.standings(reader, [facts.cash, facts.claim, facts.cheque])
    assert [standing[one].decision for one in (facts.cash, facts.claim, facts.cheque)] == ["approved", "approved", ""]


async def test_an_approved_void_leaves_the_givers_hands(as_, facts, database, ask_void, people):
    request = await ask_void(facts.cheque)
    browser = await as_("supervisor")
    assert "wrong customer" in (await browser.get("/console/approvals")).text
    await browser.post(f"/console/approvals/void/{request}", {"decision": "approved"})
    async with database.reading() as reader:
        assert await custody.held_of(reader, facts.cheque) == {}
    assert "Voided" in (await browser.get(f"/console/collections/{facts.cheque}")).text


async def test_a_count_shows_the_difference_before_it_is_confirmed(as_, facts, database, give, people):
    await give()
    browser = await as_("cashier")
    assert "Li Na" in (await browser.get("/console/money")).text
    counted = {"code": "482913", "counted": "990.00"}
    preview = await browser.post("/console/money/receive/preview", counted)
    assert "-¥10.00" in preview.text
    async with database.reading() as reader:
        assert [h.holder_id for h in await custody.holdings(reader, people.cashier.user_id)] == []
    await browser.post("/console/money/receive", {**counted, "currency": "CNY"})
    async with database.reading() as reader:
        assert [h.amount_minor for h in await custody.holdings(reader, people.cashier.user_id)] == [99_000]


async def test_a_wrong_pairing_code_is_refused(as_, facts, give):
    await give()
    answer = await (await as_("cashier")).post("/console/money/receive/preview", {"code": "000000", "counted": "1"})
    assert answer.status_code == 404


async def test_a_hand_over_is_refused_on_the_page_with_a_reason(as_, facts, database, give, people):
    await give()
    browser = await as_("cashier")
    page = (await browser.get("/console/money")).text
    assert "Refuse the hand-over" in page
    one = re.search(r'action="/console/money/refuse".*?name="id" value="([^"]+)"', page, re.DOTALL)[1]
    answer = await browser.post("/console/money/refuse", {"id": one, "reason": " "})
    assert answer.status_code == 422
    answer = await browser.post("/console/money/refuse", {"id": one, "reason": "<typed> twice"})
    assert "The hand-over is refused." in answer.text
    assert "Refuse the hand-over" not in answer.text
    assert "&lt;typed&gt; twice" in answer.text
    async with database.reading() as reader:
        assert await custody.hand_overs(reader, awaiting=True) == []
        assert await custody.awaiting_minor(reader, people.salesperson.user_id, "cash", "CNY") == 0


async def test_only_who_receives_may_refuse_a_hand_over_on_the_page(as_, facts, database, give):
    await give()
    answer = await (await as_("auditor")).post("/console/money/refuse", {"id": "x", "reason": "no"})
    assert answer.status_code == 403
    async with database.reading() as reader:
        assert len(await custody.hand_overs(reader, awaiting=True)) == 1


async def test_a_deposit_is_recorded_from_the_cashiers_hands(as_, facts, database, give, people):
    await give()
    browser = await as_("cashier")
    await browser.post("/console/money/receive", {"code": "482913", "counted": "1000", "currency": "CNY"})
    fields = {
        "held": "cash:CNY",
        "amount": "１,０００.00",
        "account": facts.account,
        "on": "2026-03-02",
        "slip": "S-77",
    }
    answer = await browser.post("/console/money/deposit", fields)
    assert "The deposit of ¥1,000.00 is recorded." in answer.text
    async with database.reading() as reader:
        (state,) = await custody.deposits(reader)
    assert (state.deposit.amount_minor, state.deposit.holder_id) == (100_000, people.cashier.user_id)


async def test_a_statement_is_previewed_then_imported_and_matched(as_, facts, database, give, statement):
    await give()
    cashier = await as_("cashier")
    await cashier.post("/console/money/receive", {"code": "482913", "counted": "1000", "currency": "CNY"})
    fields = {"held": "cash:CNY", "amount": "1000", "account": facts.account, "on": "2026-03-02", "slip": "S-77"}
    await cashier.post("/console/money/deposit", fields)
    browser = await as_("reconciler")
    files = {"file": ("march.csv", statement.content, "text/csv")}
    preview = await browser.post(f"/console/bank/{facts.account}/preview", {"mapping": statement.mapping}, files=files)
    assert preview.status_code == 200, preview.text[:500]
    assert "Import 2 lines" in preview.text
    async with database.reading() as reader:
        assert await bank_queries.lines(reader) == []
    kept = {name: re.search(rf'name="{name}" value="([^"]*)"', preview.text)[1] for name in ("file_kept", "file_name")}
    done = await browser.post(f"/console/bank/{facts.account}/import", {**kept, "mapping": statement.mapping})
    assert "2 new lines" in done.text
    async with database.reading() as reader:
        assert (await matching.counts(reader))[0] >= 1
    again = await browser.post(f"/console/bank/{facts.account}/preview", {"mapping": statement.mapping}, files=files)
    assert "Import 0 lines" in again.text


async def test_unmatching_names_what_stands_on_the_match_and_takes_it_back(as_, facts, database, money_in, people):
    run = await money_in()
    async with database.reading() as reader:
        found = {one.expected_kind: one for one in [(await matching.match(reader, m)).match for m in run.confirmed]}
        before = await incentive.totals(reader, people.salesperson.user_id)
    assert before
    browser = await as_("reconciler")
    match = found["deposit"]
    page = await browser.get(f"/console/matching/{match.line_id}")
    assert "Undo the match of ¥1,000.00" in page.text
    assert "A00-000001" in page.text
    await browser.post("/console/matching/unmatch", {"match": match.id, "reason": "other customer"})
    async with database.reading() as reader:
        assert sum(amount for *_rest, amount in await incentive.totals(reader, people.salesperson.user_id)) == 0
    candidate = await browser.get(f"/console/matching/{match.line_id}")
    assert "Match ¥1,000.00" in candidate.text
    fields = {"line": match.line_id, "kind": "deposit", "expected": match.expected_id}
    assert "Matched." in (await browser.post("/console/matching/confirm", fields)).text


async def test_customers_are_previewed_then_imported_with_the_bad_row_named(as_, facts, database):
    browser = await as_("admin")
    content = "客户编号,客户名称\nN1,新客户\n,没有编号\n".encode()
    files = {"file": ("客户.csv", content, "text/csv")}
    preview = await browser.post("/console/imports/customers/preview", {}, files=files)
    assert preview.status_code == 200, preview.text[:500]
    async with database.reading() as reader:
        assert await customers.by_numbers(reader, ["N1"]) == {}
    kept = {name: re.search(rf'name="{name}" value="([^"]*)"', preview.text)[1] for name in ("file_kept", "file_name")}
    done = await browser.post("/console/imports/customers", kept)
    assert "1 new, 0 known, 1 refused." in done.text
    async with database.reading() as reader:
        assert set(await customers.by_numbers(reader, ["N1"])) == {"N1"}


@pytest.mark.parametrize("kept", ["", "!!", "eJwDAAAAAAE=", "A" * 1000])
async def test_a_preview_that_was_tampered_with_is_refused(as_, facts, kept):
    fields = {"file_kept": kept, "file_name": "x.csv"}
    answer = await (await as_("admin")).post("/console/imports/customers", fields)
    assert answer.status_code == 422


async def test_an_enrolment_code_is_shown_once_with_its_picture(as_, facts, people):
    browser = await as_("admin")
    answer = await browser.post("/console/devices/code", {"user": people.salesperson.user_id})
    code = re.search(r'class="code">([^<]+)<', answer.text)[1].replace(" ", "")
    assert len(code) == 10
    assert "<svg" in answer.text
    assert code not in (await browser.get("/console/devices")).text


async def test_a_phone_is_revoked_and_a_user_added_switched_off_and_on(as_, facts, database):
    browser = await as_("admin")
    await browser.post(f"/console/devices/{facts.device}/revoke")
    assert "Revoked" in (await browser.get("/console/devices")).text
    fields = {
        "login": "newone",
        "name": "New One",
        "role": "cashier",
        "language": "zh_CN",
        "password": builders.PASSWORD,
    }
    assert "New One was added." in (await browser.post("/console/users", fields)).text
    async with database.reading() as reader:
        person = await auth.user_by_login(reader, "newone")
    await browser.post(f"/console/users/{person.id}/disable")
    async with database.reading() as reader:
        assert not (await auth.user_by_login(reader, "newone")).active
    await browser.post(f"/console/users/{person.id}/enable")
    async with database.reading() as reader:
        assert (await auth.user_by_login(reader, "newone")).active


@pytest.mark.parametrize(
    ("key", "value", "field", "wanted"),
    [
        ("name", "东海食品", "name", "东海食品"),
        ("carry_limit_minor", "12,345.60", "carry_limit_minor", 1_234_560),
        ("methods", ["cash", "code"], "methods", ("cash", "code")),
        (
            "paycode",
            "scheme = paylink\nurl = https://pay.example/c",
            "paycode",
            {"scheme": "paylink", "url": "https://pay.example/c"},
        ),
    ],
)
async def test_a_setting_is_changed(as_, facts, database, *, key, value, field, wanted):
    await (await as_("admin")).post("/console/settings", {"key": key, "value": value})
    async with database.reading() as reader:
        assert getattr(await company_of(reader), field) == wanted


async def test_a_plan_version_is_added_with_rates_in_per_cent(as_, facts, database):
    fields = {
        "valid_from": "2026-04-01",
        "currency": "CNY",
        "rate": "1.25%",
        "on_time": "0.5",
        "target": "0",
        "target_bonus": "0",
    }
    await (await as_("admin")).post("/console/incentive/plans", fields)
    async with database.reading() as reader:
        assert [(plan.rate_bp, plan.on_time_bp) for plan in await incentive.plans(reader)] == [(150, 50), (125, 50)]


async def test_a_customer_is_added_and_given_away(as_, facts, database, people):
    browser = await as_("credit")
    assert "was added" in (await browser.post("/console/customers", {"number": "C9", "name": "Neu"})).text
    supervisor = await as_("supervisor")
    fields = {"salesperson": people.other_salesperson.user_id}
    await supervisor.post(f"/console/customers/{facts.customer}/reassign", fields)
    async with database.reading() as reader:
        assert (await customers.customer(reader, facts.customer)).salesperson_id == people.other_salesperson.user_id

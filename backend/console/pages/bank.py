"""Bank: the company's accounts, their lines, and statements brought in from files after a preview."""

from __future__ import annotations

from typing import Any

from litestar import Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath
from sqlalchemy.ext.asyncio import AsyncSession

from backend.auth.actor import Actor
from backend.bank import queries, service
from backend.console.form import Form, keep
from backend.console.view import View
from backend.export import every
from backend.guards import requires
from backend.importing import mapping as mappings
from backend.importing.mapping import Mapping
from backend.matching import service as matching
from shared.clock import Clock
from shared.language import N_, _
from shared.money import decimal_text
from shared.refusal import Refused

LIMIT = 50
HEADS = (
    *(
        N_("Booked on"),
        N_("Currency"),
        N_("Amount"),
        N_("Counterparty"),
        N_("Account"),
        N_("Bank reference"),
        N_("Text"),
    ),
    N_("Matched"),
)


@get("/bank", name="console.bank", guards=[requires("bank.view")])
async def accounts(view: NamedDependency[View], reader: NamedDependency[AsyncSession]) -> Response[Any]:
    """List accounts with their balance and what is unidentified, and the latest imports."""
    found, imports = await queries.accounts(reader), await queries.imports(reader, limit=20)
    return view.show("bank.html", accounts=found, balances=await queries.balances(reader), imports=imports)


@get("/bank/{account_id:str}", name="console.bank.lines", guards=[requires("bank.view")])
async def lines(
    view: NamedDependency[View], reader: NamedDependency[AsyncSession], account_id: FromPath[str]
) -> Response[Any]:
    """List the lines of an account; ``open=1`` keeps those not matched, ``format=csv`` sends them."""
    account = await queries.account(reader, account_id)
    if account is None:
        raise Refused("bank_account_not_found")
    asked = {"open": view.asked("open"), "import": view.asked("import")}
    options: dict[str, Any] = {"account_id": account_id, "import_id": asked["import"]}

    async def page(after: str, limit: int) -> Any:
        return await queries.lines(reader, **options, only_open=bool(asked["open"]), after=after, limit=limit)

    if view.wants_csv:
        found = await every(page, lambda row: row[0].id, "")
        return view.export("bank", [_(head) for head in HEADS], (_cells(line, match) for line, match in found))
    rows = await page(view.asked("after"), LIMIT + 1)
    return view.show("bank_lines.html", account=account, rows=rows[:LIMIT], more=len(rows) > LIMIT, asked=asked)


def _cells(line: Any, match_id: str | None) -> list[object]:
    amount = decimal_text(line.amount_minor, line.currency)
    about = [line.counterparty_name, line.counterparty_account, line.reference, line.text]
    return [line.booked_on, line.currency, amount, *about, "1" if match_id else ""]


@post("/bank", name="console.bank.add", status_code=303, guards=[requires("setting.edit")])
async def add(
    view: NamedDependency[View],
    form: NamedDependency[Form],
    session: NamedDependency[AsyncSession],
    actor: NamedDependency[Actor],
    clock: NamedDependency[Clock],
) -> Response[Any]:
    """Add one of the company's accounts."""
    name, number, currency = (form.text(field) for field in ("name", "number", "currency"))
    await service.add_account(session, actor, clock, name=name, number=number, currency=currency)
    return view.go("/console/bank", _("%(name)s was added.", name=name))


@post("/bank/{account_id:str}/preview", name="console.bank.preview", status_code=200, guards=[requires("bank.import")])
async def preview(
    view: NamedDependency[View],
    form: NamedDependency[Form],
    reader: NamedDependency[AsyncSession],
    account_id: FromPath[str],
) -> Response[Any]:
    """Say which lines of a file are new, known or unreadable; nothing is written."""
    name, content = await form.file("file")
    mapping = _mapping(form)
    outcome = await service.preview_file(
        reader, view.actor, account_id=account_id, file_name=name, content=content, mapping=mapping
    )
    text = mappings.to_text(mapping) if mapping else ""
    account = await queries.account(reader, account_id)
    return view.show("bank_preview.html", account=account, outcome=outcome, kept=keep(content), mapping=text)


@post("/bank/{account_id:str}/import", name="console.bank.import", status_code=303, guards=[requires("bank.import")])
async def bring_in(
    *,
    view: NamedDependency[View],
    form: NamedDependency[Form],
    session: NamedDependency[AsyncSession],
    actor: NamedDependency[Actor],
    clock: NamedDependency[Clock],
    account_id: FromPath[str],
) -> Response[Any]:
    """Import what was previewed, keep how it was read, and match what is unambiguous."""
    name, content = await form.file("file")
    mapping = _mapping(form)
    if mapping:
        await service.save_profile(session, actor, clock, account_id=account_id, mapping=mapping)
    outcome = await service.import_file(
        session, actor, clock, account_id=account_id, file_name=name, content=content, mapping=mapping
    )
    run = await matching.run(session, actor, clock, account_id)
    counts = {"new": outcome.new_count, "matched": len(run.confirmed), "proposed": run.proposed_count}
    said = _("%(new)s new lines, %(matched)s matched at once, %(proposed)s to review.", **counts)
    return view.go(f"/console/bank/{account_id}", said)


def _mapping(form: Form) -> Mapping | None:
    """Return the mapping that the form gives; None: the account's saved one, or usual names."""
    text = form.text("mapping", longest=20_000)
    return mappings.from_text(text, "bank", toml=not text.startswith("{")) if text else None


PAGES = [accounts, lines, add, preview, bring_in]

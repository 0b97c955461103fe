"""Bank accounts and statements under /api."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import msgspec
from litestar import Controller, Response, get, post
from litestar.datastructures import UploadFile
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery, JSONBody, MultipartBody
from sqlalchemy.ext.asyncio import AsyncSession

from backend.auth.actor import Actor
from backend.bank import queries, service
from backend.bank.service import StatementOutcome
from backend.bank.tables import BankLineRecord
from backend.bounds import IdText, NameText, PageLimit, WordText
from backend.export import csv_response
from backend.guards import requires
from backend.importing import mapping as mappings
from backend.importing.controller import RefusedRow, refused_rows
from shared.clock import Clock
from shared.money import decimal_text


class AccountRow(msgspec.Struct, frozen=True):
    """One of the company's accounts: imported balance, and the part of it not yet identified."""

    id: str
    name: str
    number: str
    currency: str
    balance_minor: int
    unidentified_minor: int


class AccountBody(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """An account to add."""

    name: NameText
    number: WordText
    currency: WordText


class LineRow(msgspec.Struct, frozen=True):
    """A statement line; ``match_id`` is the match in force, if any."""

    id: str
    account_id: str
    import_id: str
    booked_on: date
    value_on: date
    amount_minor: int
    currency: str
    counterparty_name: str
    counterparty_account: str
    reference: str
    text: str
    bank_id: str
    balance_after_minor: int | None
    raw: str
    match_id: str | None


class StatementAnswer(msgspec.Struct, frozen=True):
    """What a statement file holds and what became of it; ``import_id`` is empty for a preview."""

    import_id: str
    new_count: int
    known_count: int
    ignored_count: int
    unreadable: list[RefusedRow]
    sample: list[dict[str, str]]


@dataclass
class StatementUpload:
    """A statement file, and the mapping (JSON) that reads it; without one the account's saved or the usual one."""

    file: UploadFile
    mapping: str = ""


class BankAccounts(Controller):
    """Accounts, statement files and lines."""

    path = "/api/bank"
    tags = ["bank"]

    @get("/accounts", guards=[requires("bank.view")])
    async def accounts(self, reader: NamedDependency[AsyncSession]) -> list[AccountRow]:
        """List the company's accounts."""
        sums = await queries.balances(reader)
        return [
            AccountRow(one.id, one.name, one.number, one.currency, *sums.get(one.id, (0, 0)))
            for one in await queries.accounts(reader)
        ]

    @post("/accounts", guards=[requires("setting.edit")])
    async def add_account(
        self,
        session: NamedDependency[AsyncSession],
        actor: NamedDependency[Actor],
        clock: NamedDependency[Clock],
        data: JSONBody[AccountBody],
    ) -> dict[str, str]:
        """Add an account."""
        return {"id": await service.add_account(session, actor, clock, **msgspec.structs.asdict(data))}

    @post("/accounts/{account_id:str}/preview", guards=[requires("bank.import")], status_code=200)
    async def preview(
        self,
        reader: NamedDependency[AsyncSession],
        actor: NamedDependency[Actor],
        account_id: FromPath[IdText],
        data: MultipartBody[StatementUpload],
    ) -> StatementAnswer:
        """Say what importing a statement would add; nothing is written."""
        return answer(
            await service.preview_file(
                reader,
                actor,
                account_id=account_id,
                file_name=data.file.filename[:200],
                content=await data.file.read(),
                mapping=mappings.from_text(data.mapping, "bank") if data.mapping else None,
            )
        )

    @post("/accounts/{account_id:str}/statements", guards=[requires("bank.import")])
    async def import_statement(
        self,
        session: NamedDependency[AsyncSession],
        actor: NamedDependency[Actor],
        clock: NamedDependency[Clock],
        account_id: FromPath[IdText],
        data: MultipartBody[StatementUpload],
    ) -> StatementAnswer:
        """Import a statement; lines that are there already add nothing."""
        return answer(
            await service.import_file(
                session,
                actor,
                clock,
                account_id=account_id,
                file_name=data.file.filename[:200],
                content=await data.file.read(),
                mapping=mappings.from_text(data.mapping, "bank") if data.mapping else None,
            )
        )

    @get("/lines", guards=[requires("bank.view")])
    async def lines(
        self,
        *,
        reader: NamedDependency[AsyncSession],
        account_id: FromQuery[WordText] = "",
        only_open: FromQuery[bool] = False,
        after: FromQuery[WordText] = "",
        limit: FromQuery[PageLimit] = 50,
    ) -> list[LineRow]:
        """List lines by booking date, newest first; the next page is asked for with the last id as ``after``."""
        found = await queries.lines(reader, account_id=account_id, only_open=only_open, after=after, limit=limit)
        return [line_row(record, match_id) for record, match_id in found]

    @get("/lines/export", guards=[requires("bank.view")], media_type="text/csv")
    async def export(
        self, reader: NamedDependency[AsyncSession], account_id: FromQuery[WordText] = ""
    ) -> Response[bytes]:
        """Export lines as CSV."""
        found = await queries.lines(reader, account_id=account_id, limit=100_000)
        header = ["booked", "value", "currency", "amount", "counterparty", "account", "reference", "text", "bank_id"]
        return csv_response("bank_lines", [*header, "match"], [_csv_row(*one) for one in found])


def answer(outcome: StatementOutcome) -> StatementAnswer:
    """Return what became of a statement as the API says it, with the first lines as they were understood."""
    sample = [
        {name: str(getattr(line, name) if getattr(line, name) is not None else "") for name in line.__slots__}
        for line in outcome.statement.lines[:20]
    ]
    return StatementAnswer(
        outcome.import_id,
        outcome.new_count,
        outcome.known_count,
        outcome.statement.ignored_count,
        refused_rows(outcome.statement.unreadable),
        sample,
    )


def line_row(record: BankLineRecord, match_id: str | None) -> LineRow:
    """Return a line as the API lists it."""
    names = [name for name in LineRow.__struct_fields__ if name != "match_id"]
    return LineRow(**{name: getattr(record, name) for name in names}, match_id=match_id)


def _csv_row(record: BankLineRecord, match_id: str | None) -> list[object]:
    return [
        *(record.booked_on, record.value_on, record.currency, decimal_text(record.amount_minor, record.currency)),
        *(record.counterparty_name, record.counterparty_account, record.reference, record.text, record.bank_id),
        match_id or "",
    ]


ROUTES = [BankAccounts]

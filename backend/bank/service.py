"""The company's bank accounts, and importing what the bank says happened on them."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy.exc import IntegrityError

from backend.audit import service as audit
from backend.bank import formats, queries
from backend.bank.fingerprint import with_occurrence
from backend.bank.line import StatementLine
from backend.bank.tables import BankAccount, BankImport
from backend.importing import mapping as mappings
from backend.importing import queries as importing
from backend.importing.tables import ImportMapping
from backend.ledger import service as ledger
from backend.sync.feed import touch
from shared import ledger as rules
from shared.clock import Clock, to_ms
from shared.ident import uuid7
from shared.money import exponent
from shared.refusal import Refused

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy.ext.asyncio import AsyncSession

    from backend.auth.actor import Actor
    from backend.bank.line import Statement
    from backend.importing.mapping import Mapping
    from backend.importing.outcome import Progress

CHUNK = 500
_SHORTEST = 6
_NOT_KEPT = {"line", "account", "pending"}
Counted = tuple[StatementLine, str, int]  # a line, its fingerprint, how many equal ones stood before it


@dataclass(frozen=True, slots=True)
class StatementOutcome:
    """What an import did or, with an empty ``import_id``, would do."""

    account_id: str
    file_name: str
    import_id: str
    statement: Statement
    new: tuple[StatementLine, ...]
    known_count: int

    @property
    def new_count(self) -> int:
        """Lines that no earlier file had."""
        return len(self.new)

    @property
    def unreadable_count(self) -> int:
        """Lines that could not be read."""
        return len(self.statement.unreadable)


async def add_account(
    session: AsyncSession, actor: Actor, clock: Clock, *, name: str, number: str, currency: str
) -> str:
    """Add one of the company's accounts and return its id; phones learn of it as a place to deposit.

    Refuses ``row_value_missing``, ``value_too_long``, ``currency_unknown`` and ``bank_account_exists``.
    """
    actor.require("setting.edit")
    exponent(currency)
    for column, value, length in (("name", name, 200), ("number", number, 40)):
        if not value.strip():
            raise Refused("row_value_missing", column=column)
        if len(value) > length:
            raise Refused("value_too_long", column=column, length=length)
    record = BankAccount(
        id=uuid7(to_ms(clock.now())),
        name=name.strip(),
        number=number.strip(),
        currency=currency,
        created_at_ms=to_ms(clock.now()),
    )
    session.add(record)
    audit.record(session, actor, clock, "setting.edit", "bank_account", record.id, number=record.number)
    touch(session, "company", "company")
    try:
        await session.flush()
    except IntegrityError:
        raise Refused("bank_account_exists", number=number[:40]) from None
    return record.id


async def preview_file(
    reader: AsyncSession,
    actor: Actor,
    *,
    account_id: str,
    file_name: str,
    content: bytes,
    mapping: Mapping | None = None,
) -> StatementOutcome:
    """Say which lines an import would add; writes nothing."""
    actor.require("bank.import")
    account = await queries.account(reader, account_id)
    if account is None:
        raise Refused("bank_account_not_found")
    outcome, _fresh, _mapping = await _compare(reader, account, file_name, content, mapping)
    return outcome


async def import_file(
    session: AsyncSession,
    actor: Actor,
    clock: Clock,
    *,
    account_id: str,
    file_name: str,
    content: bytes,
    mapping: Mapping | None = None,
    progress: Progress | None = None,
) -> StatementOutcome:
    """Add a statement's new lines and post each; lines of an earlier, overlapping file add nothing.

    ``mapping`` None takes the account's saved one, else the usual names of columns. Refuses
    ``bank_account_not_found`` and, for the whole file, what ``formats.extract`` refuses and
    ``statement_other_account``.
    """
    actor.require("bank.import")
    account = await queries.account(session, account_id, lock=True)
    if account is None:
        raise Refused("bank_account_not_found")
    outcome, fresh, used = await _compare(session, account, file_name, content, mapping)
    record = _import_record(actor, clock, outcome, content, used)
    session.add(record)
    await session.flush()
    await _put_lines(session, clock, record, fresh, progress)
    audit.record(
        session,
        actor,
        clock,
        "bank.import",
        "bank_import",
        record.id,
        account=account.number,
        file_name=record.file_name,
        new=record.new_count,
        known=record.known_count,
        unreadable=record.unreadable_count,
    )
    await session.flush()
    return StatementOutcome(account.id, file_name, record.id, outcome.statement, outcome.new, outcome.known_count)


def _import_record(
    actor: Actor, clock: Clock, outcome: StatementOutcome, content: bytes, mapping: Mapping
) -> BankImport:
    now_ms = to_ms(clock.now())
    return BankImport(
        id=uuid7(now_ms),
        account_id=outcome.account_id,
        file_name=outcome.file_name[:200],
        file_hash=hashlib.sha256(content).hexdigest(),
        mapping=mappings.to_text(mapping),
        imported_by=actor.user_id,
        imported_at_ms=now_ms,
        new_count=outcome.new_count,
        known_count=outcome.known_count,
        unreadable_count=outcome.unreadable_count,
    )


async def _put_lines(
    session: AsyncSession, clock: Clock, record: BankImport, fresh: Sequence[Counted], progress: Progress | None
) -> None:
    """Write and post new lines some hundred at a time; the order of their ids is that of the file."""
    now_ms = to_ms(clock.now())
    ids = sorted(uuid7(now_ms) for _line in fresh)
    for start in range(0, len(fresh), CHUNK):
        chunk = slice(start, start + CHUNK)
        rows = [_row(record, line_id, counted) for line_id, counted in zip(ids[chunk], fresh[chunk], strict=True)]
        await queries.insert_lines(session, rows)
        facts = [
            ledger.Fact(
                "bank_line",
                row["id"],
                row["booked_on"],
                rules.bank_line(record.account_id, row["currency"], row["amount_minor"]),
            )
            for row in rows
        ]
        await ledger.post_many(session, clock, facts)
        if progress:
            progress(start + len(rows), len(fresh))


def _row(record: BankImport, line_id: str, counted: Counted) -> dict[str, Any]:
    line, mark, occurrence = counted
    return {
        "account_id": record.account_id,
        "id": line_id,
        "import_id": record.id,
        **{name: getattr(line, name) for name in StatementLine.__slots__ if name not in _NOT_KEPT},
        "fingerprint": mark,
        "occurrence": occurrence,
        "created_at_ms": record.imported_at_ms,
    }


async def _compare(
    session: AsyncSession, account: BankAccount, file_name: str, content: bytes, mapping: Mapping | None
) -> tuple[StatementOutcome, list[Counted], Mapping]:
    """Read a file and tell new lines from known ones."""
    statement, used = await _read(session, account, file_name, content, mapping)
    statement.lines = _bookings(statement, account.number)
    counted = with_occurrence(account.id, statement.lines)
    known = await queries.known(session, account.id, [mark for _line, mark, _occurrence in counted])
    fresh = [one for one in counted if (one[1], one[2]) not in known]
    outcome = StatementOutcome(
        account.id, file_name, "", statement, tuple(line for line, _m, _o in fresh), len(counted) - len(fresh)
    )
    return outcome, fresh, used


def _bookings(statement: Statement, number: str) -> list[StatementLine]:
    """Return the lines that move money on an account; those pending, of nothing, or of other accounts are ignored.

    Refuses ``statement_other_account`` when a file holds several accounts and none has the number.
    """
    named = sorted({line.account for line in statement.lines if line.account})
    of_account = {one for one in named if _is_same(one, number)}
    if len(named) > 1 and not of_account:
        raise Refused("statement_other_account", accounts=", ".join(named)[:200], number=number)
    kept = [
        line
        for line in statement.lines
        if line.amount_minor and not line.pending and (len(named) < 2 or not line.account or line.account in of_account)
    ]
    statement.ignored_count += len(statement.lines) - len(kept)
    return kept


def _is_same(one: str, other: str) -> bool:
    """Say whether two writings of an account's number are of the same account: one may have bank or country before."""
    short, long = sorted(("".join(filter(str.isalnum, text)).upper() for text in (one, other)), key=len)
    return long == short or (len(short) >= _SHORTEST and long.endswith(short))


async def _read(
    session: AsyncSession, account: BankAccount, file_name: str, content: bytes, mapping: Mapping | None
) -> tuple[Statement, Mapping]:
    """Read a file with the mapping given, else the account's own; a file of other columns by the usual names."""
    usual = mappings.usual("bank")
    saved = None if mapping else await importing.mapping(session, "bank", account.number)
    used = mapping or (mappings.from_text(saved.body, "bank") if saved else usual)
    mappings.checked(used, "bank")
    try:
        return formats.extract(content, file_name, used, account.currency), used
    except Refused as refusal:
        if saved is None or refusal.code != "column_missing":
            raise
        try:
            return formats.extract(content, file_name, usual, account.currency), usual
        except Refused:
            raise refusal from None


async def save_profile(session: AsyncSession, actor: Actor, clock: Clock, *, account_id: str, mapping: Mapping) -> None:
    """Keep the mapping that reads an account's files; refuses ``bank_account_not_found`` and ``mapping_invalid``."""
    actor.require("bank.import")
    account = await queries.account(session, account_id)
    if account is None:
        raise Refused("bank_account_not_found")
    mappings.checked(mapping, "bank")
    record = await importing.mapping(session, "bank", account.number)
    if record is None:
        record = ImportMapping(kind="bank", name=account.number, body="", saved_by="", saved_at_ms=0)
        session.add(record)
    record.body, record.saved_by = mappings.to_text(mapping), actor.user_id
    record.saved_at_ms = to_ms(clock.now())
    audit.record(session, actor, clock, "bank.import", "bank_account", account.id, profile=True)
    await session.flush()

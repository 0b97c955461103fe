"""Customers from a file: read its rows, see what is new, write it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from backend.customer import queries, service
from backend.importing import reading
from backend.importing.outcome import ImportOutcome, Progress
from backend.importing.sheet import Row, Table, fields_of
from shared.money import MAX_MINOR
from shared.refusal import Refused

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncSession

    from backend.auth.actor import Actor
    from backend.customer.tables import CustomerRecord
    from backend.importing.mapping import Mapping
    from shared.clock import Clock

CHUNK = 500
_YES = {"1", "y", "yes", "true", "是", "冻结", "hold"}


@dataclass(frozen=True, slots=True)
class Draft:
    """One row that can be taken: the customer's fields, and who is to serve it (None: as it is)."""

    line: int
    values: dict[str, Any]
    salesperson_id: str | None


@dataclass(slots=True)
class Plan:
    """What the file would change."""

    outcome: ImportOutcome
    new: list[Draft] = field(default_factory=list)
    changed: list[tuple[Draft, CustomerRecord]] = field(default_factory=list)


async def plan(session: AsyncSession, table: Table, mapping: Mapping, currency: str, outcome: ImportOutcome) -> Plan:
    """Read every row and compare it with the customers we have; writes nothing."""
    people = await queries.people(session)
    drafts = [draft for row in table.rows if (draft := _draft(row, table, mapping, currency, people, outcome))]
    known = await queries.by_numbers(session, [draft.values["number"] for draft in drafts])
    made, seen = Plan(outcome), dict[str, Draft]()
    for draft in drafts:
        number = draft.values["number"]
        twin = seen.setdefault(number, draft)
        record = known.get(number)
        if twin is not draft:
            _take_twin(draft, twin, outcome)
        elif record is None:
            made.new.append(draft)
        elif _differs(draft, record):
            made.changed.append((draft, record))
        else:
            outcome.known_count += 1
    outcome.new_count, outcome.changed_count = len(made.new), len(made.changed)
    outcome.sample = [{key: str(value) for key, value in draft.values.items()} for draft in drafts[:20]]
    return made


def _take_twin(draft: Draft, twin: Draft, outcome: ImportOutcome) -> None:
    if (draft.values, draft.salesperson_id) == (twin.values, twin.salesperson_id):
        outcome.known_count += 1
    else:
        outcome.refuse(draft.line, Refused("row_twice", number=draft.values["number"]))


def _differs(draft: Draft, record: CustomerRecord) -> bool:
    given = draft.salesperson_id
    return any(getattr(record, name) != value for name, value in draft.values.items()) or (
        given is not None and given != record.salesperson_id
    )


def _draft(  # noqa: PLR0917 - one row and everything it is read with
    row: Row, table: Table, mapping: Mapping, currency: str, people: dict[str, str], outcome: ImportOutcome
) -> Draft | None:
    try:
        cells = fields_of(row, table.columns, len(table.header.cells))
        texts = {name: cells.get(name) or mapping.constants.get(name, "") for name in {*cells, *mapping.constants}}
        return Draft(row.line, _values(texts, mapping, currency), _salesperson(texts, people))
    except Refused as refusal:
        outcome.refuse(row.line, refusal)
        return None


def _values(texts: dict[str, str], mapping: Mapping, currency: str) -> dict[str, Any]:
    values: dict[str, Any] = {
        name: texts[name] for name in ("number", "name", "class_code", "phone", "address", "contact") if name in texts
    }
    if not values.get("class_code", "B"):
        del values["class_code"]
    if texts.get("currency") or currency:
        values["currency"] = (texts.get("currency") or currency).upper()
    if texts.get("limit"):
        values["limit_minor"] = reading.minor(texts["limit"], values["currency"], mapping.decimal_mark)
    if texts.get("terms_days"):
        values["terms_days"] = _days(texts["terms_days"])
    if "on_hold" in texts:
        values["on_hold"] = texts["on_hold"].casefold() in _YES
    if not 0 <= values.get("limit_minor", 0) <= MAX_MINOR:
        raise Refused("amount_unreadable", text=texts["limit"][:40])
    return service.checked(values)


def _days(text: str) -> int:
    plain = text.removesuffix("天").removesuffix("days").strip()
    if not (plain.isascii() and plain.isdigit() and int(plain[:5]) <= 3650 and len(plain) <= 4):
        raise Refused("amount_unreadable", text=text[:40])
    return int(plain)


def _salesperson(texts: dict[str, str], people: dict[str, str]) -> str | None:
    if "salesperson" not in texts:
        return None
    name = texts["salesperson"]
    if name and name not in people:
        raise Refused("salesperson_unknown", name=name[:40])
    return people[name] if name else ""


async def write(
    session: AsyncSession, actor: Actor, clock: Clock, made: Plan, progress: Progress | None = None
) -> None:
    """Write a plan in chunks, each its own savepoint."""
    steps: list[tuple[Draft, CustomerRecord | None]] = [*((draft, None) for draft in made.new), *made.changed]
    for start in range(0, len(steps), CHUNK):
        async with session.begin_nested():
            handed = []
            for draft, record in steps[start : start + CHUNK]:
                if record is None:
                    service.put_new(session, actor, clock, salesperson_id=draft.salesperson_id or "", **draft.values)
                    continue
                service.change(session, record, draft.values)
                if draft.salesperson_id is not None and draft.salesperson_id != record.salesperson_id:
                    handed.append((record, draft.salesperson_id))
            await service.hand_to(session, actor, clock, handed)
        if progress:
            progress(min(start + CHUNK, len(steps)), len(steps))

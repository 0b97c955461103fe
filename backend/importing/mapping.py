"""Column mappings: which column of somebody's file is which field, and how its dates and amounts are written."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable
from datetime import date
from functools import cache
from pathlib import Path
from typing import Literal

import msgspec

from shared.language import N_, _, assets
from shared.refusal import Refused

Kind = Literal["customers", "invoices", "bank"]
# kind -> its fields. A tuple in REQUIRED names fields of which one must be there.
FIELDS: dict[str, frozenset[str]] = {
    "customers": frozenset(
        {"number", "name", "salesperson", "class_code", "phone", "address", "contact", "terms_days", "limit"}
        | {"currency", "on_hold"}
    ),
    "invoices": frozenset(
        {"number", "customer", "customer_name", "kind", "issued", "due", "currency", "amount", "open", "settled"}
        | {"settled_amount", "status", "disputed", "note"}
    ),
    "bank": frozenset(
        {"booked", "value", "amount", "debit", "credit", "direction", "counterparty_name", "counterparty_account"}
        | {"reference", "text", "bank_id", "balance", "currency"}
    ),
}
REQUIRED: dict[str, tuple[tuple[str, ...], ...]] = {
    "customers": (("number",), ("name",)),
    "invoices": (("customer",), ("number",), ("issued",), ("amount", "open")),
    "bank": (("booked",), ("amount", "credit", "debit")),
}

OPENING: tuple[tuple[str, ...], ...] = (("customer",), ("amount", "open"))  # all that opening balances need
# field -> the word for it; also of the names under which services refuse a value
WORDS = {
    "number": N_("Number"),
    "name": N_("Name"),
    "salesperson": N_("Salesperson"),
    "class_code": N_("Class"),
    "phone": N_("Phone"),
    "address": N_("Address"),
    "contact": N_("Contact"),
    "terms_days": N_("Payment terms in days"),
    "limit": N_("Credit limit"),
    "limit_minor": N_("Credit limit"),
    "currency": N_("Currency"),
    "on_hold": N_("On hold"),
    "customer": N_("Customer number"),
    "customer_number": N_("Customer number"),
    "customer_name": N_("Customer name"),
    "kind": N_("Kind"),
    "issued": N_("Day of issue"),
    "issued_on": N_("Day of issue"),
    "due": N_("Due date"),
    "due_on": N_("Due date"),
    "amount": N_("Amount"),
    "amount_minor": N_("Amount"),
    "open": N_("Open"),
    "open_minor": N_("Open"),
    "settled": N_("Settled on"),
    "settled_on": N_("Settled on"),
    "settled_amount": N_("Settled amount"),
    "status": N_("Status"),
    "disputed": N_("Disputed"),
    "note": N_("Note"),
    "line": N_("Line"),
    "booked": N_("Booked on"),
    "value": N_("Value date"),
    "debit": N_("Money out"),
    "credit": N_("Money in"),
    "direction": N_("In or out"),
    "counterparty_name": N_("Counterparty"),
    "counterparty_account": N_("Account of the counterparty"),
    "reference": N_("Bank reference"),
    "text": N_("Text"),
    "bank_id": N_("Number at the bank"),
    "balance": N_("Balance"),
}


def word(field: object) -> str:
    """Return the word for a field in the language in force; a column's own name stays as it is."""
    return _(WORDS[str(field)]) if str(field) in WORDS else str(field)


def in_words(values: dict[str, object]) -> dict[str, object]:
    """Return a refusal's values with the names of fields put into words."""
    return {name: word(value) if name in ("column", "field") else value for name, value in values.items()}


class Mapping(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """How to read one kind of file. A field's column may have several possible names; the first found is taken.

    ``date_form`` holds strptime forms ("%m/%d/%Y"); empty: ISO and other forms with the year first. ``constants``
    give a field to every row whose own is empty. For invoices: ``amount_is`` says what the amount column holds,
    ``customer_from_row`` adds unknown customers from the row, ``closed_status`` lists words that mean "nothing open".
    For bank lines: ``credit_words`` are the words of the direction column that mean money in.
    """

    kind: Kind
    columns: dict[str, str | list[str]]
    constants: dict[str, str] = {}
    date_form: str | list[str] = []
    decimal_mark: Literal[".", ","] = "."
    encoding: str = ""
    delimiter: str = ""
    header_row: int = 0
    amount_is: Literal["original", "open"] = "original"
    as_of: date | None = None
    customer_from_row: bool = False
    closed_status: list[str] = []
    negate: bool = False
    credit_words: list[str] = []

    @property
    def names(self) -> dict[str, tuple[str, ...]]:
        """The possible column names of each field."""
        return {field: (name,) if isinstance(name, str) else tuple(name) for field, name in self.columns.items()}

    @property
    def forms(self) -> tuple[str, ...]:
        """The date forms, none when the usual ones do."""
        forms = [self.date_form] if isinstance(self.date_form, str) else self.date_form
        return tuple(form for form in forms if form and form.lower() != "iso")

    @property
    def required(self) -> tuple[tuple[str, ...], ...]:
        """The groups of fields of which one must have a column; a constant does as well."""
        groups = REQUIRED[self.kind]
        if self.kind == "invoices" and self.constants.get("kind") == "opening":
            groups = OPENING
        return tuple(group for group in groups if not any(self.constants.get(field) for field in group))

    def states_open(self, columns: Iterable[str]) -> bool:
        """Say whether a file of invoices with these fields says what is open, so that it can be compared with ours."""
        return self.amount_is == "open" or bool({"open", "settled", "settled_amount", "status"} & set(columns))


def checked(mapping: Mapping, kind: str) -> Mapping:
    """Return a mapping that can be used for a kind of file; refuses ``mapping_invalid``."""
    unknown = sorted((set(mapping.columns) | set(mapping.constants)) - FIELDS[mapping.kind])
    if mapping.kind != kind:
        problem = f"kind = {mapping.kind}"
    elif unknown:
        problem = f"columns.{unknown[0][:40]}"
    elif len(mapping.delimiter) > 1 or not 0 <= mapping.header_row <= 10_000:
        problem = "delimiter, header_row"
    elif any("%d" not in form and "%j" not in form for form in mapping.forms):
        problem = "date_form"
    else:
        return mapping
    raise Refused("mapping_invalid", problem=problem)


def from_text(body: str | bytes, kind: str, *, toml: bool = False) -> Mapping:
    """Read a mapping from JSON or TOML text; refuses ``mapping_invalid``."""
    try:
        text = body.decode() if isinstance(body, bytes) else body
        found = tomllib.loads(text) if toml else msgspec.json.decode(text)
        return checked(msgspec.convert(found, Mapping), kind)
    except (UnicodeDecodeError, tomllib.TOMLDecodeError, msgspec.MsgspecError, RecursionError) as fault:
        raise Refused("mapping_invalid", problem=str(fault).splitlines()[0][:120]) from None


def from_file(path: Path, kind: str) -> Mapping:
    """Read a mapping from a ``.toml`` or ``.json`` file; refuses ``mapping_not_found`` and ``mapping_invalid``."""
    try:
        body = path.read_bytes()
    except OSError:
        raise Refused("mapping_not_found", name=str(path)[-80:]) from None
    return from_text(body, kind, toml=path.suffix.lower() == ".toml")


def to_text(mapping: Mapping) -> str:
    """Write a mapping as JSON, the form in which it is saved."""
    return msgspec.json.encode(mapping).decode()


@cache
def usual(kind: str) -> Mapping:
    """Return the mapping for files whose columns have usual Chinese or English names."""
    return from_file(assets() / "mappings" / f"{kind}.toml", kind)

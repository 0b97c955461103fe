"""EMVCo merchant-presented codes: the text inside most of Asia's and Latin America's payment QR codes.

After "EMV QR Code Specification for Payment Systems: Merchant-Presented Mode" 1.1. This module knows the structure;
what a national scheme demands beyond it stands in ``profiles``.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from shared.paycode.ask import Ask
from shared.paycode.currency import letters, numeric
from shared.paycode.merchant import Merchant
from shared.paycode.tlv import Field, crc, read, write
from shared.paycode.words import is_printable
from shared.refusal import Refused

__all__ = ["Code", "Merchant", "decode", "encode", "encode_paths", "from_settings", "payment_code"]

_TEMPLATES = frozenset(f"{tag:02d}" for tag in (*range(26, 52), 62, 64, *range(80, 100)))
_NATIONAL_TEXT = {"TH": frozenset({"80", "81"})}  # PromptPay keeps a rate and a message there, not a template
_NESTED = {"A000000727": "01"}  # NAPAS VietQR: bank and account are a template inside the template
_PATH = re.compile(r"[0-9]{2}(\.[0-9]{2}){0,2}")
_ASCII = r"[ -~]{1,99}"
_AMOUNT = r"(?=.{1,13}$)(?=.*[1-9])[0-9]+(\.[0-9]*)?"
# Formats of the table in 4.8: only the templates (26-51, 80-99) and the language template may leave ASCII.
_FORMS = {
    path: re.compile(form)
    for path, form in {
        **{f"{tag:02d}": _ASCII for tag in range(2, 26)},
        "01": "1[12]",
        "52": "[0-9]{4}",
        "53": "[0-9]{3}",
        "54": _AMOUNT,
        "55": "0[123]",
        "56": _AMOUNT,
        "57": r"(?=.{1,5}$)(?=.*[1-9])[0-9]{1,2}(\.[0-9]+)?",
        "58": "[A-Z]{2}",
        "59": "[ -~]{1,25}",
        "60": "[ -~]{1,15}",
        "61": "[ -~]{1,10}",
        **{f"62.{tag:02d}": _ASCII for tag in range(1, 12)},
        "64.00": "[A-Za-z]{2}",
    }.items()
}


@dataclass(frozen=True, slots=True)
class Code:
    """A code that was read: its fields in order, and the fields inside its templates by path ("62.05")."""

    fields: tuple[Field, ...]
    inner: tuple[tuple[str, str], ...]

    def value(self, path: str) -> str:
        """Return one field's value by path ("54", "62.05"), or "" where it is absent."""
        return next((value for name, value in (*self.fields, *self.inner) if name == path), "")

    @property
    def paths(self) -> dict[str, str]:
        """Every value that is not itself a template, by path and in the code's order, without the checksum."""
        parts: dict[str, dict[str, str]] = {}
        for path, value in self.inner:
            level = parts.setdefault(path[:2], {})
            level.pop(path[:-3], None)
            level[path] = value
        found: dict[str, str] = {}
        for id, value in self.fields[:-1]:
            found.update(parts.get(id) or {id: value})
        return found

    @property
    def amount(self) -> str:
        """The amount as written, "" when the payer types it."""
        return self.value("54")

    @property
    def currency(self) -> str:
        """The currency's letters, "" when its number is not known."""
        return letters(self.value("53"))

    @property
    def reference(self) -> str:
        """The reference label (62.05)."""
        return self.value("62.05")


def from_settings(settings: Mapping[str, str], ask: Ask) -> str:
    """Make a code from a company's settings (see ``Merchant.read``); refuses ``currency_mismatch`` too."""
    merchant = Merchant.read({"currency": ask.currency, **settings})
    ask.must_be_in(merchant.currency)
    return payment_code(merchant, ask)


def payment_code(merchant: Merchant, ask: Ask) -> str:
    """Make the text of a dynamic code for an exact amount.

    Refuses ``amount_too_large``: field 54 has 13 characters.
    """
    if len(ask.amount) > 13:
        raise Refused("amount_too_large", text=ask.amount)
    store = [("03", merchant.store)] if merchant.store else []
    fields = [
        ("01", "12"),
        (merchant.tag, merchant.account),
        ("52", merchant.category),
        ("53", numeric(merchant.currency)),
        ("54", ask.amount),
        ("58", merchant.country),
        ("59", merchant.name),
        ("60", merchant.city),
        ("62", write([*store, ("05", ask.plain_reference)])),
    ]
    return encode(fields + merchant.local)


def encode(fields: Iterable[Field | tuple[str, str]], indicator: str = "01") -> str:
    """Write fields as a code: 00 (the indicator) first, checksum last, the others in the given order.

    Refuses ``paycode_field`` with the field named, also for a field given twice or a 63 given by hand.
    """
    given = [(id, value) for id, value in fields if (id, value) != ("00", indicator)]
    ids = [id for id, _ in given]
    wrong = next((id for n, id in enumerate(ids) if id in ("00", "63") or id in ids[:n]), None)
    if wrong is not None:
        raise Refused("paycode_field", field=wrong)
    body = write([("00", indicator), *given]) + "6304"
    return body + crc(body)


def encode_paths(paths: Mapping[str, str]) -> str:
    """Write values by path ("26.00", "54") as a code: the inverse of ``Code.paths``, character for character.

    Refuses ``paycode_field`` naming a path that is not one, or that is a value and a template at once.
    """
    wrong = next((path for path in paths if not _PATH.fullmatch(path)), None)
    if wrong is not None:
        raise Refused("paycode_field", field=wrong[:20])
    return encode(_templates(paths), paths.get("00", "01"))


def decode(payload: str) -> Code:
    """Read a code strictly.

    Refuses ``paycode_unreadable`` with the place named and ``paycode_checksum``; never raises anything else. 00, 53,
    58, an account and the checksum are always demanded.
    """
    if payload[-8:-4] != "6304":
        raise Refused("paycode_unreadable", place="63")
    if crc(payload[:-4]) != payload[-4:]:
        raise Refused("paycode_checksum")
    fields = read(payload)
    if fields[0].id != "00" or fields[0].value not in ("01", "02"):  # DuitNow prints "02"
        raise Refused("paycode_unreadable", place="00")
    if fields[-1].id != "63":
        raise Refused("paycode_unreadable", place="63")
    if not is_printable(payload):
        raise Refused("paycode_unreadable", place=next(id for id, value in fields if not is_printable(value)))
    code = Code(fields, tuple(_inner(fields)))
    _check(code)
    return code


def _inner(fields: tuple[Field, ...]) -> Iterable[tuple[str, str]]:
    country = next((field.value for field in fields if field.id == "58"), "")
    templates = _TEMPLATES - _NATIONAL_TEXT.get(country, frozenset())
    for field in fields:
        if field.id not in templates:
            continue
        parts = read(field.value, field.id)
        for part in parts:
            path = f"{field.id}.{part.id}"
            yield path, part.value
            if part.id == _NESTED.get(parts[0].value):
                yield from ((f"{path}.{id}", value) for id, value in read(part.value, path))


def _check(code: Code) -> None:
    for path, value in (*code.fields, *code.inner):
        form = _FORMS.get(path)
        if form and not form.fullmatch(value):
            raise Refused("paycode_unreadable", place=path)
    present = {id for id, _ in code.fields}
    for path, right in (
        ("53", "53" in present),
        ("58", "58" in present),
        ("26", any("02" <= id <= "51" for id in present)),
        ("64.01", "64" not in present or bool(code.value("64.00") and code.value("64.01"))),
    ):
        if not right:
            raise Refused("paycode_unreadable", place=path)


def _templates(paths: Mapping[str, str], place: str = "") -> list[tuple[str, str]]:
    groups: dict[str, dict[str, str]] = {}
    for path, value in paths.items():
        id, _, rest = path.partition(".")
        groups.setdefault(id, {})[rest] = value
    fields = []
    for id, group in groups.items():
        if "" in group and len(group) > 1:
            raise Refused("paycode_field", field=f"{place}{id}")
        fields.append((id, group[""] if "" in group else write(_templates(group, f"{place}{id}."))))
    return fields

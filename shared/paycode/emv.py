"""EMVCo merchant-presented codes: the text inside most of Asia's and Latin America's payment QR codes.

After "EMV QR Code Specification for Payment Systems: Merchant-Presented Mode" 1.1. A code is made for one exact amount
(dynamic) with an ISO 11649 reference in 62.05, which comes back on the bank's statement.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from shared.ident import is_rf_reference
from shared.money import decimal_text, exponent
from shared.paycode.currency import NUMERIC, numeric
from shared.paycode.tlv import Field, crc, read, write
from shared.refusal import Refused

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

_ACCOUNT_TEMPLATES = range(26, 52)
_TEMPLATES = frozenset(f"{tag:02d}" for tag in (*_ACCOUNT_TEMPLATES, 62, 64, *range(80, 100)))
_NATIONAL_TEXT = {"TH": frozenset({"80", "81"})}  # PromptPay keeps a rate and a message there, not a template
_NATIONAL_DEMANDS = {"BR": ("52", "59", "60")}  # BACEN's manual of the BR Code; the Thai and Vietnamese drop them
_NESTED = {"A000000727": "01"}  # NAPAS VietQR: bank and account are a template inside the template
_AMOUNT = re.compile(r"(?=.{1,13}$)[0-9]+(\.[0-9]*)?")
_ASCII = re.compile(r"[ -~]+")


@dataclass(frozen=True, slots=True)
class Merchant:
    """Who is paid. ``account`` is the value of ``tag``: scheme-issued text (02–25) or a template (26–51)."""

    tag: str
    account: str
    category: str
    currency: str
    country: str
    name: str
    city: str
    local_name: str = ""
    local_city: str = ""
    language: str = ""
    store: str = ""

    @classmethod
    def read(cls, settings: Mapping[str, str]) -> Merchant:
        """Read a company's ``paycode`` settings; refuses ``paycode_setting`` with the key named.

        Keys: ``tag`` ("02"–"51"); the account itself as ``value``, or for tags from 26 as sub-fields ``sub.00``
        (globally unique id), ``sub.01`` …; ``mcc`` (four digits, "0000" when absent); ``currency``; ``country``
        (two letters); ``name`` (25) and ``city`` (15) in ASCII; for the customer's own script ``language`` (two
        letters) with ``local_name`` (25) and ``local_city`` (15); ``store`` (25), such as the branch.
        """
        merchant = cls(
            tag=settings.get("tag", ""),
            account=_account(settings),
            category=settings.get("mcc", "0000"),
            currency=settings.get("currency", ""),
            country=settings.get("country", ""),
            name=settings.get("name", ""),
            city=settings.get("city", ""),
            local_name=settings.get("local_name", ""),
            local_city=settings.get("local_city", ""),
            language=settings.get("language", ""),
            store=settings.get("store", ""),
        )
        _check(merchant)
        return merchant


@dataclass(frozen=True, slots=True)
class Code:
    """A code that was read: its fields in order, and the fields inside its templates by path ("62.05")."""

    fields: tuple[Field, ...]
    inner: tuple[tuple[str, str], ...]

    def value(self, path: str) -> str:
        """Return one field's value by path ("54", "62.05"), or "" where it is absent."""
        return next((value for name, value in (*self.fields, *self.inner) if name == path), "")

    @property
    def amount(self) -> str:
        """The amount as written, "" when the payer types it."""
        return self.value("54")

    @property
    def currency(self) -> str:
        """The currency's letters, "" when its number is not known."""
        return next((letters for letters, digits in NUMERIC.items() if digits == self.value("53")), "")

    @property
    def reference(self) -> str:
        """The reference label (62.05)."""
        return self.value("62.05")


def from_settings(settings: Mapping[str, str], amount_minor: int, currency: str, reference: str) -> str:
    """Make a code from a company's settings (see ``Merchant.read``); refuses ``currency_mismatch`` too."""
    merchant = Merchant.read({"currency": currency, **settings})
    if merchant.currency != currency:
        raise Refused("currency_mismatch", expected=merchant.currency, got=currency)
    return payment_code(merchant, amount_minor, reference)


def payment_code(merchant: Merchant, amount_minor: int, reference: str) -> str:
    """Make the text of a dynamic code for an exact amount.

    Refuses ``amount_not_positive``, ``amount_too_large`` (field 54 has 13 characters) and ``reference_invalid``
    (field 62.05 takes an ISO 11649 reference of at most 25 characters).
    """
    if amount_minor <= 0:
        raise Refused("amount_not_positive")
    amount = decimal_text(amount_minor, merchant.currency)
    if len(amount) > 13:
        raise Refused("amount_too_large", text=amount)
    plain = reference.replace(" ", "").upper()
    if not is_rf_reference(plain):
        raise Refused("reference_invalid", reference=reference[:30])
    store = [("03", merchant.store)] if merchant.store else []
    fields = [
        ("01", "12"),
        (merchant.tag, merchant.account),
        ("52", merchant.category),
        ("53", numeric(merchant.currency)),
        ("54", amount),
        ("58", merchant.country),
        ("59", merchant.name),
        ("60", merchant.city),
        ("62", write([*store, ("05", plain)])),
    ]
    return encode(fields + _local(merchant))


def encode(fields: Iterable[Field | tuple[str, str]]) -> str:
    """Write fields as a code: 00 first, checksum last, the others in the given order.

    Refuses ``paycode_field`` with the field named, also for a field given twice or a 63 given by hand.
    """
    given = [(id, value) for id, value in fields if (id, value) != ("00", "01")]
    ids = [id for id, _ in given]
    wrong = next((id for n, id in enumerate(ids) if id in ("00", "63") or id in ids[:n]), None)
    if wrong is not None:
        raise Refused("paycode_field", field=wrong)
    body = write([("00", "01"), *given]) + "6304"
    return body + crc(body)


def decode(payload: str) -> Code:
    """Read a code strictly.

    Refuses ``paycode_unreadable`` with the place named and ``paycode_checksum``; never raises anything else. 00, 53,
    58, an account and the checksum are always demanded; 52, 59 and 60 where the national scheme does.
    """
    if payload[-8:-4] != "6304":
        raise Refused("paycode_unreadable", place="63")
    if crc(payload[:-4]) != payload[-4:]:
        raise Refused("paycode_checksum")
    fields = read(payload)
    if fields[0].id != "00":
        raise Refused("paycode_unreadable", place="00")
    if fields[-1].id != "63":
        raise Refused("paycode_unreadable", place="63")
    code = Code(fields, tuple(_inner(fields)))
    _check_read(code)
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


def _check_read(code: Code) -> None:
    amount = code.amount
    for path, right in (
        ("01", code.value("01") in ("", "11", "12")),
        ("53", bool(re.fullmatch("[0-9]{3}", code.value("53")))),
        ("54", not amount or bool(_AMOUNT.fullmatch(amount))),
        ("58", bool(re.fullmatch("[A-Z]{2}", code.value("58")))),
        ("26", any("02" <= field.id <= "51" for field in code.fields)),
        *((path, bool(code.value(path))) for path in _NATIONAL_DEMANDS.get(code.value("58"), ())),
    ):
        if not right:
            raise Refused("paycode_unreadable", place=path)


def _account(settings: Mapping[str, str]) -> str:
    if "value" in settings:
        return settings["value"]
    parts = sorted((key[4:], value) for key, value in settings.items() if key.startswith("sub."))
    try:
        return write(parts)
    except Refused as refused:
        raise Refused("paycode_setting", field=f"sub.{refused.values['field']}") from None


def _local(merchant: Merchant) -> list[tuple[str, str]]:
    if not merchant.language:
        return []
    city = [("02", merchant.local_city)] if merchant.local_city else []
    return [("64", write([("00", merchant.language.upper()), ("01", merchant.local_name), *city]))]


def _check(merchant: Merchant) -> None:
    local = 1 if merchant.language else 0
    for key, right in (
        ("tag", bool(re.fullmatch("[0-9]{2}", merchant.tag)) and "02" <= merchant.tag <= "51"),
        ("value", _account_is_right(merchant)),
        ("mcc", bool(re.fullmatch("[0-9]{4}", merchant.category))),
        ("country", bool(re.fullmatch("[A-Z]{2}", merchant.country))),
        ("name", len(merchant.name) <= 25 and bool(_ASCII.fullmatch(merchant.name))),
        ("city", len(merchant.city) <= 15 and bool(_ASCII.fullmatch(merchant.city))),
        ("language", not merchant.language or bool(re.fullmatch("[A-Za-z]{2}", merchant.language))),
        ("local_name", local <= len(merchant.local_name) <= 25),
        ("local_city", len(merchant.local_city) <= 15),
        ("store", len(merchant.store) <= 25),
    ):
        if not right:
            raise Refused("paycode_setting", field=key)
    exponent(merchant.currency)


def _account_is_right(merchant: Merchant) -> bool:
    if not 1 <= len(merchant.account) <= 99:
        return False
    if merchant.tag < "26":
        return True
    try:
        return read(merchant.account)[0].id == "00"
    except Refused:
        return False

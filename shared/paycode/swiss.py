"""The Swiss QR-bill: the text of its code after SIX "Implementation Guidelines QR-bill" 2.3 (structured addresses)."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import astuple, dataclass, fields

from shared.ident import is_rf_reference
from shared.money import decimal_text, parse_minor
from shared.paycode.account import is_iban, is_qr_iban, is_qr_reference, qr_reference
from shared.paycode.ask import Ask
from shared.paycode.words import Words, amount_of, is_printable, texts
from shared.refusal import Refused

_MOST_MINOR = 99_999_999_999
_AMOUNT = re.compile(r"(0|[1-9][0-9]{0,8})\.[0-9]{2}")
# SIX 4.1.1: Basic Latin, Latin-1 Supplement, Latin Extended-A, and these.
_LATIN = re.compile("[\x20-\x7e\xa0-\u017fȘ-ț€]*")
_WIDTHS = {"name": 70, "street": 70, "number": 16, "postal_code": 16, "town": 35, "country": 2}


@dataclass(frozen=True, slots=True)
class Address:
    """A structured address ("S"); the combined one ("K") is no longer allowed."""

    name: str
    street: str = ""
    number: str = ""
    postal_code: str = ""
    town: str = ""
    country: str = "CH"


@dataclass(frozen=True, slots=True)
class Bill:
    """One bill; ``amount_minor`` is ``None`` when the payer types it. The reference's kind follows from its form."""

    iban: str
    creditor: Address
    amount_minor: int | None = None
    currency: str = "CHF"
    debtor: Address | None = None
    reference: str = ""
    message: str = ""
    bill_info: str = ""
    procedure_1: str = ""
    procedure_2: str = ""

    @property
    def kind(self) -> str:
        """QRR (a QR-IBAN's 27 digits), SCOR (ISO 11649) or NON."""
        if not self.reference:
            return "NON"
        return "SCOR" if self.reference.startswith("RF") else "QRR"


_NOT_TEXTS = ("scheme", "creditor", "debtor", "reference_type")
_TEXTS = ("iban", "currency", "reference", "message", "bill_info", "procedure_1", "procedure_2")


def from_settings(settings: Mapping[str, str], ask: Ask) -> str:
    """Make a bill from a company's settings: ``iban`` and its address (the keys are those of ``Address``).

    With a QR-IBAN the reference's body must be digits, and becomes a QR reference. Refuses ``paycode_setting``,
    ``currency_mismatch`` (CHF and EUR) and ``amount_too_large``.
    """
    ask.must_be_in("CHF", "EUR")
    iban, reference = settings.get("iban", "").replace(" ", ""), ask.plain_reference
    if is_qr_iban(iban):
        if not reference[4:].isdecimal():
            raise Refused("paycode_setting", field="iban")
        reference = qr_reference(reference[4:])
    address = {name: settings[name] for name in _WIDTHS if name in settings}
    creditor = Address(**{"name": "", **address})
    try:
        return encode(Bill(iban, creditor, ask.amount_minor, ask.currency, reference=reference))
    except Refused as refused:
        if refused.code == "paycode_field":
            raise Refused("paycode_setting", field=str(refused.values["field"]).removeprefix("creditor.")) from None
        raise


def from_words(words: Words) -> Bill:
    """Read a bill from words (``creditor`` and ``debtor`` are objects); refuses ``paycode_field`` and amounts."""
    plain = {word: value for word, value in words.items() if word not in _NOT_TEXTS}
    given = texts(plain, (*_TEXTS, "amount"))
    amount = given.pop("amount", "")
    currency = given.setdefault("currency", "CHF")
    minor = amount_of(amount, currency) if amount else None
    debtor = _address_of(words, "debtor") if words.get("debtor") else None
    iban = given.pop("iban", "").replace(" ", "")
    given["reference"] = given.get("reference", "").replace(" ", "")
    return Bill(iban, _address_of(words, "creditor"), minor, debtor=debtor, **given)


def to_words(bill: Bill) -> dict[str, object]:
    """Return a bill's words, empty ones left out."""
    words: dict[str, object] = {name: getattr(bill, name) for name in _TEXTS if getattr(bill, name)}
    if bill.amount_minor is not None:
        words["amount"] = decimal_text(bill.amount_minor, bill.currency)
    words["creditor"] = _words_of(bill.creditor)
    if bill.debtor:
        words["debtor"] = _words_of(bill.debtor)
    return {**words, "reference_type": bill.kind}


def encode(bill: Bill) -> str:
    """Write a bill; refuses ``paycode_field`` with the field named and ``amount_too_large``."""
    wrong = _wrong_field(bill)
    if wrong:
        raise Refused("paycode_field", field=wrong)
    amount = "" if bill.amount_minor is None else decimal_text(bill.amount_minor, bill.currency)
    if bill.amount_minor is not None and bill.amount_minor > _MOST_MINOR:
        raise Refused("amount_too_large", text=amount)
    lines = ["SPC", "0200", "1", bill.iban, *_lines_of(bill.creditor), *[""] * 7, amount, bill.currency]
    lines += [*_lines_of(bill.debtor), bill.kind, bill.reference, bill.message, "EPD"]
    extra = [bill.bill_info, bill.procedure_1, bill.procedure_2]
    while extra and not extra[-1]:
        extra.pop()
    payload = "\n".join([*lines, *extra])
    if len(payload) > 997:
        raise Refused("paycode_field", field="message")
    return payload


def decode(payload: str) -> Bill:
    """Read a bill strictly; refuses ``paycode_unreadable`` with the field named."""
    lines = payload.replace("\r\n", "\n").split("\n")
    for place, right in (
        ("length", len(payload) <= 1100),
        ("lines", 31 <= len(lines) <= 35),
        ("SPC", lines[0] == "SPC"),
        ("version", bool(re.fullmatch("02[0-9]{2}", "".join(lines[1:2])))),
        ("coding", lines[2:3] == ["1"]),
    ):
        _demand(place, right)
    lines += [""] * (35 - len(lines))
    _demand("ultimate_creditor", not any(lines[11:18]))
    _demand("EPD", lines[30] == "EPD")
    _demand("lines", not lines[34])
    amount, currency = lines[18], lines[19]
    _demand("amount", not amount or bool(_AMOUNT.fullmatch(amount)))
    _demand("currency", currency in ("CHF", "EUR"))
    minor = parse_minor(amount, currency) if amount else None
    _demand("amount", minor != 0)
    debtor = _read_address(lines[20:27], "debtor") if any(lines[20:27]) else None
    creditor = _read_address(lines[4:11], "creditor")
    bill = Bill(lines[3], creditor, minor, currency, debtor, lines[28], lines[29], *lines[31:34])
    _demand("reference_type", lines[27] in ("QRR", "SCOR", "NON"))
    _demand(_wrong_field(bill), not _wrong_field(bill))
    _demand("reference", lines[27] == bill.kind)
    return bill


def _demand(place: str, right: bool) -> None:  # noqa: FBT001 - reads as a sentence
    if not right:
        raise Refused("paycode_unreadable", place=place)


def _read_address(lines: list[str], place: str) -> Address:
    _demand(f"{place}.type", lines[0] == "S")
    return Address(*lines[1:])


def _lines_of(address: Address | None) -> list[str]:
    return ["S", *astuple(address)] if address else [""] * 7


def _address_of(words: Words, place: str) -> Address:
    given = words.get(place)
    if not isinstance(given, Mapping):
        raise Refused("paycode_field", field=place)
    try:
        return Address(**{"name": "", **texts(given, _WIDTHS)})
    except Refused as refused:
        raise Refused("paycode_field", field=f"{place}.{refused.values['field']}") from None


def _words_of(address: Address) -> dict[str, str]:
    return {field.name: getattr(address, field.name) for field in fields(address) if getattr(address, field.name)}


def _wrong_field(bill: Bill) -> str:
    """Return the name of the first field that breaks its rule, or ""."""
    # 4.2.2: a QR-IBAN goes with a QR reference and with nothing else.
    paired = (bill.kind == "QRR") == is_qr_iban(bill.iban)
    sound = bill.kind == "NON" or (is_rf_reference if bill.kind == "SCOR" else is_qr_reference)(bill.reference)
    checks = (
        ("iban", bill.iban[:2] in ("CH", "LI") and is_iban(bill.iban)),
        ("currency", bill.currency in ("CHF", "EUR")),
        ("amount", bill.amount_minor is None or bill.amount_minor > 0),
        ("reference", paired and sound and " " not in bill.reference),
        ("message", len(bill.message) + len(bill.bill_info) <= 140),
        ("procedure_1", len(bill.procedure_1) <= 100),
        ("procedure_2", len(bill.procedure_2) <= 100),
        *((name, _is_text(getattr(bill, name))) for name in ("message", "bill_info", "procedure_1", "procedure_2")),
        *_address_checks(bill.creditor, "creditor"),
        *(_address_checks(bill.debtor, "debtor") if bill.debtor else ()),
    )
    return next((name for name, right in checks if not right), "")


def _address_checks(address: Address, place: str) -> list[tuple[str, bool]]:
    sound = [
        (f"{place}.{name}", len(value) <= width and _is_text(value))
        for (name, width), value in zip(_WIDTHS.items(), astuple(address), strict=True)
    ]
    whole = [(f"{place}.{name}", bool(getattr(address, name))) for name in ("name", "postal_code", "town")]
    return [*sound, *whole, (f"{place}.country", bool(re.fullmatch("[A-Z]{2}", address.country)))]


def _is_text(text: str) -> bool:
    return is_printable(text) and bool(_LATIN.fullmatch(text))

"""EPC069-12 ("GiroCode"): a SEPA credit transfer in euro, which European bank apps scan."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from shared.ident import is_rf_reference
from shared.money import decimal_text, parse_minor
from shared.paycode.account import is_bic, is_iban
from shared.paycode.ask import Ask
from shared.paycode.words import Words, amount_of, is_printable, only, texts
from shared.refusal import Refused

_CHARSETS = ("utf-8", "iso8859-1", "iso8859-2", "iso8859-4", "iso8859-5", "iso8859-7", "iso8859-10", "iso8859-15")
_MOST_BYTES = 331
_MOST_MINOR = 99_999_999_999  # EUR 999,999,999.99
_RF = re.compile("RF[0-9]{2}")
_AMOUNT = re.compile(r"EUR[0-9]{1,9}(\.[0-9]{1,2})?")


@dataclass(frozen=True, slots=True)
class Transfer:
    """One credit transfer; ``amount_minor`` is ``None`` when the payer types it. Reference or text, never both."""

    name: str
    iban: str
    amount_minor: int | None = None
    bic: str = ""
    purpose: str = ""
    reference: str = ""
    text: str = ""
    note: str = ""


def from_settings(settings: Mapping[str, str], ask: Ask) -> str:
    """Make a code from a company's settings: ``name`` (70), ``iban``, and ``bic`` if wanted.

    Refuses ``paycode_setting``, ``currency_mismatch`` (euro only) and ``amount_too_large``.
    """
    ask.must_be_in("EUR")
    iban = settings.get("iban", "").replace(" ", "")
    name, bic = settings.get("name", ""), settings.get("bic", "")
    try:
        return encode(Transfer(name, iban, ask.amount_minor, bic, reference=ask.plain_reference))
    except Refused as refused:
        if refused.code == "paycode_field":
            raise Refused("paycode_setting", field=refused.values["field"]) from None
        raise


def from_words(words: Words) -> Transfer:
    """Read a transfer from words; refuses ``paycode_field``, and amounts as ``words.amount_of`` does."""
    only(words, "currency", "EUR")
    names = ("name", "iban", "bic", "purpose", "reference", "text", "note", "amount")
    given = texts({word: value for word, value in words.items() if word not in ("scheme", "currency")}, names)
    amount = given.pop("amount", "")
    missing = next((word for word in ("name", "iban") if word not in given), None)
    if missing:
        raise Refused("paycode_field", field=missing)
    given["iban"] = given["iban"].replace(" ", "")
    minor = amount_of(amount, "EUR") if amount else None
    return Transfer(given.pop("name"), given.pop("iban"), minor, **given)


def to_words(transfer: Transfer) -> dict[str, object]:
    """Return a transfer's words, empty ones left out."""
    minor = transfer.amount_minor
    amount = {} if minor is None else {"amount": decimal_text(minor, "EUR")}
    names = ("name", "iban", "bic", "purpose", "reference", "text", "note")
    return {**{name: getattr(transfer, name) for name in names if getattr(transfer, name)}, **amount, "currency": "EUR"}


def encode(transfer: Transfer) -> str:
    """Write a transfer as version 002 in UTF-8, without empty lines at the end.

    Refuses ``paycode_field`` with the field named, ``amount_not_positive`` and ``amount_too_large``.
    """
    wrong = _wrong_field(transfer)
    if wrong:
        raise Refused("paycode_field", field=wrong)
    amount = ""
    if transfer.amount_minor is not None:
        if transfer.amount_minor <= 0:
            raise Refused("amount_not_positive")
        if transfer.amount_minor > _MOST_MINOR:
            raise Refused("amount_too_large", text=decimal_text(transfer.amount_minor, "EUR"))
        amount = "EUR" + decimal_text(transfer.amount_minor, "EUR")
    head = ["BCD", "002", "1", "SCT", transfer.bic, transfer.name, transfer.iban, amount]
    payload = "\n".join([*head, transfer.purpose, transfer.reference, transfer.text, transfer.note]).rstrip("\n")
    if len(payload.encode()) > _MOST_BYTES:
        raise Refused("paycode_field", field="text")
    return payload


def decode(payload: str | bytes) -> Transfer:
    """Read a code; bytes are read in the character set of line 3 (scanners guess it wrong).

    Refuses ``paycode_unreadable`` with the line or field named; never raises anything else.
    """
    lines = _lines(payload)
    head = dict(zip(("BCD", "version", "charset", "SCT"), lines, strict=False))
    right = {"BCD": ("BCD",), "version": ("001", "002"), "charset": tuple("12345678"), "SCT": ("SCT",)}
    for name, allowed in right.items():
        if head.get(name) not in allowed:
            raise Refused("paycode_unreadable", place=name)
    if not 7 <= len(lines) <= 12:
        raise Refused("paycode_unreadable", place="lines")
    bic, name, iban, amount, purpose, reference, text, note = (lines + [""] * 5)[4:12]
    if amount and not _AMOUNT.fullmatch(amount):
        raise Refused("paycode_unreadable", place="amount")
    minor = parse_minor(amount[3:], "EUR") if amount else None
    transfer = Transfer(name, iban.replace(" ", ""), minor, bic, purpose, reference, text, note)
    wrong = (
        _wrong_field(transfer) or ("bic" if lines[1] == "001" and not bic else "") or ("amount" if minor == 0 else "")
    )
    if wrong:
        raise Refused("paycode_unreadable", place=wrong)
    return transfer


def _lines(payload: str | bytes) -> list[str]:
    size = len(payload) if isinstance(payload, bytes) else len(payload.encode(errors="surrogatepass"))
    if size > _MOST_BYTES:
        raise Refused("paycode_unreadable", place="length")
    if isinstance(payload, bytes):
        third = payload.split(b"\n")[2:3]
        index = third[0].strip() if third else b""
        charset = _CHARSETS[int(index) - 1] if index in (b"1", b"2", b"3", b"4", b"5", b"6", b"7", b"8") else "ascii"
        try:
            payload = payload.decode(charset)
        except UnicodeDecodeError:
            raise Refused("paycode_unreadable", place="charset") from None
    return payload.replace("\r\n", "\n").rstrip("\n").split("\n")


def _wrong_field(transfer: Transfer) -> str:
    """Return the name of the first field that breaks its form or length, or ""."""
    checks = (
        ("bic", not transfer.bic or is_bic(transfer.bic)),
        ("name", 1 <= len(transfer.name) <= 70),
        ("iban", is_iban(transfer.iban)),
        ("purpose", bool(re.fullmatch("[A-Z0-9]{0,4}", transfer.purpose))),
        ("reference", len(transfer.reference) <= 35 and not (transfer.reference and transfer.text)),
        ("reference", not _RF.match(transfer.reference) or is_rf_reference(transfer.reference)),
        ("text", len(transfer.text) <= 140),
        ("note", len(transfer.note) <= 70),
    )
    carried = (transfer.name, transfer.purpose, transfer.reference, transfer.text, transfer.note)
    broken = next((text for text in carried if not is_printable(text)), None)
    if broken is not None:
        return ("name", "purpose", "reference", "text", "note")[carried.index(broken)]
    return next((name for name, right in checks if not right), "")

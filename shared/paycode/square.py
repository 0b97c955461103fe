"""The table inside a PAY by square code: payments as tab-separated fields."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from shared.money import decimal_text, parse_minor
from shared.paycode.account import is_bic, is_iban
from shared.paycode.words import is_printable
from shared.refusal import Refused

_MOST_FIELDS = 300
_ORDER, _STANDING, _DEBIT = 1, 2, 4  # bits of paymentOptions
_STANDING_FIELDS, _DEBIT_FIELDS = 4, 10


@dataclass(frozen=True, slots=True)
class Payment:
    """One payment order; ``due_on`` is YYYYMMDD, ``amount_minor`` is ``None`` when the payer types it.

    ``standing_order`` and ``direct_debit`` keep the fields of those extensions as written.
    """

    accounts: tuple[tuple[str, str], ...]
    amount_minor: int | None = None
    currency: str = "EUR"
    due_on: str = ""
    variable_symbol: str = ""
    constant_symbol: str = ""
    specific_symbol: str = ""
    reference: str = ""
    note: str = ""
    standing_order: tuple[str, ...] = ()
    direct_debit: tuple[str, ...] = ()
    payee: str = ""
    address_1: str = ""
    address_2: str = ""

    @property
    def options(self) -> int:
        """The bits of paymentOptions."""
        return _ORDER | (_STANDING if self.standing_order else 0) | (_DEBIT if self.direct_debit else 0)


FORMS = {
    "due_on": "([0-9]{8})?",
    "variable_symbol": "[0-9]{0,10}",
    "constant_symbol": "[0-9]{0,4}",
    "specific_symbol": "[0-9]{0,10}",
    "reference": ".{0,35}",
    "note": ".{0,140}",
    "payee": ".{0,70}",
    "address_1": ".{0,70}",
    "address_2": ".{0,70}",
}


@dataclass(frozen=True, slots=True)
class Square:
    """A code: one payment as a rule, or several under one invoice id."""

    payments: tuple[Payment, ...]
    invoice_id: str = ""


def write_table(square: Square) -> str:
    """Write a code's fields; refuses ``paycode_field`` with the field named."""
    wrong = next((wrong for payment in square.payments if (wrong := _wrong_field(payment))), "")
    if wrong or not is_printable(square.invoice_id) or len(square.invoice_id) > 10 or not square.payments:
        raise Refused("paycode_field", field=wrong or "invoice_id")
    table = [square.invoice_id, str(len(square.payments))]
    for payment in square.payments:
        table += _fields_of(payment)
    for payment in square.payments:
        table += [payment.payee, payment.address_1, payment.address_2]
    return "\t".join(table)


def read_table(table: str) -> Square:
    """Read a code's fields; refuses ``paycode_unreadable`` with the place named."""
    values = table.split("\t")
    if len(values) > _MOST_FIELDS:
        raise Refused("paycode_unreadable", place="fields")
    rest = iter(values)
    invoice_id = next(rest)
    drafts = [_read_payment(rest) for _ in range(_count(rest, "payments"))]
    payments = []
    for draft in drafts:
        draft |= {name: next(rest, "") for name in ("payee", "address_1", "address_2")}
        payment = Payment(**draft)
        wrong = _wrong_field(payment)
        if wrong:
            raise Refused("paycode_unreadable", place=wrong)
        payments.append(payment)
    if any(rest) or not is_printable(invoice_id):
        raise Refused("paycode_unreadable", place="fields")
    return Square(tuple(payments), invoice_id)


def _read_payment(rest: Iterator[str]) -> dict[str, Any]:
    options, amount, currency = _next(rest, "options"), _next(rest, "amount"), _next(rest, "currency")
    if options not in tuple("1234567") or (amount and not re.fullmatch(r"[0-9]{1,15}(\.[0-9]{1,4})?", amount)):
        raise Refused("paycode_unreadable", place="amount" if options in tuple("1234567") else "options")
    names = ("due_on", "variable_symbol", "constant_symbol", "specific_symbol", "reference", "note")
    found: dict[str, Any] = {name: _next(rest, name) for name in names}
    found["accounts"] = tuple((_next(rest, "iban"), _next(rest, "bic")) for _ in range(_count(rest, "accounts")))
    found["standing_order"] = _extension(rest, "standing_order", _STANDING_FIELDS)
    found["direct_debit"] = _extension(rest, "direct_debit", _DEBIT_FIELDS)
    try:
        return {**found, "currency": currency, "amount_minor": parse_minor(amount, currency) if amount else None}
    except Refused:
        raise Refused("paycode_unreadable", place="amount") from None


def _next(rest: Iterator[str], place: str) -> str:
    value = next(rest, None)
    if value is None:
        raise Refused("paycode_unreadable", place=place)
    return value


def _count(rest: Iterator[str], place: str) -> int:
    text = _next(rest, place)
    if not re.fullmatch("[1-9]", text):
        raise Refused("paycode_unreadable", place=place)
    return int(text)


def _extension(rest: Iterator[str], place: str, size: int) -> tuple[str, ...]:
    flag = _next(rest, place)
    if flag not in ("", "0", "1"):
        raise Refused("paycode_unreadable", place=place)
    return tuple(_next(rest, place) for _ in range(size)) if flag == "1" else ()


def _fields_of(payment: Payment) -> list[str]:
    minor = payment.amount_minor
    amount = "" if minor is None else decimal_text(minor, payment.currency)
    symbols = [payment.variable_symbol, payment.constant_symbol, payment.specific_symbol]
    head = [str(payment.options), amount, payment.currency, payment.due_on, *symbols, payment.reference, payment.note]
    accounts = [part for account in payment.accounts for part in account]
    standing = ["1", *payment.standing_order] if payment.standing_order else ["0"]
    debit = ["1", *payment.direct_debit] if payment.direct_debit else ["0"]
    return [*head, str(len(payment.accounts)), *accounts, *standing, *debit]


def _wrong_field(payment: Payment) -> str:
    """Return the name of the first field that breaks its form, or ""."""
    for name, form in FORMS.items():
        value = getattr(payment, name)
        if not is_printable(value) or not re.fullmatch(form, value):
            return name
    checks = (
        ("iban", 1 <= len(payment.accounts) <= 9 and all(is_iban(iban) for iban, _ in payment.accounts)),
        ("bic", all(not bic or is_bic(bic) for _, bic in payment.accounts)),
        ("amount", payment.amount_minor is None or payment.amount_minor > 0),
        ("currency", bool(re.fullmatch("[A-Z]{3}", payment.currency))),
        ("standing_order", _is_extension(payment.standing_order, _STANDING_FIELDS)),
        ("direct_debit", _is_extension(payment.direct_debit, _DEBIT_FIELDS)),
    )
    return next((name for name, right in checks if not right), "")


def _is_extension(values: tuple[str, ...], size: int) -> bool:
    return not values or (len(values) == size and all(is_printable(value) for value in values))

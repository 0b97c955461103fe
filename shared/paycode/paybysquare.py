"""PAY by square: the payment code of Slovak banks, a compressed table of tab-separated fields in base32hex.

After the Slovak Banking Association's "PAY by square specifications" 1.1. The compressed text is not canonical (each
compressor writes another one): compare what was read.
"""

from __future__ import annotations

import re
import struct
import zlib
from collections.abc import Mapping
from typing import Any

from shared.money import decimal_text
from shared.paycode.ask import Ask
from shared.paycode.square import FORMS, Payment, Square, read_table, write_table
from shared.paycode.words import Words, amount_of, texts
from shared.refusal import Refused

_ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUV"
_PAYLOAD = re.compile(f"[{_ALPHABET}]{{16,2000}}")


def from_settings(settings: Mapping[str, str], ask: Ask) -> str:
    """Make a code from a company's settings ``iban``, ``bic`` and ``payee``; refuses ``paycode_setting``."""
    account = (settings.get("iban", "").replace(" ", ""), settings.get("bic", ""))
    payee, reference = settings.get("payee", ""), ask.plain_reference
    try:
        return encode(Square((Payment((account,), ask.amount_minor, ask.currency, reference=reference, payee=payee),)))
    except Refused as refused:
        if refused.code == "paycode_field":
            raise Refused("paycode_setting", field=refused.values["field"]) from None
        raise


def from_words(words: Words) -> Square:
    """Read a code from words: those of its payment, ``invoice_id``, and ``further`` payments as a list of objects.

    A payment's account is ``iban`` and ``bic``; more of them are ``accounts``, a list of such objects.
    """
    own = {word: value for word, value in words.items() if word not in ("scheme", "invoice_id", "further")}
    further = words.get("further", [])
    if not isinstance(further, list) or not all(isinstance(one, Mapping) for one in further):
        raise Refused("paycode_field", field="further")
    invoice_id = texts({"invoice_id": words.get("invoice_id", "")}, ("invoice_id",)).get("invoice_id", "")
    return Square(tuple(_payment_of(one) for one in (own, *further)), invoice_id)


def to_words(square: Square) -> dict[str, object]:
    """Return a code's words, empty ones left out."""
    first, *further = [_words_of(payment) for payment in square.payments]
    invoice = {"invoice_id": square.invoice_id} if square.invoice_id else {}
    return {**invoice, **first, **({"further": further} if further else {})}


def encode(square: Square) -> str:
    """Write a code of version 1.1; refuses ``paycode_field`` with the field named."""
    plain = write_table(square).encode()
    if len(plain) > 60_000:
        raise Refused("paycode_too_long", length=len(plain))
    plain = struct.pack("<I", zlib.crc32(plain)) + plain
    return _base32(b"\x01\x00" + struct.pack("<H", len(plain)) + _compress(plain))


def is_square(payload: str) -> bool:
    """Say whether a text has the alphabet of these codes."""
    return bool(_PAYLOAD.fullmatch(payload))


def decode(payload: str) -> Square:
    """Read a code; refuses ``paycode_unreadable`` with the place named, and ``paycode_checksum``."""
    if not _PAYLOAD.fullmatch(payload):
        raise Refused("paycode_unreadable", place="base32hex")
    raw = _bytes(payload)
    if raw[0] >> 4 != 0 or raw[0] & 15 > 2 or raw[1] >> 4 != 0:
        raise Refused("paycode_unreadable", place="header")
    (length,) = struct.unpack("<H", raw[2:4])
    plain = _expand(raw[4:], length)
    if zlib.crc32(plain[4:]) != struct.unpack("<I", plain[:4])[0]:
        raise Refused("paycode_checksum")
    try:
        table = plain[4:].decode()
    except UnicodeDecodeError:
        raise Refused("paycode_unreadable", place="encoding") from None
    return read_table(table)


def _filters() -> list[dict[str, Any]]:
    import lzma  # noqa: PLC0415 - a few kilobytes that only this scheme needs

    return [{"id": lzma.FILTER_LZMA1, "lc": 3, "lp": 0, "pb": 2, "dict_size": 1 << 17}]


def _compress(plain: bytes) -> bytes:
    import lzma  # noqa: PLC0415

    return lzma.compress(plain, lzma.FORMAT_RAW, filters=_filters())


def _expand(packed: bytes, length: int) -> bytes:
    """Expand at most ``length`` bytes (two bytes of header bound it: no bomb).

    Some writers state more than there is (the example of xseman/bysquare), so the checksum judges, not the length.
    """
    import lzma  # noqa: PLC0415

    try:
        plain = lzma.LZMADecompressor(lzma.FORMAT_RAW, filters=_filters()).decompress(packed, max_length=length)
    except (lzma.LZMAError, EOFError):
        plain = b""
    if len(plain) < 4:
        raise Refused("paycode_unreadable", place="length")
    return plain


def _base32(raw: bytes) -> str:
    bits = len(raw) * 8
    digits = -(-bits // 5)
    number = int.from_bytes(raw, "big") << (digits * 5 - bits)
    return "".join(_ALPHABET[number >> 5 * at & 31] for at in reversed(range(digits)))


def _bytes(payload: str) -> bytes:
    size = len(payload) * 5 // 8
    return (int(payload, 32) >> (len(payload) * 5 - size * 8)).to_bytes(size, "big")


def _payment_of(words: Words) -> Payment:
    lists = ("accounts", "standing_order", "direct_debit")
    plain = {word: value for word, value in words.items() if word not in lists}
    given = texts(plain, (*FORMS, "amount", "currency", "iban", "bic"))
    amount, currency = given.pop("amount", ""), given.pop("currency", "EUR")
    own = (given.pop("iban", "").replace(" ", ""), given.pop("bic", ""))
    minor = amount_of(amount, currency) if amount else None
    whole: dict[str, Any] = {**given, **{word: _texts_in(words, word) for word in lists[1:]}}
    return Payment((own, *_accounts_of(words)), minor, currency, **whole)


def _accounts_of(words: Words) -> list[tuple[str, str]]:
    given = words.get("accounts", [])
    if not isinstance(given, list) or not all(isinstance(one, Mapping) for one in given):
        raise Refused("paycode_field", field="accounts")
    found = [texts(one, ("iban", "bic")) for one in given]
    return [(one.get("iban", ""), one.get("bic", "")) for one in found]


def _texts_in(words: Words, word: str) -> tuple[str, ...]:
    given = words.get(word, ())
    if not isinstance(given, list | tuple) or not all(isinstance(one, str) for one in given):
        raise Refused("paycode_field", field=word)
    return tuple(given)


def _words_of(payment: Payment) -> dict[str, object]:
    (iban, bic), *more = payment.accounts
    minor = payment.amount_minor
    amount = "" if minor is None else decimal_text(minor, payment.currency)
    words: dict[str, object] = {"iban": iban, "bic": bic, "amount": amount, "currency": payment.currency}
    words |= {name: getattr(payment, name) for name in FORMS}
    words |= {"accounts": [{"iban": one, "bic": other} for one, other in more]}
    words |= {"standing_order": list(payment.standing_order), "direct_debit": list(payment.direct_debit)}
    return {word: value for word, value in words.items() if value}

"""UPI deep links: what India's wallets scan. ``tr`` is the reference that comes back."""

from __future__ import annotations

import re
from collections.abc import Mapping
from urllib.parse import quote, unquote

from shared.paycode.ask import Ask
from shared.paycode.words import Words, amount_of, is_printable, texts
from shared.refusal import Refused

# The word, its key, and the form of its value (NPCI "UPI Linking Specification" 1.6, 2).
_WORDS = {
    "payee": ("pa", r"[A-Za-z0-9._-]{1,255}@[A-Za-z0-9.-]{2,64}"),
    "name": ("pn", ".{1,99}"),
    "mcc": ("mc", "[0-9]{4}"),
    "transaction": ("tid", "[!-~]{1,35}"),
    "reference": ("tr", "[!-~]{1,35}"),
    "note": ("tn", ".{1,80}"),
    "amount": ("am", r"[0-9]{1,12}(\.[0-9]{1,2})?"),
    "minimum": ("mam", r"[0-9]{1,12}(\.[0-9]{1,2})?|null"),
    "currency": ("cu", "INR"),
    "url": ("url", "[!-~]{1,500}"),
}
_BY_KEY = {key: word for word, (key, _) in _WORDS.items()}
_OTHER = re.compile("[A-Za-z][A-Za-z0-9]{0,19}")  # mode, purpose, orgid, sign … of UPI 2.0
_HEAD = "upi://pay?"
_SAFE = "@:/=+,;-._~"


def from_settings(settings: Mapping[str, str], ask: Ask) -> str:
    """Make a link from a company's settings ``payee`` (its address, name@bank), ``name`` and ``mcc``.

    Refuses ``paycode_setting`` with the key named, and ``currency_mismatch`` (rupees only).
    """
    ask.must_be_in("INR")
    own = {word: settings.get(word, "") for word in ("payee", "name", "mcc")}
    if not own["name"]:
        raise Refused("paycode_setting", field="name")
    try:
        return encode({**own, "reference": ask.plain_reference, "amount": ask.amount, "currency": "INR"})
    except Refused as refused:
        if refused.code == "paycode_field":
            raise Refused("paycode_setting", field=refused.values["field"]) from None
        raise


def encode(words: Words) -> str:
    """Write the words in their order; refuses ``paycode_field``, and amounts as ``words.amount_of`` does."""
    known = [word for word in words if word in _WORDS or _OTHER.fullmatch(word)]
    given = texts({word: value for word, value in words.items() if word != "scheme"}, known)
    if "amount" in given:
        amount_of(given["amount"], "INR")
    wrong = _wrong_word(given)
    if wrong:
        raise Refused("paycode_field", field=wrong)
    return _HEAD + "&".join(f"{_key(word)}={quote(value, safe=_SAFE)}" for word, value in given.items())


def decode(payload: str) -> dict[str, object]:
    """Read a link; refuses ``paycode_unreadable`` with the key named."""
    if payload[: len(_HEAD)].lower() != _HEAD or len(payload) > 2000:
        raise Refused("paycode_unreadable", place="upi://pay")
    words: dict[str, str] = {}
    for part in payload[len(_HEAD) :].split("&"):
        key, equals, value = part.partition("=")
        word = _BY_KEY.get(key, key)
        known = key in _BY_KEY or (_OTHER.fullmatch(key) and key not in _WORDS and key != "scheme")
        if not equals or word in words or not known or not value.isascii():
            raise Refused("paycode_unreadable", place=key[:20])
        try:
            words[word] = unquote(value, errors="strict")
        except UnicodeDecodeError:
            raise Refused("paycode_unreadable", place=key) from None
    found = {word: value for word, value in words.items() if value}
    wrong = _wrong_word(found)
    if wrong:
        raise Refused("paycode_unreadable", place=_key(wrong))
    return {**found}


def _key(word: str) -> str:
    return _WORDS[word][0] if word in _WORDS else word


def _wrong_word(words: Mapping[str, str]) -> str:
    for word, value in words.items():
        if not is_printable(value) or not re.fullmatch(_WORDS.get(word, ("", ".{1,500}"))[1], value):
            return word
    if "payee" not in words:
        return "payee"
    return "amount" if "amount" in words and not words["amount"].strip("0.") else ""

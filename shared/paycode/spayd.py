"""SPAYD, "Short Payment Descriptor" 1.0: the payment code of Czech banks."""

from __future__ import annotations

import re
import zlib
from collections.abc import Iterable, Mapping
from urllib.parse import quote, unquote

from shared.money import exponent
from shared.paycode.account import is_bic, is_iban
from shared.paycode.ask import Ask
from shared.paycode.currency import NUMERIC
from shared.paycode.words import Words, amount_of, is_printable, texts
from shared.refusal import Refused

# The word, its key, and the form of its value (after percent-decoding).
_WORDS = {
    "account": ("ACC", ".{15,46}"),
    "other_accounts": ("ALT-ACC", ".{15,93}"),
    "amount": ("AM", r"[0-9]{1,10}(\.[0-9]{1,2})?"),
    "currency": ("CC", "[A-Z]{3}"),
    "reference": ("RF", "[0-9]{1,16}"),
    "payee": ("RN", ".{1,35}"),
    "due_on": ("DT", "[0-9]{8}"),
    "kind": ("PT", ".{1,3}"),
    "message": ("MSG", ".{1,60}"),
    "notify_by": ("NT", "[PE]"),
    "notify": ("NTA", ".{1,320}"),
    "retry_days": ("X-PER", "[0-9]{1,2}"),
    "variable_symbol": ("X-VS", "[0-9]{1,10}"),
    "specific_symbol": ("X-SS", "[0-9]{1,10}"),
    "constant_symbol": ("X-KS", "[0-9]{1,10}"),
    "payer_reference": ("X-ID", ".{1,20}"),
    "url": ("X-URL", ".{1,140}"),
}
_BY_KEY = {key: word for word, (key, _) in _WORDS.items()}
_OTHER = re.compile("X-[A-Z0-9-]{1,30}")  # keys that banks add
_HEAD = "SPD*1.0*"
_SAFE = " !\"#$&'()+,-./:;<=>?@[]^_`{|}~"


def from_settings(settings: Mapping[str, str], ask: Ask) -> str:
    """Make a code from a company's settings ``iban`` (and ``bic``, ``payee``): the reference stands in the message.

    Refuses ``paycode_setting`` with the key named.
    """
    bic = settings.get("bic", "")
    words = {
        "account": settings.get("iban", "").replace(" ", "") + (f"+{bic}" if bic else ""),
        "amount": ask.amount,
        "currency": ask.currency,
        "payee": settings.get("payee", ""),
        "message": ask.plain_reference,
    }
    try:
        return encode(words)
    except Refused as refused:
        if refused.code == "paycode_field":
            field = {"account": "iban"}.get(str(refused.values["field"]), refused.values["field"])
            raise Refused("paycode_setting", field=field) from None
        raise


def encode(words: Words) -> str:
    """Write the words in their order; with ``checksum`` ("yes") a CRC32 follows.

    Refuses ``paycode_field`` with the word named, and amounts as ``words.amount_of`` does.
    """
    known = [word for word in words if word in _WORDS or word == "checksum" or _OTHER.fullmatch(word)]
    given = texts({word: value for word, value in words.items() if word != "scheme"}, known)
    checksum = given.pop("checksum", "")
    if "amount" in given:
        amount_of(given["amount"], given.get("currency", "CZK"))
    wrong = _wrong_word(given)
    if wrong:
        raise Refused("paycode_field", field=wrong)
    pairs = [(_key(word), quote(value, safe=_SAFE)) for word, value in given.items()]
    return _HEAD + "*".join(f"{key}:{value}" for key, value in pairs) + (f"*CRC32:{_crc(pairs)}" if checksum else "")


def decode(payload: str) -> dict[str, object]:
    """Read a code; refuses ``paycode_unreadable`` with the key or word named, and ``paycode_checksum``."""
    if not payload.startswith(_HEAD) or len(payload) > 2000:
        raise Refused("paycode_unreadable", place="SPD*1.0")
    pairs: dict[str, str] = {}
    for part in payload[len(_HEAD) :].removesuffix("*").split("*"):
        key, colon, value = part.partition(":")
        if not colon or not value or key in pairs or not (key in _BY_KEY or key == "CRC32" or _OTHER.fullmatch(key)):
            raise Refused("paycode_unreadable", place=key[:20])
        pairs[key] = value
    checksum = pairs.pop("CRC32", "")
    if checksum and checksum.upper() != _crc(pairs.items()):
        raise Refused("paycode_checksum")
    words: dict[str, object] = {}
    for key, value in pairs.items():
        try:
            words[_BY_KEY.get(key, key)] = unquote(value, errors="strict")
        except UnicodeDecodeError:
            raise Refused("paycode_unreadable", place=key) from None
    wrong = _wrong_word({word: str(value) for word, value in words.items()})
    if wrong:
        raise Refused("paycode_unreadable", place=_key(wrong))
    return {**words, **({"checksum": "yes"} if checksum else {})}


def _key(word: str) -> str:
    return _WORDS[word][0] if word in _WORDS else word


def _crc(pairs: Iterable[tuple[str, str]]) -> str:
    """Eight hex digits over the canonical text: keys in order, without the checksum itself."""
    body = "*".join(f"{key}:{value}" for key, value in sorted(pairs))
    return f"{zlib.crc32((_HEAD + body).encode(errors='surrogatepass')):08X}"


def _wrong_word(words: Mapping[str, str]) -> str:
    for word, value in words.items():
        form = _WORDS.get(word, ("", ".{1,140}"))[1]
        if not is_printable(value) or not re.fullmatch(form, value):
            return word
    if not _accounts(words.get("account", "")):
        return "account"
    if "other_accounts" in words and not _accounts(words["other_accounts"]):
        return "other_accounts"
    currency, amount = words.get("currency", "CZK"), words.get("amount", "1")
    if currency not in NUMERIC:
        return "currency"
    return "" if amount.strip("0.") and len(amount.partition(".")[2]) <= exponent(currency) else "amount"


def _accounts(text: str) -> bool:
    parts = [part.partition("+") for part in text.split(",")]
    return all(is_iban(iban) and (not plus or is_bic(bic)) for iban, plus, bic in parts)

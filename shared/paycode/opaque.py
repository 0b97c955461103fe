"""A code that only a payment provider can mint (WeChat Pay, Alipay, an aggregated code): rendered as it is."""

from __future__ import annotations

import re
from collections.abc import Mapping

from shared.paycode.ask import Ask
from shared.paycode.words import Words, texts
from shared.refusal import Refused

_ADDRESS = re.compile(r"[A-Za-z][A-Za-z0-9+.-]{1,30}://[!-~]{1,1000}")


def from_settings(settings: Mapping[str, str], _ask: Ask) -> str:
    """Return the company's own static code (``payload``); the payer types the amount."""
    try:
        return encode({"payload": settings.get("payload", "")})
    except Refused:
        raise Refused("paycode_setting", field="payload") from None


def encode(words: Words) -> str:
    """Return the address in ``payload`` unchanged; refuses ``paycode_field``."""
    payload = texts({word: value for word, value in words.items() if word != "scheme"}, ("payload",)).get("payload", "")
    if not _ADDRESS.fullmatch(payload):
        raise Refused("paycode_field", field="payload")
    return payload


def decode(payload: str) -> dict[str, object]:
    """Return the address; refuses ``paycode_unreadable`` for a text that is not one."""
    if not _ADDRESS.fullmatch(payload):
        raise Refused("paycode_unreadable", place="scheme")
    return {"payload": payload}

"""What the text formats share: decoding, clean texts, and which currency a line is in."""

from __future__ import annotations

import re

from backend.importing import sheet
from shared.refusal import Refused

USUAL_CURRENCY = "CNY"
_SWIFT_FRAME = b"\x01\x02\x03\x04"
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f]+")


def decode(content: bytes) -> str:
    """Return a statement's text with line feeds at line ends, by the encoding ladder of ``sheet.decode``.

    Where nothing fits, Latin 1 does: banks put code pages of DOS into notes, and money never depends on those.
    Refuses ``file_empty``, and ``statement_unreadable`` for NUL bytes.
    """
    if not content.strip():
        raise Refused("file_empty")
    plain = content.translate(None, _SWIFT_FRAME)
    try:
        text = sheet.decode(plain)
    except Refused:
        if b"\0" in content:
            raise Refused("statement_unreadable", place=f"byte {content.index(0) + 1}") from None
        text = plain.decode("latin-1")
    return text.replace("\r\n", "\n").replace("\r", "\n")


def clean(text: str, length: int = 200) -> str:
    """Return a text in one line without control characters, cut to a length."""
    return " ".join(_CONTROL.sub(" ", text).split())[:length]


def unit(found: str, currency: str) -> str:
    """Return a line's currency; ``currency`` is the account's, empty to take whatever the file says.

    Refuses ``currency_mismatch``. A file that names none is in the account's currency, else in yuan.
    """
    code = found.strip().upper()
    if code and currency and code != currency:
        raise Refused("currency_mismatch", expected=currency, got=code[:12])
    return code or currency or USUAL_CURRENCY

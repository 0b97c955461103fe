"""One file per statement format. Each says ``identify(head, name)`` and ``extract(content, name, mapping, currency)``.

``head`` is the beginning of the file as bytes (UTF-16 turned into UTF-8), ``currency`` the account's, or empty to take
every line in the currency that the file states. ``extract`` raises nothing but ``Refused``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from backend.bank.formats import bai2, camt, container, csv, mt940, ofx, qif
from shared.refusal import Refused

if TYPE_CHECKING:
    from backend.bank.line import Statement
    from backend.importing.mapping import Mapping

MEGABYTES = 256
HEAD = 16_384


class Format(Protocol):
    """What a module of this package offers."""

    def identify(self, head: bytes, name: str) -> bool:
        """Say whether a file that begins so is of this format."""

    def extract(self, content: bytes, name: str, mapping: Mapping, currency: str) -> Statement:
        """Return the lines of a file."""


FORMATS: dict[str, Format] = {"camt": camt, "mt940": mt940, "ofx": ofx, "qif": qif, "bai2": bai2}
NAMES = ("auto", *FORMATS, "csv")


def extract(content: bytes, name: str, mapping: Mapping, currency: str, *, kind: str = "auto") -> Statement:
    """Return the lines of a statement of any format, also out of the zip or gzip file that it came in.

    ``kind`` is one of ``NAMES``. Refuses ``file_too_large``, ``file_empty``, ``statement_format_unclear`` when two
    formats claim the file, and what the format's ``extract`` refuses.
    """
    if len(content) > MEGABYTES * 1024 * 1024:
        raise Refused("file_too_large", megabytes=MEGABYTES)
    if not content.strip():
        raise Refused("file_empty")
    content, name = container.opened(content, name, MEGABYTES)
    found = FORMATS.get(kind) or (None if kind == "csv" else _claimed(content, name))
    return (found or csv).extract(content, name, mapping, currency)


def _claimed(content: bytes, name: str) -> Format | None:
    """Return the one format that claims a file, None for a table."""
    head = _head(content)
    claims = [kind for kind, one in FORMATS.items() if one.identify(head, name)]
    if len(claims) > 1:
        raise Refused("statement_format_unclear", formats=", ".join(claims))
    return FORMATS[claims[0]] if claims else None


def _head(content: bytes) -> bytes:
    if content[:2] in {b"\xff\xfe", b"\xfe\xff"}:
        return content[: 2 * HEAD].decode("utf-16", "ignore").encode()
    return content[:HEAD].removeprefix(b"\xef\xbb\xbf")

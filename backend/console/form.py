"""Reading what a person typed into a form: bounded texts, amounts, days and files, each refused in plain words."""

from __future__ import annotations

import base64
import binascii
import zlib
from datetime import date
from typing import Any

from litestar import Request
from litestar.datastructures import FormMultiDict, UploadFile

from shared.money import parse_minor
from shared.refusal import Refused

MEGABYTES = 10
_LARGEST = MEGABYTES * 1024 * 1024


class Form:
    """The fields of one posted form."""

    def __init__(self, fields: FormMultiDict) -> None:
        """Wrap the fields as they came."""
        self.fields = fields

    def text(self, name: str, *, longest: int = 200) -> str:
        """Return a field without surrounding blanks, cut to a length; empty when it is not there."""
        value = self.fields.get(name, "")
        return value.replace("\0", "").strip()[:longest] if isinstance(value, str) else ""

    def many(self, name: str) -> list[str]:
        """Return every value of a field that occurs several times (ticked boxes)."""
        return [value[:200] for value in self.fields.getall(name, []) if isinstance(value, str) and "\0" not in value]

    def minor(self, name: str, currency: str) -> int:
        """Return an amount in minor units; refuses what ``parse_minor`` refuses. Full-width figures are understood."""
        plain = self.text(name).translate(str.maketrans("０１２３４５６７８９．，－￥", "0123456789.,-¥"))
        return parse_minor(plain.lstrip("¥$€£ "), currency)

    def whole(self, name: str) -> int:
        """Return a whole number of at most nine digits; refuses ``request_invalid``."""
        text = self.text(name)
        if not (text.isascii() and text.lstrip("-").isdigit() and len(text) <= 9):
            raise Refused("request_invalid", problem=f"{name} = “{text[:20]}”")
        return int(text)

    def basis_points(self, name: str) -> int:
        """Return a percentage with at most two digits after the mark in basis points: "1.5" is 150."""
        return parse_minor(self.text(name).rstrip("%％ ") or "0", "CNY")  # two digits, as the yuan has

    def day(self, name: str) -> date:
        """Return a date; refuses ``date_unreadable``."""
        found = day_or_none(self.text(name))
        if found is None:
            raise Refused("date_unreadable", text=self.text(name)[:20], form="2026-11-21")
        return found

    async def file(self, name: str) -> tuple[str, bytes]:
        """Return an uploaded file's name and content; refuses ``file_empty`` and ``file_too_large``."""
        sent = self.fields.get(name)
        if not isinstance(sent, UploadFile) or not sent.filename:
            return self._kept(name)
        content = await sent.read(_LARGEST + 1)
        if len(content) > _LARGEST:
            raise Refused("file_too_large", megabytes=MEGABYTES)
        if not content:
            raise Refused("file_empty")
        return sent.filename[:200].replace("\0", ""), content

    def _kept(self, name: str) -> tuple[str, bytes]:
        """Unpack the file that a preview's form carries along."""
        try:
            packed = base64.b64decode(self.fields.get(f"{name}_kept", ""), validate=True)
            unpacking = zlib.decompressobj()
            content = unpacking.decompress(packed, _LARGEST + 1) if packed else b""
        except (ValueError, TypeError, binascii.Error, zlib.error):
            content = b""
        if not content:
            raise Refused("file_empty")
        if len(content) > _LARGEST:
            raise Refused("file_too_large", megabytes=MEGABYTES)
        return self.text(f"{name}_name"), content


def keep(content: bytes) -> str:
    """Pack a file for the preview's form, so that the server remembers nothing between the two steps."""
    return base64.b64encode(zlib.compress(content, 6)).decode()


def day_or_none(text: str | None) -> date | None:
    """Read an ISO date; None for anything else."""
    try:
        return date.fromisoformat(text or "")
    except ValueError:
        return None


async def read_form(request: Request[Any, Any, Any]) -> Form:
    """Return the posted form (a dependency)."""
    return Form(await request.form())

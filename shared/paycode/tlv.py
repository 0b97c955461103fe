"""EMVCo's tag-length-value text: two digits of tag, two of length in characters, the value; and its checksum."""

from __future__ import annotations

import binascii
from typing import TYPE_CHECKING, NamedTuple

from shared.refusal import Refused

if TYPE_CHECKING:
    from collections.abc import Iterable

_DIGITS = frozenset("0123456789")
_LONGEST = 99


class Field(NamedTuple):
    """One data object: its two-digit id and its value as text."""

    id: str
    value: str


def crc(text: str) -> str:
    """CRC-16/CCITT-FALSE over UTF-8 bytes as four upper-case hex digits (EMVCo MPM 1.1, 4.7.3)."""
    return f"{binascii.crc_hqx(text.encode(errors='surrogatepass'), 0xFFFF):04X}"


def write(fields: Iterable[Field | tuple[str, str]]) -> str:
    """Write fields one after the other.

    Refuses ``paycode_field`` with the field named: id not two digits, empty value, or more than 99 characters.
    """
    parts = []
    for id, value in fields:
        if not _is_id(id) or not 1 <= len(value) <= _LONGEST:
            raise Refused("paycode_field", field=id[:10])
        parts.append(f"{id}{len(value):02d}{value}")
    return "".join(parts)


def read(text: str, place: str = "") -> tuple[Field, ...]:
    """Read fields until the text ends; ``place`` is the path of the template being read ("38.01").

    Refuses ``paycode_unreadable`` with the place named: an id or length that is not two digits, a length of zero or
    beyond the end, an id that comes twice.
    """
    fields: list[Field] = []
    at, seen = 0, set[str]()
    while at < len(text):
        id, length = text[at : at + 2], text[at + 2 : at + 4]
        here = f"{place}.{id}" if place else id
        if not _is_id(id) or not _is_id(length) or id in seen:
            raise Refused("paycode_unreadable", place=here[:20])
        value = text[at + 4 : at + 4 + int(length)]
        if not value or len(value) < int(length):
            raise Refused("paycode_unreadable", place=here)
        fields.append(Field(id, value))
        seen.add(id)
        at += 4 + len(value)
    return tuple(fields)


def _is_id(text: str) -> bool:
    return len(text) == 2 and set(text) <= _DIGITS

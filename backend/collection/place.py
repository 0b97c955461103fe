"""The place in a list to continue from: a time and an id, as one text."""

from __future__ import annotations

from typing import Annotated

from litestar.params import ParameterKwarg

from shared.ident import is_uuid
from shared.refusal import Refused

PlaceText = Annotated[
    str, ParameterKwarg(pattern=r"^([0-9]{1,15}_[0-9a-f-]{36})?$", description="Empty: from the beginning.")
]


def place(text: str) -> tuple[int, str] | None:
    """Read a place; refuses ``cursor_invalid``."""
    at_ms, _, one = text.partition("_")
    if not text:
        return None
    if not (at_ms.isdigit() and is_uuid(one)):
        raise Refused("cursor_invalid")
    return int(at_ms), one


def place_text(at_ms: int, one: str) -> str:
    """Write a place."""
    return f"{at_ms}_{one}"

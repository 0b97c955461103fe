"""What a request may hold: bounded types for bodies and parameters, so that no input ever reaches a database raw."""

from __future__ import annotations

from typing import Annotated

from litestar.params import ParameterKwarg
from msgspec import Meta

from shared.money import MAX_MINOR

_UUID = r"^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$"
_NO_NUL = r"^[^\x00]*$"

# Each bound stands twice: bodies are held to Meta, and parameters (``FromQuery[WordText]``) to ParameterKwarg only.
IdText = Annotated[str, Meta(pattern=_UUID, description="A UUID in lower case."), ParameterKwarg(pattern=_UUID)]
WordText = Annotated[str, Meta(max_length=40, pattern=_NO_NUL), ParameterKwarg(max_length=40, pattern=_NO_NUL)]
NameText = Annotated[str, Meta(max_length=200, pattern=_NO_NUL), ParameterKwarg(max_length=200, pattern=_NO_NUL)]
NoteText = Annotated[str, Meta(max_length=2_000, pattern=_NO_NUL), ParameterKwarg(max_length=2_000, pattern=_NO_NUL)]
SecretText = Annotated[str, Meta(max_length=1_000, pattern=_NO_NUL), ParameterKwarg(max_length=1_000, pattern=_NO_NUL)]
MinorAmount = Annotated[
    int, Meta(ge=-MAX_MINOR, le=MAX_MINOR, description="Minor units."), ParameterKwarg(ge=-MAX_MINOR, le=MAX_MINOR)
]
PositiveMinor = Annotated[
    int, Meta(gt=0, le=MAX_MINOR, description="Minor units, more than zero."), ParameterKwarg(gt=0, le=MAX_MINOR)
]
PageLimit = Annotated[int, Meta(ge=1, le=200, description="Rows of a page."), ParameterKwarg(ge=1, le=200)]

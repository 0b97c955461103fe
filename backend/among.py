"""``column IN (many ids)`` with one bound value: thousands of parameters cost more to bind than the rows to find."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

from sqlalchemy import Boolean, ColumnElement, literal
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.functions import FunctionElement


class _Among(FunctionElement[bool]):
    """A column, and texts as a JSON array."""

    name = "among"
    type = Boolean()
    inherit_cache = True


def among(column: Any, ids: Iterable[str]) -> ColumnElement[bool]:
    """Say whether a text column holds one of these texts (none of which may hold a NUL: PostgreSQL has no place)."""
    return _Among(column, literal(json.dumps(list(ids))))


@compiles(_Among, "sqlite")
def _sqlite(element: _Among, compiler: Any, **options: Any) -> str:
    column, ids = (compiler.process(one, **options) for one in element.clauses)
    return f"{column} IN (SELECT value FROM json_each({ids}))"  # noqa: S608 - SQLAlchemy's own text of both


@compiles(_Among, "postgresql")
def _postgresql(element: _Among, compiler: Any, **options: Any) -> str:
    column, ids = (compiler.process(one, **options) for one in element.clauses)
    return f"{column} = ANY(ARRAY(SELECT jsonb_array_elements_text(CAST({ids} AS jsonb))))"

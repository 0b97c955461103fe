"""Lists as CSV files that a spreadsheet opens rightly and safely."""

from __future__ import annotations

import csv
import io
from typing import TYPE_CHECKING, TypeVar

from litestar import Response

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterable, Sequence

PAGE = 1000
_Row = TypeVar("_Row")
_Place = TypeVar("_Place")
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


async def every(
    page: Callable[[_Place, int], Awaitable[Sequence[_Row]]], place: Callable[[_Row], _Place], start: _Place
) -> list[_Row]:
    """Return all rows of a list that pages by key: ``page(after, limit)``, until a page is not full."""
    rows, after = list[_Row](), start
    while True:
        found = await page(after, PAGE)
        rows += found
        if len(found) < PAGE:
            return rows
        after = place(found[-1])


def csv_response(name: str, header: Sequence[str], rows: Iterable[Sequence[object]]) -> Response[bytes]:
    """Answer with rows as CSV (UTF-8 with BOM, CRLF); texts that a spreadsheet would compute are quoted by ``'``."""
    text = io.StringIO(newline="")
    writer = csv.writer(text)
    writer.writerow(header)
    writer.writerows([_safe(value) for value in row] for row in rows)
    return Response(
        text.getvalue().encode("utf-8-sig"),
        media_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="{name}.csv"'},
    )


def _safe(value: object) -> object:
    if isinstance(value, str) and value.startswith(_FORMULA) and not _is_amount(value):
        return f"'{value}"
    return value


def _is_amount(text: str) -> bool:
    return text.removeprefix("-").replace(".", "", 1).isascii() and text.removeprefix("-").replace(".", "", 1).isdigit()

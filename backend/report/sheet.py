"""Reports as files: CSV that a spreadsheet opens."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable

from backend.report.service import AgedReport
from shared.invoice import BUCKETS
from shared.money import decimal_text

AGED_HEAD = ("as_of", "customer", "name", "currency", *BUCKETS, "total", "unapplied")


def rows_text(head: Iterable[str], rows: Iterable[Iterable[object]]) -> str:
    """Write CSV (RFC 4180); a text that a spreadsheet would take for a formula gets an apostrophe in front."""
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(head)
    writer.writerows([harmless(cell) for cell in row] for row in rows)
    return out.getvalue()


def harmless(cell: object) -> object:
    """Defuse a formula (OWASP, CSV injection); plain negative amounts stay as they are."""
    if isinstance(cell, str) and cell[:1] in {"=", "+", "-", "@", "\t", "\r"} and not _is_decimal(cell):
        return f"'{cell}"
    return cell


def _is_decimal(text: str) -> bool:
    return text[1:].replace(".", "", 1).isdecimal()


def aged_text(report: AgedReport) -> str:
    """Write the aged report, amounts as decimals."""
    return rows_text(
        AGED_HEAD,
        (
            (
                report.as_of.isoformat(),
                row.number,
                row.name,
                row.currency,
                *(decimal_text(row.buckets[name], row.currency) for name in BUCKETS),
                decimal_text(row.total_minor, row.currency),
                decimal_text(row.unapplied_minor, row.currency),
            )
            for row in report.rows
        ),
    )

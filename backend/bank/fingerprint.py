"""Telling the same bank line in two files from two lines that only look the same."""

from __future__ import annotations

import hashlib
import unicodedata
from collections import Counter
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    from backend.bank.line import StatementLine


def fingerprint(account_id: str, line: StatementLine) -> str:
    """Return SHA-256 (hex) over what identifies a line, however a bank pads or cases it; never over the balance."""
    parts = (
        account_id,
        line.booked_on.isoformat(),
        str(line.amount_minor),
        line.currency,
        *(_plain(text) for text in (line.counterparty_name, line.counterparty_account)),
        *(_plain(text) for text in (line.reference, line.text, line.bank_id)),
    )
    return hashlib.sha256("\x1f".join(parts).encode()).hexdigest()


def _plain(text: str) -> str:
    return " ".join(unicodedata.normalize("NFKC", text).casefold().split())


def with_occurrence(account_id: str, lines: Iterable[StatementLine]) -> list[tuple[StatementLine, str, int]]:
    """Return each line with its fingerprint and how many equal ones stood before it in this file (0, 1 …).

    Counted from the file alone: an overlapping file counts the same lines alike and adds nothing, and two genuine
    twins of one file are two.
    """
    seen: Counter[str] = Counter()
    counted = []
    for line in lines:
        mark = fingerprint(account_id, line)
        counted.append((line, mark, seen[mark]))
        seen[mark] += 1
    return counted

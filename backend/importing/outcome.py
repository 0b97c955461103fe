"""What an import did, or would do: counts, refused rows, differences; errors stand beside results."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date

from backend.importing.mapping import in_words
from shared.language import N_, _
from shared.refusal import REFUSALS, Refused

Progress = Callable[[int, int], None]
_FORMS_NEXT = REFUSALS["amount_unreadable"].next  # speaks of a form, of which nothing was saved
_NEXT = N_("Correct this row and import the file again; the other rows are not affected.")


@dataclass(frozen=True, slots=True)
class RowRefused:
    """One row that was not taken: its line in the file, and the refusal's code and values."""

    line: int
    code: str
    values: dict[str, object]

    @property
    def sentence(self) -> str:
        """What is wrong and what to do, in the language in force."""
        refused = Refused(self.code, **in_words(self.values))
        return f"{refused.what} {_(_NEXT) if refused.row.next == _FORMS_NEXT else refused.next}"


@dataclass(frozen=True, slots=True)
class Difference:
    """An invoice whose open amount in the file differs from our ledger's at the file's date (minor units)."""

    invoice_id: str
    customer_number: str
    number: str
    currency: str
    file_open_minor: int
    ledger_open_minor: int


@dataclass(frozen=True, slots=True)
class Missing:
    """An open invoice of ours that the file does not have: only listed, never closed."""

    invoice_id: str
    customer_id: str
    number: str
    currency: str
    open_minor: int


@dataclass(slots=True)
class ImportOutcome:
    """Counts and findings of one file. ``import_id`` is empty after a dry run."""

    kind: str
    file_name: str
    as_of: date | None = None
    import_id: str = ""
    new_count: int = 0
    known_count: int = 0
    changed_count: int = 0
    customers_added: int = 0
    refused: list[RowRefused] = field(default_factory=list)
    differences: list[Difference] = field(default_factory=list)
    missing: list[Missing] = field(default_factory=list)
    sample: list[dict[str, str]] = field(default_factory=list)

    @property
    def row_count(self) -> int:
        """Rows of the file below its header."""
        return self.new_count + self.known_count + self.changed_count + len(self.refused)

    def refuse(self, line: int, refusal: Refused) -> None:
        """Note a row that is not taken; the others go on."""
        self.refused.append(RowRefused(line, refusal.code, dict(refusal.values)))

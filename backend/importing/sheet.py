"""Reading a file as a table of texts: CSV in whatever encoding and separator it came, XLSX and XLS."""

from __future__ import annotations

import csv
import io
import re
import unicodedata
from collections import Counter
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING

from python_calamine import CalamineError, load_workbook

from backend.importing.mapping import word
from shared.refusal import Refused

if TYPE_CHECKING:
    from collections.abc import Iterator

MEGABYTES = 10
_DELIMITERS = ",;\t|"
_BOMS = ((b"\xef\xbb\xbf", "utf-8-sig"), (b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16"))
_CONTROL = re.compile("[\x00-\x08\x0e-\x19\x1b-\x1f\x7f]")  # 1a may end a DOS file
_EXCEL_TEXT = re.compile(r'="(.*)"')
_ROWS_LOOKED_AT = 60
_COLUMNS_NAMED = 12


@dataclass(frozen=True, slots=True)
class Row:
    """One row: its line in the file (1 = first), its cells as texts, and the line as it came."""

    line: int
    cells: tuple[str, ...]
    raw: str


def read(
    content: bytes, file_name: str = "", *, encoding: str = "", delimiter: str = "", megabytes: int = MEGABYTES
) -> list[Row]:
    """Return the rows of a file that are not blank.

    Refuses ``file_too_large``, ``file_unreadable`` (with the place) and ``file_empty``. ``encoding`` and
    ``delimiter`` are found when not given.
    """
    if len(content) > megabytes * 1024 * 1024:
        raise Refused("file_too_large", megabytes=megabytes)
    if not content.strip():
        raise Refused("file_empty")
    if content[:4] == b"PK\x03\x04" or content[:8] == b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1":
        rows = _workbook_rows(content, file_name)
    else:
        rows = list(_text_rows(decode(content, encoding), delimiter))
    if not rows:
        raise Refused("file_empty")
    return rows


def decode(content: bytes, encoding: str = "") -> str:
    """Return a file's text: by its BOM, else strict UTF-8, else strict GB18030, else Windows-1252.

    UTF-16 is never guessed, because most Chinese files also "decode" as UTF-16. Refuses ``file_unreadable`` when
    nothing fits or when the text holds control characters, as pictures and programs do.
    """
    for mark, name in _BOMS:
        if content.startswith(mark):
            return _sound(_strict(content, name) or "", content)
    if b"\0" in content:
        raise Refused("file_unreadable", place=f"byte {content.index(0) + 1}")
    if encoding:
        return _sound(_strict(content, encoding), content)
    text = _strict(content, "utf-8")
    if text is None:
        text = _strict(content, "gb18030")
        western = _strict(content, "cp1252")
        if text is None or (western is not None and not _is_chinese(text)):
            text = western
    return _sound(text, content)


def _strict(content: bytes, encoding: str) -> str | None:
    try:
        return content.decode(encoding)
    except (UnicodeDecodeError, LookupError):
        return None


def _is_chinese(text: str) -> bool:
    """Say whether most characters beyond ASCII are in GB 2312: in Western text read as GB 18030 few are."""
    beyond = [character for character in text if character > "\x7f"]
    known = sum(len(character.encode("gb2312", "ignore")) == 2 for character in beyond)
    return 2 * known >= len(beyond)


def _sound(text: str | None, content: bytes) -> str:
    if not text:
        try:
            content.decode("utf-8")
        except UnicodeDecodeError as fault:
            raise Refused("file_unreadable", place=f"byte {fault.start + 1}") from None
        raise Refused("file_empty")
    if strange := _CONTROL.search(text):
        raise Refused("file_unreadable", place=f"line {text.count(chr(10), 0, strange.start()) + 1}")
    return text.removeprefix("\ufeff").rstrip("\x1a")


def _text_rows(text: str, delimiter: str) -> Iterator[Row]:
    lines = text.splitlines(keepends=True) if "\n" not in text else io.StringIO(text, newline="").readlines()
    mark = delimiter or _sniff(lines)
    try:
        yield from _parsed(lines, mark, strict=True)
    except csv.Error as fault:
        if "unexpected end" in str(fault) or "field larger" in str(fault):
            raise Refused("file_unreadable", place=_open_quote(lines, mark)) from None
        yield from _parsed(lines, mark, strict=False)


def _parsed(lines: list[str], delimiter: str, *, strict: bool) -> list[Row]:
    reader, rows, start = csv.reader(lines, delimiter=delimiter, strict=strict), [], 0
    for cells in reader:
        clean = tuple(_text(cell) for cell in cells)
        if any(clean):
            rows.append(Row(start + 1, clean, "".join(lines[start : reader.line_num]).rstrip("\r\n")))
        start = reader.line_num
    return rows


def _open_quote(lines: list[str], delimiter: str) -> str:
    """Name the line where a quotation begins that never ends."""
    reader, last = csv.reader(lines, delimiter=delimiter, strict=True), 0
    try:
        for _cells in reader:
            last = reader.line_num
    except csv.Error:
        pass
    return f"line {last + 1}"


def _sniff(lines: list[str]) -> str:
    """Return the separator that cuts most of the first lines into the same number of fields."""
    sample = [line for line in lines[:_ROWS_LOOKED_AT] if line.strip()]
    scores = {}
    for mark in _DELIMITERS:
        try:
            widths = Counter(len(cells) for cells in csv.reader(sample, delimiter=mark))
        except csv.Error:
            widths = Counter()
        scores[mark] = max(((width - 1) * count for width, count in widths.items()), default=0)
    return max(_DELIMITERS, key=lambda mark: (scores[mark], -_DELIMITERS.index(mark)))


def _text(cell: str) -> str:
    """Return what a cell says: without padding, the back-tick of WeChat's bills, or Excel's ="…"."""
    plain = cell.strip(" \t\r\n\xa0\u3000\ufeff").lstrip("`").rstrip("\t")
    found = _EXCEL_TEXT.fullmatch(plain)
    return found[1] if found else plain


def _workbook_rows(content: bytes, file_name: str) -> list[Row]:
    """Return the rows of a workbook's first sheet that has any."""
    try:
        book = load_workbook(io.BytesIO(content))
        sheets = [book.get_sheet_by_index(i).to_python(skip_empty_area=False) for i in range(len(book.sheet_names))]
    except (CalamineError, OSError, ValueError) as fault:
        place = (str(fault).splitlines() or [""])[0][:60] or file_name[:60]
        raise Refused("file_unreadable", place=place) from None
    for sheet in sheets:
        rows = []
        for line, values in enumerate(sheet, start=1):
            cells = tuple(_text(_cell(value)) for value in values)
            if any(cells):
                rows.append(Row(line, cells, "\t".join(cells)))
        if rows:
            return rows
    return []


def _cell(value: object) -> str:
    """Write a workbook's value as text: dates as ISO, whole numbers without a decimal mark or exponent."""
    if isinstance(value, datetime):
        return value.date().isoformat() if not (value.hour or value.minute or value.second) else value.isoformat(" ")
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, float):
        plain = f"{Decimal(repr(value)):f}"
        return plain.rstrip("0").rstrip(".") if "." in plain else plain
    return str(value)


def heading(text: str) -> str:
    """Return a column's name in the one form in which names are compared: NFKC, one space, lower case."""
    return " ".join(unicodedata.normalize("NFKC", text).strip("\"' #").casefold().split())


@dataclass(frozen=True, slots=True)
class Table:
    """Rows under a header: ``columns`` says in which column each field stands."""

    header: Row
    columns: dict[str, int]
    rows: tuple[Row, ...]


def table(
    rows: list[Row], fields: dict[str, tuple[str, ...]], required: tuple[tuple[str, ...], ...], header_line: int = 0
) -> Table:
    """Find the header (or take the given line of the file) and what stands below it.

    ``fields`` gives each field's possible column names; ``required`` names groups of fields of which one must be
    there. Repeated headers (one a page) are left out. Refuses ``column_missing`` and ``file_empty``.
    """
    names = {field: tuple(heading(name) for name in options) for field, options in fields.items()}
    looked_at = [row for row in rows if row.line == header_line] if header_line else rows[:_ROWS_LOOKED_AT]
    placed = [(row, _places(row, names)) for row in looked_at] or [(rows[0], {})]
    header, columns = max(placed, key=lambda pair: (_met(pair[1], required), len(pair[1]), -pair[0].line))
    for group in required:
        if not any(field in columns for field in group):
            wanted = " / ".join(fields[group[0]][:4]) if fields.get(group[0]) else word(group[0])
            raise Refused("column_missing", column=wanted, present=_present(header))
    below = tuple(row for row in rows if row.line > header.line and row.cells != header.cells)
    if not below:
        raise Refused("file_empty")
    return Table(header, columns, below)


def _present(header: Row) -> str:
    """Name the columns of a file, at most twelve."""
    names = [cell[:40] for cell in header.cells if cell]
    return ", ".join(names[:_COLUMNS_NAMED]) + (" …" if len(names) > _COLUMNS_NAMED else "")


def _met(columns: dict[str, int], required: tuple[tuple[str, ...], ...]) -> int:
    return sum(any(field in columns for field in group) for group in required)


def _places(row: Row, names: dict[str, tuple[str, ...]]) -> dict[str, int]:
    """Return in which column of a possible header each field stands; earlier names of a field go first."""
    present: dict[str, int] = {}
    for index, cell in enumerate(row.cells):
        present.setdefault(heading(cell), index)
    places = {}
    for field, options in names.items():
        found = [present[name] for name in options if name and name in present]
        if found:
            places[field] = found[0]
    return places


def fields_of(row: Row, columns: dict[str, int], width: int) -> dict[str, str]:
    """Return a row's texts by field; a short row's missing cells are empty.

    Refuses ``row_shape`` for more values than the header has columns: an unquoted separator shifted them.
    """
    if len(row.cells) > width and any(row.cells[width:]):
        raise Refused("row_shape", got=len(row.cells), expected=width)
    return {field: row.cells[index] if index < len(row.cells) else "" for field, index in columns.items()}

"""BAI2 cash management reports, with records wrapped, joined in one line, or ended by the line alone."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import date
from typing import TYPE_CHECKING

from backend.bank.formats import text
from backend.bank.line import Statement, StatementLine
from backend.importing.outcome import RowRefused
from shared.money import MAX_MINOR, exponent
from shared.refusal import Refused

if TYPE_CHECKING:
    from collections.abc import Iterator

    from backend.importing.mapping import Mapping

_START = re.compile(rb"\s*01,[^,\r\n]*,[^,\r\n]*,[0-9]{6,8},[0-9]{0,4},")
_RECORD = re.compile(r"\s*(01|02|03|16|49|88|98|99)[,:]")
_JOINED = re.compile(r"/[ \t]+(?=(?:02|03|16|49|88|98|99),)")
_AMOUNT = re.compile(r"[+-]?[0-9]{1,16}")
_WORD = re.compile(r"\b(EREF|REMI|CRNM|DBNM|CACT|DACT|CREF|IDNM|CABA|DABA|CBIC|DBIC|CHKN): ?")
USUAL_CURRENCY = "USD"


def identify(head: bytes, name: str) -> bool:  # noqa: ARG001
    """Say whether the file begins with a file header record."""
    return bool(_START.match(head))


@dataclass(slots=True)
class _Scan:
    """The group's day and currency, and the account, that the records below them belong to."""

    currency: str
    statement: Statement = field(default_factory=Statement)
    day: str = ""
    group_unit: str = ""
    unit: str = ""
    account: str = ""
    is_ended: bool = False


def extract(content: bytes, name: str, mapping: Mapping, currency: str) -> Statement:  # noqa: ARG001
    """Return one line for each transaction detail (record 16), signed by its type code.

    Amounts are in minor units already. Refuses ``statement_unreadable`` for a file without its trailer (record 99):
    it is cut off. A detail that cannot be read is listed and loses no other.
    """
    scan = _Scan(currency)
    for line, code, parts, raw in _records(text.decode(content)):
        if code == "16":
            try:
                scan.statement.lines.append(_line(scan, line, parts, raw))
            except Refused as refusal:
                scan.statement.unreadable.append(RowRefused(line, refusal.code, dict(refusal.values)))
        else:
            _take(scan, code, [one.strip() for one in parts[0].split(",")])
    if not scan.is_ended:
        raise Refused("statement_unreadable", place="no record 99")
    return scan.statement


def _records(plain: str) -> Iterator[tuple[int, str, list[str], str]]:
    """Yield line, code, the record's own text with its continuations (88), and all of it as it came."""
    found: tuple[int, str, list[str], list[str]] | None = None
    for number, physical in enumerate(plain.split("\n"), start=1):
        for piece in _JOINED.split(physical):
            mark = _RECORD.match(piece)
            body = piece[mark.end() :] if mark else piece
            body = body.rstrip().removesuffix("/")
            if mark and mark[1] != "88":
                if found:
                    yield found[0], found[1], found[2], "\n".join(found[3])
                found = (number, mark[1], [body], [piece])
            elif found and piece.strip():
                found[2].append(body)
                found[3].append(piece)
    if found:
        yield found[0], found[1], found[2], "\n".join(found[3])


def _take(scan: _Scan, code: str, fields: list[str]) -> None:
    padded = [*fields, *[""] * 6]
    if code == "02":
        scan.day, scan.group_unit = padded[3], padded[5]
        scan.account = scan.unit = ""
    elif code == "03":
        scan.account, scan.unit = text.clean(padded[0]), padded[1]
    elif code == "99":
        scan.is_ended = True


def _line(scan: _Scan, line: int, parts: list[str], raw: str) -> StatementLine:
    fields, said = _fields(parts)
    kind, amount, funds = fields[0], fields[1], fields[2].upper()
    unit = text.unit(scan.unit or scan.group_unit or scan.currency or USUAL_CURRENCY, scan.currency)
    exponent(unit)
    if not _AMOUNT.fullmatch(amount):
        raise Refused("amount_unreadable", text=amount[:40])
    amount_minor = _sign(kind) * int(amount)
    if abs(amount_minor) > MAX_MINOR:
        raise Refused("amount_too_large", text=amount[:40])
    booked_on = _day(scan.day)
    value_on = _day(fields[3]) if funds == "V" and fields[3] else booked_on
    words = _words(said)
    payer = ("DBNM", "DACT") if amount_minor >= 0 else ("CRNM", "CACT")
    return StatementLine(
        line,
        booked_on,
        value_on,
        amount_minor,
        unit,
        text.clean(words.get(payer[0], "")),
        text.clean(words.get(payer[1], "")),
        text.clean(fields[-1] or words.get("EREF", "")),
        text.clean(words.get("REMI", "") or said, 2_000),
        text.clean(fields[-2]),
        None,
        raw,
        scan.account,
    )


def _fields(parts: list[str]) -> tuple[list[str], str]:
    """Return type, amount, funds type and what belongs to it, bank's and customer's reference; and the text.

    A continuation goes on with the fields where the record broke off within them, else with the text.
    """
    tokens, rest = parts[0].split(","), parts[1:]
    while len(tokens) < _before_text(tokens) and rest:
        tokens += rest.pop(0).split(",")
    count = _before_text(tokens)
    fields = [one.strip() for one in [*tokens[:count], *[""] * (count - len(tokens))]]
    return fields, " ".join([",".join(tokens[count:]), *rest]).strip()


def _before_text(tokens: list[str]) -> int:
    """Return how many fields stand before the text; the funds type says (BAI2, record 16)."""
    funds = tokens[2].strip().upper() if len(tokens) > 2 else ""
    if funds == "D":
        days = tokens[3].strip() if len(tokens) > 3 else ""
        more = 1 + 2 * (int(days) if re.fullmatch("[0-9]{1,3}", days) else 0)
    else:
        more = {"S": 3, "V": 2}.get(funds, 0)
    return 3 + more + 2


def _sign(kind: str) -> int:
    """Return 1 for type codes of money in, -1 for money out."""
    code = int(kind) if re.fullmatch("[0-9]{3}", kind) else 0
    if 100 <= code <= 399 or 920 <= code <= 959:
        return 1
    if 400 <= code <= 699 or 960 <= code <= 999:
        return -1
    raise Refused("statement_unreadable", place=f"16,{kind[:20]}")


def _words(said: str) -> dict[str, str]:
    found = _WORD.split(said)
    return {found[index]: found[index + 1].strip() for index in range(1, len(found) - 1, 2)}


def _day(plain: str) -> date:
    found = re.fullmatch("([0-9]{2}|[0-9]{4})([0-9]{2})([0-9]{2})", plain)
    try:
        year, month, day = (int(one) for one in found.groups()) if found else (0, 0, 0)
        return date(year + 2000 if found and len(found[1]) == 2 else year, month, day)
    except ValueError:
        raise Refused("date_unreadable", text=plain[:40], form="YYMMDD") from None

"""ISO 20022 bank-to-customer messages: camt.052 reports, camt.053 statements, camt.054 notifications, any version."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import date
from io import BytesIO
from typing import TYPE_CHECKING

from lxml import etree

from backend.bank.formats import text
from backend.bank.line import Statement, StatementLine
from backend.importing.outcome import RowRefused
from shared.money import parse_minor
from shared.refusal import Refused

if TYPE_CHECKING:
    from backend.importing.mapping import Mapping

_MESSAGES = re.compile(rb"<(?:[\w.-]+:)?(?:BkToCstmrStmt|BkToCstmrAcctRpt|BkToCstmrDbtCdtNtfctn)\b")
_NAMESPACE = re.compile(rb"xsd:camt\.05[234]\.001\.")
_DOCTYPE = re.compile(rb"<!(?:DOCTYPE|ENTITY)")
_REPORTS = ("Stmt", "Rpt", "Ntfctn")
_DECIMAL = re.compile(r"[+-]?[0-9]+(?:\.[0-9]*)?|[+-]?\.[0-9]+")
_NOTHING = {"NOTPROVIDED", "NONREF", ""}
_OPEN = {"PDNG", "INFO", "FUTR"}  # told, but not booked


def identify(head: bytes, name: str) -> bool:  # noqa: ARG001 - the name says nothing about XML
    """Say whether a file begins as one of the three messages."""
    return bool(_MESSAGES.search(head) or _NAMESPACE.search(head))


@dataclass(slots=True)
class _Report:
    """The statement being read: whose account it is, and what was found."""

    currency: str
    statement: Statement = field(default_factory=Statement)
    account: str = ""
    unit: str = ""
    made_on: str = ""
    count: int = 0


def extract(content: bytes, name: str, mapping: Mapping, currency: str) -> Statement:  # noqa: ARG001
    """Return one line for each ``TxDtls``, or for an ``Ntry`` that has none, in the order of the file.

    Entries not booked yet (pending, information, future) are marked as pending. Document types and entities are
    refused, whatever they say (``statement_unreadable``, as for broken XML and for a message without a statement).
    """
    if doctype := _DOCTYPE.search(content.replace(b"\0", b"")):
        raise Refused("statement_unreadable", place=doctype[0].decode())
    report = _Report(currency)
    try:
        for event, element in etree.iterparse(
            BytesIO(content),
            events=("start", "end"),
            tag=[f"{{*}}{tag}" for tag in (*_REPORTS, "Acct", "CreDtTm", "Ntry")],
            resolve_entities=False,
            no_network=True,
            load_dtd=False,
            huge_tree=True,
        ):
            _take(report, event, element)
    except (etree.XMLSyntaxError, LookupError, ValueError, OSError) as fault:
        line = getattr(fault, "lineno", None)
        raise Refused("statement_unreadable", place=f"line {line}" if line else "XML") from None
    if not report.count:
        raise Refused("statement_unreadable", place="no Stmt, Rpt or Ntfctn")
    return report.statement


def _take(report: _Report, event: str, element: etree._Element) -> None:
    tag = _local(element)
    if event == "start":
        if tag in _REPORTS:
            report.count += 1
            report.account = report.unit = ""
        return
    parent = element.getparent()
    if tag == "Acct" and parent is not None and _local(parent) in _REPORTS:
        report.account = _account(element)
        report.unit = _found(element, "Ccy")
    elif tag == "CreDtTm":
        report.made_on = (element.text or "").strip() or report.made_on
    elif tag == "Ntry":
        _entry(report, element)
        element.clear()
        while element.getprevious() is not None and parent is not None and _local(parent[0]) == "Ntry":
            del parent[0]


def _local(element: etree._Element) -> str:
    return str(element.tag).rpartition("}")[2]


def _at(element: etree._Element | None, path: str) -> etree._Element | None:
    return None if element is None else element.find("/".join(f"{{*}}{tag}" for tag in path.split("/")))


def _found(element: etree._Element | None, *paths: str) -> str:
    """Return the text at the first of some paths that has any."""
    for path in paths:
        place = _at(element, path)
        if place is not None and place.text and (plain := place.text.strip()):
            return plain
    return ""


def _place(element: etree._Element) -> int:
    """Return the line where an element begins; lxml's stubs do not know what this is."""
    return int(getattr(element, "sourceline", None) or 0)


def _account(element: etree._Element | None) -> str:
    return text.clean(_found(element, "Id/IBAN", "Id/Othr/Id", "Id/PrtryAcct/Id", "Id/BBAN", "Id/UPIC"))


def _entry(report: _Report, entry: etree._Element) -> None:
    """Add an entry's lines; one that cannot be read is listed with its line."""
    try:
        whole = _amount(entry, entry, report)
        days = _days(entry, report.made_on)
        for details, amount in _parts(entry, whole, report):
            report.statement.lines.append(_line(report, entry, details, days, amount))
    except Refused as refusal:
        place = _place(entry)
        report.statement.unreadable.append(RowRefused(place, refusal.code, dict(refusal.values)))


def _amount(element: etree._Element, entry: etree._Element, report: _Report) -> tuple[int, str]:
    """Return the signed amount of an entry or a detail, and its currency."""
    amount = next(
        (
            found
            for path in ("Amt", "AmtDtls/TxAmt/Amt", "AmtDtls/InstdAmt/Amt")
            if (found := _at(element, path)) is not None
        ),
        None,
    )
    if amount is None:
        raise Refused("row_value_missing", column="Amt")
    plain = (amount.text or "").strip()
    unit = str(amount.get("Ccy") or report.unit) or report.currency or text.USUAL_CURRENCY
    if not _DECIMAL.fullmatch(plain):
        raise Refused("amount_unreadable", text=plain[:40])
    side = _found(element, "CdtDbtInd") or _found(entry, "CdtDbtInd")
    if side not in {"CRDT", "DBIT"}:
        raise Refused("row_value_missing", column="CdtDbtInd")
    amount_minor = parse_minor(re.sub(r"^([+-]?)\.", r"\g<1>0.", plain), unit)
    return (amount_minor if side == "CRDT" else -amount_minor), unit


def _parts(
    entry: etree._Element, whole: tuple[int, str], report: _Report
) -> list[tuple[list[etree._Element], tuple[int, str]]]:
    """Split an entry into its details. One detail, or none, is the entry itself, in the account's own currency.

    Several that do not add up to their entry in its currency (no amounts, charges taken off, other currencies) stay
    together as one line that says what all of them say, because the entry is what was booked.
    """
    text.unit(whole[1], report.currency)
    details = entry.findall("{*}NtryDtls/{*}TxDtls") or entry.findall("{*}TxDtls")
    if len(details) <= 1:
        return [(details, whole)]
    try:
        amounts = [_amount(detail, entry, report) for detail in details]
    except Refused:
        return [(details, whole)]
    if any(unit != whole[1] for _minor, unit in amounts) or sum(minor for minor, _unit in amounts) != whole[0]:
        return [(details, whole)]
    return [([detail], amount) for detail, amount in zip(details, amounts, strict=True)]


def _days(entry: etree._Element, made_on: str) -> tuple[date, date]:
    """Return booking and value date; each stands in for the other, and the message's own day for both."""
    texts = [_found(entry, f"{name}/Dt", f"{name}/DtTm", name) for name in ("BookgDt", "ValDt")]
    booked, value = (found or texts[1 - index] or made_on for index, found in enumerate(texts))
    if not booked:
        raise Refused("row_value_missing", column="BookgDt")
    return _day(booked), _day(value)


def _day(plain: str) -> date:
    try:
        return date.fromisoformat(plain[:10])
    except ValueError:
        raise Refused("date_unreadable", text=plain[:40], form="YYYY-MM-DD") from None


def _line(
    report: _Report,
    entry: etree._Element,
    details: list[etree._Element],
    days: tuple[date, date],
    amount: tuple[int, str],
) -> StatementLine:
    detail = details[0] if len(details) == 1 else None
    # A returned payment names the parties of the payment, not of its return.
    incoming = (amount[0] >= 0) != (_found(entry, "RvslInd").lower() in {"true", "1"})
    role = "Dbtr" if incoming else "Cdtr"
    parties, refs = _at(detail, "RltdPties"), _at(detail, "Refs")
    said = _all(details, "RmtInf/Ustrd", "RmtInf/Strd/AddtlRmtInf")
    said = said or _all(details, "AddtlTxInf") or _all([entry], "AddtlNtryInf")
    source = entry if detail is None else detail
    return StatementLine(
        _place(source),
        *days,
        *amount,
        text.clean(_found(parties, f"{role}/Nm", f"{role}/Pty/Nm", f"Ultmt{role}/Nm", f"Ultmt{role}/Pty/Nm")),
        _account(_at(parties, f"{role}Acct")),
        text.clean(" ".join(_references(details))),
        text.clean(" ".join(said), 2_000),
        text.clean(_found(refs, "AcctSvcrRef") or _found(entry, "AcctSvcrRef") or _found(refs, "TxId")),
        None,
        etree.tostring(source, encoding="unicode", with_tail=False),
        report.account,
        (_found(entry, "Sts/Cd", "Sts") or "BOOK") in _OPEN,
    )


def _references(details: list[etree._Element]) -> list[str]:
    """Return structured references, else those that the payers gave from end to end."""
    found = _all(details, "RmtInf/Strd/CdtrRefInf/Ref", "RmtInf/Strd/CdtrRefInf/CdtrRef")
    return found or [one for one in _all(details, "Refs/EndToEndId") if one.upper() not in _NOTHING]


def _all(elements: list[etree._Element], *paths: str) -> list[str]:
    wanted = ["/".join(f"{{*}}{tag}" for tag in path.split("/")) for path in paths]
    places = [one for element in elements for path in wanted for one in element.findall(path)]
    return [one.text.strip() for one in places if one.text and one.text.strip()]

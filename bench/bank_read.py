"""How long it takes to read 100,000 lines of camt.053, MT940 and CSV, beside a library where one is installed.

.venv/bin/python bench/bank_read.py [LINES]
"""

from __future__ import annotations

import csv
import importlib.util
import io
import resource
import sys
import time
from collections.abc import Callable
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from backend.bank import formats
from backend.importing import mapping

_ENTRY = """<Ntry><Amt Ccy="EUR">{amount}</Amt><CdtDbtInd>CRDT</CdtDbtInd><Sts><Cd>BOOK</Cd></Sts><BookgDt>
<Dt>2026-03-02</Dt></BookgDt><ValDt><Dt>2026-03-02</Dt></ValDt><AcctSvcrRef>S{n}</AcctSvcrRef><NtryDtls><TxDtls><Refs>
<EndToEndId>E{n}</EndToEndId></Refs><RltdPties><Dbtr><Nm>Payer {n}</Nm></Dbtr><DbtrAcct><Id><IBAN>DE{n}</IBAN></Id>
</DbtrAcct></RltdPties><RmtInf><Ustrd>Invoice {n}</Ustrd></RmtInf></TxDtls></NtryDtls></Ntry>
"""


def camt(count: int) -> bytes:
    """Return a camt.053 statement of some entries."""
    entries = "".join(_ENTRY.format(n=n, amount=f"{n}.05") for n in range(1, count + 1))
    return (
        '<Document xmlns="urn:iso:std:iso:20022:tech:xsd:camt.053.001.08"><BkToCstmrStmt><Stmt><Acct><Id>'
        f"<IBAN>X1</IBAN></Id><Ccy>EUR</Ccy></Acct>{entries}</Stmt></BkToCstmrStmt></Document>"
    ).encode()


def mt940(count: int) -> bytes:
    """Return an MT940 statement of some bookings."""
    bookings = "".join(
        f":61:2603020302C{n},05NTRFREF{n}//B{n}\n:86:166?00CREDIT?20EREF+E{n}?21SVWZ+Invoice {n}?31DE{n}?32Payer {n}\n"
        for n in range(1, count + 1)
    )
    return f":20:A\n:25:12345678\n:28C:1/1\n:60F:C260301EUR1,\n{bookings}:62F:C260302EUR6,\n-".encode()


def table(count: int) -> bytes:
    """Return a Chinese bank's CSV of some bookings."""
    rows = "".join(f"2026-03-02,{n}.05,,{n}.05,付款人{n},6222{n},货款 {n}\n" for n in range(1, count + 1))
    return ("交易日期,收入,支出,余额,对方户名,对方账号,附言\n" + rows).encode("gb18030")


def _with_mt940(content: bytes) -> None:
    import mt940 as library

    list(library.parse(content.decode()))


def _with_csv(content: bytes) -> None:
    list(csv.reader(io.StringIO(content.decode("gb18030"), newline="")))


def _timed(work: Callable[[], object]) -> float:
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def main() -> None:
    """Print one line a format: seconds here, seconds of the other reader, the ratio and the memory so far."""
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 100_000
    library = "mt-940" if importlib.util.find_spec("mt940") else ""
    others: list[tuple[str, Callable[[int], bytes], str, Callable[[bytes], None] | None]] = [
        ("camt.053", camt, "", None),
        ("MT940", mt940, library, _with_mt940 if library else None),
        ("CSV", table, "csv.reader (cells only)", _with_csv),
    ]
    for name, build, other, parse in others:
        content = build(count)
        ours = _timed(lambda content=content: formats.extract(content, "bench", mapping.usual("bank"), ""))  # type: ignore[misc]
        theirs = _timed(lambda content=content, parse=parse: parse(content)) if parse else None  # type: ignore[misc]
        beside = f"{other} {theirs:.2f} s, ratio {ours / theirs:.2f}" if theirs else "no library installed"
        memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
        print(f"{name:9}{count:>9,} lines, {len(content) // 1_000_000} MB: {ours:.2f} s; {beside}; peak {memory} MB")


if __name__ == "__main__":
    main()

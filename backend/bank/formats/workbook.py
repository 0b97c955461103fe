"""Trying a workbook in a process with little memory: a torn or hostile one can ask for any amount of it."""

from __future__ import annotations

import subprocess
import sys

from shared.refusal import Refused

_SECONDS = 60
_TRIAL = """
import io, sys
try:
    import resource
    resource.setrlimit(resource.RLIMIT_AS, (1 << 30, 1 << 30))
except ImportError:
    pass
from python_calamine import load_workbook
book = load_workbook(io.BytesIO(sys.stdin.buffer.read()))
for index in range(len(book.sheet_names)):
    book.get_sheet_by_index(index).to_python(skip_empty_area=False)
"""


def tried(content: bytes, name: str) -> None:
    """Refuse ``file_unreadable`` for a workbook that cannot be opened within one gigabyte and a minute."""
    try:
        done = subprocess.run(  # noqa: S603 - our own interpreter and our own words
            [sys.executable, "-c", _TRIAL], input=content, capture_output=True, timeout=_SECONDS, check=False
        )
    except subprocess.TimeoutExpired:
        raise Refused("file_unreadable", place=name[:60]) from None
    if done.returncode:
        raise Refused("file_unreadable", place=name[:60])

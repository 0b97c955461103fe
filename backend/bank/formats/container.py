"""Statements inside a zip or gzip file, opened within limits of size."""

from __future__ import annotations

import zipfile
import zlib
from io import BytesIO

from shared.refusal import Refused

_WORKBOOK = "[Content_Types].xml"
_SUMMARY = "汇总"  # Alipay packs a summary beside the bookings
_MOST_MEMBERS = 200


def opened(content: bytes, name: str, megabytes: int) -> tuple[bytes, str]:
    """Return a file's content and name, or those of the one statement packed in it; workbooks are left as they are.

    Refuses ``file_too_large`` before unpacking more than ``megabytes``, and ``statement_unreadable`` for a broken
    container or one with several statements.
    """
    if content.startswith(b"\x1f\x8b"):
        return _gunzipped(content, megabytes), name.removesuffix(".gz")
    if content.startswith(b"PK\x03\x04"):
        return _unzipped(content, name, megabytes)
    return content, name


def _gunzipped(content: bytes, megabytes: int) -> bytes:
    limit = megabytes * 1024 * 1024
    engine = zlib.decompressobj(wbits=31)
    try:
        plain = engine.decompress(content, limit + 1)
    except zlib.error as fault:
        raise Refused("statement_unreadable", place=f"gzip: {fault}"[:80]) from None
    if len(plain) > limit:
        raise Refused("file_too_large", megabytes=megabytes)
    if not engine.eof:
        raise Refused("statement_unreadable", place="gzip: cut off")
    return plain


def _unzipped(content: bytes, name: str, megabytes: int) -> tuple[bytes, str]:
    try:
        with zipfile.ZipFile(BytesIO(content)) as archive:
            members = archive.infolist()
            if len(members) > _MOST_MEMBERS or sum(one.file_size for one in members) > megabytes * 1024 * 1024:
                raise Refused("file_too_large", megabytes=megabytes)
            if any(one.filename == _WORKBOOK for one in members):
                return content, name
            found = [(one, _name(one)) for one in members if not one.is_dir() and "__MACOSX" not in one.filename]
            chosen = [pair for pair in found if _SUMMARY not in pair[1]] if len(found) > 1 else found
            if len(chosen) != 1:
                raise Refused("statement_unreadable", place=f"zip: {len(chosen)} files")
            with archive.open(chosen[0][0]) as member:
                plain = member.read(megabytes * 1024 * 1024 + 1)
    except (zipfile.BadZipFile, zlib.error, OSError, EOFError, ValueError, RuntimeError, NotImplementedError) as fault:
        raise Refused("statement_unreadable", place=f"zip: {fault}"[:80]) from None
    if len(plain) > megabytes * 1024 * 1024:
        raise Refused("file_too_large", megabytes=megabytes)
    if not plain.strip():
        raise Refused("file_empty")
    return plain, chosen[0][1]


def _name(member: zipfile.ZipInfo) -> str:
    """Return a member's name; without the flag for UTF-8, Chinese tools mean GBK."""
    if member.flag_bits & 0x800:
        return member.filename
    try:
        return member.filename.encode("cp437").decode("gb18030")
    except UnicodeError:
        return member.filename

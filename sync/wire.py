"""Bytes and back: JSON, compression with a limit, and which answer of the network is an answer of the server."""

from __future__ import annotations

import zlib
from typing import TypeVar

import msgspec
import zstandard

from shared.refusal import Refused
from sync.port import FailureKind, TransportFailed

BODY_BYTES = 1024 * 1024  # of a request, compressed or not: four times a full batch
_WORTH_IT = 512
T = TypeVar("T")


class Problem(msgspec.Struct, frozen=True):
    """A refusal as the server answers it (RFC 9457)."""

    code: str = ""
    title: str = ""
    detail: str = ""
    status: int = 0


def encode(message: object) -> bytes:
    """Write a message of ``sync.message`` as JSON."""
    return msgspec.json.encode(message)


def compress(body: bytes, accepted: str = "zstd") -> tuple[bytes, str]:
    """Compress by the best of the accepted encodings (an Accept-Encoding header); return (body, encoding or "")."""
    names = {part.split(";")[0].strip() for part in accepted.lower().split(",")}
    if len(body) < _WORTH_IT:
        return body, ""
    if "zstd" in names:
        return zstandard.ZstdCompressor(level=3).compress(body), "zstd"
    if "gzip" in names:
        packer = zlib.compressobj(6, wbits=31)
        return packer.compress(body) + packer.flush(), "gzip"
    return body, ""


def expand(body: bytes, encoding: str, limit: int = BODY_BYTES) -> bytes:
    """Undo a content encoding without ever holding more than ``limit`` bytes of its result.

    Refuses ``batch_too_large`` (a bomb stops at the limit) and ``batch_unreadable`` (cut, wrong or unknown encoding).
    """
    try:
        plain = _expand(body, encoding.strip().lower(), limit + 1)
    except (zlib.error, zstandard.ZstdError):
        raise Refused("batch_unreadable") from None
    if len(plain) > limit:
        raise Refused("batch_too_large")
    return plain


def _expand(body: bytes, encoding: str, most: int) -> bytes:
    if encoding in ("", "identity"):
        return body
    if encoding == "gzip":
        unpacker = zlib.decompressobj(wbits=31)
        plain = unpacker.decompress(body, most)
        if not unpacker.eof and len(plain) < most:
            raise Refused("batch_unreadable")
        return plain
    if encoding == "zstd":
        reader = zstandard.ZstdDecompressor(max_window_size=8 * 1024 * 1024).stream_reader(body)
        return reader.read(most)  # a frame that was cut gives JSON that was cut
    raise Refused("batch_unreadable")


def read(status: int, content_type: str, body: bytes, kind: type[T], retry_after: str = "") -> T:
    """Read an HTTP answer as a message, or raise ``TransportFailed`` with the class of what went wrong.

    Only JSON of the right shape counts as the server's word: a captive portal that answers 200 with HTML, or a proxy's
    own 401 or 413, is ``network``, and settles nothing.
    """
    wait_ms = int(retry_after) * 1000 if retry_after.isascii() and retry_after.isdigit() else 0
    media = content_type.partition(";")[0].strip().lower()
    if 200 <= status < 300:
        if media != "application/json":
            raise TransportFailed("network", "answer_foreign")
        return _decode(body, kind)
    problem = _problem(media, body)
    raise TransportFailed(_class_of(status, by_server=bool(problem.code)), problem.code, problem.title, wait_ms)


def _decode(body: bytes, kind: type[T]) -> T:
    try:
        return msgspec.json.decode(body, type=kind)
    except msgspec.ValidationError as error:
        raise TransportFailed("version", "answer_unknown", str(error)) from None
    except (msgspec.DecodeError, UnicodeDecodeError):
        raise TransportFailed("network", "answer_cut") from None


def _problem(media: str, body: bytes) -> Problem:
    if media != "application/problem+json":
        return Problem()
    try:
        return msgspec.json.decode(body, type=Problem)
    except (msgspec.MsgspecError, UnicodeDecodeError):
        return Problem()


def _class_of(status: int, *, by_server: bool) -> FailureKind:
    if status >= 500 or (by_server and status in (408, 429)):
        return "network" if status == 511 else "server"
    if not by_server:
        return "network"
    if status == 426:
        return "version"
    return "auth" if status == 401 else "business"

"""What counts as the server's answer, and compression that cannot explode."""

import gzip

import msgspec
import pytest
import zstandard

from shared.refusal import Refused
from sync import wire
from sync.message import PushAnswer
from sync.port import TransportFailed

ANSWER = PushAnswer("e", [], 1, "t")
PROBLEM = b'{"code": "x", "title": "No."}'


def test_the_servers_answer_is_read():
    assert wire.read(200, "application/json; charset=utf-8", wire.encode(ANSWER), PushAnswer) == ANSWER


@pytest.mark.parametrize(
    ("status", "media", "body", "kind"),
    [
        (200, "text/html", b"<html>", "network"),
        (200, "application/json", b'{"epoch": "e", "verd', "network"),
        (200, "application/json", b'{"welcome": 1}', "version"),
        (302, "text/html", b"", "network"),
        (401, "text/html", b"<html>", "network"),
        (401, "application/problem+json", PROBLEM, "auth"),
        (403, "application/problem+json", PROBLEM, "business"),
        (413, "text/html", b"", "network"),
        (413, "application/problem+json", PROBLEM, "business"),
        (426, "application/problem+json", PROBLEM, "version"),
        (429, "application/problem+json", PROBLEM, "server"),
        (422, "application/problem+json", b"<html>", "network"),
        (502, "text/html", b"", "server"),
        (511, "text/html", b"", "network"),
    ],
)
def test_everything_else_is_a_failure_of_its_class(status, media, body, kind):
    with pytest.raises(TransportFailed) as failed:
        wire.read(status, media, body, PushAnswer, "7")
    assert failed.value.kind == kind
    if status >= 400:
        assert failed.value.wait_ms == 7_000


@pytest.mark.parametrize("accepted", ["gzip", "zstd, gzip;q=0.5", "br", ""])
def test_compressing_and_expanding_is_the_identity(accepted):
    body = b"payment " * 1_000
    packed, encoding = wire.compress(body, accepted)
    assert (len(packed) < len(body)) is bool(encoding)
    assert wire.expand(packed, encoding) == body


@pytest.mark.parametrize("encoding", ["gzip", "zstd"])
def test_a_bomb_stops_at_the_limit(encoding):
    plain = b"\0" * (64 * 1024 * 1024)
    packed = gzip.compress(plain) if encoding == "gzip" else zstandard.compress(plain)
    assert len(packed) < 100_000
    with pytest.raises(Refused) as refused:
        wire.expand(packed, encoding)
    assert refused.value.code == "batch_too_large"


@pytest.mark.parametrize(("body", "encoding"), [(b"nonsense", "gzip"), (b"nonsense", "zstd"), (b"{}", "br")])
def test_what_is_not_compressed_so_is_unreadable(body, encoding):
    with pytest.raises(Refused) as refused:
        wire.expand(body, encoding)
    assert refused.value.code == "batch_unreadable"


def test_a_cut_gzip_body_is_unreadable():
    packed = gzip.compress(msgspec.json.encode(list(range(5_000))))
    with pytest.raises(Refused) as refused:
        wire.expand(packed[: len(packed) // 2], "gzip")
    assert refused.value.code == "batch_unreadable"

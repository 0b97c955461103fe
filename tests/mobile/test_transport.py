"""The transport against a real socket: what counts as the server's word and what does not."""

import asyncio
import gzip

import msgspec
import pytest
import zstandard

from mobile.transport import HttpTransport
from sync.message import PullRequest, PushAnswer, SignInRequest
from sync.port import TransportFailed

ANSWER = msgspec.json.encode(PushAnswer("e", [], 7, "t" * 2000))


class Peer:
    """A server on a free port that answers every request with the same bytes and keeps what it was asked."""

    def __init__(self):
        self.status, self.head, self.body, self.cut = "200 OK", {"Content-Type": "application/json"}, ANSWER, 0
        self.asked = []
        self.hang = False

    async def __aenter__(self):
        self.server = await asyncio.start_server(self.serve, "127.0.0.1", 0)
        self.port = self.server.sockets[0].getsockname()[1]
        self.transport = HttpTransport(f"http://127.0.0.1:{self.port}/")
        return self

    async def __aexit__(self, *_):
        await self.transport.close()
        self.server.close()

    async def serve(self, reader, writer):
        head = (await reader.readuntil(b"\r\n\r\n")).decode().split("\r\n")
        fields = dict(line.lower().split(": ", 1) for line in head[1:] if line)
        body = await reader.readexactly(int(fields.get("content-length", 0)))
        self.asked.append((head[0], fields, body))
        lines = [f"HTTP/1.1 {self.status}", *(f"{k}: {v}" for k, v in self.head.items())]
        lines += [f"Content-Length: {len(self.body) + self.cut}", "Connection: close", "", ""]
        writer.write("\r\n".join(lines).encode() + self.body)
        await writer.drain()
        writer.close()


@pytest.fixture
async def peer():
    async with Peer() as made:
        yield made


async def failure(call):
    with pytest.raises(TransportFailed) as failed:
        await call
    return failed.value


async def test_a_push_goes_compressed_and_comes_back_as_an_answer(peer):
    batch = b'{"operations": "' + b"x" * 5000 + b'"}'
    assert (await peer.transport.push(batch)).next_seq == 7
    line, fields, body = peer.asked[0]
    assert line == "POST /api/sync/push HTTP/1.1"
    assert fields["content-encoding"] == "zstd"
    assert zstandard.ZstdDecompressor().stream_reader(body).read() == batch
    assert "authorization" not in fields


@pytest.mark.parametrize("encoding", ["gzip", "zstd"])
async def test_compressed_answers_are_read(peer, encoding):
    peer.body = gzip.compress(ANSWER) if encoding == "gzip" else zstandard.compress(ANSWER)
    peer.head["Content-Encoding"] = encoding
    assert (await peer.transport.push(b"{}")).time_token == "t" * 2000


async def test_a_pull_carries_the_token_and_the_language(peer):
    await failure(peer.transport.pull(PullRequest(), "secret"))  # the answer is of another shape
    fields = peer.asked[0][1]
    assert fields["authorization"] == "bearer secret"
    assert fields["accept-language"] == "en"


@pytest.mark.parametrize(
    ("status", "head", "body", "kind", "code"),
    [
        ("200 OK", {"Content-Type": "text/html"}, b"<html>Welcome to the hotel</html>", "network", "answer_foreign"),
        ("200 OK", {"Content-Type": "application/json"}, b'{"epoch": "e"', "network", "answer_cut"),
        ("200 OK", {"Content-Type": "application/json"}, b'{"other": 1}', "version", "answer_unknown"),
        ("302 Found", {"Location": "http://portal.invalid/login"}, b"", "network", ""),
        ("502 Bad Gateway", {"Content-Type": "text/html"}, b"nginx", "server", ""),
        ("401 Unauthorized", {"Content-Type": "text/html"}, b"proxy", "network", ""),
        (
            "401 Unauthorized",
            {"Content-Type": "application/problem+json"},
            b'{"code": "token_expired", "title": "Expired."}',
            "auth",
            "token_expired",
        ),
        (
            "422 Unprocessable",
            {"Content-Type": "application/problem+json"},
            b'{"code": "enrolment_code_invalid", "title": "Wrong."}',
            "business",
            "enrolment_code_invalid",
        ),
    ],
)
async def test_only_the_servers_own_json_is_its_word(peer, status, head, body, kind, code):
    peer.status, peer.head, peer.body = status, head, body
    failed = await failure(peer.transport.push(b"{}"))
    assert (failed.kind, failed.code) == (kind, code)


async def test_retry_after_is_passed_on(peer):
    peer.status, peer.body = "503 Busy", b""
    peer.head = {"Retry-After": "7"}
    failed = await failure(peer.transport.push(b"{}"))
    assert (failed.kind, failed.wait_ms) == ("server", 7_000)


async def test_an_answer_cut_on_the_way_is_a_network_failure(peer):
    peer.cut = 100
    assert (await failure(peer.transport.push(b"{}"))).kind == "network"


async def test_broken_compression_is_a_network_failure(peer):
    peer.head["Content-Encoding"] = "gzip"
    assert (await failure(peer.transport.push(b"{}"))).kind == "network"


async def test_an_answer_without_end_is_given_up(peer, monkeypatch):
    monkeypatch.setattr("mobile.transport.ANSWER_BYTES", 1000)
    assert (await failure(peer.transport.push(b"{}"))).code == "answer_too_large"


async def test_nobody_there_is_a_network_failure(peer):
    peer.server.close()
    await peer.server.wait_closed()
    failed = await failure(peer.transport.sign_in(SignInRequest("a", "b")))
    assert (failed.kind, failed.code) == ("network", "server_unreachable")


@pytest.mark.parametrize("address", ["", "not an address", "http://", "ftp://127.0.0.1", "http://127.0.0.1:99999"])
async def test_an_address_that_is_none_is_a_network_failure(address):
    assert (await failure(HttpTransport(address).push(b"{}"))).kind == "network"

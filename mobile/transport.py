"""The way to the server over HTTPS: ``sync.port.Transport`` with httpx."""

from __future__ import annotations

from typing import TypeVar

import httpx

from shared.language import current
from sync import wire
from sync.message import (
    EnrolAnswer,
    EnrolRequest,
    Page,
    PullRequest,
    PushAnswer,
    RefreshRequest,
    SignInRequest,
    Tokens,
)
from sync.port import TransportFailed

ANSWER_BYTES = 64 * 1024 * 1024  # a first pull, expanded
_TIMEOUT = httpx.Timeout(30, connect=8)
T = TypeVar("T")


class HttpTransport:
    """Calls to one server. Every method raises ``TransportFailed`` and nothing else."""

    def __init__(self, server: str, transport: httpx.AsyncBaseTransport | None = None) -> None:
        """Aim at a server's address; no connection is made yet. Environment proxies are honoured by httpx."""
        self.server = server.rstrip("/")
        self._client = httpx.AsyncClient(timeout=_TIMEOUT, transport=transport, follow_redirects=False)

    async def close(self) -> None:
        """Close open connections."""
        await self._client.aclose()

    async def enrol(self, request: EnrolRequest, access_token: str = "") -> EnrolAnswer:
        """Bind this phone's key by one-time code or access token."""
        return await self._post("/api/sync/enrol", wire.encode(request), EnrolAnswer, access_token)

    async def sign_in(self, request: SignInRequest) -> Tokens:
        """Exchange user name and password for tokens."""
        return await self._post("/api/auth/sign-in", wire.encode(request), Tokens)

    async def refresh(self, request: RefreshRequest) -> Tokens:
        """Exchange a refresh token for a new pair."""
        return await self._post("/api/auth/refresh", wire.encode(request), Tokens)

    async def push(self, batch: bytes) -> PushAnswer:
        """Send a signed batch; the signature is all it needs."""
        return await self._post("/api/sync/push", batch, PushAnswer)

    async def pull(self, request: PullRequest, access_token: str) -> Page:
        """Ask for what changed."""
        return await self._post("/api/sync/pull", wire.encode(request), Page, access_token)

    async def _post(self, path: str, body: bytes, kind: type[T], access_token: str = "") -> T:
        """Post JSON; an answer counts only when it is the server's own JSON, whole and of the right shape."""
        packed, encoding = wire.compress(body)
        headers = {
            "Content-Type": "application/json",
            "Accept": "application/json",
            "Accept-Language": current().replace("_", "-"),
        }
        if encoding:
            headers["Content-Encoding"] = encoding
        if access_token:
            headers["Authorization"] = f"Bearer {access_token}"
        try:
            async with self._client.stream("POST", self.server + path, content=packed, headers=headers) as answer:
                content = await _content(answer)
        except TransportFailed:
            raise
        except Exception as error:  # the layers below raise groups, OverflowError and worse for a bad address
            raise TransportFailed("network", "server_unreachable") from error
        return wire.read(
            answer.status_code,
            answer.headers.get("content-type", ""),
            content,
            kind,
            answer.headers.get("retry-after", ""),
        )


async def _content(answer: httpx.Response) -> bytes:
    """Read an answer (httpx undoes gzip and zstd) up to a bound that no honest answer reaches."""
    parts, size = [], 0
    async for part in answer.aiter_bytes():
        size += len(part)
        if size > ANSWER_BYTES:
            raise TransportFailed("network", "answer_too_large")
        parts.append(part)
    return b"".join(parts)

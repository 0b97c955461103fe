"""What happens to every request before and after its handler: language, limits, log and security headers."""

from __future__ import annotations

import time
from typing import Any

import structlog
from litestar import Request
from litestar.datastructures import MutableScopeHeaders
from litestar.enums import ScopeType
from litestar.types import ASGIApp, Message, Receive, Scope, Send

from shared.language import choose
from shared.refusal import Refused

_log = structlog.get_logger("fieldtill.request")
_HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
    "Cache-Control": "no-store",
}
_QUIET = ("/health/", "/metrics", "/console/static/")
_TEXTUAL = ("application/json", "application/x-www-form-urlencoded")
_NULS = (b"\\u0000", b"%00", b"\0")


def edge(app: ASGIApp) -> ASGIApp:
    """Wrap the application: choose the language first, add security headers, log the outcome once."""

    async def handle(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != ScopeType.HTTP:
            await app(scope, receive, send)
            return
        asked = asked_language(dict(scope["headers"]).get(b"accept-language", b"").decode("latin-1"))
        choose(asked)
        scope["state"]["language_asked"] = asked is not None
        began, status = time.perf_counter(), 500

        async def secured(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                _secure(message, own_policy=scope["path"].startswith(("/console", "/schema")))
            await send(message)

        try:
            await app(scope, receive, secured)
        finally:
            _report(scope, status, time.perf_counter() - began)

    return handle


def asked_language(header: str) -> str | None:
    """Return the language that an Accept-Language header prefers among ours, or None when it names none of them."""
    wishes = []
    for place, part in enumerate(header.split(",")[:20]):
        tag, _, weight = part.strip().partition(";q=")
        primary = tag.strip().lower().partition("-")[0].partition("_")[0]
        if primary in {"zh", "en"}:
            wishes.append((-_weight(weight), place, "zh_CN" if primary == "zh" else "en"))
    return min(wishes)[2] if wishes else None


def _weight(text: str) -> float:
    try:
        return float(text) if text else 1.0
    except ValueError:
        return 0.0


def _secure(message: Message, *, own_policy: bool) -> None:
    headers = MutableScopeHeaders.from_message(message)
    for name, value in _HEADERS.items():
        if not (own_policy and name == "Content-Security-Policy"):
            headers.setdefault(name, value)


def _report(scope: Scope, status: int, seconds: float) -> None:
    path = scope["path"]
    if path.startswith(_QUIET) and status < 400:
        return
    actor = scope["state"].get("actor")
    _log.info(
        "request",
        method=scope.get("method", ""),
        path=path[:200],
        status=status,
        ms=round(seconds * 1000),
        user=getattr(actor, "user_id", ""),
    )


async def no_nul(request: Request[Any, Any, Any]) -> None:
    """Refuse ``request_invalid`` for a NUL character, which PostgreSQL cannot store.

    The sync protocol is left alone: it answers record by record.
    """
    raw_path = request.scope["raw_path"] or b""
    if any(nul in request.scope["query_string"] or nul in raw_path for nul in _NULS):
        raise Refused("request_invalid", problem="NUL character")
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind in _TEXTUAL and not request.url.path.startswith("/api/sync/"):
        body = await request.body()
        if any(nul in body for nul in _NULS[: 1 if kind == "application/json" else None]):
            raise Refused("request_invalid", problem="NUL character")

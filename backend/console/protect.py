"""What protects the console's forms and pages: tokens against forged requests, and headers."""

from __future__ import annotations

import hashlib
import hmac
import secrets
from typing import Any

from litestar.connection import ASGIConnection, Request
from litestar.datastructures import Cookie
from litestar.handlers import BaseRouteHandler

from backend.guards import CONSOLE_COOKIE
from shared.refusal import Refused

VISIT_COOKIE = "fieldtill_visit"
FIELD, HEADER = "csrf", "x-csrf-token"
_SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; "
        "connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    ),
    "Cache-Control": "no-store",
    "Referrer-Policy": "same-origin",
    "X-Content-Type-Options": "nosniff",
    "Vary": "Cookie, HX-Request",
}


def new_visit() -> str:
    """Return the random value of the cookie that a browser's form tokens hang on; no script can read it."""
    return secrets.token_urlsafe(32)


def visit_cookie(visit: str, *, secure: bool) -> Cookie:
    """Return the cookie of a visit: this browser's until it is closed."""
    return Cookie(VISIT_COOKIE, value=visit, httponly=True, secure=secure, samesite="lax", path="/console")


def token_for(visit: str, session: str) -> str:
    """Return the form token of a visit and a sign-in (empty before it): whoever knows it has read a page of ours."""
    return hmac.new(visit.encode(), f"form:{session}".encode(), hashlib.sha256).hexdigest()


async def forms_are_ours(connection: ASGIConnection[Any, Any, Any, Any], _: BaseRouteHandler) -> None:
    """Guard: refuse ``form_expired`` for a write without the form token of this browser's visit and sign-in."""
    if connection.scope.get("method") in _SAFE or not isinstance(connection, Request):
        return
    given = connection.headers.get(HEADER) or (await connection.form()).get(FIELD, "")
    visit = connection.cookies.get(VISIT_COOKIE, "")
    wanted = token_for(visit, connection.cookies.get(CONSOLE_COOKIE, ""))
    if not visit or not isinstance(given, str) or not hmac.compare_digest(given.encode(), wanted.encode()):
        raise Refused("form_expired")

"""Every error leaves as problem details (RFC 9457): a code of shared.refusal, what is wrong and what to do next."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import msgspec
import structlog
from litestar import Controller, Request, Response, Router
from litestar.exceptions import HTTPException, ValidationException
from litestar.handlers import HTTPRouteHandler
from litestar.openapi.datastructures import ResponseSpec
from litestar.types import ExceptionHandlersMap
from sqlalchemy.exc import DBAPIError

from backend.guards import public
from shared.refusal import REFUSALS, Refused

MEDIA_TYPE = "application/problem+json"
DOCUMENTED = (400, 401, 403, 404, 405, 409, 413, 422, 429, 500, 503)
_BY_STATUS = {
    401: "token_missing",
    404: "not_found",
    405: "method_not_allowed",
    413: "request_too_large",
    429: "too_many_requests",
}
_TOLD_HEADERS = ("allow", "retry-after")
_log = structlog.get_logger("fieldtill")


class WrongPart(msgspec.Struct, frozen=True):
    """One part of a request that was not understood."""

    part: str
    problem: str


class Problem(msgspec.Struct, frozen=True, omit_defaults=True):
    """RFC 9457: ``title`` says what is wrong, ``detail`` what to do next, ``code`` is a row of shared.refusal."""

    type: str
    title: str
    status: int
    code: str
    detail: str = ""
    parts: list[WrongPart] = []


def problem(refusal: Refused, status: int | None = None, parts: Iterable[WrongPart] = ()) -> Problem:
    """Say a refusal in the language in force."""
    return Problem(
        type=f"urn:fieldtill:{refusal.code}",
        title=refusal.what,
        status=status or refusal.row.status,
        code=refusal.code,
        detail=refusal.next,
        parts=list(parts),
    )


def _answer(body: Problem, headers: dict[str, str] | None = None) -> Response[Problem]:
    return Response(body, status_code=body.status, media_type=MEDIA_TYPE, headers=headers or {})


def on_refused(_: Request[Any, Any, Any], refusal: Refused) -> Response[Problem]:
    """Answer a refusal of the rules."""
    headers = {}
    if refusal.row.status == 401:
        headers["WWW-Authenticate"] = 'Bearer realm="fieldtill"'
    if "seconds" in refusal.values:
        headers["Retry-After"] = str(refusal.values["seconds"])
    return _answer(problem(refusal), headers)


def on_invalid(_: Request[Any, Any, Any], error: ValidationException) -> Response[Problem]:
    """Answer a body or parameter that does not have the documented form; name the parts, never the code behind."""
    given = error.extra if isinstance(error.extra, list) else []
    parts = [WrongPart(str(one.get("key", "")), str(one.get("message", ""))[:200]) for one in given[:20]]
    first = f"{parts[0].part} {parts[0].problem}".strip() if parts else str(error.detail)[:200]
    return _answer(problem(Refused("request_invalid", problem=first), parts=parts))


def on_http(request: Request[Any, Any, Any], error: HTTPException) -> Response[Problem]:
    """Answer what the framework refuses: unknown address or method, too large, unreadable."""
    if error.status_code >= 500:
        return on_failure(request, error)
    code = _BY_STATUS.get(error.status_code, "request_invalid")
    refusal = Refused(code, problem=str(error.detail)[:200])
    headers = {name: value for name, value in (error.headers or {}).items() if name.lower() in _TOLD_HEADERS}
    return _answer(problem(refusal, error.status_code), headers)


def on_failure(request: Request[Any, Any, Any], error: Exception) -> Response[Problem]:
    """Answer everything unforeseen, a COMMIT that failed above all: nothing was half-written and nothing leaks."""
    if _is_unstorable(error):
        _log.warning("unstorable", path=request.url.path, error=type(error).__name__)
        return _answer(problem(Refused("request_invalid", problem="a value cannot be stored")))
    _log.error("failed", path=request.url.path, exc_info=error)
    reading = request.method in {"GET", "HEAD", "OPTIONS"}
    return _answer(problem(Refused("server_failed" if reading else "not_saved")))


def _is_unstorable(error: BaseException) -> bool:
    """Say whether a database refused a value itself (SQLSTATE class 22): bounds were forgotten somewhere."""
    if isinstance(error, DBAPIError):
        return str(getattr(error.orig, "sqlstate", "") or "").startswith("22")
    return isinstance(error, OverflowError)


HANDLERS: ExceptionHandlersMap = {
    Refused: on_refused,
    ValidationException: on_invalid,
    HTTPException: on_http,
    Exception: on_failure,
}

_NO_SIGN_IN: list[dict[str, list[str]]] = [{}]  # an empty list would be left out, and the general rule hold
_RESPONSES = {
    status: ResponseSpec(
        data_container=Problem,
        generate_examples=False,
        media_type=MEDIA_TYPE,
        description="; ".join(sorted(code for code, row in REFUSALS.items() if row.status == status)) or "Refused.",
    )
    for status in DOCUMENTED
}


def document_problems(routes: Iterable[Any]) -> None:
    """Name the problems that every handler may answer with in the OpenAPI description, and which need no sign-in."""
    for route in routes:
        if isinstance(route, HTTPRouteHandler):
            if public in (route.guards or ()):
                route.security = _NO_SIGN_IN
            route.responses = {**_RESPONSES, **(route.responses or {})}
        elif isinstance(route, Router):
            document_problems(handler for one in route.routes for handler in getattr(one, "route_handlers", ()))
        elif isinstance(route, type) and issubclass(route, Controller):
            names = (name for owner in route.__mro__ for name in vars(owner))
            document_problems(getattr(route, name) for name in names if not name.startswith("__"))

"""The console: its pages gathered into one router, with what protects them, and what is shown when one refuses."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from litestar import Request, Response, Router, get
from litestar.datastructures import CacheControlHeader
from litestar.di import Provide
from litestar.exceptions import HTTPException
from litestar.params import FromPath
from litestar.static_files import create_static_files_router

from backend.auth.actor import Actor
from backend.console import protect
from backend.console.dependency import know_company, provide_view, provide_visitor, speak
from backend.console.form import MEGABYTES, read_form
from backend.console.pages import PAGES
from backend.console.view import NOBODY, View
from backend.errors import on_failure
from backend.guards import public
from backend.importing.mapping import in_words
from shared.clock import SystemClock
from shared.language import assets
from shared.refusal import Refused

SIGN_IN = "/console/sign-in"
_BY_STATUS = {401: "token_missing", 403: "permission_missing", 404: "not_found", 405: "method_not_allowed"}
_BY_STATUS[413] = "file_too_large"  # a form is that large only with a file
_LARGEST = 16 * 1024 * 1024  # a file of 10 MB that a preview's form carries on as base64


def refused(request: Request[Any, Any, Any], refusal: Refused) -> Response[Any]:
    """Show a refusal: the sign-in page to strangers, a note in the corner for HTMX, else a page; with its status."""
    htmx = request.headers.get("hx-request") == "true"
    view = View(request, SystemClock(), _actor(request), request.scope["state"].get("company"))
    refusal = Refused(refusal.code, **in_words(refusal.values))
    if request.url.path == SIGN_IN:
        login = str(request.scope["state"].get("login", ""))
        return view.show(
            "sign_in.html",
            status=refusal.row.status,
            login=login,
            refusal=refusal,
        )
    if refusal.row.status == 401:
        where = {"HX-Redirect": SIGN_IN} if htmx else {"Location": SIGN_IN}
        return Response(None, status_code=200 if htmx else 303, headers={**where, **protect.HEADERS})
    answer = view.show("toast.html" if htmx else "refused.html", status=refusal.row.status, refusal=refusal)
    if htmx:
        answer.headers.update({"HX-Retarget": "#toasts", "HX-Reswap": "beforeend", "HX-Reselect": "unset"})
    return answer


def failed(request: Request[Any, Any, Any], problem: HTTPException) -> Response[Any]:
    """Say what the framework refuses (an address, a parameter, a size) in the same words as our own refusals."""
    code = _BY_STATUS.get(problem.status_code, "request_invalid")
    return refused(request, Refused(code, problem=str(problem.detail)[:200], permission="–", megabytes=MEGABYTES))


def broken(request: Request[Any, Any, Any], error: Exception) -> Response[Any]:
    """Say that the server failed, after it was logged as everywhere else; nothing was half-written."""
    code = on_failure(request, error).content.code
    return refused(request, Refused(code, problem="–"))


def _actor(request: Request[Any, Any, Any]) -> Actor:
    known = request.scope["state"].get("actor")
    return known if isinstance(known, Actor) else NOBODY


@get("/{rest:path}", name="console.nowhere", guards=[public])
async def nowhere(rest: FromPath[str]) -> None:  # noqa: ARG001 - the address itself says it
    """Refuse any other address under the console."""
    raise Refused("not_found")


def _files(path: str, folder: Path) -> Router:
    """Serve a folder to everybody; browsers keep it for a day."""
    return create_static_files_router(
        path=path,
        directories=[folder],
        name=path.strip("/").replace("/", "."),
        cache_control=CacheControlHeader(max_age=86_400, public=True),
        guards=[public],
    )


ROUTES = [
    Router(
        path="/console",
        route_handlers=[*PAGES, nowhere],
        guards=[know_company, protect.forms_are_ours],
        request_max_body_size=_LARGEST,
        before_request=speak,
        dependencies={
            "view": Provide(provide_view),
            "visitor": Provide(provide_visitor),
            "form": Provide(read_form),
        },
        exception_handlers={Refused: refused, HTTPException: failed, Exception: broken},
        include_in_schema=False,
    )
]
STATIC = [
    _files("/console/static", Path(__file__).parent / "static"),
    _files("/console/fonts", assets() / "fonts"),
]

"""Coming in and going out: sign-in, sign-out, and what a browser remembers (language, theme)."""

from __future__ import annotations

from typing import Any

from litestar import Request, Response, get, post
from litestar.datastructures import Cookie
from litestar.di import NamedDependency
from sqlalchemy.ext.asyncio import AsyncSession

from backend.auth import service as auth
from backend.auth.actor import Actor
from backend.console import protect
from backend.console.form import Form
from backend.console.view import LANGUAGE_COOKIE, THEME_COOKIE, THEMES, View, to_here
from backend.guards import CONSOLE_COOKIE, public, signed_in
from shared.clock import Clock
from shared.language import LANGUAGES

YEAR = 365 * 86_400


@get("/sign-in", name="console.sign_in", guards=[public])
async def sign_in_page(visitor: NamedDependency[View]) -> Response[str]:
    """Ask for name and password."""
    return visitor.show("sign_in.html", login="", refusal=None)


@post("/sign-in", name="console.sign_in.post", status_code=303, guards=[public])
async def sign_in(
    visitor: NamedDependency[View],
    form: NamedDependency[Form],
    session: NamedDependency[AsyncSession],
    clock: NamedDependency[Clock],
) -> Response[Any]:
    """Open a console session; a fresh visit begins with it, so that no form token from before is worth anything."""
    login, password = form.text("login"), form.text("password", longest=1000)
    visitor.request.scope["state"]["login"] = login  # a refusal's page keeps it
    cookie, _actor = await auth.open_console_session(session, clock, login=login, password=password)
    answer: Response[Any] = Response(None, status_code=303, headers={"Location": "/console", **protect.HEADERS})
    answer.set_cookie(session_cookie(cookie, secure=visitor.is_secure))
    answer.set_cookie(protect.visit_cookie(protect.new_visit(), secure=visitor.is_secure))
    return answer


@post("/sign-out", name="console.sign_out", status_code=303, guards=[signed_in])
async def sign_out(
    request: Request[Any, Any, Any],
    actor: NamedDependency[Actor],
    session: NamedDependency[AsyncSession],
    clock: NamedDependency[Clock],
) -> Response[Any]:
    """Close the console session."""
    await auth.close_console_session(session, actor, clock, request.cookies.get(CONSOLE_COOKIE, ""))
    answer: Response[Any] = Response(None, status_code=303, headers={"Location": "/console/sign-in", **protect.HEADERS})
    answer.delete_cookie(CONSOLE_COOKIE, path="/console")
    return answer


@post("/preferences", name="console.preferences", status_code=303, guards=[public])
async def preferences(form: NamedDependency[Form]) -> Response[Any]:
    """Remember language or theme in this browser and go back."""
    answer: Response[Any] = Response(None, status_code=303, headers={"Location": to_here(form.text("back"))})
    for name, cookie, known in (("language", LANGUAGE_COOKIE, LANGUAGES), ("theme", THEME_COOKIE, THEMES)):
        if form.text(name) in known:
            answer.set_cookie(
                Cookie(cookie, value=form.text(name), max_age=YEAR, httponly=True, samesite="lax", path="/")
            )
    return answer


def session_cookie(value: str, *, secure: bool) -> Cookie:
    """Return the cookie of a sign-in: of no use to scripts or to other sites."""
    return Cookie(CONSOLE_COOKIE, value=value, httponly=True, secure=secure, samesite="lax", path="/console")


PAGES = [sign_in_page, sign_in, sign_out, preferences]

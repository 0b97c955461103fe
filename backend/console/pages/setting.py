"""Settings of the company: name, zone, currency, limits, methods, payment codes."""

from __future__ import annotations

from typing import Any

from litestar import Response, get, post
from litestar.di import NamedDependency
from sqlalchemy.ext.asyncio import AsyncSession

from backend.auth.actor import Actor
from backend.company import service
from backend.console.form import Form
from backend.console.view import View
from backend.guards import requires
from shared.clock import Clock
from shared.collection import METHODS
from shared.language import _
from shared.refusal import Refused

_LONGEST = 2_000


@get("/settings", name="console.settings", guards=[requires("setting.edit")])
async def settings(view: NamedDependency[View]) -> Response[Any]:
    """Show the company's settings, each group with its own button."""
    return view.show("settings.html", methods=METHODS)


@post("/settings", name="console.settings.put", status_code=303, guards=[requires("setting.edit")])
async def put(
    view: NamedDependency[View],
    form: NamedDependency[Form],
    session: NamedDependency[AsyncSession],
    actor: NamedDependency[Actor],
    clock: NamedDependency[Clock],
) -> Response[Any]:
    """Change one setting."""
    company = await service.company(session)
    key = form.text("key")
    await service.put_setting(session, actor, clock, f"company.{key}", _value(form, key, company.currency))
    return view.go("/console/settings", _("Saved. Phones learn of it with their next sync."))


def _value(form: Form, key: str, currency: str) -> object:
    """Read a setting as its own kind of value; refuses ``request_invalid`` for a key that has no form."""
    if key in ("name", "zone"):
        return form.text("value")
    if key in ("carry_limit_minor", "month_target_minor"):
        return form.minor("value", currency)
    if key == "methods":
        return [method for method in METHODS if method in form.many("value")]
    if key == "paycode":
        lines = (line.partition("=") for line in form.text("value", longest=_LONGEST).splitlines())
        return {name.strip(): value.strip() for name, _sep, value in lines if name.strip()}
    raise Refused("request_invalid", problem=f"key = {key[:40]}")


PAGES = [settings, put]

"""People and their phones: added, switched off, given passwords and enrolment codes; phones revoked."""

from __future__ import annotations

from typing import Any

from litestar import Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath
from sqlalchemy.ext.asyncio import AsyncSession

from backend.auth import queries, service
from backend.auth.actor import Actor
from backend.auth.tables import UserAccount
from backend.console import wording
from backend.console.code import picture
from backend.console.form import Form
from backend.console.view import View
from backend.export import every
from backend.guards import requires
from backend.sync import queries as sync
from backend.sync import service as devices
from backend.sync.tables import Device
from shared.clock import Clock
from shared.language import N_, _
from shared.permission import ROLE_NAMES, may
from shared.refusal import Refused

HEADS = (N_("User name"), N_("Name"), N_("Role"), N_("Language"), N_("Active"))
PHONE_HEADS = (
    *(N_("Person"), N_("Device"), N_("App version"), N_("Series"), N_("Enrolled"), N_("Last seen")),
    *(N_("Clock off by seconds"), N_("Active")),
)


def _cells(one: UserAccount) -> list[object]:
    return [one.login, one.name, wording.word(wording.ROLES, one.role), one.language, _said(one.active)]


def _phone_cells(view: View, device: Device, name: str) -> list[object]:
    times = [view.written(ms) if ms else "" for ms in (device.enrolled_at_ms, device.seen_at_ms)]
    about = [name, device.name, device.app_version, device.series, *times]
    return [*about, device.clock_offset_ms // 1000, _said(not device.revoked_at_ms)]


def _said(yes: bool) -> str:  # noqa: FBT001 - the answer itself
    return _("yes") if yes else _("no")


@get("/users", name="console.users", guards=[requires("user.view")])
async def users(view: NamedDependency[View], reader: NamedDependency[AsyncSession]) -> Response[Any]:
    """List people with their roles; ``format=csv`` sends them."""
    if view.wants_csv:
        found = await every(
            lambda after, limit: queries.users(reader, after=after, search=view.asked("q"), limit=limit),
            lambda one: one.login,
            "",
        )
        return view.export("users", [_(head) for head in HEADS], map(_cells, found))
    rows = await queries.users(reader, after=view.asked("after"), search=view.asked("q"), limit=101)
    carry = {role for role in ROLE_NAMES if may(role, "sync.push")}
    return view.show(
        "users.html", rows=rows[:100], more=len(rows) > 100, q=view.asked("q"), roles=ROLE_NAMES, carry=carry
    )


@post("/users", name="console.user.add", status_code=303, guards=[requires("user.edit")])
async def add(
    view: NamedDependency[View],
    form: NamedDependency[Form],
    session: NamedDependency[AsyncSession],
    actor: NamedDependency[Actor],
    clock: NamedDependency[Clock],
) -> Response[Any]:
    """Add a person."""
    fields = {name: form.text(name) for name in ("login", "name", "role", "language")}
    await service.add_user(session, actor, clock, **fields, password=form.text("password", longest=1000))
    return view.go("/console/users", _("%(name)s was added.", name=fields["name"] or fields["login"]))


@post("/users/{user_id:str}/{change:str}", name="console.user.change", status_code=303, guards=[requires("user.edit")])
async def change(
    *,
    view: NamedDependency[View],
    form: NamedDependency[Form],
    session: NamedDependency[AsyncSession],
    actor: NamedDependency[Actor],
    clock: NamedDependency[Clock],
    user_id: FromPath[str],
    change: FromPath[str],
) -> Response[Any]:
    """Switch a person off or on, or give a new password."""
    if change == "disable":
        await service.disable_user(session, actor, clock, user_id)
    elif change == "enable":
        await service.enable_user(session, actor, clock, user_id)
    elif change == "password":
        await service.reset_password(session, actor, clock, user_id, form.text("password", longest=1000))
    else:
        raise Refused("not_found")
    return view.go("/console/users", _("Done."))


@get("/devices", name="console.devices", guards=[requires("device.view")])
async def phones(view: NamedDependency[View], reader: NamedDependency[AsyncSession]) -> Response[Any]:
    """List phones, and what they sent that waits for a person; ``format=csv`` sends the phones."""
    if view.wants_csv:
        rows = [_phone_cells(view, device, name) for device, name in await sync.devices(reader)]
        return view.export("phones", [_(head) for head in PHONE_HEADS], rows)
    everybody = await every(
        lambda after, limit: queries.users(reader, after=after, limit=limit), lambda one: one.login, ""
    )
    people = [person for person in everybody if person.active and may(person.role, "sync.push")]
    waiting = await sync.quarantine(reader, limit=50)
    return view.show("devices.html", rows=await sync.devices(reader), people=people, waiting=waiting)


@post("/devices/code", name="console.device.code", status_code=200, guards=[requires("device.enrol")])
async def code(
    view: NamedDependency[View],
    form: NamedDependency[Form],
    session: NamedDependency[AsyncSession],
    actor: NamedDependency[Actor],
    clock: NamedDependency[Clock],
) -> Response[Any]:
    """Make an enrolment code and show it this once."""
    made = await devices.issue_code(session, actor, clock, form.text("user"))
    server = str(view.request.base_url).rstrip("/")
    link = f"fieldtill://open/enrol?server={server}&code={made}"
    return view.show("device_code.html", code=made, user_id=form.text("user"), server=server, picture=picture(link))


@post(
    "/devices/{device_id:str}/revoke", name="console.device.revoke", status_code=303, guards=[requires("device.revoke")]
)
async def revoke(
    view: NamedDependency[View],
    session: NamedDependency[AsyncSession],
    actor: NamedDependency[Actor],
    clock: NamedDependency[Clock],
    device_id: FromPath[str],
) -> Response[Any]:
    """Take a phone out of use."""
    await devices.revoke(session, actor, clock, device_id)
    return view.go("/console/devices", _("The phone is revoked. What it recorded before can still be handed in."))


PAGES = [users, add, change, phones, code, revoke]

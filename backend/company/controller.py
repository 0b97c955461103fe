"""The company's settings, under /api."""

from __future__ import annotations

from typing import Annotated, Any

import msgspec
from litestar import Controller, get, put
from litestar.di import NamedDependency
from litestar.params import FromPath, JSONBody, ParameterKwarg
from sqlalchemy.ext.asyncio import AsyncSession

from backend.auth.actor import Actor
from backend.company import service
from backend.guards import requires, signed_in
from shared.clock import Clock

_Key = Annotated[str, ParameterKwarg(pattern=r"^[a-z_]{1,30}$")]


class SettingBody(msgspec.Struct, frozen=True):
    """A setting's new value: a text, a whole number, a list of texts or an object of texts."""

    value: str | int | list[str] | dict[str, str]


class CompanySettings(Controller):
    """What the company calls itself and which rules it has chosen."""

    path = "/api/company"
    tags = ["company"]

    @get("/", guards=[signed_in])
    async def company(self, reader: NamedDependency[AsyncSession]) -> service.Company:
        """Return the settings that rules depend on; secrets are never among them."""
        return await service.company(reader)

    @put("/{key:str}", guards=[requires("setting.edit")], status_code=204)
    async def put_setting(
        self,
        session: NamedDependency[AsyncSession],
        actor: NamedDependency[Actor],
        clock: NamedDependency[Clock],
        key: FromPath[_Key],
        data: JSONBody[SettingBody],
    ) -> None:
        """Change one setting of the company."""
        value: Any = data.value
        await service.put_setting(session, actor, clock, f"company.{key}", value)


ROUTES = [CompanySettings]

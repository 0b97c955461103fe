"""Sign-in for phones, and people, under /api."""

from __future__ import annotations

from typing import Annotated

import msgspec
from litestar import Controller, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery, JSONBody, ParameterKwarg
from sqlalchemy.ext.asyncio import AsyncSession

from backend.auth import queries, service
from backend.auth.actor import Actor
from backend.auth.tables import UserAccount
from backend.bounds import IdText, NameText, PageLimit, SecretText, WordText
from backend.guards import public, requires, signed_in
from shared.clock import Clock
from sync.message import RefreshRequest, SignInRequest, Tokens

_After = Annotated[str, ParameterKwarg(max_length=60)]


class SignInBody(SignInRequest, frozen=True):
    """User name and password; ``device_id`` when the phone is enrolled already."""

    login: NameText
    password: SecretText
    device_id: WordText = ""


class RefreshBody(RefreshRequest, frozen=True):
    """A refresh token."""

    refresh_token: SecretText


class UserRow(msgspec.Struct, frozen=True):
    """A person as others see them."""

    id: str
    login: str
    name: str
    role: str
    language: str
    active: bool
    locked_until_ms: int
    created_at_ms: int


class UserBody(msgspec.Struct, frozen=True):
    """A person to add."""

    login: NameText
    name: NameText
    role: WordText
    password: SecretText
    language: WordText = "en"


class PasswordBody(msgspec.Struct, frozen=True):
    """A new password."""

    password: SecretText


class Me(msgspec.Struct, frozen=True):
    """Who is signed in."""

    id: str
    name: str
    role: str
    device_id: str
    language: str


class SignIn(Controller):
    """Tokens for phones."""

    path = "/api/auth"
    tags = ["sign-in"]

    @post("/sign-in", guards=[public], status_code=200)
    async def sign_in(
        self, session: NamedDependency[AsyncSession], clock: NamedDependency[Clock], data: JSONBody[SignInBody]
    ) -> Tokens:
        """Exchange user name and password for tokens."""
        return await service.sign_in(session, clock, login=data.login, password=data.password, device_id=data.device_id)

    @post("/refresh", guards=[public], status_code=200)
    async def refresh(
        self, session: NamedDependency[AsyncSession], clock: NamedDependency[Clock], data: JSONBody[RefreshBody]
    ) -> Tokens:
        """Exchange a refresh token for a new pair; the old one is spent."""
        return await service.refresh(session, clock, refresh_token=data.refresh_token)

    @post("/sign-out", guards=[public], status_code=204)
    async def sign_out(
        self, session: NamedDependency[AsyncSession], clock: NamedDependency[Clock], data: JSONBody[RefreshBody]
    ) -> None:
        """Revoke a refresh token and all that came from the same sign-in."""
        await service.sign_out(session, clock, refresh_token=data.refresh_token)

    @get("/me", guards=[signed_in])
    async def me(self, actor: NamedDependency[Actor]) -> Me:
        """Say who is signed in."""
        return Me(actor.user_id, actor.name, actor.role, actor.device_id, actor.language)


class Users(Controller):
    """The people of the company."""

    path = "/api/users"
    tags = ["people"]

    @get("/", guards=[requires("user.view")])
    async def users(
        self,
        reader: NamedDependency[AsyncSession],
        after: FromQuery[_After] = "",
        limit: FromQuery[PageLimit] = 200,
        role: FromQuery[WordText] = "",
        search: FromQuery[WordText] = "",
    ) -> list[UserRow]:
        """List people by user name; the next page is asked for with the last user name as ``after``."""
        found = await queries.users(reader, after=after, limit=limit, role=role, search=search)
        return [user_row(person) for person in found]

    @post("/", guards=[requires("user.edit")])
    async def add(
        self,
        session: NamedDependency[AsyncSession],
        actor: NamedDependency[Actor],
        clock: NamedDependency[Clock],
        data: JSONBody[UserBody],
    ) -> dict[str, str]:
        """Add a person."""
        return {"id": await service.add_user(session, actor, clock, **msgspec.structs.asdict(data))}

    @post("/{user_id:str}/disable", guards=[requires("user.edit")], status_code=204)
    async def disable(
        self,
        session: NamedDependency[AsyncSession],
        actor: NamedDependency[Actor],
        clock: NamedDependency[Clock],
        user_id: FromPath[IdText],
    ) -> None:
        """Switch a person's sign-in off."""
        await service.disable_user(session, actor, clock, user_id)

    @post("/{user_id:str}/enable", guards=[requires("user.edit")], status_code=204)
    async def enable(
        self,
        session: NamedDependency[AsyncSession],
        actor: NamedDependency[Actor],
        clock: NamedDependency[Clock],
        user_id: FromPath[IdText],
    ) -> None:
        """Let a person sign in again."""
        await service.enable_user(session, actor, clock, user_id)

    @post("/{user_id:str}/password", guards=[requires("user.edit")], status_code=204)
    async def password(
        self,
        session: NamedDependency[AsyncSession],
        actor: NamedDependency[Actor],
        clock: NamedDependency[Clock],
        user_id: FromPath[IdText],
        data: JSONBody[PasswordBody],
    ) -> None:
        """Give a person a new password; every sign-in of theirs ends."""
        await service.reset_password(session, actor, clock, user_id, data.password)


def user_row(person: UserAccount) -> UserRow:
    """Return a person without their secrets."""
    return UserRow(
        person.id,
        person.login,
        person.name,
        person.role,
        person.language,
        person.active,
        person.locked_until_ms,
        person.created_at_ms,
    )


ROUTES = [SignIn, Users]

"""The protocol's endpoints, and the devices and operations that the office looks after, under /api."""

from __future__ import annotations

from typing import Annotated, Any

import msgspec
from litestar import Controller, Request, Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery, JSONBody, ParameterKwarg
from sqlalchemy.ext.asyncio import AsyncSession

from backend.auth.actor import Actor
from backend.bounds import IdText, NameText, PageLimit, WordText
from backend.company import service as company
from backend.database import Database
from backend.guards import authenticate, public, requires, signed_in
from backend.sync import queries, service
from backend.sync.device import CODE_LIFE_MS
from backend.sync.tables import Device, OperationRecord
from shared.clock import Clock, to_ms
from shared.refusal import Refused
from sync import wire
from sync.message import PROTOCOL, Batch, EnrolAnswer, EnrolRequest, Page, PullRequest, PushAnswer

_AnyRequest = Request[Any, Any, Any]
_After = Annotated[str, ParameterKwarg(pattern=r"^[0-9a-f-]{0,36}$")]


class EnrolBody(EnrolRequest, frozen=True):
    """A phone's public key, and a one-time code unless its user is signed in."""

    public_key: Annotated[str, msgspec.Meta(max_length=64)]
    code: WordText = ""
    device_name: NameText = ""
    app_version: WordText = ""


class PullBody(PullRequest, frozen=True):
    """The cursor of the last page (empty: from the beginning)."""

    cursor: Annotated[str, msgspec.Meta(max_length=4_000)] = ""
    limit: Annotated[int, msgspec.Meta(ge=1, le=5_000)] = 5_000
    protocol: Annotated[int, msgspec.Meta(ge=1, le=1_000)] = PROTOCOL


class Status(msgspec.Struct, frozen=True):
    """What a phone may compare itself with; ``operations`` counts this device's by status (the office: all)."""

    protocol: int
    epoch: str
    server_time_ms: int
    operations: dict[str, int]


class CodeBody(msgspec.Struct, frozen=True):
    """For whom to issue a code."""

    user_id: IdText


class CodeAnswer(msgspec.Struct, frozen=True):
    """A code, shown once."""

    code: str
    expires_at_ms: int


class DeviceRow(msgspec.Struct, frozen=True):
    """A phone."""

    id: str
    user_id: str
    user_name: str
    name: str
    series: str
    app_version: str
    enrolled_at_ms: int
    seen_at_ms: int
    clock_offset_ms: int
    revoked_at_ms: int | None


class OperationRow(msgspec.Struct, frozen=True):
    """An operation that waits, and why."""

    id: str
    device_id: str
    seq: int
    kind: str
    payload: str
    status: str
    code: str
    what: str
    received_at_ms: int


class Sync(Controller):
    """The protocol between phones and server: ``sync/PROTOCOL.md``."""

    path = "/api/sync"
    tags = ["sync"]

    @post("/enrol", guards=[public], security=[])
    async def enrol(
        self,
        request: _AnyRequest,
        session: NamedDependency[AsyncSession],
        clock: NamedDependency[Clock],
        data: JSONBody[EnrolBody],
    ) -> EnrolAnswer:
        """Bind a phone's key to the user of a one-time code, or to who is signed in."""
        known = await authenticate(request) if not data.code else None
        return await service.enrol(session, known, clock, data)

    @post("/push", guards=[public], security=[], status_code=200, request_max_body_size=None)
    async def push(
        self, request: _AnyRequest, database: NamedDependency[Database], clock: NamedDependency[Clock]
    ) -> Response[PushAnswer]:
        """Take in a signed batch; the signature is the authentication. The answer leaves after COMMIT."""
        batch = await _batch(request)  # read before the transaction begins: a slow sender holds no lock
        async with database.writing() as session:
            answer = await service.push(session, clock, batch)
        return _packed(request, answer)

    @post("/pull", guards=[requires("sync.pull")], status_code=200)
    async def pull(
        self,
        request: _AnyRequest,
        reader: NamedDependency[AsyncSession],
        actor: NamedDependency[Actor],
        clock: NamedDependency[Clock],
        data: JSONBody[PullBody],
    ) -> Response[Page]:
        """Return what changed in the caller's scopes behind a cursor."""
        return _packed(request, await service.pull(reader, actor, clock, data))

    @get("/status", guards=[signed_in])
    async def status(
        self, reader: NamedDependency[AsyncSession], actor: NamedDependency[Actor], clock: NamedDependency[Clock]
    ) -> Status:
        """Say the epoch, the time, and how many operations are here."""
        counts = await queries.operation_counts(reader, "" if actor.may("device.view") else actor.device_id or "none")
        return Status(PROTOCOL, await company.epoch(reader), to_ms(clock.now()), counts)

    @get("/operations", guards=[requires("device.view")])
    async def operations(
        self, reader: NamedDependency[AsyncSession], after: FromQuery[_After] = "", limit: FromQuery[PageLimit] = 50
    ) -> list[OperationRow]:
        """List operations that are held or quarantined, newest first; the last id is the next page's ``after``."""
        return [_operation_row(row) for row in await queries.quarantine(reader, after=after, limit=limit)]


class Devices(Controller):
    """The phones of the company."""

    path = "/api/devices"
    tags = ["devices"]

    @get("/", guards=[requires("device.view")])
    async def devices(self, reader: NamedDependency[AsyncSession]) -> list[DeviceRow]:
        """List phones, newest first."""
        return [device_row(device, name) for device, name in await queries.devices(reader)]

    @post("/codes", guards=[requires("device.enrol")])
    async def issue_code(
        self,
        session: NamedDependency[AsyncSession],
        actor: NamedDependency[Actor],
        clock: NamedDependency[Clock],
        data: JSONBody[CodeBody],
    ) -> CodeAnswer:
        """Make a one-time enrolment code; it is shown this once."""
        code = await service.issue_code(session, actor, clock, data.user_id)
        return CodeAnswer(code, to_ms(clock.now()) + CODE_LIFE_MS)

    @post("/{device_id:str}/revoke", guards=[requires("device.revoke")], status_code=204)
    async def revoke(
        self,
        session: NamedDependency[AsyncSession],
        actor: NamedDependency[Actor],
        clock: NamedDependency[Clock],
        device_id: FromPath[IdText],
    ) -> None:
        """Take a phone out of use."""
        await service.revoke(session, actor, clock, device_id)


async def _batch(request: _AnyRequest) -> Batch:
    """Read a batch within the limits; refuses ``batch_too_large`` and ``batch_unreadable``."""
    body = bytearray()
    async for piece in request.stream():
        body += piece
        if len(body) > wire.BODY_BYTES:
            raise Refused("batch_too_large")
    plain = wire.expand(bytes(body), request.headers.get("content-encoding", ""))
    try:
        return msgspec.json.decode(plain, type=Batch)
    except (msgspec.MsgspecError, UnicodeError, RecursionError):
        raise Refused("batch_unreadable") from None


def _packed(request: _AnyRequest, message: object) -> Response[Any]:
    """Answer in JSON, compressed by the best of what is accepted: the application itself leaves these answers alone."""
    body, encoding = wire.compress(wire.encode(message), request.headers.get("accept-encoding", ""))
    headers = {"Vary": "Accept-Encoding"} | ({"Content-Encoding": encoding} if encoding else {})
    return Response(body, media_type="application/json", headers=headers)


def device_row(device: Device, user_name: str) -> DeviceRow:
    """Return a phone as it is shown."""
    named = {name: getattr(device, name) for name in DeviceRow.__struct_fields__ if name != "user_name"}
    return DeviceRow(**named, user_name=user_name)


def _operation_row(row: OperationRecord) -> OperationRow:
    verdict = service.verdict_of(row)
    named = {name: getattr(row, name) for name in OperationRow.__struct_fields__ if name != "what"}
    return OperationRow(**named, what=verdict.what)


ROUTES = [Sync, Devices]

"""Matching under /api: runs, the review queue, confirming, rejecting and undoing."""

from __future__ import annotations

from typing import Annotated, Any

import msgspec
from litestar import Controller, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery, JSONBody, ParameterKwarg
from sqlalchemy.ext.asyncio import AsyncSession

from backend.auth.actor import Actor
from backend.bounds import IdText, NoteText, PageLimit, WordText
from backend.guards import requires
from backend.matching import queries, service
from backend.matching.service import Candidate, Dependant, Review, UnmatchOutcome
from shared.clock import Clock
from shared.matching import ExpectedKind

_MaybeId = Annotated[str, ParameterKwarg(max_length=36)]


class RunBody(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Which account to match; all when left out."""

    account_id: IdText | None = None


class PairBody(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A bank line and the money that it is."""

    line_id: IdText
    expected_kind: ExpectedKind
    expected_id: IdText


class RejectBody(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A bank line and the money that it is not."""

    line_id: IdText
    expected_id: IdText


class ReasonBody(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Why a match is undone."""

    reason: NoteText


class RunAnswer(msgspec.Struct, frozen=True):
    """What a run did."""

    confirmed: list[str]
    proposed_count: int
    open_count: int


class MatchRow(msgspec.Struct, frozen=True):
    """A match; ``undone_at_ms`` is empty while it is in force."""

    id: str
    line_id: str
    account_id: str
    expected_kind: str
    expected_id: str
    amount_minor: int
    currency: str
    rule: str
    evidence: str
    probability_bp: int
    confirmed_by: str
    confirmed_at_ms: int
    undone_by: str
    undone_at_ms: int | None
    reason: str


class Matching(Controller):
    """Bank lines and the money we expect."""

    path = "/api/matching"
    tags = ["matching"]

    @post("/runs", guards=[requires("matching.confirm")])
    async def run(
        self,
        session: NamedDependency[AsyncSession],
        actor: NamedDependency[Actor],
        clock: NamedDependency[Clock],
        data: JSONBody[RunBody],
    ) -> RunAnswer:
        """Match what is open: the unambiguous is confirmed, the rest waits for review."""
        done = await service.run(session, actor, clock, data.account_id)
        return RunAnswer(done.confirmed, done.proposed_count, done.open_count)

    @get("/review", guards=[requires("matching.view")])
    async def review(
        self,
        reader: NamedDependency[AsyncSession],
        actor: NamedDependency[Actor],
        account_id: FromQuery[_MaybeId] = "",
        after: FromQuery[_MaybeId] = "",
        limit: FromQuery[PageLimit] = 50,
    ) -> list[Review]:
        """List open credits with their proposals; the next page is asked for with the last line's id."""
        return await service.review(reader, actor, account_id=account_id or None, after=after, limit=limit)

    @get("/lines/{line_id:str}/candidates", guards=[requires("matching.view")])
    async def candidates(
        self, reader: NamedDependency[AsyncSession], actor: NamedDependency[Actor], line_id: FromPath[IdText]
    ) -> list[Candidate]:
        """List the expected money that a line may be, likeliest first."""
        return await service.candidates(reader, actor, line_id=line_id)

    @post("/matches", guards=[requires("matching.confirm")])
    async def confirm(
        self,
        session: NamedDependency[AsyncSession],
        actor: NamedDependency[Actor],
        clock: NamedDependency[Clock],
        data: JSONBody[PairBody],
    ) -> dict[str, str]:
        """Match a line with expected money."""
        return {"id": await service.confirm(session, actor, clock, **msgspec.structs.asdict(data))}

    @post("/rejections", guards=[requires("matching.reject")], status_code=204)
    async def reject(
        self,
        session: NamedDependency[AsyncSession],
        actor: NamedDependency[Actor],
        clock: NamedDependency[Clock],
        data: JSONBody[RejectBody],
    ) -> None:
        """Refuse a proposal; the pair is never proposed again."""
        await service.reject(session, actor, clock, line_id=data.line_id, expected_id=data.expected_id)

    @get("/matches", guards=[requires("matching.view")])
    async def matches(
        self,
        reader: NamedDependency[AsyncSession],
        account_id: FromQuery[WordText] = "",
        after: FromQuery[WordText] = "",
        limit: FromQuery[PageLimit] = 50,
    ) -> list[MatchRow]:
        """List matches, newest first, undone ones too."""
        found = await queries.matches(reader, account_id=account_id, after=after, limit=limit)
        return [match_row(one) for one in found]

    @get("/matches/{match_id:str}/dependants", guards=[requires("matching.view")])
    async def dependants(
        self, reader: NamedDependency[AsyncSession], actor: NamedDependency[Actor], match_id: FromPath[IdText]
    ) -> list[Dependant]:
        """Say what undoing a match would take back."""
        return await service.dependants(reader, actor, match_id=match_id)

    @post("/matches/{match_id:str}/unmatch", guards=[requires("matching.unmatch")], status_code=200)
    async def unmatch(
        self,
        session: NamedDependency[AsyncSession],
        actor: NamedDependency[Actor],
        clock: NamedDependency[Clock],
        match_id: FromPath[IdText],
        data: JSONBody[ReasonBody],
    ) -> UnmatchOutcome:
        """Undo a match."""
        return await service.unmatch(session, actor, clock, match_id=match_id, reason=data.reason)


def match_row(one: queries.Matched) -> MatchRow:
    """Return a match as the API lists it."""
    given: dict[str, Any] = {
        "account_id": one.line.account_id,
        "currency": one.line.currency,
        "undone_by": one.unmatch.undone_by if one.unmatch else "",
        "undone_at_ms": one.unmatch.undone_at_ms if one.unmatch else None,
        "reason": one.unmatch.reason if one.unmatch else "",
    }
    names = [name for name in MatchRow.__struct_fields__ if name not in given]
    return MatchRow(**{name: getattr(one.match, name) for name in names}, **given)


ROUTES = [Matching]

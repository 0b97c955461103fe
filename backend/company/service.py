"""The company's settings: read by every domain, changed by an administrator; its secrets are never shown."""

from __future__ import annotations

import json
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from zoneinfo import ZoneInfo

from sqlalchemy.ext.asyncio import AsyncSession

from backend.audit import service as audit
from backend.auth.actor import SYSTEM, Actor
from backend.company import queries
from backend.sync.feed import touch
from shared.clock import Clock, to_ms
from shared.collection import METHODS
from shared.ident import uuid7
from shared.money import MAX_MINOR, exponent
from shared.refusal import Refused

TOKEN_SECRET = "secret.token"  # noqa: S105 - the setting's name: HS256 key of access tokens
TIME_SECRET = "secret.time"  # noqa: S105 - the setting's name: key of the server's time tokens
EPOCH = "sync.epoch"


@dataclass(frozen=True, slots=True)
class Company:
    """Settings that rules depend on. ``zone`` is an IANA name; amounts are minor units of ``currency``."""

    name: str
    zone: str
    currency: str
    carry_limit_minor: int = 2_000_000
    month_target_minor: int = 0
    methods: tuple[str, ...] = METHODS
    paycode: Mapping[str, str] = field(default_factory=dict)


KEYS = tuple(f"company.{name}" for name in Company.__dataclass_fields__)


async def company(session: AsyncSession) -> Company:
    """Return the company's settings; refuses ``company_missing`` before ``install``."""
    stored = await queries.values(session, KEYS)
    found = {key.partition(".")[2]: json.loads(value) for key, value in stored.items()}
    if not {"name", "zone", "currency"} <= set(found):
        raise Refused("company_missing")
    if "methods" in found:
        found["methods"] = tuple(found["methods"])
    return Company(**found)


async def is_installed(session: AsyncSession) -> bool:
    """Say whether the company exists."""
    return bool(await queries.values(session, ["company.name"]))


async def setting(session: AsyncSession, key: str) -> str | None:
    """Return one setting as text (a text's own characters, anything else as JSON), or None."""
    raw = (await queries.values(session, [key])).get(key)
    if raw is None:
        return None
    value = json.loads(raw)
    return value if isinstance(value, str) else raw


async def epoch(session: AsyncSession) -> str:
    """Return the epoch: it changes when the server was restored from a backup (SYNC.md, 14)."""
    return await setting(session, EPOCH) or ""


async def secret(session: AsyncSession, key: str) -> bytes:
    """Return one of the company's secrets (``TOKEN_SECRET``, ``TIME_SECRET``); refuses ``company_missing``."""
    stored = await setting(session, key)
    if not stored:
        raise Refused("company_missing")
    return bytes.fromhex(stored)


async def put_setting(session: AsyncSession, actor: Actor, clock: Clock, key: str, value: object) -> None:
    """Change one setting; only the name of a secret reaches the audit log.

    Refuses ``permission_missing`` and ``setting_invalid``.
    """
    actor.require("setting.edit")
    _check(key, value)
    await queries.put(session, key, json.dumps(value, ensure_ascii=False), to_ms(clock.now()))
    shown = {} if key.startswith("secret.") else {"value": value}
    audit.record(session, actor, clock, "setting.edit", "setting", key, **shown)
    if key.startswith("company."):
        touch(session, "company", "company")


async def install(
    session: AsyncSession,
    clock: Clock,
    *,
    name: str,
    zone: str,
    currency: str,
    carry_limit_minor: int = 2_000_000,
    month_target_minor: int = 0,
    methods: Sequence[str] = METHODS,
    paycode: Mapping[str, str] | None = None,
) -> Company:
    """Create the company with its secrets and epoch; one already there is left as it is and returned."""
    if await is_installed(session):
        return await company(session)
    now = to_ms(clock.now())
    values: dict[str, object] = {
        "company.name": name,
        "company.zone": zone,
        "company.currency": currency,
        "company.carry_limit_minor": carry_limit_minor,
        "company.month_target_minor": month_target_minor,
        "company.methods": list(methods),
        "company.paycode": dict(paycode or {}),
        EPOCH: uuid7(now),
        TOKEN_SECRET: secrets.token_hex(32),
        TIME_SECRET: secrets.token_hex(32),
    }
    for key, value in values.items():
        _check(key, value)
        await queries.put(session, key, json.dumps(value, ensure_ascii=False), now)
    audit.record(session, SYSTEM, clock, "setting.edit", "company", "company", name=name, zone=zone, currency=currency)
    touch(session, "company", "company")
    return await company(session)


def _check(key: str, value: object) -> None:
    """Refuse ``setting_invalid`` for a value that the company's rules could not work with."""
    if not _is_sound(key, value):
        raise Refused("setting_invalid", key=key[:40], value=str(value)[:40])


def _is_sound(key: str, value: object) -> bool:
    match key.partition("company.")[2], value:
        case "", _:
            return key in {EPOCH, TOKEN_SECRET, TIME_SECRET} and isinstance(value, str)
        case "name", str():
            return 0 < len(value.strip()) <= 200 and "\0" not in value
        case "zone", str():
            return _is_zone(value)
        case "currency", str():
            return exponent(value) >= 0
        case "carry_limit_minor" | "month_target_minor", int():
            return 0 <= value <= MAX_MINOR
        case "methods", list():
            return bool(value) and set(value) <= set(METHODS) and len(set(value)) == len(value)
        case "paycode", dict():
            return len(value) <= 20 and all(
                isinstance(part, str) and len(part) <= 512 and "\0" not in part
                for pair in value.items()
                for part in pair
            )
    return False


def _is_zone(name: str) -> bool:
    try:
        return bool(ZoneInfo(name))
    except (KeyError, ValueError, OSError):
        return False

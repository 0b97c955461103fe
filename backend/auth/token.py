"""Access tokens: HS256, fifteen minutes, for one user on one device."""

from __future__ import annotations

from dataclasses import dataclass

import jwt

from shared.ident import uuid7
from shared.refusal import Refused

AUDIENCE = "fieldtill"
LIFE_MS = 15 * 60 * 1000
_CLAIMS = ["sub", "role", "device", "exp", "iat", "jti", "aud"]


@dataclass(frozen=True, slots=True)
class Claims:
    """What an access token says; it lets nobody in whom the database no longer knows."""

    user_id: str
    role: str
    device_id: str


def make(key: bytes, claims: Claims, now_ms: int) -> tuple[str, int]:
    """Return a signed token and its expiry in Unix milliseconds (a whole second)."""
    expires_ms = (now_ms + LIFE_MS) // 1000 * 1000
    body = {
        "sub": claims.user_id,
        "role": claims.role,
        "device": claims.device_id,
        "iat": now_ms // 1000,
        "exp": expires_ms // 1000,
        "jti": uuid7(now_ms),
        "aud": AUDIENCE,
    }
    return jwt.encode(body, key, algorithm="HS256"), expires_ms


def read(key: bytes, token: str, now_ms: int) -> Claims:
    """Return what a token of ours says; refuses ``token_invalid`` and ``token_expired``.

    The time is the given one, so that a scripted clock decides.
    """
    options: jwt.types.Options = {"require": _CLAIMS, "verify_exp": False, "verify_iat": False}
    try:
        body = jwt.decode(token, key, algorithms=["HS256"], audience=AUDIENCE, options=options)
        expires, claims = int(body["exp"]), Claims(str(body["sub"]), str(body["role"]), str(body["device"]))
    except (jwt.InvalidTokenError, ValueError, TypeError):
        raise Refused("token_invalid") from None
    if now_ms >= expires * 1000:
        raise Refused("token_expired")
    return claims

"""Passwords: argon2id with the parameters OWASP recommends (19 MiB, two passes), off the event loop."""

from __future__ import annotations

import asyncio
import secrets
from functools import cache

from argon2 import PasswordHasher
from argon2.exceptions import Argon2Error, InvalidHashError

from shared.refusal import Refused

MIN_LENGTH = 10
MAX_LENGTH = 200
_HASHER = PasswordHasher(time_cost=2, memory_cost=19_456, parallelism=1)


async def hash_password(password: str) -> str:
    """Return the argon2id hash; refuses ``password_weak`` below 10 characters (or above 200)."""
    if not MIN_LENGTH <= len(password) <= MAX_LENGTH or "\0" in password:
        raise Refused("password_weak", length=MIN_LENGTH)
    return await asyncio.to_thread(_HASHER.hash, password)


async def is_password(stored: str, password: str) -> bool:
    """Say whether a password is the one hashed; an empty ``stored`` takes as long and is never right."""
    return await asyncio.to_thread(_verify, stored or _nobody(), password[: MAX_LENGTH + 1]) and bool(stored)


def _verify(stored: str, password: str) -> bool:
    try:
        return _HASHER.verify(stored, password)
    except (Argon2Error, InvalidHashError):
        return False


@cache
def _nobody() -> str:
    """Return a hash that a wrong user name is compared with, so that names cannot be told by the time taken."""
    return _HASHER.hash(secrets.token_hex())

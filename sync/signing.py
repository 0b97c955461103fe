"""Keys that sign: the phone's Ed25519 pair, and the server's time tokens, which a phone only carries."""

from __future__ import annotations

from functools import lru_cache

import jwt
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

_KIND = "time"


def new_key() -> tuple[str, str]:
    """Make a key pair; return (private, public) as 64 hexadecimal digits each (raw Ed25519, RFC 8032)."""
    key = Ed25519PrivateKey.generate()
    return key.private_bytes_raw().hex(), key.public_key().public_bytes_raw().hex()


def sign(private_key: str, message: bytes) -> str:
    """Sign with a private key in hex; return the signature in hex (128 digits)."""
    return Ed25519PrivateKey.from_private_bytes(bytes.fromhex(private_key)).sign(message).hex()


def verify(public_key: str, message: bytes, signature: str) -> bool:
    """Say whether the signature is the key's over these bytes; anything malformed is simply not."""
    try:
        Ed25519PublicKey.from_public_bytes(bytes.fromhex(public_key)).verify(bytes.fromhex(signature), message)
    except (InvalidSignature, ValueError):
        return False
    return True


def is_public_key(text: str) -> bool:
    """Say whether a text is a raw Ed25519 public key in lower-case hex."""
    try:
        return (
            len(text) == 64 and text == text.lower() and bool(Ed25519PublicKey.from_public_bytes(bytes.fromhex(text)))
        )
    except ValueError:
        return False


def time_token(secret: bytes, at_ms: int) -> str:
    """Sign the server's time (Unix milliseconds): a receipt made after it carries it as proof."""
    return jwt.encode({"kind": _KIND, "at_ms": at_ms}, secret, algorithm="HS256")


@lru_cache(maxsize=256)  # a phone's operations carry the same token until its next contact
def read_time_token(secret: bytes, token: str) -> int | None:
    """Return the time that a token of this server states; ``None`` for an empty, foreign or broken one."""
    try:
        claims = jwt.decode(token, secret, algorithms=["HS256"])
    except jwt.InvalidTokenError:
        return None
    at_ms = claims.get("at_ms")
    return at_ms if claims.get("kind") == _KIND and isinstance(at_ms, int) else None

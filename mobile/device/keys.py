"""Where secrets live: the private key and the tokens, apart from the store.

On a device they are in the system's secure storage (Keychain, Keystore). A phone on a desktop or as a web page
has none, so a file beside the store holds them, readable by its owner alone (mode 0600).
"""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any, Protocol

from sync import signing

PRIVATE_KEY = "private_key"
PUBLIC_KEY = "public_key"
TOKENS = "tokens"


class Keys(Protocol):
    """A small safe: texts by name."""

    async def get(self, name: str) -> str:
        """Return a secret; empty when there is none."""

    async def put(self, name: str, value: str) -> None:
        """Keep a secret; an empty one is removed."""


class FileKeys:
    """Secrets in one file with mode 0600, replaced as a whole so that a crash leaves the old or the new."""

    def __init__(self, path: Path) -> None:
        """Name the file; it is made with the first secret."""
        self.path = path

    async def get(self, name: str) -> str:
        """Return a secret; empty when there is none."""
        return self._read().get(name, "")

    async def put(self, name: str, value: str) -> None:
        """Keep a secret; an empty one is removed."""
        kept = {key: text for key, text in (self._read() | {name: value}).items() if text}
        fresh = self.path.with_name(self.path.name + ".new")
        file = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(file, "w", encoding="utf-8") as stream:
            json.dump(kept, stream)
            stream.flush()
            os.fsync(stream.fileno())
        os.replace(fresh, self.path)  # noqa: PTH105 - the atomic call by its name

    def _read(self) -> dict[str, str]:
        try:
            return dict(json.loads(self.path.read_text(encoding="utf-8")))
        except FileNotFoundError:
            return {}


class SecureKeys:
    """Secrets in the system's secure storage, through Flet's extension."""

    def __init__(self, storage: Any) -> None:
        """Wrap a ``flet_secure_storage.SecureStorage``, which must live as long as the session."""
        self.storage = storage

    async def get(self, name: str) -> str:
        """Return a secret; empty when there is none."""
        return str(await self.storage.get(f"fieldtill.{name}") or "")

    async def put(self, name: str, value: str) -> None:
        """Keep a secret; an empty one is removed."""
        if value:
            await self.storage.set(f"fieldtill.{name}", value)
        else:
            await self.storage.remove(f"fieldtill.{name}")


async def new_pair(keys: Keys) -> str:
    """Make a device key pair, keep it, and return the public half; enrolling again always makes a new one."""
    private, public = signing.new_key()
    await keys.put(PRIVATE_KEY, private)
    await keys.put(PUBLIC_KEY, public)
    return public


async def signer(keys: Keys) -> Any:
    """Return a function that signs bytes with the device's key (hex), read once from the safe."""
    private = await keys.get(PRIVATE_KEY)
    return lambda message: signing.sign(private, message)

"""Where the data is and how the server listens: from the environment, or from a command's options."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from shared.refusal import Refused

DATA_FOLDER = Path("var/fieldtill")
DATABASE_FILE = "fieldtill.sqlite3"
LOCK_FILE = "server.lock"


@dataclass(frozen=True, slots=True)
class Settings:
    """Deployment settings; what belongs to the company lives in its ``setting`` table instead."""

    database_url: str
    data: Path | None = None  # the SQLite file's folder; None on PostgreSQL
    host: str = "127.0.0.1"
    port: int = 8000
    secure_cookies: bool = False
    request_bytes: int = 12 * 1024 * 1024
    log_json: bool = False
    run_jobs: bool = True


def read_settings(
    data: Path | str | None = None, environment: Mapping[str, str] = os.environ, **options: object
) -> Settings:
    """Read settings: ``--data`` goes before FIELDTILL_DATABASE_URL, which goes before the default folder.

    Also read: FIELDTILL_HOST, FIELDTILL_PORT, FIELDTILL_SECURE_COOKIES and FIELDTILL_LOG_JSON (1 = yes).
    """
    url = environment.get("FIELDTILL_DATABASE_URL", "")
    folder = Path(data) if data else None
    if folder is None and not url:
        folder = Path(environment.get("FIELDTILL_DATA") or DATA_FOLDER)
    if folder is not None:
        folder = folder.resolve()
        url = sqlite_url(folder / DATABASE_FILE)
    found: dict[str, object] = {
        "host": environment.get("FIELDTILL_HOST", "127.0.0.1"),
        "port": int(environment.get("FIELDTILL_PORT", "8000")),
        "secure_cookies": environment.get("FIELDTILL_SECURE_COOKIES") == "1",
        "log_json": environment.get("FIELDTILL_LOG_JSON") == "1",
    }
    found.update({name: value for name, value in options.items() if value is not None})
    return Settings(database_url=url, data=folder, **found)  # type: ignore[arg-type]  # named above


def sqlite_url(path: Path) -> str:
    """Return the URL of a SQLite file."""
    return f"sqlite+aiosqlite:///{path}"


@contextmanager
def folder_lock(settings: Settings) -> Iterator[None]:
    """Hold the data folder for one writing process (SYNC.md, last paragraph); nothing to hold on PostgreSQL.

    Refuses ``data_folder_busy`` when another process holds it. The lock ends with the process, whatever ends it.
    """
    if settings.data is None:
        yield
        return
    settings.data.mkdir(parents=True, exist_ok=True)
    with (settings.data / LOCK_FILE).open("a") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            raise Refused("data_folder_busy") from None
        yield

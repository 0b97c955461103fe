"""`fieldtill serve`: the server process, with its schema brought up to date and its jobs running."""

from __future__ import annotations

import asyncio
import socket
from pathlib import Path

import click
import uvicorn

from backend.app import create_app
from backend.cli import data_option
from backend.database import Database
from backend.log import set_up_log
from backend.migrations.upgrade import upgrade
from backend.settings import Settings, folder_lock, read_settings
from shared.language import _


class _Server(uvicorn.Server):
    """A server that says where it answers, once it does."""

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Start as usual, then print the address."""
        await super().startup(sockets)
        if not self.should_exit:
            address = f"http://{self.config.host}:{self.config.port}"
            click.echo(_("Fieldtill serves %(address)s", address=address))


def run_server(settings: Settings) -> None:
    """Serve until SIGTERM or SIGINT; requests under way are finished. Refuses ``data_folder_busy``."""
    set_up_log(as_json=settings.log_json)
    with folder_lock(settings):
        asyncio.run(_serve(settings))


async def _serve(settings: Settings) -> None:
    database = Database(settings.database_url)
    try:
        await upgrade(database)
        app = create_app(database, settings=settings)
        config = uvicorn.Config(
            app,
            host=settings.host,
            port=settings.port,
            log_config=None,
            access_log=False,
            server_header=False,
            timeout_graceful_shutdown=20,
        )
        await _Server(config).serve()
    finally:
        await database.close()


@click.command()
@click.option("--host", help="Address to listen on; 127.0.0.1 unless FIELDTILL_HOST says otherwise.")
@click.option("--port", type=click.IntRange(1, 65_535), help="Port to listen on; 8000 unless FIELDTILL_PORT says so.")
@data_option
def serve(host: str | None, port: int | None, data: Path | None) -> None:
    """Run the server: API, console and jobs."""
    run_server(read_settings(data, host=host, port=port))


COMMANDS = [serve]

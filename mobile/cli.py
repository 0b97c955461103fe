"""`fieldtill phone`: the phone as a process of its own, shown in a browser."""

from __future__ import annotations

import asyncio
import logging
import os
import threading
import webbrowser
from pathlib import Path

import click

from shared.language import LANGUAGES, assets


@click.command()
@click.option("--server", required=True, help="Address of the server, such as http://127.0.0.1:8000.")
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
@click.option("--port", default=8550, show_default=True, type=click.IntRange(1, 65535), help="Port to listen on.")
@click.option(
    "--store",
    default=Path("var/phone.db"),
    show_default=True,
    type=click.Path(dir_okay=False, path_type=Path),
    help="The phone's own file; one file is one phone.",
)
@click.option("--lang", type=click.Choice(LANGUAGES), default=None, help="Language of a phone used for the first time.")
@click.option("--no-browser", is_flag=True, help="Do not open a browser.")
def phone(server: str, host: str, port: int, store: Path, lang: str | None, no_browser: bool) -> None:  # noqa: FBT001, PLR0917 - click passes by name
    """Run one phone as a web page; it works with the server gone."""
    import flet as ft

    from mobile.app import Settings, run

    logging.basicConfig(level=logging.WARNING, format="%(asctime)s %(name)s %(levelname)s %(message)s")
    os.environ["FLET_FORCE_WEB_SERVER"] = "true"  # never a desktop window, and no second browser from Flet
    address = f"http://{host}:{port}"
    click.echo(f"Phone: {address}")
    if not no_browser:
        threading.Timer(1.5, webbrowser.open, [address]).start()
    asyncio.run(
        run(
            Settings(store.resolve(), server, lang or ""),
            host=host,
            port=port,
            view=ft.AppView.WEB_BROWSER,
            assets_dir=str(assets()),
            web_renderer=ft.WebRenderer.CANVAS_KIT,
            no_cdn=True,
        )
    )


COMMANDS: list[click.Command] = [phone]

"""So that one exception never blanks or freezes the app: guarded handlers, render boundaries, a watchdog.

Flet 1.0.5 paints over the whole app when a handler raises, and stops drawing for good when a component does
(`messaging/session.py`: `dispatch_event`, `__updates_scheduler`). Both are caught here, once for each session.
"""

from __future__ import annotations

import asyncio
import functools
import inspect
import logging
import traceback
from collections.abc import Awaitable, Callable
from typing import Any, TypeVar

import flet as ft

from shared.language import _

log = logging.getLogger("fieldtill.phone")
F = TypeVar("F", bound=Callable[..., Any])
Report = Callable[[BaseException], None]


def part(render: F) -> F:
    """Make a component whose failure shows one line in its place; the rest of the screen lives on."""
    return _component(render, lambda _error: _trouble())


def screen(render: F) -> F:
    """Make a component that returns a whole view, and a view with a way home when rendering fails."""

    def fallback(_error: BaseException) -> ft.View:
        async def home() -> None:
            await ft.context.page.push_route("/")

        return ft.View(
            route="/trouble",
            controls=[
                ft.SafeArea(
                    ft.Column(
                        [_trouble(), ft.FilledButton(_("Back to today"), on_click=home)],
                        horizontal_alignment=ft.CrossAxisAlignment.CENTER,
                    )
                )
            ],
        )

    return _component(render, fallback)


def _component(render: F, fallback: Callable[[BaseException], Any]) -> F:
    @functools.wraps(render)
    def safe(*args: Any, **kwargs: Any) -> Any:
        try:
            return render(*args, **kwargs)
        except Exception as error:
            log.exception("could not draw %s", render.__name__)
            return fallback(error)

    return ft.component(safe)  # type: ignore[return-value]


def _trouble() -> ft.Control:
    return ft.Semantics(
        identifier="trouble",
        content=ft.Container(
            ft.Text(
                _("This part cannot be shown. Nothing was lost; what you recorded is kept."), color=ft.Colors.ERROR
            ),
            padding=16,
        ),
    )


def guarded(handler: Callable[..., Any], report: Report) -> Callable[..., Awaitable[None]]:
    """Wrap an event handler, sync or async, with or without the event, so that it reports instead of raising."""
    wants_event = any(one.default is one.empty for one in inspect.signature(handler).parameters.values())

    async def safe(event: ft.Event[Any]) -> None:
        try:
            done = handler(event) if wants_event else handler()
            if inspect.isawaitable(done):
                await done
        except Exception as error:  # noqa: BLE001 - the last line of defence; everything is logged and told
            report(error)

    return safe


def install(page: ft.Page, report: Report) -> None:
    """Stand guard over a session: errors become messages, and a stopped scheduler is started again."""
    session = page.session
    session.error = lambda message: report(RuntimeError(message))  # type: ignore[method-assign]
    watch(session, report)


def watch(session: Any, report: Report) -> None:
    """Start the session's update scheduler and start it again whenever an exception ends it."""
    session.start_updates_scheduler()
    task: asyncio.Task[None] | None = getattr(session, "_Session__updates_task", None)
    if task is None:
        return

    def ended(done: asyncio.Task[None]) -> None:
        if done.cancelled() or done.exception() is None:
            return
        error = done.exception()
        log.error("drawing stopped: %s", "".join(traceback.format_exception(error)))
        watch(session, report)
        if error:
            report(error)

    task.add_done_callback(ended)

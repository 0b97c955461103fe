"""The server's log: one line an event, for people or as JSON; never the values of variables, which may be secrets."""

from __future__ import annotations

import logging
import sys

import structlog


def set_up_log(*, as_json: bool, level: int = logging.INFO) -> None:
    """Write log lines to standard error, as JSON for collectors or as text for people."""
    text = structlog.dev.ConsoleRenderer(
        colors=sys.stderr.isatty(), exception_formatter=structlog.dev.plain_traceback, pad_event_to=12
    )
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            *([structlog.processors.format_exc_info, structlog.processors.JSONRenderer()] if as_json else [text]),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
        cache_logger_on_first_use=False,
    )

"""The language of a sentence: gettext catalogues in ``assets/i18n``, chosen per request or per phone."""

from __future__ import annotations

import gettext
import os
from contextvars import ContextVar
from functools import cache
from pathlib import Path

LANGUAGES = ("zh_CN", "en")
_chosen: ContextVar[str | None] = ContextVar("language", default=None)
_default = ["en"]


def N_(msgid: str) -> str:
    """Mark a sentence for extraction without translating it yet."""
    return msgid


def choose(language: str | None) -> None:
    """Choose the language of the running task (one request); ``None`` falls back to the process's."""
    _chosen.set(language if language in LANGUAGES else None)


def choose_default(language: str) -> None:
    """Choose the language of the whole process: the phone's, or a command's."""
    _default[0] = language if language in LANGUAGES else "en"


def current() -> str:
    """Return the language in force."""
    return _chosen.get() or _default[0]


def _(msgid: str, **values: object) -> str:
    """Translate a sentence into the language in force and fill in its ``%(name)s`` places.

    A missing catalogue leaves the sentence English.
    """
    text = catalogue(current()).gettext(msgid) if msgid else ""
    return text % values if values else text


def ngettext(one: str, many: str, count: int) -> str:
    """Translate a sentence whose form depends on a count, which fills ``%(count)s``."""
    return catalogue(current()).ngettext(one, many, count) % {"count": count}


@cache
def catalogue(language: str) -> gettext.NullTranslations:
    """Load one language's compiled catalogue once; English sentences stand where it is missing."""
    return gettext.translation("fieldtill", assets() / "i18n", [language], fallback=True)


def assets() -> Path:
    """Return the folder ``assets``: beside the packages, or where a packaged phone app unpacked it."""
    packaged = os.environ.get("FLET_ASSETS_DIR")
    return Path(packaged) if packaged else Path(__file__).resolve().parent.parent / "assets"

"""Gather the sentences of the sources into the catalogues, and compile them: `make i18n`, `make install`.

    python tools/i18n.py update     sources → assets/i18n/*/LC_MESSAGES/fieldtill.po, then compile
    python tools/i18n.py compile    .po → .mo, where the .po is newer

Message ids are the English sentences, so English fills itself in; the Chinese ones are written by people. A sentence
that has left the sources leaves the catalogues too. Tests use `extract` to see that no sentence is missing.
"""

import copy
import sys
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

from babel.messages.catalog import Catalog, Message
from babel.messages.extract import extract_from_dir
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po

ROOT = Path(__file__).resolve().parent.parent
CATALOGUES = ROOT / "assets" / "i18n"
FIRST_DAY = datetime(2026, 11, 21, tzinfo=UTC)
LANGUAGES = ("en", "zh_CN")
SOURCES = ("shared", "sync", "backend", "mobile")
METHODS = [("**.py", "python"), ("**/templates/**.html", "jinja2"), ("**/templates/**.txt", "jinja2")]
OPTIONS = {"**/templates/**.*": {"silent": "false", "trimmed": "true"}}
KEYWORDS: dict[str, tuple[int, ...] | None] = {
    "_": None,
    "N_": None,
    "gettext": None,
    "gettext_": None,
    "say": None,
    "ngettext": (1, 2),
    "ngettext_": (1, 2),
}


def po_file(language: str) -> Path:
    """Return where a language's catalogue is kept."""
    return CATALOGUES / language / "LC_MESSAGES" / "fieldtill.po"


def extract() -> Catalog:
    """Return every sentence that the sources mark, each with the files that use it."""
    found = Catalog(project="Fieldtill", fuzzy=False)
    for folder in SOURCES:
        for name, _, msgid, comments, context in extract_from_dir(
            ROOT / folder, METHODS, OPTIONS, KEYWORDS, comment_tags=["i18n:"], strip_comment_tags=True
        ):
            found.add(msgid, None, [(f"{folder}/{name}", 0)], auto_comments=comments, context=context)
    return found


def read(language: str) -> Catalog:
    """Return a language's catalogue; an empty one if there is none yet."""
    path = po_file(language)
    if not path.exists():
        return Catalog(
            locale=language,
            header_comment="# The sentences of Fieldtill. `make i18n` gathers them; people translate them.",
            project="Fieldtill",
            version="1",
            msgid_bugs_address="the issue tracker",
            creation_date=FIRST_DAY,
            revision_date=FIRST_DAY,
            last_translator="The Fieldtill developers",
            language_team="The Fieldtill developers",
            fuzzy=False,
        )
    with path.open("rb") as file:
        return read_po(file, locale=language)


def parts(text: str | Sequence[str] | None) -> tuple[str, ...]:
    """Return a message's id or translation as a tuple: one string, or one for each plural form."""
    if not text:
        return ("",)
    return (text,) if isinstance(text, str) else tuple(text)


def is_translated(message: Message) -> bool:
    """Return whether every plural form has a translation."""
    return all(parts(message.string))


def update() -> None:
    """Bring every catalogue up to date with the sources; sentences still to be translated are left empty."""
    found = extract()
    for language in LANGUAGES:
        catalogue = read(language)
        catalogue.update(copy.deepcopy(found), no_fuzzy_matching=True, update_creation_date=False)
        catalogue.obsolete.clear()
        if language == "en":
            for message in catalogue:
                message.string = message.string if is_translated(message) else message.id
        path = po_file(language)
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("wb") as file:
            write_po(file, catalogue, width=0, sort_output=True, include_lineno=False)
        empty = sum(1 for message in catalogue if message.id and not is_translated(message))
        print(f"{path.relative_to(ROOT)}: {len(catalogue)} sentences, {empty} still to be translated")


def compile_all() -> None:
    """Write the .mo file of every catalogue that is newer than it."""
    for language in LANGUAGES:
        source = po_file(language)
        target = source.with_suffix(".mo")
        if target.exists() and target.stat().st_mtime >= source.stat().st_mtime:
            continue
        with target.open("wb") as file:
            write_mo(file, read(language))


if __name__ == "__main__":
    if sys.argv[1:] == ["update"]:
        update()
    elif sys.argv[1:] != ["compile"]:
        sys.exit(__doc__)
    compile_all()

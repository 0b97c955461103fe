"""What every page is shown with: who looks, the company, language and theme; whole pages or parts for HTMX."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import Any
from urllib.parse import quote, unquote
from zoneinfo import ZoneInfo

from litestar import Request, Response
from litestar.datastructures import Cookie

from backend.auth.actor import SYSTEM_ID, Actor
from backend.company.service import Company
from backend.console import navigation, protect, wording
from backend.console.template import environment, moment_text
from backend.guards import CONSOLE_COOKIE
from shared.clock import Clock, business_date, from_ms, to_ms
from shared.language import LANGUAGES, _, choose
from shared.ledger import Posting

LANGUAGE_COOKIE, THEME_COOKIE, FLASH_COOKIE = "fieldtill_language", "fieldtill_theme", "fieldtill_said"
THEMES = ("system", "light", "dark")
NOBODY = Actor("", "")


@dataclass
class View:
    """One request's page: made by a dependency, asked by a handler to show, go on or export."""

    request: Request[Any, Any, Any]
    clock: Clock
    actor: Actor = NOBODY
    company: Company | None = None
    people: Mapping[str, str] = field(default_factory=dict)

    @property
    def now_ms(self) -> int:
        """The moment of this request in Unix milliseconds."""
        return to_ms(self.clock.now())

    @property
    def zone(self) -> str:
        """The company's time zone; UTC before there is a company."""
        return self.company.zone if self.company else "UTC"

    @property
    def today(self) -> date:
        """The company's calendar day."""
        return business_date(self.now_ms, self.zone)

    @property
    def is_secure(self) -> bool:
        """Whether the browser came by TLS, so that its cookies may demand it."""
        return self.request.url.scheme == "https"

    @property
    def wants_csv(self) -> bool:
        """Whether the list was asked for as a file."""
        return self.request.query_params.get("format") == "csv"

    def asked(self, name: str) -> str:
        """Return a parameter of the address, bounded; empty when it is not there."""
        return str(self.request.query_params.get(name, "")).strip()[:100]

    def behind(self) -> tuple[int, str] | None:
        """Return where a page of a list in time begins: the ``after`` of the page before, "<milliseconds>.<id>"."""
        at_ms, _, last = self.asked("after").partition(".")
        return (int(at_ms), last) if at_ms.isascii() and at_ms.isdigit() and len(at_ms) < 15 else None

    def begins_ms(self, day: date) -> int:
        """Return the first millisecond of a calendar day in the company's time zone."""
        return to_ms(datetime(day.year, day.month, day.day, tzinfo=ZoneInfo(self.zone)).astimezone(UTC))

    def written(self, ms: int) -> str:
        """Write a moment for a file: the company's local time with its offset, to the second."""
        return from_ms(ms).astimezone(ZoneInfo(self.zone)).isoformat(sep=" ", timespec="seconds")

    def show(self, template: str, *, status: int = 200, **values: object) -> Response[str]:
        """Render a page; for HTMX only its content, without the frame."""
        choose(language_of(self.request, self.actor))
        part = self.request.headers.get("hx-request") == "true" and "hx-boosted" not in self.request.headers
        visit = self.request.cookies.get(protect.VISIT_COOKIE) or protect.new_visit()
        said = unquote(self.request.cookies.get(FLASH_COOKIE, ""))
        html = environment().get_template(template).render(**self._frame(visit, said, part=part), **values)
        answer = Response(html, status_code=status, media_type="text/html", headers=dict(protect.HEADERS))
        self._keep(answer, visit, said)
        return answer

    def go(self, path: str, sentence: str) -> Response[None]:
        """Send the browser on after a write (303), with a sentence to show there."""
        answer: Response[None] = Response(None, status_code=303, headers={"Location": path, **protect.HEADERS})
        answer.set_cookie(
            Cookie(FLASH_COOKIE, value=quote(sentence), max_age=60, httponly=True, samesite="lax", path="/console")
        )
        return answer

    def export(self, name: str, heads: Sequence[str], rows: Iterable[Sequence[object]]) -> Response[bytes]:
        """Send a table as CSV in UTF-8 with a byte order mark, which spreadsheets understand."""
        written = io.StringIO(newline="")
        writer = csv.writer(written)
        writer.writerow(heads)
        writer.writerows([_harmless(cell) for cell in row] for row in rows)
        headers = {**protect.HEADERS, "Content-Disposition": f'attachment; filename="{name}.csv"'}
        return Response(written.getvalue().encode("utf-8-sig"), media_type="text/csv", headers=headers)

    def _frame(self, visit: str, said: str, *, part: bool) -> dict[str, object]:
        session = self.request.cookies.get(CONSOLE_COOKIE, "")
        path = self.request.url.path.rstrip("/")
        return {
            "part": part,
            "back": to_here(self.request.headers.get("referer", "").partition(self.request.url.netloc)[2]),
            "actor": self.actor,
            "company": self.company,
            "places": navigation.entries(self.actor, path),
            "path": path,
            "here": str(self.request.url.path) + (f"?{self.request.url.query}" if self.request.url.query else ""),
            "language": language_of(self.request, self.actor),
            "theme": theme_of(self.request),
            "csrf": protect.token_for(visit, session),
            "said": said,
            "today": self.today,
            "now_ms": self.now_ms,
            "moment": lambda ms: moment_text(ms, self.zone),
            "who": self._who,
            "account_key": self._account_key,
            "people_or": lambda text: self.people.get(text, text),
        }

    def _who(self, user_id: str) -> str:
        return _("The system") if user_id == SYSTEM_ID else self.people.get(user_id, user_id[:8] or "–")

    def _account_key(self, posting: Posting) -> str:
        """Return whose or which account a posting is on, in words; nothing where the page says it already."""
        first, _sep, kind = posting.key.partition(":")
        if posting.kind in ("custody", "variance"):
            return " · ".join(part for part in (self._who(first), kind and wording.word(wording.METHODS, kind)) if part)
        return wording.word(wording.METHODS, first) if posting.kind in ("clearing", "charge") else ""

    def _keep(self, answer: Response[Any], visit: str, said: str) -> None:
        if visit != self.request.cookies.get(protect.VISIT_COOKIE):
            answer.set_cookie(protect.visit_cookie(visit, secure=self.is_secure))
        if said:
            answer.delete_cookie(FLASH_COOKIE, path="/console")


def language_of(request: Request[Any, Any, Any], actor: Actor) -> str:
    """Return the language of a request: chosen in the browser, else the person's, else what the browser asks for."""
    chosen = request.cookies.get(LANGUAGE_COOKIE, "")
    if chosen in LANGUAGES:
        return chosen
    if actor.user_id and actor.language in LANGUAGES:
        return actor.language
    return "zh_CN" if request.headers.get("accept-language", "").lower().startswith("zh") else "en"


def to_here(address: str) -> str:
    """Return an address if it is one of the console's own, else the console's first page."""
    own = address.startswith("/console") and not set(address) & set("\\\r\n")
    return address if own else "/console"


def theme_of(request: Request[Any, Any, Any]) -> str:
    """Return the theme chosen in this browser."""
    chosen = request.cookies.get(THEME_COOKIE, "")
    return chosen if chosen in THEMES else "system"


def _harmless(cell: object) -> object:
    """Keep a spreadsheet from reading a text as a formula; amounts stay numbers."""
    if isinstance(cell, str) and cell[:1] in ("=", "+", "-", "@", "\t") and not cell[1:].replace(".", "", 1).isdigit():
        return f"'{cell}"
    return "" if cell is None else cell

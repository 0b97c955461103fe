"""The link behind the enrolment code's picture: ``fieldtill://open/enrol?server=…&code=…``, read and never trusted."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import parse_qs, urlsplit

PATH = "/enrol"
_LONGEST = 200


@dataclass(frozen=True, slots=True)
class Invitation:
    """What a link fills in; the person still sees the server's address and presses the button."""

    server: str = ""
    code: str = ""


def read_link(route: str) -> Invitation | None:
    """Read a route or a whole link; ``None`` when it is not an invitation or something in it is not what it should be.

    Systems hand over the whole link or only its path and query; both are understood.
    """
    try:
        link = urlsplit(route)
        asked = parse_qs(link.query, max_num_fields=8)
        server, code = asked.get("server", [""])[0], asked.get("code", [""])[0]
        whole = urlsplit(server)
    except ValueError:
        return None
    if link.path.rstrip("/") != PATH or not code.isascii() or not code.isalnum() or len(route) > _LONGEST:
        return None
    if server and (whole.scheme not in {"http", "https"} or not whole.hostname or whole.username is not None):
        return None
    return Invitation(server, code)

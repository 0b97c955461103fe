"""Every role, permission and setting is documented, and nothing else is."""

import re

from backend.company.service import Company
from shared.permission import ROLES
from tests.e2e.processes import ROOT

PAGE = (ROOT / "docs" / "administration.md").read_text(encoding="utf-8")
WORDS = set(re.findall(r"`([a-z_.A-Z]+)`", PAGE))
PERMISSION = re.compile(r"[a-z]+\.[a-z_]+")


def test_every_role_is_documented():
    assert set(ROLES) <= WORDS


def test_every_permission_is_documented_and_every_documented_one_is_granted():
    granted = set().union(*ROLES.values())
    assert {word for word in WORDS if PERMISSION.fullmatch(word)} == granted


def test_every_permission_is_asked_for_somewhere():
    sources = "\n".join(
        path.read_text(encoding="utf-8")
        for folder in ("backend", "shared")
        for path in (ROOT / folder).rglob("*")
        if path.suffix in {".py", ".html"} and path.name != "permission.py"
    )
    granted = set().union(*ROLES.values())
    assert {word for word in granted if f'"{word}"' not in sources and f"'{word}'" not in sources} == set()


def test_every_setting_of_the_company_is_documented():
    assert set(Company.__dataclass_fields__) <= WORDS


def test_every_variable_of_the_server_is_documented_and_read():
    read = set()
    for path in (ROOT / "backend").rglob("*.py"):
        read |= set(re.findall(r'environment\.get\("(FIELDTILL_\w+)"', path.read_text(encoding="utf-8")))
    assert {word for word in WORDS if word.startswith("FIELDTILL_")} == read

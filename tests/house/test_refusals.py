"""Every "no" is one row of the table, used by the sources, with the values that its sentences need, in Chinese too."""

import ast
import re
from pathlib import Path

import pytest

from shared import language
from shared.refusal import REFUSALS, Refused

ROOT = Path(__file__).resolve().parents[2]
PACKAGES = ("shared", "sync", "backend", "mobile")
PLACE = re.compile(r"%\((\w+)\)s")
CODE = re.compile(r"[a-z]+(_[a-z]+)+")
CHINESE = ROOT / "assets" / "i18n" / "zh_CN" / "LC_MESSAGES" / "fieldtill.po"


def sources():
    return [path for package in PACKAGES for path in sorted((ROOT / package).rglob("*.py"))]


def raised(tree):
    """Yield line, code and the names of the values of every `Refused("code", name=…)` (``None``: a `**mapping`)."""
    for node in ast.walk(tree):
        if not isinstance(node, ast.Call) or getattr(node.func, "id", getattr(node.func, "attr", "")) != "Refused":
            continue
        if node.args and isinstance(node.args[0], ast.Constant):
            yield node.lineno, node.args[0].value, {keyword.arg for keyword in node.keywords}


def refusals():
    for path in sources():
        for line, code, values in raised(ast.parse(path.read_bytes())):
            yield f"{path.relative_to(ROOT).as_posix()}:{line}", code, values


def places(code):
    row = REFUSALS[code]
    return set(PLACE.findall(row.what)) | set(PLACE.findall(row.next))


def test_every_refusal_raised_is_in_the_table():
    assert [f"{where} {code}" for where, code, _ in refusals() if code not in REFUSALS] == []


def test_every_refusal_is_raised_with_the_values_that_its_sentences_need():
    found = [
        f"{where} {code} lacks {sorted(places(code) - values)}"
        for where, code, values in refusals()
        if code in REFUSALS and None not in values and places(code) - values
    ]
    assert found == []


def test_every_row_is_used():
    words = set()
    for path in sources():
        if path != ROOT / "shared" / "refusal.py":
            words |= {
                node.value
                for node in ast.walk(ast.parse(path.read_bytes()))
                if isinstance(node, ast.Constant) and isinstance(node.value, str) and CODE.fullmatch(node.value)
            }
    assert set(REFUSALS) - words == set(), "nobody says these; remove the rows or use them"


@pytest.mark.parametrize("code", REFUSALS)
def test_a_row_is_a_status_and_two_sentences(code):
    row = REFUSALS[code]
    assert CODE.fullmatch(code)
    assert 400 <= row.status <= 599
    for text in (row.what, row.next):
        assert text.endswith(".")
        assert "%" not in PLACE.sub("", text).replace("%%", "")


@pytest.mark.parametrize("code", REFUSALS)
def test_a_row_is_said_in_chinese_with_the_same_places(code):
    assert CHINESE.exists(), "run `make i18n`"
    catalogue = language.catalogue("zh_CN")
    for text in (REFUSALS[code].what, REFUSALS[code].next):
        chinese = catalogue.gettext(text)
        assert re.search("[\u4e00-\u9fff]", chinese), f"not translated: {text}"
        assert set(PLACE.findall(chinese)) == set(PLACE.findall(text))


def test_the_search_sees_a_refusal():
    tree = ast.parse('raise Refused("a_b", x=1)\nraise refusal.Refused("c_d", **more)\nRefused(code)')
    assert list(raised(tree)) == [(1, "a_b", {"x"}), (2, "c_d", {None})]


def test_a_refusal_speaks_with_all_its_values():
    for code in REFUSALS:
        refused = Refused(code, **dict.fromkeys(places(code), "here"))
        assert "%(" not in str(refused)

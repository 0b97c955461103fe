"""What is in the repository, and what must not be."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
LARGEST = 5_000_000
PACKAGES = ("backend", "mobile", "shared", "sync")
EMPTY_WORDS = {"base", "common", "data", "helper", "helpers", "info", "manager", "misc", "util", "utils"}
# Where packages are downloaded from is every machine's own affair. Written so that this file does not match itself.
REGISTRY = re.compile(
    r"--(extra-)?index-url[ =]\S|--find-links[ =]\S|(pypi|pythonhosted|npmjs|yarnpkg)[.](org|com)/\S+[.](whl|tgz|tar)"
    r"|//(test[.])?pypi[.]org/simple|//registry[.]npmjs|//registry[.]yarnpkg|file:/{3}",
)


def tracked():
    """Return every file that is committed or could be: what git does not ignore."""
    listed = subprocess.run(
        ["git", "-c", "safe.directory=*", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        check=False,
        capture_output=True,
    )
    if listed.returncode:
        pytest.skip("not a git checkout")
    files = [ROOT / name for name in listed.stdout.decode().split("\0") if name]
    return [path for path in files if path.is_file()]


def test_no_file_names_a_package_registry():
    found = {}
    for path in tracked():
        try:
            text = path.read_text(encoding="utf-8")
        except UnicodeDecodeError:
            continue
        if match := REGISTRY.search(text):
            found[path.relative_to(ROOT).as_posix()] = match[0]
    assert found == {}


def test_every_requirement_has_its_hashes():
    for path in (ROOT / "requirements").glob("*.txt"):
        for requirement in re.split(r"\n(?=\S)", path.read_text(encoding="utf-8").strip()):
            assert "==" in requirement, f"{path.name}: {requirement.splitlines()[0]} is not pinned"
            assert "--hash=sha256:" in requirement, f"{path.name}: {requirement.splitlines()[0]} has no hash"


def test_the_phone_the_server_and_the_tests_run_the_same_versions():
    def pins(name):
        text = (ROOT / "requirements" / name).read_text(encoding="utf-8")
        return set(re.findall(r"^(\S+==\S+)", text, re.MULTILINE))

    assert pins("phone.txt") <= pins("server.txt") <= pins("dev.txt")


def test_no_file_is_large():
    allowed = ROOT / "assets" / "fonts"
    large = [path for path in tracked() if path.stat().st_size > LARGEST and allowed not in path.parents]
    assert large == []


def test_the_tests_are_not_a_package():
    assert list((ROOT / "tests").rglob("__init__.py")) == []


def test_every_package_folder_is_a_package():
    folders = {path.parent for package in PACKAGES for path in (ROOT / package).rglob("*.py")}
    assert {
        folder for folder in folders if not (folder / "__init__.py").exists() and "versions" not in folder.parts
    } == set()


def test_nothing_in_shared_shadows_the_standard_library():
    names = {path.stem for path in (ROOT / "shared").rglob("*.py")} | {
        path.name for path in (ROOT / "shared").rglob("*") if path.is_dir()
    }
    assert names & set(sys.stdlib_module_names) == set()


def test_no_module_has_a_name_that_says_nothing():
    paths = [path for package in PACKAGES for path in (ROOT / package).rglob("*.py")]
    vague = [path.relative_to(ROOT).as_posix() for path in paths if {path.stem, path.parent.name} & EMPTY_WORDS]
    assert vague == []


def test_every_module_says_what_it_is_for():
    silent = []
    for package in PACKAGES:
        for path in (ROOT / package).rglob("*.py"):
            text = path.read_text(encoding="utf-8").lstrip()
            if text and not text.startswith(('"""', 'r"""')):
                silent.append(path.relative_to(ROOT).as_posix())
    assert silent == []

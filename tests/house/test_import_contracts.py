"""Who may import whom: `mobile | backend → sync → shared → standard library`."""

import ast
import sys
from pathlib import Path

from importlinter.cli import lint_imports

ROOT = Path(__file__).resolve().parents[2]
LAYERS = ("mobile", "backend", "sync", "shared")
WIRE = {"msgspec", "jwt", "cryptography", "zstandard"}
PHONE = WIRE | {
    "aiosqlite",
    "argon2",
    "flet",
    "flet_camera",
    "flet_charts",
    "flet_geolocator",
    "flet_permission_handler",
    "flet_secure_storage",
    "httpx",
    "qrcode",
}


def imports(path):
    """Yield the first name of every module that a file imports, wherever the import stands."""
    for node in ast.walk(ast.parse(path.read_bytes())):
        if isinstance(node, ast.Import):
            yield from (alias.name.partition(".")[0] for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert not node.level, f"{path}:{node.lineno} imports relatively; name the package"
            yield (node.module or "").partition(".")[0]


def strangers(layer, allowed, exceptions=None):
    """Return what a layer imports beyond the standard library and what it is allowed."""
    allowed = set(sys.stdlib_module_names) | set(allowed)
    found = {}
    for path in sorted((ROOT / layer).rglob("*.py")):
        name = path.relative_to(ROOT).as_posix()
        unknown = set(imports(path)) - allowed - (exceptions or {}).get(name, set())
        if unknown:
            found[name] = unknown
    return found


def test_the_layers_hold(monkeypatch):
    absent = [layer for layer in LAYERS if not (ROOT / layer / "__init__.py").exists()]
    assert absent == []
    monkeypatch.chdir(ROOT)
    monkeypatch.syspath_prepend(str(ROOT))
    assert lint_imports(config_filename="pyproject.toml", no_cache=True) == 0


def test_shared_uses_the_standard_library_and_qrcode_in_one_place():
    assert strangers("shared", {"shared"}, {"shared/paycode/image.py": {"qrcode"}}) == {}


def test_sync_uses_the_wire_libraries_only():
    assert strangers("sync", {"sync", "shared"} | WIRE) == {}


def test_mobile_uses_only_what_is_installed_on_the_phone():
    # cli.py is the door of the phone on a desktop; a phone starts main.py and never imports it.
    assert strangers("mobile", {"mobile", "sync", "shared"} | PHONE, {"mobile/cli.py": {"click"}}) == {}


def test_backend_uses_no_screens():
    found = {name for path in (ROOT / "backend").rglob("*.py") for name in imports(path)}
    assert "mobile" not in found

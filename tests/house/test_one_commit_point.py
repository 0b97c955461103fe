"""Only the session dependency in backend/database.py commits."""

import ast
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
COMMITTERS = {"backend/database.py", "backend/migrations/env.py"}
ENDINGS = {"begin", "commit"}  # a savepoint (`begin_nested`) ends nothing


def endings(tree):
    """Yield the line of every call that begins or commits a transaction, in Python or in SQL."""
    for node in ast.walk(tree):
        if not isinstance(node, ast.Call):
            continue
        if isinstance(node.func, ast.Attribute) and node.func.attr in ENDINGS:
            yield node.lineno
        for argument in node.args:
            if isinstance(argument, ast.Constant) and isinstance(argument.value, str):
                words = argument.value.strip().rstrip(";").upper().split()
                if words and (words == ["COMMIT"] or (words[0] == "BEGIN" and len(words) <= 2)):
                    yield node.lineno


def test_only_the_session_dependency_commits():
    found = []
    for path in sorted((ROOT / "backend").rglob("*.py")):
        name = path.relative_to(ROOT).as_posix()
        if name not in COMMITTERS:
            found += [f"{name}:{line}" for line in endings(ast.parse(path.read_bytes()))]
    assert found == []


def test_the_search_sees_a_commit():
    source = (
        "async def f(s):\n await s.commit()\n async with m.begin():\n  pass\n c.execute('COMMIT')\n s.begin_nested()\n"
    )
    assert sorted(endings(ast.parse(source))) == [2, 3, 5]

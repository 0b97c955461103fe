"""Money is whole minor units: no float touches it."""

import ast
import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
MONEY = re.compile(r"(^|_)(amount|balance|price|total|fee|discount|variance|minor)(_|$)")
DRAWINGS = {"backend/console/charts.py"}  # where an amount becomes a height in pixels


def name_of(node):
    """Return the name that an expression ends in: `entry.amount_minor` → `amount_minor`."""
    if isinstance(node, ast.Attribute):
        return node.attr
    return node.id if isinstance(node, ast.Name) else ""


def is_money(node):
    """Return whether an expression names money."""
    return any(MONEY.search(name_of(part)) for part in ast.walk(node) if isinstance(part, ast.Attribute | ast.Name))


def says_float(annotation):
    """Return whether an annotation allows a float."""
    return any(name_of(part) in {"float", "Float", "Double"} for part in ast.walk(annotation))


def floats(tree):
    """Yield line and reason wherever money meets a float."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and name_of(node.func) == "float" and any(map(is_money, node.args)):
            yield node.lineno, "float() of money"
        elif isinstance(node, ast.AnnAssign) and is_money(node.target) and says_float(node.annotation):
            yield node.lineno, "money declared as a float"
        elif isinstance(node, ast.arg) and node.annotation and MONEY.search(node.arg) and says_float(node.annotation):
            yield node.lineno, "money taken as a float"
        elif isinstance(node, ast.BinOp) and isinstance(node.op, ast.Div) and is_money(node.left):
            yield node.lineno, "money divided with /; use // or allocate"
        elif isinstance(node, ast.BinOp) and isinstance(node.op, ast.Mult):
            sides = (node.left, node.right)
            if any(isinstance(side, ast.Constant) and isinstance(side.value, float) for side in sides) and any(
                map(is_money, sides)
            ):
                yield node.lineno, "money multiplied by a float"


def test_money_is_never_a_float():
    found = []
    for package in ("shared", "sync", "backend", "mobile"):
        for path in sorted((ROOT / package).rglob("*.py")):
            where = path.relative_to(ROOT).as_posix()
            if where in DRAWINGS:
                continue
            found += [f"{where}:{line} {reason}" for line, reason in floats(ast.parse(path.read_bytes()))]
    assert found == []


def test_shared_calls_float_nowhere():
    found = []
    for path in sorted((ROOT / "shared").rglob("*.py")):
        calls = [node for node in ast.walk(ast.parse(path.read_bytes())) if isinstance(node, ast.Call)]
        found += [f"{path.name}:{node.lineno}" for node in calls if name_of(node.func) == "float"]
    assert found == []


def test_the_search_sees_what_it_should():
    source = (
        "a: float\namount_minor: float\nfloat(line.amount)\ntotal / 2\nfee_minor * 1.5\ndef f(balance: float): ...\n"
    )
    assert sorted(line for line, _ in floats(ast.parse(source))) == [2, 3, 4, 5, 6]

"""A use case that asks for a writing permission writes its audit event, in its own module or by one call further."""

import ast

from tests.e2e.processes import ROOT

READING = (".view", ".export", ".verify", "sync.pull", "sync.push")
# enrol's event stands where the phone is added, which asking again does not do; a preview asks for the right to import.
READERS = {"preview_file", "preview", "mapping_of", "profile", "saved"}


def modules():
    """Return {dotted name: syntax tree} of the server."""
    trees = {}
    for path in sorted((ROOT / "backend").rglob("*.py")):
        name = ".".join(path.relative_to(ROOT).with_suffix("").parts)
        trees[name] = ast.parse(path.read_bytes())
    return trees


def functions(tree):
    """Return a module's functions by name."""
    return {node.name: node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)}


def called(function):
    """Yield the last names of everything a function calls."""
    for node in ast.walk(function):
        if isinstance(node, ast.Call):
            if isinstance(node.func, ast.Name):
                yield "", node.func.id
            elif isinstance(node.func, ast.Attribute):
                owner = node.func.value.id if isinstance(node.func.value, ast.Name) else ""
                yield owner, node.func.attr


def asked(function):
    """Return the permission words that a function requires of its actor."""
    return {
        argument.value
        for node in ast.walk(function)
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "require"
        for part in node.args
        for argument in ast.walk(part)
        if isinstance(argument, ast.Constant) and isinstance(argument.value, str)
    }


def audits(function, own, everything, depth=0):
    """Say whether a function records an audit event, itself or through functions it calls."""
    for owner, name in called(function):
        if owner == "audit" and name in {"record", "record_many"}:
            return True
        if depth < 3:
            further = [own[name]] if not owner and name in own else everything.get(name, []) if depth < 2 else []
            if any(audits(one, own if one in own.values() else {}, everything, depth + 1) for one in further):
                return True
    return False


def test_every_use_case_that_writes_leaves_its_audit_event():
    trees = modules()
    everything = {}
    for tree in trees.values():
        for name, function in functions(tree).items():
            everything.setdefault(name, []).append(function)
    silent, seen = [], 0
    for module, tree in trees.items():
        own = functions(tree)
        for name, function in own.items():
            writing = {word for word in asked(function) if "." in word and not word.endswith(READING)}
            if not writing or name in READERS or name.startswith("_"):
                continue
            seen += 1
            if not audits(function, own, everything):
                silent.append(f"{module}.{name} ({', '.join(sorted(writing))})")
    assert seen > 20
    assert silent == []

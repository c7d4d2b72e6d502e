"""What lessons show as source, and import to compute with, holds the formula itself."""

import ast
import inspect
import json
import re
import textwrap
from importlib import import_module
from pathlib import Path
from types import ModuleType

import pytest

LESSONS = sorted((Path(__file__).parents[2] / "notebooks").glob("*.ipynb"))
ROOMS = tuple(
    f"spectra_helpers.{room}"
    for room in ("preprocess", "augment", "features", "evaluate", "models")
)
PLUMBING = "spectra_helpers.preprocess.rows"  # checks and threads: decorators, never called inside
# Whoever opens these finds private names in them, and why:
EXCEPTIONS = {
    "SpectrumNetwork": "Keras's wrapper asks for `_process_target`; training has parts of its own",
    "load_model": "no formula: it reads a file that must not be trusted",
    "save_model": "no formula: it writes a file",
}


def read_trees(path):
    """Yield the syntax tree of each code cell of a lesson."""
    for cell in json.loads(path.read_text(encoding="utf-8"))["cells"]:
        code = "".join(cell["source"])
        if cell["cell_type"] == "code" and "%pip" not in code:
            yield ast.parse(code)


def find_imported(trees):
    """Return what a lesson imports from this package: {name in the lesson: object}."""
    found = {}
    for node in (node for tree in trees for node in ast.walk(tree)):
        if isinstance(node, ast.ImportFrom) and node.module.startswith("spectra_helpers"):
            module = import_module(node.module)
            for alias in node.names:
                if not hasattr(module, alias.name):
                    import_module(f"{node.module}.{alias.name}")
                found[alias.asname or alias.name] = getattr(module, alias.name)
    return found


def find_shown(trees):
    """Yield the syntax of each function that a lesson hands to `show_source`, also in a loop."""
    loops = {}
    for node in (node for tree in trees for node in ast.walk(tree)):
        if isinstance(node, ast.For) and isinstance(node.target, ast.Name):
            loops[node.target.id] = getattr(node.iter, "elts", [node.iter])
    for node in (node for tree in trees for node in ast.walk(tree)):
        if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "show_source":
            (first, *_) = node.args
            yield from loops.get(getattr(first, "id", ""), [first])


def list_shown(path):
    """Return the functions and classes that a lesson shows."""
    trees = list(read_trees(path))
    imported = find_imported(trees)
    shown = [compile(ast.Expression(one), path.stem, "eval") for one in find_shown(trees)]
    return [eval(code, imported) for code in shown]


def list_computing(path):
    """Return the functions and classes of the computing rooms that a lesson imports or names."""
    trees = list(read_trees(path))
    found = list(find_imported(trees).values())
    for room in [one for one in found if isinstance(one, ModuleType)]:
        nodes = [node for tree in trees for node in ast.walk(tree)]
        used = {node.attr for node in nodes if isinstance(node, ast.Attribute)}
        found += [getattr(room, name) for name in room.__all__ if name in used]
    return [one for one in found if getattr(one, "__module__", "").startswith(ROOMS)]


def find_private(function):
    """Return the private names that the source of a function or class uses."""
    tree = ast.parse(textwrap.dedent(inspect.getsource(function)))
    names = [node.id for node in ast.walk(tree) if isinstance(node, ast.Name)]
    names += [node.attr for node in ast.walk(tree) if isinstance(node, ast.Attribute)]
    return {name for name in names if re.match("_[a-zA-Z]", name)}


def find_plumbing(function):
    """Return what the source of a function or class calls of the machinery behind it."""
    tree = ast.parse(textwrap.dedent(inspect.getsource(function)))
    calls = {node.func for node in ast.walk(tree) if isinstance(node, ast.Call)}
    for node in ast.walk(tree):
        calls -= set(getattr(node, "decorator_list", []))
    module = inspect.getmodule(inspect.unwrap(function))
    called = [getattr(module, getattr(call, "id", ""), None) for call in calls]
    return {one.__name__ for one in called if getattr(one, "__module__", "") == PLUMBING}


def name_objects(listing):
    """Return every object that the lessons' listings hold, once, by its name."""
    return {one.__name__: one for path in LESSONS for one in listing(path)}


SHOWN, COMPUTING = name_objects(list_shown), name_objects(list_computing)


def test_lessons_show_and_import_what_this_test_looks_at():
    assert {"energy_normalize", "draw_noise", "add_noise", "offset_arms", "make_svm"} <= set(SHOWN)
    assert {"clip_spikes", "tilt_spectrum", "measure_lines", "vote"} <= set(COMPUTING)
    assert set(EXCEPTIONS) <= set(COMPUTING)


@pytest.mark.parametrize("name", sorted(SHOWN))
def test_shown_sources_call_nothing_private_and_no_machinery(name):
    assert find_private(SHOWN[name]) == set()
    assert find_plumbing(SHOWN[name]) - {"each_spectrum", "all_spectra"} == set()


@pytest.mark.parametrize("name", sorted(set(COMPUTING) - set(EXCEPTIONS)))
def test_what_lessons_compute_with_calls_nothing_private(name):
    assert find_private(COMPUTING[name]) == set()


def test_this_test_finds_private_names():
    assert find_private(find_imported) == set()
    assert "_process_target" in find_private(COMPUTING["SpectrumNetwork"])

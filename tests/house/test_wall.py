"""The wall between what lessons import and what a lecturer or an operator runs."""

import ast
import json
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
DOORS = {
    "spectra_helpers.data",
    "spectra_helpers.lines",
    "spectra_helpers.features",
    "spectra_helpers.files",
    "spectra_helpers.simulate",
    "spectra_helpers.preprocess",
    "spectra_helpers.augment",
    "spectra_helpers.models",
    "spectra_helpers.evaluate",
    "spectra_helpers.plotting",
    "spectra_helpers.widgets",
    "spectra_helpers.lessons",
}
LESSONS = sorted((ROOT / "notebooks").glob("*.ipynb"))
PROBLEM_SETS = sorted((ROOT / "assignments" / "source").glob("*/*.ipynb"))


def find_imports(source):
    """Every module that Python code imports from, with `from a import b` as ``a`` and ``a.b``."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield node.module


def read_code(path):
    """The Python of a notebook, without lines for IPython."""
    for cell in json.loads(path.read_text(encoding="utf-8"))["cells"]:
        if cell["cell_type"] == "code" and "%pip" not in "".join(cell["source"]):
            yield "".join(cell["source"])


def test_helpers_never_import_the_tools():
    modules = sorted((ROOT / "spectra_helpers").rglob("*.py"))
    assert len(modules) > 50
    guilty = [
        path.relative_to(ROOT).as_posix()
        for path in modules
        if any(
            name.startswith(("spectra_tools", "benchmarks"))
            for name in find_imports(path.read_text(encoding="utf-8"))
        )
    ]
    assert guilty == []


@pytest.mark.parametrize("path", [*LESSONS, *PROBLEM_SETS], ids=lambda path: path.stem)
def test_notebooks_import_through_doors_only(path):
    allowed = DOORS | {"spectra_helpers"}
    if path in PROBLEM_SETS:
        allowed |= {"spectra_helpers.lessons.homework"}
    names = {name for code in read_code(path) for name in find_imports(code)}
    assert {name for name in names if name.startswith("spectra_")} <= allowed


def test_rooms_use_each_other_through_doors():
    """Inside a room files import each other; from elsewhere only the room itself is imported."""
    guilty = []
    for path in sorted((ROOT / "spectra_helpers").rglob("*.py")):
        room = path.relative_to(ROOT / "spectra_helpers").parts[0]
        for name in find_imports(path.read_text(encoding="utf-8")):
            parts = name.split(".")
            if parts[0] == "spectra_helpers" and len(parts) > 2 and parts[1] != room:
                guilty.append(f"{path.name}: {name}")
    assert guilty == []

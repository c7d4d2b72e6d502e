"""The first cell of the lessons, and that they need no other file of the project."""

import ast
import importlib.util
import tomllib
from pathlib import Path

import nbformat
import pytest
from IPython.core.inputtransformer2 import TransformerManager

from spectra_helpers.lessons import stored_file
from spectra_tools.series.installation import TAG, make_source, write_installation
from spectra_tools.series.notebooks import NOTEBOOKS, find_lessons

ADDRESS = "https://git.example.org/group/lessons"


def read_code(path):
    """Return the cells of a lesson as Python, with what Jupyter makes of magic commands."""
    cells = nbformat.read(path, as_version=4).cells
    transform = TransformerManager().transform_cell
    return [transform(cell.source) for cell in cells if cell.cell_type == "code"]


def run_cell(source, has_package, monkeypatch):
    """Run the cell with or without the package; return what would go to pip."""
    asked = []

    class Shell:
        def run_line_magic(self, *words):
            asked.append(words)

    found = "a module" if has_package else None
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: found)
    exec(TransformerManager().transform_cell(source), {"get_ipython": Shell})
    return asked


@pytest.mark.parametrize(
    ("address", "origin"), [("", ".."), (ADDRESS, f'"git+{ADDRESS}@main"')], ids=["here", "there"]
)
def test_package_is_installed_only_where_it_is_missing(monkeypatch, address, origin):
    source = make_source(address, "main")
    assert run_cell(source, True, monkeypatch) == []
    assert run_cell(source, False, monkeypatch) == [("pip", f"install --quiet {origin}")]


def test_folder_above_the_lessons_can_be_installed():
    assert (NOTEBOOKS / ".." / "pyproject.toml").is_file()


def test_cell_is_written_once_and_anew():
    header = nbformat.v4.new_markdown_cell("# Lesson 01")
    lesson = nbformat.v4.new_notebook(cells=[header, nbformat.v4.new_code_cell("1 + 1")])
    write_installation(lesson, "old")
    write_installation(lesson, "new")
    assert [cell.source for cell in lesson.cells] == ["# Lesson 01", "new", "1 + 1"]
    assert lesson.cells[1].metadata.tags == [TAG]
    nbformat.validate(lesson)


@pytest.mark.parametrize("path", find_lessons(), ids=lambda path: path.stem)
def test_lesson_reads_no_other_file_of_the_project(path):
    words = {
        node.value
        for code in read_code(path)[1:]
        for node in ast.walk(ast.parse(code))
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    }
    words = {word for word in words if word.strip(" ./") and "\n" not in word and len(word) < 200}
    assert not [word for word in words if (NOTEBOOKS / word).exists()]


def test_stored_files_are_part_of_the_package():
    names = {"labels_by_eye.csv", "compare_networks.json"}
    assert {path.name for path in stored_file("x").parent.iterdir()} == names
    project = tomllib.loads((NOTEBOOKS.parent / "pyproject.toml").read_text(encoding="utf-8"))
    patterns = project["tool"]["setuptools"]["package-data"]["spectra_helpers.lessons"]
    package = Path(importlib.util.find_spec("spectra_helpers.lessons").origin).parent
    assert names <= {path.name for pattern in patterns for path in package.glob(pattern)}

"""How the cells of the lessons are built."""

import html
import inspect
import re
import textwrap
from importlib import import_module

import nbformat
import pytest

from spectra_tools.series.notebooks import find_lessons

MOST_LINES = 16  # one idea a cell: it is read without scrolling
IDS = {"ids": lambda path: path.stem}


@pytest.mark.parametrize("path", find_lessons(), **IDS)
def test_no_cell_that_students_read_is_long(path):
    cells = nbformat.read(path, as_version=4).cells
    shown = [
        cell.source.splitlines()
        for cell in cells
        if cell.cell_type == "code" and "hidden-test" not in cell.metadata.get("tags", ())
    ]
    assert not [lines[0] for lines in shown if len(lines) > MOST_LINES]


def read_figures(cell):
    """Return the alternative texts of the pictures that a cell's stored outputs show."""
    pages = [output.get("data", {}).get("text/html", "") for output in cell.get("outputs", ())]
    return [html.unescape(alt) for page in pages for alt in re.findall(r'<img alt="([^"]*)"', page)]


@pytest.mark.parametrize("path", find_lessons(), **IDS)
def test_every_figure_has_its_words_and_its_caption(path):
    cells = nbformat.read(path, as_version=4).cells
    shown = [i for i, cell in enumerate(cells) if read_figures(cell)]
    captions = [cell.source for cell in cells if cell.source.startswith("**Figure ")]
    assert len(captions) >= 7
    for number, caption in enumerate(captions, start=1):
        assert re.match(rf"\*\*Figure {number}\.\*\* \S.{{10,}}", caption)
    for i in shown:
        assert cells[i + 1].source.startswith("**Figure "), f"no caption after {cells[i].source}"
        for alt in read_figures(cells[i]):
            assert re.search(r"\d", alt), f"words without a number: {alt}"


def list_shown_sources(path):
    """Return what the stored outputs of a lesson show as source: full name and text."""
    cells = nbformat.read(path, as_version=4).cells
    outputs = [output for cell in cells for output in cell.get("outputs", ())]
    texts = [output.get("data", {}).get("text/plain", "") for output in outputs]
    shown = [text[2:].split("\n", 1) for text in texts if text.startswith("# spectra_helpers.")]
    return [(*name.rsplit(".", 1), text) for name, text in shown]


@pytest.mark.parametrize(
    "path", [path for path in find_lessons() if list_shown_sources(path)], **IDS
)
def test_stored_sources_are_those_of_the_package(path):
    for module, name, text in list_shown_sources(path):
        lines = inspect.getsource(getattr(import_module(module), name))
        lines = textwrap.dedent(lines).splitlines()
        shown = text.splitlines()
        left_out = len(lines) - len(shown)  # the docstring, or nothing
        starts = [k for k in range(len(shown) + 1) if lines[:k] + lines[k + left_out :] == shown]
        assert starts, f"run {path.name} anew: {name} is another one now"
        assert not left_out or any('"""' in lines[k] for k in starts)


@pytest.mark.parametrize("path", find_lessons(), **IDS)
def test_text_beside_a_shown_source_names_what_is_there(path):
    """Names of code in the text before and after a source stand in it, or in the lesson's cells."""
    cells = nbformat.read(path, as_version=4).cells
    code = "\n".join(cell.source for cell in cells if cell.cell_type == "code")
    code += "\n".join(text for _, _, text in list_shown_sources(path))
    for i, cell in enumerate(cells):
        if cell.cell_type == "code" and "show_source(" in cell.source:
            text = "\n".join(x.source for x in cells[i - 1 : i + 2] if x.cell_type == "markdown")
            names = re.findall(r"`@?([A-Za-z_]\w*)[`(=]", text)
            assert not [name for name in names if not re.search(rf"\b{name}\b", code)], cell.source


def test_sources_are_shown_in_some_lessons():
    assert sum(len(list_shown_sources(path)) for path in find_lessons()) >= 9

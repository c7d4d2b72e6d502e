"""How the cells of the lessons are built."""

import nbformat
import pytest

from spectra_helpers.lesson_tools.notebooks import find_lessons

MOST_LINES = 16  # one idea a cell: it is read without scrolling


@pytest.mark.parametrize("path", find_lessons(), ids=lambda path: path.stem)
def test_no_cell_that_students_read_is_long(path):
    cells = nbformat.read(path, as_version=4).cells
    shown = [
        cell.source.splitlines()
        for cell in cells
        if cell.cell_type == "code" and "hidden-test" not in cell.metadata.get("tags", ())
    ]
    assert not [lines[0] for lines in shown if len(lines) > MOST_LINES]

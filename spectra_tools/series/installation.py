"""The first cell of the lessons: it installs the package where a lesson stands alone, as on Colab.

``python -m spectra_tools.series.links`` writes it, the same one into each lesson.
"""

import tomllib

import nbformat

from spectra_tools.series.notebooks import NOTEBOOKS

TAG = "installation"
SOURCE = """\
# Where the package of these lessons is missing, install it (on Colab, say; a few minutes, once).
from importlib.util import find_spec

if find_spec("spectra_helpers") is None:
    %pip install --quiet {origin}"""


def read_repository():
    """Return where the project is published, as pyproject.toml says: {"repository", "branch"}."""
    text = (NOTEBOOKS.parent / "pyproject.toml").read_text(encoding="utf-8")
    return tomllib.loads(text)["tool"]["spectra-lessons"]


def make_source(repository, branch):
    """Return the source of the cell.

    Parameters
    ----------
    repository : str
        Address of the project, or "" if it has none; then the cell installs from the folder above
        the lessons, which is there in every copy of the project.
    branch : str
    """
    return SOURCE.format(origin=f'"git+{repository}@{branch}"' if repository else "..")


def write_installation(lesson, source):
    """Put the cell below the header of a lesson (a notebook node), in the place of an older one."""
    cell = lesson.cells[1]
    if TAG not in cell.metadata.get("tags", ()):
        folded = {"jupyter": {"source_hidden": True}, "tags": [TAG]}
        cell = nbformat.v4.new_code_cell(id=TAG, metadata=folded)
        lesson.cells.insert(1, cell)
    cell.source = source

"""Put a student's answers into a fresh release, so that a damaged notebook can be graded.

Deleted cells come back empty, copied cells count once, lost or forged metadata make no difference:
from the submission only the text of the cells is taken, and pictures that were pasted into it.
"""

import json
import re
import warnings
from copy import deepcopy

import nbformat
from nbformat.v4 import new_code_cell, new_markdown_cell, new_raw_cell

from spectra_tools.classroom.intake import LARGEST

NEW = {"code": new_code_cell, "markdown": new_markdown_cell, "raw": new_raw_cell}
IMAGE, BASE64 = re.compile(r"image/[\w.+-]+"), re.compile(r"[A-Za-z0-9+/\s]+={0,2}")
NOTES = "spectra_notes"  # metadata of the cell with the grader's notes


def read_notebook(path):
    """Read a submitted notebook.

    Raises
    ------
    ValueError
        If it is too large, is no notebook or is damaged, with what to do.
    """
    size = path.stat().st_size
    if size > LARGEST:
        raise ValueError(
            f"The notebook is too large ({size / 1e6:,.0f} MB): clear its outputs and hand it in "
            "anew."
        )
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # nbformat mends cell ids that are missing or twice
            notebook = nbformat.reads(path.read_text(encoding="utf-8-sig"), as_version=4)
        for cell in notebook.cells:
            if cell.cell_type not in NEW or not isinstance(cell.source, str):
                raise ValueError("it has a cell that is none")
        nbformat.writes(notebook).encode()  # fails for text that is no text
    except Exception as error:  # whatever a hostile file makes of a parser
        raise ValueError(
            "The file is no notebook that can be read: open it in JupyterLab, save it and hand it "
            "in anew."
        ) from error
    return notebook


def count_cells(path, release):
    """Return how many cells of a release are in a notebook; 0 if it cannot be read."""
    try:
        return len(match_cells(read_notebook(path).cells, release.cells))
    except ValueError:
        return 0


def rebuild(submitted, release):
    """Return the release with the student's answers in it, and what was wrong.

    Parameters
    ----------
    submitted, release : NotebookNode

    Returns
    -------
    notebook : NotebookNode
    notes : list of str
    """
    places = match_cells(submitted.cells, release.cells)
    notes = describe_damage(submitted.cells, release.cells, places)
    fresh = deepcopy(release)
    own = follow(submitted.cells, places)
    cells = own.get(None, [])
    taken = {place: index for index, place in places.items()}
    for place, cell in enumerate(fresh.cells):
        if place in taken:
            copy_text(submitted.cells[taken[place]], cell)
        cells += [cell, *own.get(place, [])]
    fresh.cells = cells
    return fresh, notes


def match_cells(submitted, release):
    """Return which cell of the release each submitted cell is: ``{submitted: release}``, by index.

    A cell is known by its grade id, then by its cell id, and if no cell is known at all, by its
    place. Of copies the last one counts, because it runs last.
    """
    by_grade_id = {grade_id(cell): place for place, cell in enumerate(release) if grade_id(cell)}
    by_id = {cell.get("id"): place for place, cell in enumerate(release)}
    found = {}
    for index, cell in enumerate(submitted):
        place = by_grade_id.get(grade_id(cell), by_id.get(cell.get("id")))
        if place is not None:
            found[place] = index
    kinds = [[cell.cell_type for cell in cells] for cells in (submitted, release)]
    if not found and kinds[0] == kinds[1]:
        return {index: index for index in range(len(release))}
    return {index: place for place, index in found.items()}


def grade_id(cell):
    """Return the name that nbgrader knows a cell by, or None."""
    mark = cell.metadata.get("nbgrader")
    name = mark.get("grade_id") if isinstance(mark, dict) else None
    return name if isinstance(name, str) else None


def follow(submitted, places):
    """Return the student's own cells, as lists by the cell of the release that they follow."""
    own, last = {}, None
    for index, cell in enumerate(submitted):
        if index in places:
            last = places[index]
        else:
            copy = NEW[cell.cell_type]()
            copy_text(cell, copy)
            own.setdefault(last, []).append(copy)
    return own


def copy_text(cell, target):
    """Copy what a student wrote into another cell, with the pictures pasted into a text."""
    target.source = cell.source
    if target.cell_type == "markdown":
        pictures = find_pictures(cell.get("attachments"))
        target.pop("attachments", None)
        if pictures:
            target.attachments = pictures


def find_pictures(attachments):
    """Return the attachments of a cell that are pictures; a hostile notebook has others."""
    found = attachments if isinstance(attachments, dict) else {}
    return {name: bundle for name, bundle in found.items() if is_picture(bundle)}


def is_picture(bundle):
    """Tell whether an attachment holds pictures only, in base64."""
    return isinstance(bundle, dict) and bool(bundle) and all(
        IMAGE.fullmatch(kind) and isinstance(data, str) and BASE64.fullmatch(data.strip())
        for kind, data in bundle.items()
    )  # fmt: skip


def describe_damage(submitted, release, places):
    """Return sentences about deleted, copied and stripped cells."""
    if not places:
        return [
            "None of the assignment's cells is in this notebook: copy the answers into a fresh one."
        ]
    notes = []
    marked = [place for place, cell in enumerate(release) if grade_id(cell)]
    missing = [grade_id(release[place]) for place in marked if place not in places.values()]
    if missing:
        notes.append(f"Cells were deleted and have been put back: {', '.join(missing)}.")
    names = [grade_id(cell) for cell in submitted if grade_id(cell)]
    copied = sorted({name for name in names if names.count(name) > 1})
    if copied:
        notes.append(f"Cells are there more than once, the last one counts: {', '.join(copied)}.")
    stripped = [place for index, place in places.items()
                if place in marked and grade_id(submitted[index]) is None]  # fmt: skip
    if stripped:
        notes.append(f"{len(stripped)} cells had lost nbgrader's metadata; it has been put back.")
    return notes


def add_notes(notebook, notes):
    """Put the grader's notes into a cell at the top, where feedback shows them."""
    if notes:
        lines = "\n".join(f"- {note}" for note in notes)
        cell = new_markdown_cell(f"**Notes of the grader**\n\n{lines}")
        cell.metadata[NOTES] = json.dumps(notes)
        notebook.cells.insert(0, cell)


def read_notes(notebook):
    """Return the notes that `add_notes` has put into a notebook."""
    for cell in notebook.cells:
        if NOTES in cell.metadata:
            return json.loads(cell.metadata[NOTES])
    return []

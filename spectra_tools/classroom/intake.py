"""Find the submissions in a folder or zip of which nothing is known for sure.

Each of these is understood, and they may be mixed:

- a folder for each student: ``FOLDER/<student>/ps1.ipynb``, also deeper, such as nbgrader's own
  ``<student>/ps1/ps1.ipynb`` or a clone of the student's repository;
- files named by student: ``<student>.ipynb``, ``<student>_ps1.ipynb`` or ``ps1_<student>.ipynb``;
- a zip of either (`spectra_tools.classroom.archive`).
"""

import re
import unicodedata
from dataclasses import dataclass, field
from pathlib import Path

LARGEST = 20_000_000  # bytes of a notebook: with outputs and pictures they have about one million
# an id becomes the name of folders, on every system; brackets mean something to nbgrader and to
# browsers, which call a second download "ada (2)"
STUDENT = re.compile(r"\w[^<>:\"/\\|?*()\[\]{}]{0,80}")
DEVICES = re.compile(r"(con|prn|aux|nul|(com|lpt)\d)(\..*)?", re.IGNORECASE)  # of Windows
SKIPPED = {".ipynb_checkpoints", "__MACOSX", ".git", ".trash"}


@dataclass
class Submission:
    """What one student handed in.

    `path` is the notebook, or None if there is none; `notes` are for student and lecturer.
    """

    student: str
    path: Path | None
    notes: list[str] = field(default_factory=list)


def find_submissions(place, name, count_cells):
    """Return the submissions for an assignment.

    Parameters
    ----------
    place : Path
        A folder; see above for what may be in it.
    name : str
        The assignment, such as ``"ps1"``.
    count_cells : callable
        Gets a path and returns how many cells of the assignment are in this notebook (0 if it
        cannot be read): so a notebook with a wrong name is known by what it holds.

    Returns
    -------
    submissions : list of Submission
        Sorted by student.
    problems : list of str
        Files and folders that belong to nobody.
    """
    place, found, strays = place.resolve(), {}, []
    for path in list_notebooks(place):
        student = find_owner(path, place, name)
        if can_own(student, name):
            found.setdefault(student, []).append(path)
        else:
            strays.append(path.relative_to(place))
    told = {path.parts[0] for path in strays}
    for folder in list_folders(place):
        if can_own(normalize(folder.name), name):
            found.setdefault(normalize(folder.name), [])
        elif folder.name not in told:
            strays.append(folder.relative_to(place))
    chosen = [choose(student, paths, name, count_cells) for student, paths in found.items()]
    problems = [f"{path.as_posix()} does not tell the student's id." for path in strays]
    return sorted(chosen, key=lambda submission: submission.student), problems


def list_folders(place):
    """Return the folders in a folder, without links and without what programs keep there."""
    folders = [path for path in sorted(place.iterdir()) if path.is_dir() and not path.is_symlink()]
    return [folder for folder in folders if not is_hidden(folder.name)]


def is_hidden(word):
    """Tell whether a file or folder belongs to a program and not to a student."""
    return word.startswith(".") or word in SKIPPED


def is_student(word):
    """Tell whether a word can be a student's id; it becomes the name of folders."""
    safe = STUDENT.fullmatch(word) and word.isprintable() and word == word.strip(" .")
    return bool(safe) and not DEVICES.fullmatch(word) and not is_hidden(word)


def normalize(word):
    """Return a name with each accent in its letter: macOS writes the two apart."""
    return unicodedata.normalize("NFC", word)


def find_owner(path, place, name):
    """Return whose notebook this is, by its folder in `place` or its own name."""
    parts = path.relative_to(place).parts
    return normalize(parts[0]) if len(parts) > 1 else student_of(path.stem, name)


def can_own(word, name):
    """Tell whether a word can be the id of somebody who hands in this assignment."""
    return is_student(word) and word.casefold() != name.casefold()


def is_notebook(path):
    """Tell whether a name ends like that of a notebook, in capitals too."""
    return path.suffix.casefold() == ".ipynb"


def list_notebooks(place):
    """Return the notebooks below a folder, without links and without copies that Jupyter keeps."""
    place = place.resolve()
    return [
        path
        for path in sorted(place.rglob("*"))
        if is_notebook(path)
        and path.is_file()
        and path.resolve() == path
        and not path.name.startswith(".")
        and not SKIPPED.intersection(path.relative_to(place).parts)
    ]


def is_named(path, name):
    """Tell whether a notebook is called as it was given out, be it in capitals."""
    return path.name.casefold() == f"{name}.ipynb".casefold()


def student_of(stem, name):
    """Return whose notebook a flat file is: ``ps1_ada``, ``ada-ps1`` and ``ada`` are all of ada."""
    stem = re.sub(rf"^{name}[ _-]+|[ _-]+{name}( ?\(\d+\))?$", "", stem, flags=re.IGNORECASE)
    return normalize(stem.strip())


def choose(student, paths, name, count_cells):
    """Return the one notebook of a student that counts, and say why."""
    submission = Submission(student, None)
    if not paths:
        submission.notes.append(f"There is no notebook; {name}.ipynb was expected.")
        return submission
    counts = {path: count_cells(path) for path in paths}
    known = [path for path in paths if counts[path]] or paths  # other sets may lie beside this one
    exact = [path for path in known if is_named(path, name)]
    submission.path = max(exact or known, key=lambda path: (counts[path], -len(path.parts)))
    if len(known) > 1:
        submission.notes.append(f"Of {len(known)} notebooks {submission.path.name} was graded.")
    flat = student_of(submission.path.stem, name) == student
    if not is_named(submission.path, name) and not flat:
        submission.notes.append(
            f"The notebook is called {submission.path.name}, not {name}.ipynb; it was graded."
        )
    return submission

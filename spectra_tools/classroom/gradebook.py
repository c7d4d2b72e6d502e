"""nbgrader's gradebook: opened only if it is one, and the marks for each part read from it."""

import sqlite3
import warnings
from contextlib import closing, contextmanager
from dataclasses import dataclass

import nbformat

TABLES = {"alembic_version", "submitted_assignment"}  # both are in nbgrader's gradebook alone


def require_gradebook(path):
    """Check that a file, if it is there, is a gradebook: nbgrader would write into any database.

    Raises
    ------
    ValueError
        If it is empty, damaged or a database of another program.
    """
    if not path.exists():
        return
    try:
        with closing(sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro", uri=True)) as base:
            tables = {name for (name,) in base.execute("select name from sqlite_master")}
    except sqlite3.DatabaseError as error:
        raise ValueError(describe_damage(path, error)) from error
    if not tables >= TABLES:
        raise ValueError(
            f"{path} is no gradebook of nbgrader (it is empty, or of another program): put a copy "
            "of yours back, or move it away and grade anew."
        )


def describe_damage(path, error):
    """Return what to say about a gradebook that SQLite cannot read."""
    return (
        f"{path} cannot be read ({error}): end other programs that use it, or put a copy of it "
        "back."
    )


@contextmanager
def open_gradebook(course, path=None):
    """Give nbgrader's open gradebook, or a copy of it at `path`, and close it at the end.

    Raises
    ------
    ValueError
        If there is none, or it is damaged or of another program.
    """
    from nbgrader.api import Gradebook
    from sqlalchemy.exc import DatabaseError

    if not course.gradebook.exists():
        raise ValueError("Nothing is graded yet: `spectra class grade PS FOLDER` first.")
    require_gradebook(course.gradebook)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # SQLAlchemy's, about nbgrader's tables
            gradebook = Gradebook(f"sqlite:///{path or course.gradebook}")
        with gradebook:
            yield gradebook
    except (DatabaseError, sqlite3.DatabaseError) as error:
        cause = getattr(error, "orig", error)
        raise ValueError(describe_damage(course.gradebook, cause)) from error


def list_submitted(gradebook, name):
    """Return what was handed in for an assignment, as nbgrader's notebooks."""
    from nbgrader.api import MissingEntry

    try:
        submissions = gradebook.assignment_submissions(name)
    except MissingEntry:
        return []
    return [notebook for submission in submissions for notebook in submission.notebooks]


@dataclass(frozen=True)
class Part:
    """A graded cell: its name, the marks it can give, and whether somebody has to read it."""

    name: str
    points: float
    by_hand: bool


@dataclass(frozen=True)
class Marks:
    """Marks of a class for one assignment.

    `marks` maps each student to ``{part name: marks}``; None is a part that waits to be read.
    """

    assignment: str
    parts: list
    marks: dict

    @property
    def most(self):
        """The marks of somebody who has everything right."""
        return sum(part.points for part in self.parts)


def read_parts(course, name):
    """Return the parts of an assignment, in the order of its source."""
    source = nbformat.read(course.source(name) / f"{name}.ipynb", as_version=4)
    graded = [cell for cell in source.cells if cell.metadata.get("nbgrader", {}).get("grade")]
    return [
        Part(cell.metadata.nbgrader.grade_id, float(cell.metadata.nbgrader.points),
             bool(cell.metadata.nbgrader.solution))
        for cell in graded
    ]  # fmt: skip


def read_marks(course, name):
    """Read the marks for one assignment from the gradebook.

    Returns
    -------
    Marks
        Of students who handed in something.

    Raises
    ------
    ValueError
        If there is no such assignment, or nothing of it is graded.
    """
    parts = read_parts(course, name)
    marks = {}
    with open_gradebook(course) as gradebook:
        for notebook in list_submitted(gradebook, name):
            given = {grade.name: look_up(grade) for grade in notebook.grades}
            marks[notebook.student.id] = {part.name: given.get(part.name) for part in parts}
    if not marks:
        raise ValueError(f"{name} is not graded yet: `spectra class grade {name} FOLDER` first.")
    return Marks(name, parts, dict(sorted(marks.items())))


def look_up(grade):
    """Return the marks in a grade of nbgrader; None where neither tests nor lecturer gave any."""
    waits = grade.auto_score is None and grade.manual_score is None
    return None if waits else float(grade.score)

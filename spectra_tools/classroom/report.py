"""`spectra class report`: what a class found easy, what it found hard, and why."""

import re
from collections import Counter
from dataclasses import dataclass

import nbformat
import numpy as np

from spectra_helpers.files import replace_when_done
from spectra_tools.classroom.gradebook import read_marks
from spectra_tools.classroom.rebuild import grade_id, read_notes
from spectra_tools.classroom.templates import render

LONGEST = 160  # characters of a message in the report
NUMBER = re.compile(r"[-+]?(?:\d[\d_.]*(?:e[-+]?\d+)?|nan|inf)\b", re.IGNORECASE)
OURS = ("TimeLimit:", "MemoryLimit:", "ProcessLimit:", "KernelDied:", "ChecksSwitchedOff:",
        "ForgedMarks:", "NotRun: An earlier")  # fmt: skip


def write_report(course, name):
    """Write ``reports/psN.html``: marks for each part, difficulty, most common failed check.

    Parameters
    ----------
    course : Course
    name : str
        The assignment.

    Returns
    -------
    Path

    Raises
    ------
    ValueError
        If nothing is graded yet.
    """
    from spectra_helpers.plotting import figure_to_html
    from spectra_tools.classroom.class_marks import plot_class_marks

    table = read_marks(course, name)
    outcomes = read_outcomes(course, table)
    share, names = share_of_marks(table), [short_name(table, part) for part in table.parts]
    figure = figure_to_html(
        plot_class_marks(names, share),
        "How many students got all marks, some or none, part by part in the order of the set.",
    )
    marks = [list(own.values()) for own in table.marks.values()]
    totals = [sum(mark or 0 for mark in own) for own in marks]
    page = render(
        "report.html", name=name, figure=figure, totals=totals, median=np.median(totals),
        most=table.most, n_waiting=sum(own.count(None) for own in marks),
        parts=list_parts(table, share, outcomes), students=list_students(table, outcomes),
    )  # fmt: skip
    out = course.root / "reports" / f"{name}.html"
    out.parent.mkdir(exist_ok=True)
    with replace_when_done(out) as temporary:
        temporary.write_text(page, encoding="utf-8")
    return out


def read_outcomes(course, table):
    """Return ``{student: Outcome}`` of all whose graded notebook is there."""
    name = table.assignment
    paths = {student: course.root / "autograded" / student / name / f"{name}.ipynb"
             for student in table.marks}  # fmt: skip
    return {student: read_outcome(path) for student, path in paths.items() if path.exists()}


@dataclass(frozen=True)
class Outcome:
    """What happened in the notebook of one student.

    `failures` maps the name of each failed part to the message of its check.
    """

    failures: dict
    notes: list


def read_outcome(path):
    """Read the graded notebook of a student."""
    notebook = nbformat.read(path, as_version=4)
    failures = {}
    for cell in notebook.cells:
        errors = [out for out in cell.get("outputs", []) if out.output_type == "error"]
        if errors and cell.metadata.get("nbgrader", {}).get("grade"):
            failures[grade_id(cell)] = describe_error(errors[-1])
    return Outcome(failures, read_notes(notebook))


def describe_error(error):
    """Return what an error says, in one line."""
    if error.ename == "NotImplementedError":
        return "not answered"
    lines = " ".join(error.evalue.split())
    message = lines if error.ename == "AssertionError" and lines else f"{error.ename}: {lines}"
    return message if len(message) <= LONGEST else message[: LONGEST - 2] + " …"


def share_of_marks(table):
    """Return marks over the most possible, shape (n_students, n_parts); NaN waits to be read."""
    marks = [[own[part.name] for part in table.parts] for own in table.marks.values()]
    return np.array(marks, dtype=float) / [part.points or np.nan for part in table.parts]


def short_name(table, part):
    """Return a part's name without that of its assignment: ``shares`` for ``ps1_shares_check``."""
    return part.name.removeprefix(f"{table.assignment}_").removesuffix("_check").replace("_", " ")


def list_parts(table, share, outcomes):
    """Return the lines of the table of parts."""
    lines = []
    for part, own in zip(table.parts, share.T, strict=True):
        waits = np.isnan(own).any()  # a mean of the others would mislead
        mean = "––" if waits else (f"{own.mean() * part.points:.1f}", f"{own.mean():.2f}")
        messages = [outcome.failures[part.name] for outcome in outcomes.values()
                    if part.name in outcome.failures]  # fmt: skip
        checks = ("–", "read by the lecturer") if part.by_hand else describe_failures(messages)
        lines.append((short_name(table, part), f"{part.points:g}", *mean, *checks))
    return lines


def describe_failures(messages):
    """Return how many checks of a part failed, and with which message most often."""
    common = find_most_common(messages)
    return f"{len(messages)}", f"{common[0]} ({common[1]}×)" if common else ""


def find_most_common(messages):
    """Return the message that comes most often, and how often.

    Messages that differ only in their numbers are one, because each student has other data; the
    first of them is returned.

    Returns
    -------
    (str, int) or None
        None if there is no message.
    """
    if not messages:
        return None
    kinds = [NUMBER.sub("#", message) for message in messages]
    kind, n = Counter(kinds).most_common(1)[0]
    return messages[kinds.index(kind)], n


def list_students(table, outcomes):
    """Return the lines of the table of students: their marks, and what the grader had to note."""
    lines = []
    for student, own in table.marks.items():
        outcome = outcomes.get(student)
        notes = outcome.notes + find_limits(outcome.failures) if outcome else []
        total = sum(mark or 0 for mark in own.values())
        lines.append((student, f"{total:g}", " ".join(notes)))
    return lines


def find_limits(failures):
    """Return what the grader itself had to say, once each: limits, ended kernels, forged checks."""
    found = [text.partition(": ")[2] for text in failures.values() if text.startswith(OURS)]
    return list(dict.fromkeys(found))

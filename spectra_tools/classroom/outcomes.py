"""Why checks failed, read from the graded notebooks."""

import re
from collections import Counter
from dataclasses import dataclass

import nbformat

from spectra_tools.classroom.rebuild import grade_id, read_notes

LONGEST = 160  # characters of a message in the report
NUMBER = re.compile(r"[-+]?(?:\d[\d_.]*(?:e[-+]?\d+)?|nan|inf)\b", re.IGNORECASE)


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

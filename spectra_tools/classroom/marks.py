"""`spectra class marks`: a table of all marks, and back with those given by hand."""

import shutil
from difflib import get_close_matches

import pandas as pd

from spectra_helpers.files import read_table, replace_when_done, require_output, write_table
from spectra_tools.classroom.gradebook import (
    list_submitted,
    open_gradebook,
    read_marks,
    read_parts,
)

STUDENT = "student"


def write_marks(course, names, out):
    """Write a table (CSV) with a line for each student and a column for each part.

    Parameters
    ----------
    course : Course
    names : sequence of str
        Assignments; none means all that are graded.
    out : Path

    Returns
    -------
    n_students, n_waiting : int
        Lines of the table; texts that wait to be read, whose fields are empty.

    Raises
    ------
    ValueError
        If nothing is graded, or `out` cannot be written, is the gradebook or holds marks that are
        nowhere else.
    """
    require_output(out, force=True, inputs=[course.gradebook])
    if not names:
        with open_gradebook(course) as gradebook:
            names = [name for name in course.assignments() if list_submitted(gradebook, name)]
    if not names:
        raise ValueError("Nothing is graded yet: `spectra class grade PS FOLDER` first.")
    tables = [read_marks(course, name) for name in names]
    require_entered(course, out)
    numbers = pd.concat(map(tabulate, tables), axis="columns").sort_index()
    shown = numbers.map("{:g}".format).where(numbers.notna(), "")
    write_table(out, shown.rename_axis(STUDENT).reset_index(), "utf-8-sig")  # Excel needs the sign
    waiting = [marks for table in tables for own in table.marks.values() for marks in own.values()]
    return len(numbers), waiting.count(None)


def tabulate(table):
    """Return the marks of an assignment as numbers, shape (n_students, n_parts + 2); NaN waits."""
    *parts, total, most = name_columns(table.assignment, table.parts)
    rows = [[own[part.name] for part in table.parts] for own in table.marks.values()]
    numbers = pd.DataFrame(rows, index=list(table.marks), columns=parts, dtype=float)
    numbers[total] = numbers.sum(axis="columns")
    numbers[most] = table.most
    return numbers


def name_columns(name, parts):
    """Return the columns of an assignment with these parts."""
    return [*(f"{name}:{part.name}" for part in parts), f"{name} total", f"{name} of"]


def require_entered(course, out):
    """Check that a table to be replaced holds no marks for texts that the gradebook lacks."""
    if not out.exists():
        return
    table = read_table(out)
    if table.columns.empty:
        return
    if STUDENT not in table:
        raise ValueError(f"{out} is no table of marks: give another name with -o.")
    require_clear(course, table, out)
    for name in list_assignments(course, table):
        with open_gradebook(course) as gradebook:
            marks = read_marks(course, name).marks if list_submitted(gradebook, name) else {}
        for student, part, field in list_filled(table, name, read_parts(course, name)):
            if not is_same_mark(field, marks.get(student, {}).get(part.name)):
                raise ValueError(
                    f"{out} holds marks for texts that are not in the gradebook ({field!r} for "
                    f"{student}, {part.name}): enter them first with `spectra class marks --enter "
                    f"{out}`, or give another name with -o."
                )


def enter_marks(course, path):
    """Put the marks for texts, filled into the table of `write_marks`, into the gradebook.

    Parameters
    ----------
    course : Course
    path : Path
        CSV; only the columns of parts that are marked by hand are read, and empty fields are left
        out.

    Returns
    -------
    int
        How many marks were entered.

    Raises
    ------
    ValueError
        If a student, a column or a number is wrong; nothing is entered then.
    """
    try:
        table = read_table(path)
    except FileNotFoundError:
        raise ValueError(
            f"There is no table {path}: write one with `spectra class marks`, and fill it in."
        ) from None
    if STUDENT not in table:
        raise ValueError(
            f"{path} has no column {STUDENT!r}: take the table of `spectra class marks`."
        )
    require_clear(course, table, path)
    entries = [entry for name in list_assignments(course, table)
               for entry in find_entries(read_marks(course, name), table, path)]  # fmt: skip
    with replace_when_done(course.gradebook) as temporary:
        shutil.copy(course.gradebook, temporary)
        with open_gradebook(course, temporary) as gradebook:
            for student, name, part, value in entries:
                grade = gradebook.find_grade(part, name, name, student)
                grade.manual_score, grade.needs_manual_grade = value, False
            gradebook.db.commit()
    return len(entries)


def require_clear(course, table, path):
    """Check that each field of a table can be read in one way only.

    Raises
    ------
    ValueError
        If a column is none of `spectra class marks`, or a student has two lines.
    """
    known = [STUDENT, *(column for name in course.assignments()
                        for column in name_columns(name, read_parts(course, name)))]  # fmt: skip
    for column in table.columns.difference(known, sort=False):
        (near,) = get_close_matches(column, known, n=1, cutoff=0)
        raise ValueError(
            f"{path}: the column {column!r} is unknown: rename it ({near!r}?) or delete it."
        )
    lines = table[STUDENT].str.strip().value_counts().drop("", errors="ignore")
    for student, n in lines[lines > 1].items():
        raise ValueError(f"{path}: {student!r} has {n} lines: keep one.")


def list_assignments(course, table):
    """Return the assignments of a course that have columns in a table."""
    known = {column.partition(":")[0] for column in table.columns if ":" in column}
    return [name for name in course.assignments() if name in known]


def list_filled(table, name, parts):
    """Yield (student, part, field) of each filled field for a text."""
    for part in parts:
        column = f"{name}:{part.name}"
        if part.by_hand and column in table:
            filled = table[table[column].str.strip() != ""]
            for student, field in zip(filled[STUDENT].str.strip(), filled[column], strict=True):
                yield student, part, field


def find_entries(marks, table, path):
    """Return ``(student, assignment, part, marks)`` for each filled field read by hand."""
    entries = []
    for student, part, field in list_filled(table, marks.assignment, marks.parts):
        if student not in marks.marks:
            raise ValueError(f"{path}: {student} has handed in no {marks.assignment}.")
        value = read_number(field)
        if value is None or not 0 <= value <= part.points:
            raise ValueError(
                f"{path}: {field!r} for {student}, {part.name}, is no number from 0 to "
                f"{part.points:g}."
            )
        entries.append((student, marks.assignment, part.name, value))
    return entries


def read_number(field):
    """Return the number in a field, with a point or a comma; None if it is none."""
    try:
        return float(field.replace(",", "."))
    except ValueError:
        return None


def is_same_mark(field, mark):
    """Tell whether a field shows a mark, as `write_marks` writes it."""
    value = read_number(field)
    return value is not None and mark is not None and f"{value:g}" == f"{mark:g}"

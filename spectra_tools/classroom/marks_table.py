"""`spectra class marks`: a table of all marks, and back with those given by hand."""

import csv
import shutil

from spectra_helpers.files import replace_when_done, require_output
from spectra_tools.classroom.marks import list_submitted, open_gradebook, read_marks, read_parts
from spectra_tools.classroom.marks_file import (
    STUDENT,
    name_columns,
    read_number,
    read_table,
    require_clear,
)


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
    students = sorted({student for table in tables for student in table.marks})
    header = [column for table in tables for column in name_columns(table.assignment, table.parts)]
    rows = [[student, *(cell for table in tables for cell in fill(table, student))]
            for student in students]  # fmt: skip
    with (
        replace_when_done(out) as temporary,
        open(temporary, "w", newline="", encoding="utf-8-sig") as file,  # Excel needs the sign
    ):
        csv.writer(file).writerows([[STUDENT, *header], *rows])
    waiting = [marks for table in tables for own in table.marks.values() for marks in own.values()]
    return len(students), waiting.count(None)


def require_entered(course, out):
    """Check that a table to be replaced holds no marks for texts that the gradebook lacks."""
    if not out.exists() or not out.stat().st_size:
        return
    rows = read_table(out)
    if rows and STUDENT not in rows[0]:
        raise ValueError(f"{out} is no table of marks: give another name with -o.")
    require_clear(course, rows, out)
    for name in list_assignments(course, rows):
        for student, part, field in find_unknown(course, name, rows):
            raise ValueError(
                f"{out} holds marks for texts that are not in the gradebook ({field!r} for "
                f"{student}, {part}): enter them first with `spectra class marks --enter {out}`, "
                "or give another name with -o."
            )


def find_unknown(course, name, rows):
    """Yield (student, part, field) of each mark for a text that the gradebook does not have."""
    with open_gradebook(course) as gradebook:
        marks = read_marks(course, name).marks if list_submitted(gradebook, name) else {}
    for part in read_parts(course, name):
        for row in rows if part.by_hand else []:
            student, field = row[STUDENT], row.get(f"{name}:{part.name}") or ""
            mark = marks.get(student, {}).get(part.name)
            if field.strip() and not is_same_mark(field, mark):
                yield student, part.name, field


def list_assignments(course, rows):
    """Return the assignments of a course that have columns in a table."""
    known = {column.partition(":")[0] for row in rows[:1] for column in row
             if column and ":" in column}  # fmt: skip
    return [name for name in course.assignments() if name in known]


def is_same_mark(field, mark):
    """Tell whether a field shows a mark, as `fill` writes it."""
    value = read_number(field)
    return value is not None and mark is not None and f"{value:g}" == f"{mark:g}"


def fill(table, student):
    """Return the fields of a student; empty where there are no marks."""
    if student not in table.marks:
        return [""] * (len(table.parts) + 2)
    marks = list(table.marks[student].values())
    shown = ["" if mark is None else f"{mark:g}" for mark in marks]
    return [*shown, f"{sum(mark or 0 for mark in marks):g}", f"{table.most:g}"]


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
    rows = read_table(path)
    if not rows or STUDENT not in rows[0]:
        raise ValueError(
            f"{path} has no column {STUDENT!r}: take the table of `spectra class marks`."
        )
    require_clear(course, rows, path)
    marks = [mark for name in list_assignments(course, rows)
             for mark in find_entries(read_marks(course, name), rows, path)]  # fmt: skip
    with replace_when_done(course.gradebook) as temporary:
        shutil.copy(course.gradebook, temporary)
        with open_gradebook(course, temporary) as gradebook:
            for student, name, part, value in marks:
                grade = gradebook.find_grade(part, name, name, student)
                grade.manual_score, grade.needs_manual_grade = value, False
            gradebook.db.commit()
    return len(marks)


def find_entries(table, rows, path):
    """Return ``(student, assignment, part, marks)`` for each filled field read by hand."""
    entries = []
    for part in table.parts:
        for row in rows if part.by_hand else []:
            field, student = row.get(f"{table.assignment}:{part.name}") or "", row[STUDENT]
            if not field.strip():
                continue
            if student not in table.marks:
                raise ValueError(f"{path}: {student} has handed in no {table.assignment}.")
            value = read_number(field)
            if value is None or not 0 <= value <= part.points:
                raise ValueError(
                    f"{path}: {field!r} for {student}, {part.name}, is no number from 0 to "
                    f"{part.points:g}."
                )
            entries.append((student, table.assignment, part.name, value))
    return entries

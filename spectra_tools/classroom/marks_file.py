"""A table of marks that a lecturer filled in with a spreadsheet: read, and refused if unclear."""

import csv
from collections import Counter
from difflib import get_close_matches

from spectra_tools.classroom.marks import read_parts

STUDENT = "student"


def read_table(path):
    """Return the lines of a table (CSV), each as a dict from column to field.

    Raises
    ------
    ValueError
        If there is none, it is no text, or a column is there twice.
    """
    try:
        with open(path, newline="", encoding="utf-8-sig") as file:
            # spreadsheets that write a comma in numbers put a semicolon between columns
            between = max(",;\t", key=file.readline().count)
            file.seek(0)
            table = csv.DictReader(file, delimiter=between)
            require_single(table.fieldnames or [], path)
            return list(table)
    except FileNotFoundError:
        raise ValueError(
            f"There is no table {path}: write one with `spectra class marks`, and fill it in."
        ) from None
    except (UnicodeDecodeError, csv.Error):
        raise ValueError(f"{path} is no table: save it as CSV (UTF-8).") from None


def require_single(columns, path):
    """Check that no column is there twice; those without a name are looked at later."""
    for column, n in Counter(columns).items():
        if column and n > 1:
            raise ValueError(f"{path}: the column {column!r} is there twice: keep one.")


def require_clear(course, rows, path):
    """Check that each field of a table can be read in one way only.

    Raises
    ------
    ValueError
        If a student has two lines, a column is none of `spectra class marks`, or a field has none.
    """
    require_columns(course, rows, path)
    students = Counter((row[STUDENT] or "").strip() for row in rows)
    for student, n in students.items():
        if student and n > 1:
            raise ValueError(f"{path}: {student!r} has {n} lines: keep one.")


def require_columns(course, rows, path):
    """Check that fields with something in them are in columns that mean something."""
    known = [STUDENT, *(column for name in course.assignments()
                        for column in name_columns(name, read_parts(course, name)))]  # fmt: skip
    for row in rows:
        if any(field.strip() for field in row.get(None, [])):
            raise ValueError(
                f"{path}: {row[STUDENT]!r} has more fields than there are columns: put a number "
                "with a comma in quotes, or delete what is too much."
            )
        if (row.get("") or "").strip():
            raise ValueError(f"{path}: a column has no name: name it or delete it.")
    for column in rows[0] if rows else []:
        if column and column not in known:
            (near,) = get_close_matches(column, known, n=1, cutoff=0)
            raise ValueError(
                f"{path}: the column {column!r} is unknown: rename it ({near!r}?) or delete it."
            )


def name_columns(name, parts):
    """Return the columns of an assignment with these parts."""
    return [*(f"{name}:{part.name}" for part in parts), f"{name} total", f"{name} of"]


def read_number(field):
    """Return the number in a field, with a point or a comma; None if it is none."""
    try:
        return float(field.replace(",", "."))
    except ValueError:
        return None

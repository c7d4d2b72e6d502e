"""`spectra class report`: what a class found easy, what it found hard, and why."""

import html

import numpy as np

from spectra_helpers.files import replace_when_done
from spectra_tools.classroom.marks import read_marks
from spectra_tools.classroom.outcomes import find_most_common, read_outcome

PAGE = """<!DOCTYPE html>
<html lang="en"><head><meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{name}: class report</title>
<style>
body {{ font: 16px/1.5 system-ui, sans-serif; color: #222; max-width: 60rem; margin: 2rem auto;
       padding: 0 1rem; }}
table {{ border-collapse: collapse; width: 100%; font-size: 0.9rem; }}
th, td {{ text-align: left; padding: 0.3rem 0.6rem; border-bottom: 1px solid #ddd;
         vertical-align: top; }}
td.n, th.n {{ text-align: right; white-space: nowrap; }}
td {{ overflow-wrap: anywhere; }} td.name {{ white-space: nowrap; }}
figcaption {{ color: #595959; }}
</style></head><body>
<h1>{name}: class report</h1>
<p>{summary}</p>
{figure}
<h2>Parts</h2>
<p>The difficulty index is the share of its marks that the class got: near 1 is
easy, near 0 is hard.</p>
{parts}
<h2>Students</h2>
{students}
</body></html>
"""


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
    page = PAGE.format(
        name=html.escape(name), summary=summarize(table), figure=figure,
        parts=make_table(HEAD, list_parts(table, share, outcomes)),
        students=make_table(STUDENT_HEAD, list_students(table, outcomes)),
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


def share_of_marks(table):
    """Return marks over the most possible, shape (n_students, n_parts); NaN waits to be read."""
    marks = [[own[part.name] for part in table.parts] for own in table.marks.values()]
    return np.array(marks, dtype=float) / [part.points or np.nan for part in table.parts]


def short_name(table, part):
    """Return a part's name without that of its assignment: ``shares`` for ``ps1_shares_check``."""
    return part.name.removeprefix(f"{table.assignment}_").removesuffix("_check").replace("_", " ")


def summarize(table):
    """Return how many students, the median and the number of texts that wait."""
    totals = [sum(mark or 0 for mark in own.values()) for own in table.marks.values()]
    waiting = sum(mark is None for own in table.marks.values() for mark in own.values())
    text = f"{len(totals)} students, median {np.median(totals):g} of {table.most:g} marks"
    text += f", from {min(totals):g} to {max(totals):g}."
    if waiting:
        text += f" Texts that wait to be read, and count as 0 here: {waiting}."
    return text


HEAD = ("part", "marks", "mean", "difficulty index", "failed", "most common failed check")
STUDENT_HEAD = ("student", "marks", "what the grader noticed")


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


def list_students(table, outcomes):
    """Return the lines of the table of students: their marks, and what the grader had to note."""
    lines = []
    for student, own in table.marks.items():
        outcome = outcomes.get(student)
        notes = outcome.notes + find_limits(outcome.failures) if outcome else []
        total = sum(mark or 0 for mark in own.values())
        lines.append((student, f"{total:g}", " ".join(notes)))
    return lines


OURS = ("TimeLimit:", "MemoryLimit:", "ProcessLimit:", "KernelDied:", "ChecksSwitchedOff:",
        "ForgedMarks:", "NotRun: An earlier")  # fmt: skip


def find_limits(failures):
    """Return what the grader itself had to say, once each: limits, ended kernels, forged checks."""
    found = [text.partition(": ")[2] for text in failures.values() if text.startswith(OURS)]
    return list(dict.fromkeys(found))


def make_table(head, lines):
    """Return an HTML table; whatever students have written is escaped."""
    numbers = {"marks", "mean", "difficulty index", "failed"}
    kinds = ["n" if word in numbers else "name" if word in ("part", "student") else ""
             for word in head]  # fmt: skip

    def row(tag, fields):
        cells = zip(kinds, fields, strict=True)
        return "".join(f'<{tag} class="{kind}">{html.escape(text)}</{tag}>' for kind, text in cells)

    body = "\n".join(f"<tr>{row('td', line)}</tr>" for line in lines)
    return f"<table><thead><tr>{row('th', head)}</tr></thead>\n<tbody>{body}</tbody></table>"

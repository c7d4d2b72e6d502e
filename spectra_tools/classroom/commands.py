"""The commands ``spectra class ...`` for lecturers (``assignments/README.md``)."""

from pathlib import Path
from typing import Annotated

import typer

from spectra_tools.command.errors import report_errors

app = typer.Typer(
    help="Give out, grade and report the assignments of assignments/ (for lecturers).",
    no_args_is_help=True,
    rich_markup_mode=None,
)

Names = Annotated[list[str] | None, typer.Argument(help="Assignments; none: all.", metavar="PS...")]
Name = Annotated[str, typer.Argument(help="Assignment, such as ps1.", metavar="PS")]
Seconds = Annotated[float, typer.Option(help="Seconds that a notebook may take.", min=1)]
Memory = Annotated[float, typer.Option(help="GB of memory that a notebook may take.", min=0.2)]


@app.callback()
def choose_course(
    context: typer.Context,
    course: Annotated[
        Path | None, typer.Option(help="Folder with nbgrader_config.py.", metavar="FOLDER")
    ] = None,
):
    """Remember which course the command is about."""
    context.obj = course


@app.command()
@report_errors
def release(
    context: typer.Context, names: Names = None, seconds: Seconds = 300, memory: Memory = 3
):
    """Write the zip for students.

    It holds no solutions and no hidden checks, but a note on what to do.
    """
    from spectra_tools.classroom.course import find_course

    course = find_course(context.obj)
    from spectra_tools.classroom.release import release_assignments

    for path in release_assignments(course, names or [], make_limits(seconds, memory)):
        typer.echo(f"Wrote {path}.")


@app.command()
@report_errors
def grade(
    context: typer.Context,
    name: Name,
    submissions: Annotated[
        Path, typer.Argument(help="Folder or zip of what was handed in.", metavar="FOLDER")
    ],
    seconds: Seconds = 300,
    memory: Memory = 3,
    jobs: Annotated[int, typer.Option(help="Notebooks at the same time.", min=1)] = 1,
):
    """Grade what students handed in.

    Each notebook runs in a process of its own, within limits and without a network; a third of the
    time may go into one cell. FOLDER holds <student>/ps1.ipynb, or files named by student:
    <student>.ipynb or <student>_ps1.ipynb.
    """
    from spectra_tools.classroom.course import find_course

    course = find_course(context.obj)
    from spectra_tools.classroom.grade import grade_submissions
    from spectra_tools.classroom.sandbox import NO_SANDBOX, has_sandbox

    if not has_sandbox():
        typer.echo(f"Warning: {NO_SANDBOX}", err=True)
    graded = grade_submissions(course, name, submissions, make_limits(seconds, memory), jobs)
    for student, notes in graded.notes.items():
        for note in notes:
            typer.echo(f"{student}: {note}", err=True)
    for problem in graded.problems:
        typer.echo(f"Left out: {problem}", err=True)
    typer.echo(f"Graded {graded.n} submissions of {name}. Next: spectra class report {name}")


@app.command()
@report_errors
def marks(
    context: typer.Context,
    names: Names = None,
    out: Annotated[Path, typer.Option("-o", help="Table (CSV) to write.")] = Path("marks.csv"),
    enter: Annotated[
        Path | None,
        typer.Option(help="Enter marks for texts, filled into such a table.", metavar="TABLE"),
    ] = None,
):
    """Write a table (CSV) of marks.

    It has a line for each student and a column for each part.
    """
    from spectra_tools.classroom.course import find_course

    course = find_course(context.obj)
    from spectra_tools.classroom.marks import enter_marks, write_marks

    if enter:
        typer.echo(f"Entered {enter_marks(course, enter)} marks from {enter}.")
        return
    n_students, n_waiting = write_marks(course, names or [], out)
    typer.echo(f"Wrote {out}: {n_students} students. Texts that wait to be read: {n_waiting}.")


@app.command()
@report_errors
def feedback(context: typer.Context, name: Name):
    """Write a page (HTML) for each student.

    It shows marks, messages of the checks and comments.
    """
    from spectra_tools.classroom.course import find_course

    course = find_course(context.obj)
    from spectra_tools.classroom.feedback import write_feedback

    pages = write_feedback(course, name)
    typer.echo(f"Wrote {len(pages)} pages into {course.root / 'feedback'}.")


@app.command()
@report_errors
def report(context: typer.Context, name: Name):
    """Write the class report (HTML).

    It shows marks and difficulty of each part, and the most common failed checks.
    """
    from spectra_tools.classroom.course import find_course

    course = find_course(context.obj)
    from spectra_tools.classroom.report import write_report

    typer.echo(f"Wrote {write_report(course, name)}.")


def make_limits(seconds, memory):
    """Return the limits of a notebook; a third of its time may go into one cell."""
    from spectra_tools.classroom.limits import Limits

    return Limits(seconds, seconds / 3, memory)

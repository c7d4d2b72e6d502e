"""How long does it take to grade a class of 30? Simulated hand-ins, good and wrong, of one set.

Run it with ``python -m benchmarks.classroom``; it makes a course in a new folder, writes 30
submissions, runs ``spectra class grade``, ``feedback``, ``report`` and ``marks`` on them, and
prints the times. About 8 minutes on two cores. The tests use `fill_in` and `make_course` as well.
"""

import re
import shutil
import tempfile
import textwrap
import time
from copy import deepcopy
from pathlib import Path
from typing import Annotated

import nbformat
import typer

from spectra_tools.classroom.course import Course
from spectra_tools.classroom.feedback import write_feedback
from spectra_tools.classroom.grade import grade_submissions
from spectra_tools.classroom.limits import Limits
from spectra_tools.classroom.marks import write_marks
from spectra_tools.classroom.rebuild import grade_id
from spectra_tools.classroom.release import release_assignments
from spectra_tools.classroom.report import write_report

ASSIGNMENTS = Path(__file__).parents[1] / "assignments"
REGION = re.compile(r"^( *)### BEGIN SOLUTION\n.*?### END SOLUTION\n?", re.DOTALL | re.MULTILINE)

# Wrong answers, by cell; sets without any are answered well by all
WRONG = {
    "ps1_shares": "return [0.25, 0, 0.75]",  # what the visible check asks for
    "ps1_redshift": "return wavelength[np.argmax(flux)] / HALPHA - 1",
    "ps1_energy": "return flux / np.sqrt((flux**2).sum(axis=0, keepdims=True))",
    "ps1_noise": (
        "noise = np.random.default_rng(1).standard_normal((200, 3000))\n"
        "return smooth_savgol(noise, window, polyorder).var() / noise.var()"
    ),
}


def fill_in(source, wrong=(), student=""):
    """Return a source notebook as a student hands it in: answers without their marks.

    Parameters
    ----------
    source : NotebookNode
    wrong : sequence of str
        Cells with the wrong answers of `WRONG`; the others have right ones.
    student : str
        What stands in the first code cell.
    """
    notebook = deepcopy(source)
    for cell in notebook.cells:
        if grade_id(cell) in wrong:
            answer = WRONG[grade_id(cell)]
            cell.source = REGION.sub(
                lambda m, a=answer: textwrap.indent(a, m[1]) + "\n", cell.source
            )
        cell.source = re.sub(r" *### (BEGIN|END) SOLUTION\n?", "", cell.source)
        cell.source = cell.source.replace('STUDENT_ID = ""', f"STUDENT_ID = {student!r}")
    return notebook


def make_course(folder, names=None):
    """Copy the sources of the assignments into a course of its own."""
    folder.mkdir(parents=True)
    shutil.copy(ASSIGNMENTS / "nbgrader_config.py", folder)
    for name in names or Course(ASSIGNMENTS).assignments():
        shutil.copytree(ASSIGNMENTS / "source" / name, folder / "source" / name)
    return Course(folder.resolve())


def hand_in(course, name, folder, n):
    """Write `n` submissions: every third is right, the others have one wrong answer or more."""
    source = nbformat.read(course.source(name) / f"{name}.ipynb", as_version=4)
    mistakes = [cell for cell in WRONG if cell.startswith(name)]
    for i in range(n):
        wrong = [mistakes[j % len(mistakes)] for j in range(i, i + i % 3)] if mistakes else []
        path = folder / f"student{i + 1:02d}" / f"{name}.ipynb"
        path.parent.mkdir(parents=True)
        nbformat.write(fill_in(source, wrong, path.parent.name), path)
    empty = course.root / "release" / name / f"{name}.ipynb"
    shutil.copy(empty, folder / "student01")  # nothing is answered
    (folder / "student02" / f"{name}.ipynb").write_text("{")  # damaged
    (folder / "student03" / f"{name}.ipynb").rename(folder / "student03" / "Untitled.ipynb")


def main(
    name: Annotated[str, typer.Argument(help="The assignment.")] = "ps1",
    n: Annotated[int, typer.Option("--n", help="Number of submissions.", min=3)] = 30,
    jobs: Annotated[int, typer.Option(help="Notebooks at the same time.", min=1)] = 2,
    out: Annotated[Path | None, typer.Option("-o", help="Folder, not there yet.")] = None,
):
    """Grade simulated hand-ins and print the times."""
    out = out or Path(tempfile.mkdtemp(prefix="spectra-class-"))
    course, limits = make_course(out / "course", [name]), Limits()
    steps = {
        "release": lambda: release_assignments(course, [name], limits),
        "hand in": lambda: hand_in(course, name, out / "handed_in", n),
        "grade": lambda: grade_submissions(course, name, out / "handed_in", limits, jobs),
        "feedback": lambda: write_feedback(course, name),
        "report": lambda: write_report(course, name),
        "marks": lambda: write_marks(course, [name], out / "marks.csv"),
    }
    for step, work in steps.items():
        start = time.perf_counter()
        work()
        typer.echo(f"{step:10} {time.perf_counter() - start:6.0f} s")
    typer.echo(f"{n} submissions of {name}, {jobs} at the same time: see {out}")


if __name__ == "__main__":
    typer.run(main)

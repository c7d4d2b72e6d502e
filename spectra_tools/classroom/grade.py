"""`spectra class grade`: grade a folder of submissions into nbgrader's gradebook."""

import json
import subprocess
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor, as_completed
from copy import deepcopy
from dataclasses import asdict, dataclass
from pathlib import Path

import nbformat
from nbformat.v4 import new_code_cell, new_notebook
from nbgrader.converters import Autograde
from nbgrader.preprocessors import (
    AssignLatePenalties,
    CheckCellMetadata,
    IgnorePattern,
    LimitOutput,
    NbGraderPreprocessor,
    SaveAutoGrades,
)
from tqdm import tqdm

from spectra_tools.classroom.execute import FAULT_OF_COMPUTER
from spectra_tools.classroom.intake import find_submissions, unpack, unwrap
from spectra_tools.classroom.limits import STARTUP, require_room
from spectra_tools.classroom.rebuild import add_notes, count_cells, read_notebook, rebuild
from spectra_tools.classroom.sandbox import list_fonts
from spectra_tools.classroom.verdict import add_error

OUTPUTS = "outputs"  # folder of the notebooks that were run
NOTHING = "Nothing was graded, and all marks are as they were. Mend this and grade again."
GRACE = 60 + STARTUP  # seconds to start and end a kernel, beyond what the notebook may take
# jsonschema uses this package where it is: importing it takes 3 s, and no notebook needs it
EXECUTE = """
import sys
sys.modules["rfc3987_syntax"] = None
from spectra_tools.classroom.execute import main
main()
"""


@dataclass(frozen=True)
class Graded:
    """How the grading of a folder went: number of submissions, notes by student, stray files."""

    n: int
    notes: dict
    problems: list


class TakeOutputs(NbGraderPreprocessor):
    """Stands in the place of nbgrader's own `Execute`: the notebooks have been run before."""

    def preprocess(self, nb, resources):
        """Return the notebook of this student with its outputs."""
        student = resources["nbgrader"]["student"]
        # nbgrader works in the folder of the course
        return nbformat.read(Path(OUTPUTS) / f"{student}.ipynb", as_version=4), resources


RECORD = [
    TakeOutputs, IgnorePattern, LimitOutput, SaveAutoGrades, AssignLatePenalties, CheckCellMetadata,
]  # fmt: skip


def grade_submissions(course, name, place, limits, jobs=1):
    """Grade what students handed in; what was graded before is replaced.

    Parameters
    ----------
    course : Course
    name : str
        The assignment.
    place : Path
        Folder or zip; `spectra_tools.classroom.intake` says how it may look.
    limits : Limits
        Of each notebook.
    jobs : int
        How many notebooks run at the same time.

    Returns
    -------
    Graded

    Raises
    ------
    ValueError
        If `place` holds no submission or is where grading writes, the assignment's source is
        wrong, or this computer cannot run notebooks. The gradebook is then as it was.
    OSError
        If a disk is full. The gradebook is then as it was, too.
    """
    place = Path(place).resolve()
    if not place.exists():
        raise ValueError(f"{place} is not there: check the path.")
    require_outside(course, place)
    for folder in (course.root, tempfile.gettempdir()):
        require_room(folder)
    with (
        tempfile.TemporaryDirectory(prefix="spectra-", ignore_cleanup_errors=True) as folder,
        course.stage(name) as stage,
    ):
        scratch = Path(folder).resolve()
        submissions, problems = collect(stage, name, place, scratch)
        ready = prepare(stage, name, submissions)
        stage.convert(Autograde, name, autograde_preprocessors=[])
        (stage.root / OUTPUTS).mkdir()
        task = {
            "limits": asdict(limits), "folder": str(scratch), "fonts": list_fonts(),
            "closed": [str(path) for path in (course.root, place, scratch, find_git(course))],
        }  # fmt: skip
        run_all(stage, name, ready, task, jobs)
        stage.convert(Autograde, name, autograde_preprocessors=RECORD)
    notes = {entry.student: entry.notes for entry in submissions if entry.notes}
    return Graded(len(submissions), notes, problems)


def require_outside(course, place):
    """Check that hand-ins do not lie where grading would put its own files in their place."""
    for step in ("submitted", "autograded"):
        if place.is_relative_to((course.root / step).resolve()):
            raise ValueError(
                f"{place} is in the course's own folder {step}: copy it to another folder first, "
                "and grade the copy. Grading writes there, and would replace what was handed in."
            )


def collect(stage, name, place, scratch):
    """Return (submissions, problems); `ValueError` if there is no submission at all."""
    archive, left_out = place, []
    release = nbformat.read(release_path(stage, name), as_version=4)

    def count(path):
        return count_cells(path, release)

    if place.is_file():
        folder = scratch / "unpacked"
        folder.mkdir()
        left_out = unpack(place, folder)
        place = unwrap(folder, name, count)
    found, problems = find_submissions(place, name, count)
    if not found:
        raise ValueError(
            f"There is no submission in {archive}: it should hold a folder with {name}.ipynb for "
            "each student, or notebooks named by student."
        )
    return found, left_out + problems


def release_path(stage, name):
    """Return the released notebook of an assignment."""
    return stage.root / "release" / name / f"{name}.ipynb"


def prepare(stage, name, submissions):
    """Write sound notebooks into ``submitted/``; return ``{student: whether it can be run}``."""
    release = nbformat.read(release_path(stage, name), as_version=4)
    ready = {}
    for entry in submissions:
        notebook = deepcopy(release)
        ready[entry.student] = False
        if entry.path:
            try:
                notebook, notes = rebuild(read_notebook(entry.path), release)
                ready[entry.student] = True
            except ValueError as error:
                notes = [str(error)]
            entry.notes += notes
        add_notes(notebook, entry.notes)
        target = stage.root / "submitted" / entry.student / name / f"{name}.ipynb"
        target.parent.mkdir(parents=True)
        nbformat.write(notebook, target)
    return ready


def find_git(course):
    """Return where Git keeps the history of the course: it holds the sources as well."""
    folders = (course.root, *course.root.parents)
    return next((folder / ".git" for folder in folders if (folder / ".git").exists()), course.root)


def run_all(stage, name, ready, task, jobs):
    """Run all notebooks, a few at the same time, each in a process of its own."""
    with ThreadPoolExecutor(jobs) as pool:
        works = [pool.submit(run_one, stage, name, student, sound, task)
                 for student, sound in ready.items()]  # fmt: skip
        try:
            done = as_completed(works)
            for work in tqdm(done, f"grading {name}", len(works), unit="notebook", disable=None):
                work.result()
        except BaseException:
            pool.shutdown(cancel_futures=True)
            raise


def run_one(stage, name, student, sound, task):
    """Run one notebook; whatever the student wrote, a notebook with outputs is there at the end."""
    notebook = stage.root / "autograded" / student / name / f"{name}.ipynb"
    out = stage.root / OUTPUTS / f"{student}.ipynb"
    reason = "There is no notebook that can be run."
    if sound:
        reason = call_execute(notebook, out, student, task)
        if reason:  # is it the notebook, or this computer?
            require_running(stage, task)
    if reason:
        write_failure(notebook, out, reason)


def require_running(stage, task):
    """Check that this computer runs a notebook in which nothing can go wrong."""
    with tempfile.TemporaryDirectory(dir=stage.root) as folder:
        notebook, out = Path(folder) / "sound.ipynb", Path(folder) / "out.ipynb"
        nbformat.write(new_notebook(cells=[new_code_cell("pass")]), notebook)
        reason = call_execute(notebook, out, "nobody", task)
    if reason:
        raise ValueError(f"No notebook can be run here: {reason} {NOTHING}")


def call_execute(notebook, out, student, task):
    """Run a notebook in a new process; return why it failed, or None.

    Raises
    ------
    ValueError
        If this computer is at fault, which is never a mark; one failure is forgiven.
    """
    path = out.with_suffix(".json")
    own = {"notebook": str(notebook), "out": str(out), "student": student}
    path.write_text(json.dumps(task | own), encoding="utf-8")
    command = [sys.executable, "-c", EXECUTE, str(path)]
    settings = {"capture_output": True, "encoding": "utf-8", "errors": "replace"}
    seconds = task["limits"]["seconds"] + GRACE
    for _ in range(2):
        try:
            done = subprocess.run(command, timeout=seconds, check=False, **settings)
        except subprocess.TimeoutExpired:
            return "The notebook did not come to an end."
        if done.returncode == 0:
            return None
        if done.returncode != FAULT_OF_COMPUTER:
            return (done.stderr.strip().splitlines() or ["The notebook could not be run."])[-1]
    raise ValueError(f"{done.stdout.strip()} {NOTHING}")


def write_failure(notebook, out, reason):
    """Write a notebook in which every check has failed, for `reason`."""
    failed = nbformat.read(notebook, as_version=4)
    for cell in failed.cells:
        if cell.cell_type == "code":
            add_error(cell, "NotRun", reason)
    nbformat.write(failed, out)

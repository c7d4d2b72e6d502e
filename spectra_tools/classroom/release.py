"""`spectra class release`: what students get, without solutions and without hidden checks."""

import zipfile

from tqdm import tqdm

from spectra_helpers.files import replace_when_done
from spectra_tools.classroom.course import replace_folder
from spectra_tools.classroom.marks import read_parts

NOTE = """\
{name}.ipynb: what to do

1. Use the Python of the lessons: `python3 run.py` in their folder opens JupyterLab (on Windows
   `py run.py`); with conda, `conda activate spectra` and `jupyter lab`. Nothing else is needed.
2. Put {name}.ipynb where JupyterLab sees it, and open it.
3. Write your student id into the first code cell. Your spectra are made from it: nobody else has
   the same, so neither are your answers those of others.
4. Write your answers where it says YOUR CODE HERE or YOUR ANSWER HERE. Neither delete nor copy
   cells; new ones are welcome.
5. Before you hand in: Kernel > Restart Kernel and Run All Cells. Then hand in {name}.ipynb under
   this very name.

The grader runs the notebook anew, with more checks than you see, without a network, with about
{minutes} minutes and {memory:g} GB of memory for it all. It starts no other programs: leave out
`!commands` and `n_jobs`.
"""


def release_assignments(course, names, limits):
    """Write the students' zip of each assignment.

    Parameters
    ----------
    course : Course
    names : sequence of str
        Assignments; none means all.
    limits : Limits
        Stand in the note for students.

    Returns
    -------
    list of Path
        The zip files, in ``release/``.

    Raises
    ------
    ValueError
        If an assignment is not there or its source is wrong; nothing is written of this one.
    """
    names = list(names) or course.assignments()
    for name in names:
        course.source(name)
    (course.root / "release").mkdir(exist_ok=True)
    return [release_one(course, name, limits) for name in tqdm(names, "release", disable=None)]


def release_one(course, name, limits):
    """Make the release of one assignment and its zip."""
    with course.stage(name) as stage:
        folder = stage.root / "release" / name
        if read_parts(
            stage, name
        ):  # the concept inventory has no marks, and says itself what to do
            note = NOTE.format(name=name, minutes=round(limits.seconds / 60), memory=limits.memory)
            (folder / "README.txt").write_text(note, encoding="utf-8")
        target = course.root / "release" / name
        with replace_when_done(target.with_suffix(".zip")) as temporary:
            write_zip(folder, temporary)
        replace_folder(folder, target)
    return target.with_suffix(".zip")


def write_zip(folder, path):
    """Put the files of a folder into a zip, under the folder's name."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for file in sorted(folder.rglob("*")):
            if file.is_file():
                archive.write(file, file.relative_to(folder.parent).as_posix())

"""`spectra class release`: what students get, without solutions and without hidden checks."""

import zipfile

from tqdm import tqdm

from spectra_helpers.files import replace_when_done
from spectra_tools.classroom.course import replace_folder
from spectra_tools.classroom.gradebook import read_parts
from spectra_tools.classroom.templates import render


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
        # the concept inventory has no marks, and says itself what to do
        if read_parts(stage, name):
            values = {"minutes": round(limits.seconds / 60), "memory": limits.memory}
            note = render("release.txt", name=name, **values)
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

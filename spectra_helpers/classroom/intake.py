"""Find the submissions in a folder or zip of which nothing is known for sure.

Each of these is understood, and they may be mixed:

- a folder for each student: ``FOLDER/<student>/ps1.ipynb``, also deeper, such as nbgrader's own
  ``<student>/ps1/ps1.ipynb`` or a clone of the student's repository;
- files named by student: ``<student>.ipynb``, ``<student>_ps1.ipynb`` or ``ps1_<student>.ipynb``;
- a zip of either.
"""

import lzma
import re
import shutil
import unicodedata
import zipfile
import zlib
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath

DAMAGED = (zipfile.BadZipFile, zlib.error, lzma.LZMAError, RuntimeError, NotImplementedError,
           EOFError)  # fmt: skip
LARGEST = 20_000_000  # bytes of a notebook: with outputs and pictures they have about one million
LARGEST_ARCHIVE = 2_000_000_000
SAYS_UTF8 = 0x800  # flag of a member of a zip
# an id becomes the name of folders, on every system; brackets mean something to nbgrader and to
# browsers, which call a second download "ada (2)"
STUDENT = re.compile(r"\w[^<>:\"/\\|?*()\[\]{}]{0,80}")
DEVICES = re.compile(r"(con|prn|aux|nul|(com|lpt)\d)(\..*)?", re.IGNORECASE)  # of Windows
SKIPPED = {".ipynb_checkpoints", "__MACOSX", ".git", ".trash"}


@dataclass
class Submission:
    """What one student handed in.

    `path` is the notebook, or None if there is none; `notes` are for student and lecturer.
    """

    student: str
    path: Path | None
    notes: list[str] = field(default_factory=list)


def find_submissions(place, name, count_cells):
    """Return the submissions for an assignment.

    Parameters
    ----------
    place : Path
        A folder; see above for what may be in it.
    name : str
        The assignment, such as ``"ps1"``.
    count_cells : callable
        Gets a path and returns how many cells of the assignment are in this notebook (0 if it
        cannot be read): so a notebook with a wrong name is known by what it holds.

    Returns
    -------
    submissions : list of Submission
        Sorted by student.
    problems : list of str
        Files that belong to nobody.
    """
    place, found, problems = place.resolve(), {}, []
    for path in list_notebooks(place):
        student = find_owner(path, place, name)
        if can_own(student, name):
            found.setdefault(student, []).append(path)
        else:
            problems.append(f"{path.relative_to(place).as_posix()} does not tell the student's id.")
    for folder in sorted(place.iterdir()):
        if folder.is_dir() and not folder.is_symlink() and is_student(folder.name):
            found.setdefault(normalize(folder.name), [])
    chosen = [choose(student, paths, name, count_cells) for student, paths in found.items()]
    return sorted(chosen, key=lambda submission: submission.student), problems


def is_student(word):
    """Tell whether a word can be a student's id; it becomes the name of folders."""
    safe = STUDENT.fullmatch(word) and word.isprintable() and word == word.strip(" .")
    return bool(safe) and not DEVICES.fullmatch(word) and word not in SKIPPED


def normalize(word):
    """Return a name with each accent in its letter: macOS writes the two apart."""
    return unicodedata.normalize("NFC", word)


def find_owner(path, place, name):
    """Return whose notebook this is, by its folder in `place` or its own name."""
    parts = path.relative_to(place).parts
    return normalize(parts[0]) if len(parts) > 1 else student_of(path.stem, name)


def can_own(word, name):
    """Tell whether a word can be the id of somebody who hands in this assignment."""
    return is_student(word) and word.casefold() != name.casefold()


def is_notebook(path):
    """Tell whether a name ends like that of a notebook, in capitals too."""
    return path.suffix.casefold() == ".ipynb"


def list_notebooks(place):
    """Return the notebooks below a folder, without links and without copies that Jupyter keeps."""
    place = place.resolve()
    return [
        path
        for path in sorted(place.rglob("*"))
        if is_notebook(path)
        and path.is_file()
        and path.resolve() == path
        and not path.name.startswith(".")
        and not SKIPPED.intersection(path.relative_to(place).parts)
    ]


def is_named(path, name):
    """Tell whether a notebook is called as it was given out, be it in capitals."""
    return path.name.casefold() == f"{name}.ipynb".casefold()


def student_of(stem, name):
    """Return whose notebook a flat file is: ``ps1_ada``, ``ada-ps1`` and ``ada`` are all of ada."""
    stem = re.sub(rf"^{name}[ _-]+|[ _-]+{name}( ?\(\d+\))?$", "", stem, flags=re.IGNORECASE)
    return normalize(stem.strip())


def choose(student, paths, name, count_cells):
    """Return the one notebook of a student that counts, and say why."""
    submission = Submission(student, None)
    if not paths:
        submission.notes.append(f"There is no notebook; {name}.ipynb was expected.")
        return submission
    counts = {path: count_cells(path) for path in paths}
    known = [path for path in paths if counts[path]] or paths  # other sets may lie beside this one
    exact = [path for path in known if is_named(path, name)]
    submission.path = max(exact or known, key=lambda path: (counts[path], -len(path.parts)))
    if len(known) > 1:
        submission.notes.append(f"Of {len(known)} notebooks {submission.path.name} was graded.")
    flat = student_of(submission.path.stem, name) == student
    if not is_named(submission.path, name) and not flat:
        submission.notes.append(
            f"The notebook is called {submission.path.name}, not {name}.ipynb; it was graded."
        )
    return submission


def unpack(archive, folder):
    """Unpack the notebooks of a zip that nobody vouches for.

    Raises
    ------
    ValueError
        If it is no zip, is damaged or holds too much.
    """
    try:
        with zipfile.ZipFile(archive) as file:
            members = [member for member in file.infolist() if wanted(member)]
            if sum(member.file_size for member in members) > LARGEST_ARCHIVE:
                raise ValueError(f"{archive} holds more than {LARGEST_ARCHIVE / 1e9:g} GB.")
            for member in members:
                target = folder.joinpath(*split_name(member))
                target.parent.mkdir(parents=True, exist_ok=True)
                with file.open(member) as source, open(target, "wb") as out:
                    shutil.copyfileobj(source, out)
    except DAMAGED as error:
        raise ValueError(f"{archive} is no zip that can be read: {error}") from error


def unwrap(folder, name, count_cells):
    """Return where the submissions are: `folder`, or the one folder that all of them lie in.

    A student's own folder stays as it is, though it may hold several notebooks: it has one under
    the name given out or under the student's, or all of this assignment in one folder.
    """
    inside = list(folder.iterdir())
    if len(inside) != 1 or not inside[0].is_dir():
        return folder
    outer = inside[0]
    if not can_own(outer.name, name):
        return outer
    owners = {find_owner(path, outer, name).casefold() for path in list_notebooks(outer)
              if is_named(path, name) or count_cells(path)}  # fmt: skip
    one_student = len(owners) < 2 or owners & {name.casefold(), outer.name.casefold()}
    return folder if one_student else outer


def split_name(member):
    """Return the parts of a name in a zip; macOS writes UTF-8 and does not say so."""
    name = member.filename
    if not member.flag_bits & SAYS_UTF8:
        with suppress(UnicodeError):
            name = name.encode("cp437").decode()
    return PurePosixPath(normalize(name.replace("\\", "/"))).parts


def wanted(member):
    """Tell whether a member of a zip is a notebook that stays inside the folder."""
    parts = split_name(member)
    safe = parts and all(
        re.fullmatch(r"\w[^<>:\"|?*\x00-\x1f]*", part) and not DEVICES.fullmatch(part)
        for part in parts
    )
    return bool(safe) and is_notebook(PurePosixPath(parts[-1])) and member.file_size <= LARGEST

"""Find the submissions in a folder or zip of which nothing is known for sure.

Each of these is understood, and they may be mixed:

- a folder for each student: ``FOLDER/<student>/ps1.ipynb``, also deeper, such as nbgrader's own
  ``<student>/ps1/ps1.ipynb`` or a clone of the student's repository;
- files named by student: ``<student>.ipynb``, ``<student>_ps1.ipynb`` or ``ps1_<student>.ipynb``;
- a zip of either, which may be damaged, hostile, or hold more than there is room for.
"""

import re
import unicodedata
import zipfile
from contextlib import suppress
from dataclasses import dataclass, field
from itertools import takewhile
from pathlib import Path, PurePosixPath

from spectra_tools.archives import explain_damage, is_storable

LARGEST = 20_000_000  # bytes of a notebook: with outputs and pictures they have about one million
LARGEST_ARCHIVE = 2_000_000_000
# brackets mean something to nbgrader and to browsers, which call a second download "ada (2)"
STUDENT = re.compile(r"\w[^()\[\]{}]{0,80}")
SKIPPED = {".ipynb_checkpoints", "__MACOSX", ".git", ".trash"}
ENCRYPTED, SAYS_UTF8 = 0x1, 0x800  # flags of a member of a zip
DEPTH = 2  # folders to make even if no notebook is in them: the class's and the students'


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
        Files and folders that belong to nobody.
    """
    place, found, strays = place.resolve(), {}, []
    for path in list_notebooks(place):
        student = find_owner(path, place, name)
        if can_own(student, name):
            found.setdefault(student, []).append(path)
        else:
            strays.append(path.relative_to(place))
    told = {path.parts[0] for path in strays}
    for folder in list_folders(place):
        if can_own(normalize(folder.name), name):
            found.setdefault(normalize(folder.name), [])
        elif folder.name not in told:
            strays.append(folder.relative_to(place))
    chosen = [choose(student, paths, name, count_cells) for student, paths in found.items()]
    problems = [f"{path.as_posix()} does not tell the student's id." for path in strays]
    return sorted(chosen, key=lambda submission: submission.student), problems


def list_folders(place):
    """Return the folders in a folder, without links and without what programs keep there."""
    folders = [path for path in sorted(place.iterdir()) if path.is_dir() and not path.is_symlink()]
    return [folder for folder in folders if not is_hidden(folder.name)]


def is_hidden(word):
    """Tell whether a file or folder belongs to a program and not to a student."""
    return word.startswith(".") or word in SKIPPED


def is_student(word):
    """Tell whether a word can be a student's id: it becomes the name of folders and files."""
    plain = STUDENT.fullmatch(word) and word.isprintable() and word == word.strip(" .")
    return bool(plain) and is_storable(f"{word}.ipynb") and not is_hidden(word)


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
    """Unpack the notebooks of a zip, and the students' folders even if they hold none.

    Parameters
    ----------
    archive, folder : Path

    Returns
    -------
    list of str
        Notebooks that were left out, and why.

    Raises
    ------
    ValueError
        If it is no zip, is damaged or holds too much.
    """

    def describe(error):
        return ValueError(f"{archive} is no zip that can be read: {error}")

    with explain_damage(describe), zipfile.ZipFile(archive) as file:
        notebooks = list(filter(holds_notebook, file.infolist()))
        problems = {member.filename: find_problem(member) for member in notebooks}
        wanted = [member for member in notebooks if not problems[member.filename]]
        require_room(archive, wanted)
        for member in file.infolist():
            make_folders(member, folder)
        for member in wanted:
            member.filename = "/".join(split_name(member))
            file.extract(member, folder)
    return list(filter(None, problems.values()))


def require_room(archive, members):
    """Check that members of a zip can be unpacked; no member gives more bytes than it says."""
    if sum(member.file_size for member in members) > LARGEST_ARCHIVE:
        raise ValueError(f"{archive} holds more than {LARGEST_ARCHIVE / 1e9:g} GB.")
    if any(member.flag_bits & ENCRYPTED for member in members):
        raise ValueError(f"{archive} needs a password: unpack it, and grade the folder.")


def holds_notebook(member):
    """Tell whether a member of a zip is a notebook, and no copy that a program keeps."""
    parts = split_name(member)
    hidden = any(is_hidden(part) for part in parts if part != "..")
    return bool(parts) and not hidden and not member.is_dir() and is_notebook(Path(parts[-1]))


def find_problem(member):
    """Return why a notebook stays in its zip, or None: none may land outside the folder."""
    name = "/".join(split_name(member))
    if not all(map(is_safe, split_name(member))):
        return f"{name} has a name that not every computer takes: rename it and grade again."
    if member.file_size > LARGEST:
        return f"{name} is larger than {LARGEST / 1e6:g} MB: let the student clear its outputs."
    return None


def is_safe(part):
    """Tell whether every system takes this part of a path, and stays in the folder with it."""
    return is_storable(part.strip(" ."))  # Windows drops these at the end, and so does zipfile


def make_folders(member, folder):
    """Make the folders that a member of a zip is in: a student's may hold no notebook."""
    parts = split_name(member)
    folders = (parts if member.filename.endswith("/") else parts[:-1])[:DEPTH]
    folders = takewhile(lambda part: is_safe(part) and not is_hidden(part), folders)
    folder.joinpath(*folders).mkdir(parents=True, exist_ok=True)


def unwrap(folder, name, count_cells):
    """Return where the submissions are: `folder`, or the one folder that all of them lie in.

    A student's own folder stays as it is, though it may hold several notebooks: it has one under
    the name given out or under the student's, or all of this assignment in one folder.
    """
    inside = {path.relative_to(folder).parts[0] for path in list_notebooks(folder)}
    outer = folder / inside.pop() if len(inside) == 1 else folder
    if outer == folder or outer.is_file():
        return folder
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

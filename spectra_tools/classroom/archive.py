"""Unpack a zip of hand-ins that nobody vouches for, and find the class in it."""

import lzma
import re
import shutil
import zipfile
import zlib
from contextlib import suppress
from itertools import takewhile
from pathlib import Path, PurePosixPath

from spectra_tools.classroom.intake import (
    DEVICES,
    LARGEST,
    can_own,
    find_owner,
    is_hidden,
    is_named,
    is_notebook,
    list_notebooks,
    normalize,
)

DAMAGED = (zipfile.BadZipFile, zlib.error, lzma.LZMAError, RuntimeError, NotImplementedError,
           EOFError)  # fmt: skip
LARGEST_ARCHIVE = 2_000_000_000
SAYS_UTF8 = 0x800  # flag of a member
SAFE = re.compile(r"[^.<>:\"/|?*\x00-\x1f][^<>:\"/|?*\x00-\x1f]*")  # part of a path
DEPTH = 2  # folders to make even if no notebook is in them: the class's and the students'


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
    try:
        with zipfile.ZipFile(archive) as file:
            notebooks = list(filter(holds_notebook, file.infolist()))
            problems = {member.filename: find_problem(member) for member in notebooks}
            wanted = [member for member in notebooks if not problems[member.filename]]
            if sum(member.file_size for member in wanted) > LARGEST_ARCHIVE:
                raise ValueError(f"{archive} holds more than {LARGEST_ARCHIVE / 1e9:g} GB.")
            for member in file.infolist():
                make_folders(member, folder)
            for member in wanted:
                target = folder.joinpath(*split_name(member))
                target.parent.mkdir(parents=True, exist_ok=True)
                with file.open(member) as source, open(target, "wb") as out:
                    shutil.copyfileobj(source, out)
    except DAMAGED as error:
        raise ValueError(f"{archive} is no zip that can be read: {error}") from error
    return list(filter(None, problems.values()))


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
    return bool(SAFE.fullmatch(part)) and not DEVICES.fullmatch(part)


def make_folders(member, folder):
    """Make the folders that a member of a zip is in: a student's may hold no notebook."""
    parts = split_name(member)
    folders = (parts if member.is_dir() else parts[:-1])[:DEPTH]
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

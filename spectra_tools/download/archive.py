"""Unpacking an archive that nobody vouches for: the training files in it, checked, and no more."""

import re
import shutil
import stat
import tarfile
import zipfile
from collections.abc import Callable
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import PurePosixPath, PureWindowsPath

import pooch
from tqdm import tqdm

from spectra_helpers.files import check_file, open_spectra, require_space
from spectra_tools.archives import explain_damage, is_device, is_storable
from spectra_tools.download.transfer import INSTEAD

SAFE_NAME = re.compile(r"\w[\w .+-]*\.fits", re.IGNORECASE)
UNSTORABLE = "has a name that not every system can store"
BLOCK = 1 << 20  # bytes copied at once


class BadArchiveError(ValueError):
    """The archive is damaged, hostile, or holds something other than training files."""


@dataclass(frozen=True)
class Member:
    """One file of an archive: its path there, its size in bytes, and how to open it."""

    path: str
    size: int
    open: Callable


def unpack_training_files(archive, folder):
    """Unpack the FITS files of an archive and check each of them.

    Parameters
    ----------
    archive : Path
        Tar (compressed or not) or zip.
    folder : Path
        The files come here under their own names, whatever folder they had in the archive.
        Nothing is replaced that `folder` holds already: give an empty one.

    Returns
    -------
    dict
        For each file name its ``bytes``, ``sha256`` and number of ``spectra``.

    Raises
    ------
    BadArchiveError
        If one member is damaged, has a path that leads elsewhere, is a link or a device, or is a
        FITS file but no good training file. Then none of the files is to be used.
    ValueError
        If the disk is too small.
    """
    with _open_archive(archive) as members:
        members = [member for member in members if _is_wanted(member.path)]
        _require_names(members, archive)
        require_space(folder, sum(member.size for member in members))
        files = {}
        for member in tqdm(members, unit="file", disable=None, desc="Unpack"):
            path = folder / PurePosixPath(member.path).name
            _copy(member, path, archive)
            files[path.name] = _describe(path, archive)
        return files


@contextmanager
def _open_archive(path):
    """Yield the members of an archive, after each has been found harmless."""

    def describe(error):
        return BadArchiveError(f"{path.name} is damaged ({error}): get it again.")

    with explain_damage(describe):
        with open(path, "rb") as file:
            start = file.read(1000).lower()
        is_zip = start.startswith(b"pk\x03\x04")
        if not is_zip and not tarfile.is_tarfile(path):
            found = "a web page" if b"<html" in start else "no tar or zip archive, or damaged"
            raise BadArchiveError(f"{path.name} is {found}: its link may be dead. {INSTEAD}")
        with zipfile.ZipFile(path) if is_zip else tarfile.open(path) as archive:
            yield (_list_zip if is_zip else _list_tar)(archive, path)


def _list_tar(tar, path):
    members = []
    for info in tar.getmembers():
        problem = _find_tar_problem(info, path.parent)
        if problem:
            raise _refuse(path, info.name, problem)
        if info.isfile():
            members.append(Member(info.name, info.size, partial(tar.extractfile, info)))
    # tarfile takes a damaged header for the end of the archive; at a true end there are zeros
    tar.fileobj.seek(tar.offset)
    end = tar.fileobj.read(tarfile.BLOCKSIZE)
    if len(end) < tarfile.BLOCKSIZE or end.strip(b"\0"):
        raise tarfile.ReadError("it ends early, or a header in the middle cannot be read")
    return members


def _find_tar_problem(info, folder):
    if problem := _find_path_problem(info.name):
        return problem
    if info.issym() or info.islnk():
        return "is a link"
    if not (info.isfile() or info.isdir()):
        return "is a device or another special file"
    if hasattr(tarfile, "data_filter"):  # Python 3.11.4 on: its rules as well as ours
        try:
            tarfile.data_filter(info, str(folder))
        except tarfile.FilterError as error:
            return f"is not safe ({error})"
    return None


def _list_zip(archive, path):
    members = []
    for info in archive.infolist():
        problem = _find_path_problem(info.filename)
        kind = stat.S_IFMT(info.external_attr >> 16)
        if not problem and kind not in (0, stat.S_IFREG, stat.S_IFDIR):
            problem = "is a link or a special file"
        if not problem and info.flag_bits & 1:
            problem = "needs a password"
        if problem:
            raise _refuse(path, info.filename, problem)
        if not info.is_dir():
            members.append(Member(info.filename, info.file_size, partial(archive.open, info)))
    return members


def _find_path_problem(name):
    """Say what is wrong with a path, on this system or another; else None."""
    for path in (PurePosixPath(name), PureWindowsPath(name)):
        if path.anchor:
            return "has an absolute path"
        if ".." in path.parts:
            return "has a path that leads out of the folder"
    own = PurePosixPath(name).name
    if is_device(own) or own.endswith((".", " ")):
        return UNSTORABLE
    return None


def _refuse(path, name, problem):
    return BadArchiveError(
        f"{path.name} is not safe: {name!r} in it {problem}. Nothing was unpacked."
    )


def _is_wanted(path):
    """Tell FITS files from the rest; macOS adds files named ``._name`` that hold no data."""
    name = PurePosixPath(path).name
    return name.lower().endswith(".fits") and not name.startswith("._")


def _require_names(members, archive):
    if not members:
        raise BadArchiveError(f"{archive.name} holds no FITS file: give another archive.")
    names = [PurePosixPath(member.path).name for member in members]
    for name in names:
        if not SAFE_NAME.fullmatch(name) or not is_storable(name):
            raise _refuse(archive, name, UNSTORABLE)
    if len({name.lower() for name in names}) < len(names):
        raise BadArchiveError(f"{archive.name} holds two files of one name: give another archive.")


def _copy(member, path, archive):
    with member.open() as source, open(path, "xb") as target:
        shutil.copyfileobj(source, target, BLOCK)
    if path.stat().st_size != member.size:
        raise BadArchiveError(f"{archive.name} is damaged ({member.path} is cut): get it again.")


def _describe(path, archive):
    if problems := check_file(path):
        problem = problems[0].replace(str(path), path.name)
        raise BadArchiveError(f"{archive.name} holds no good training files: {problem}")
    return {
        "bytes": path.stat().st_size,
        "sha256": pooch.file_hash(path),
        "spectra": len(open_spectra(path)),
    }

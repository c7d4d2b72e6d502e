"""Writing files so that nobody ever meets half of one."""

import gzip
import os
import shutil
from contextlib import contextmanager
from pathlib import Path
from uuid import uuid4

import psutil


@contextmanager
def replace_when_done(path):
    """Give a temporary path beside `path`, and rename it to `path` when the block ends well.

    Parameters
    ----------
    path : str or Path

    Yields
    ------
    Path
        Name to write to, with the suffix of `path`. After an error nothing of it is left, and a
        file that was at `path` is still the old one.

    Raises
    ------
    ValueError
        If the folder of `path` is not there or cannot be written to, or `path` is a folder.
    """
    path = Path(path)
    require_output(path, force=True)
    temporary = _name_temporary(path)
    try:
        yield temporary
        temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)


def compress_file(path):
    """Compress a file, which keeps its name; the same content always gives the same bytes."""
    with (
        replace_when_done(path) as temporary,
        open(path, "rb") as source,
        open(temporary, "wb") as file,
        gzip.GzipFile("", "wb", 1, file, mtime=0) as target,  # noise: level 9 saves no more
    ):
        shutil.copyfileobj(source, target, 1 << 20)


def require_output(path, force, inputs=()):
    """Check that a file can be written, before long work for it.

    Parameters
    ----------
    path : str or Path
    force : bool
        Whether a file that is there already may be replaced.
    inputs : sequence of Path
        Files that the work reads, which are never replaced.

    Raises
    ------
    ValueError
        If the folder of `path` is not there or cannot be written to, `path` is a folder or one of
        `inputs`, or it is a file and not `force`.
    """
    path = Path(path)
    if not path.parent.is_dir():
        raise ValueError(f"The folder {path.parent} is not there: make it, or choose another one.")
    if os.path.isdir(path):  # Path.is_dir stops at a name that is too long
        raise ValueError(f"{path} is a folder: give the name of a file.")
    _try_to_write(path)
    if path.exists() and any(one.exists() and path.samefile(one) for one in inputs):
        raise ValueError(f"{path} is one of the files to read: give another name.")
    if path.exists() and not force:
        raise ValueError(f"{path} is there already: add --force to replace it.")


def _name_temporary(path):
    return path.with_name(f".{path.stem}-{uuid4().hex[:8]}{path.suffix}")


def _try_to_write(path):
    """Write an empty file beside `path` and delete it: only that shows who may write there."""
    temporary = _name_temporary(path)
    try:
        temporary.touch(exist_ok=False)
        temporary.unlink()
    except OSError as error:
        raise ValueError(
            f"{path} cannot be written ({error.strerror}): choose another folder, or a shorter "
            "name."
        ) from error


def require_folder(path):
    """Check that `path` is a folder or can become one; `ValueError` if it is a file."""
    if path.exists() and not path.is_dir():
        raise ValueError(f"{path} is a file: give the name of a folder.")


def require_space(folder, needed, instead="choose another folder"):
    """Check that `folder` has room for `needed` bytes; `ValueError` if not."""
    free = shutil.disk_usage(folder).free
    if needed > free:
        raise ValueError(
            f"{folder} has {_to_gb(free)} free, but {_to_gb(needed)} are needed: make room, or "
            f"{instead}."
        )


def require_memory(needed, instead):
    """Check that `needed` bytes of memory are free; `ValueError` if not."""
    free = psutil.virtual_memory().available
    if needed > free:
        raise ValueError(
            f"{_to_gb(free)} of memory are free, but {_to_gb(needed)} are needed: close other "
            f"programs, or {instead}."
        )


def _to_gb(n_bytes):
    return f"{n_bytes / 1e9:,.2f} GB"

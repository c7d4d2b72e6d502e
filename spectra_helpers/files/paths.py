"""Names that a user gives, such as ``real/*.fits``, become a list of files."""

import glob
import os
from pathlib import Path

ENDINGS = (".fits", ".fits.gz")  # of the files that a folder stands for


def expand_paths(names, on_error=None):
    """Turn names of files, folders and patterns such as ``real/*.fits`` into a list of files.

    Shells on Windows do not expand patterns. A folder stands for all FITS files in it and in the
    folders in it. A file that is named twice counts once: else the same spectra would be trained on
    and tested on.

    Parameters
    ----------
    names : str, Path or list of them
    on_error : callable, optional
        Called with a sentence for each folder or pattern that holds no file. Without it, and where
        only one name is given, the sentence is raised.

    Returns
    -------
    list of Path

    Raises
    ------
    ValueError
        If a folder or a pattern holds no file.
    """
    names, paths = _as_list(names), {}
    on_error = on_error if len(names) > 1 else None
    for name in names:
        found = _find_files(name)
        if not found:
            tell(f"{name} holds no FITS file: check the folder or pattern.", on_error)
        for path in found:
            paths.setdefault(path.resolve(), path)
    return list(paths.values())


def tell(sentence, on_error):
    """Hand a sentence to `on_error`; raise it as a `ValueError` where that is None."""
    if on_error is None:
        raise ValueError(sentence)
    on_error(sentence)


def _find_files(name):
    path = Path(name)
    if path.is_dir():
        return _find_in_folder(path)
    if glob.has_magic(str(name)) and not path.exists():
        return [Path(match) for match in sorted(glob.glob(str(name), recursive=True))]
    return [path]


def _find_in_folder(folder):
    """Return the FITS files in a folder and the folders in it, sorted by name.

    Names that begin with a dot are passed over: macOS puts a ``._x.fits``, which is none, beside a
    ``x.fits``.
    """
    files = [path for path in folder.rglob("*") if not path.name.startswith(".")]
    return sorted(x for x in files if x.name.lower().endswith(ENDINGS) and x.is_file())


def _as_list(names):
    return [names] if isinstance(names, str | os.PathLike) else list(names)

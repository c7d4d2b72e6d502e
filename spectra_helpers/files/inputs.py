"""Files that a command is given: training files and real survey files, in any mixture."""

import glob
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from spectra_helpers.data import CLASSES, join_sets
from spectra_helpers.files.file_check import (
    check_file,
    describe_bad_rows,
    find_bad_rows,
    is_training_file,
)
from spectra_helpers.files.surveys import find_survey_files, read_survey_file, read_survey_files
from spectra_helpers.files.training_file import count_rows, read_labels, read_rows, read_spectra

BATCH = 1000  # spectra predicted at once: 12 MB


@dataclass(frozen=True, eq=False)
class Batch:
    """Spectra to predict, each with its file, its row in it and its identifier."""

    files: list
    rows: np.ndarray
    objid: np.ndarray
    flux: np.ndarray


def expand_paths(names):
    """Turn names of files, folders and patterns such as ``real/*.fits`` into a list of files.

    Shells on Windows do not expand patterns. A folder stands for all FITS files in it. A file that
    is named twice counts once: else the same spectra would be trained on and tested on.

    Raises
    ------
    ValueError
        If a folder or a pattern holds no file.
    """
    paths = {}
    for name in names:
        if Path(name).is_dir():
            found = find_survey_files(name)
        elif glob.has_magic(str(name)) and not Path(name).exists():
            found = [Path(match) for match in sorted(glob.glob(str(name), recursive=True))]
        else:
            found = [Path(name)]
        if not found:
            raise ValueError(f"{name} holds no FITS file: check the folder or pattern.")
        for path in found:
            paths.setdefault(path.resolve(), path)
    return list(paths.values())


def read_any(paths):
    """Read training files and real survey files as one set of spectra.

    Parameters
    ----------
    paths : list of Path

    Returns
    -------
    SpectraSet
        Training files first. The label of a real spectrum without a class is -1.

    Raises
    ------
    ValueError
        If one file cannot be read.
    """
    is_training = [is_training_file(path) for path in paths]
    training = [path for path, yes in zip(paths, is_training, strict=True) if yes]
    real = [path for path, yes in zip(paths, is_training, strict=True) if not yes]
    sets = [read_spectra(training)] if training else []
    return join_sets([*sets, *([read_survey_files(real)] if real else [])])


def count_spectra(paths):
    """Return how many spectra the files hold; one for a file that cannot be read."""
    total = 0
    for path in paths:
        try:
            total += count_rows(path) if is_training_file(path) else 1
        except ValueError:
            total += 1
    return total


def iterate_batches(paths, on_error):
    """Read files a batch at a time, so that memory stays the same however many there are.

    Parameters
    ----------
    paths : list of Path
    on_error : callable
        Called with a sentence for every file or row that cannot be used; it is left out.

    Yields
    ------
    Batch
        Up to 1000 spectra, in the order of the files. Real survey files, one spectrum each, are
        gathered.
    """
    waiting = []
    for path in paths:
        try:
            if is_training_file(path):
                yield from _gather(waiting)
                waiting = []
                yield from _iterate_rows(path, on_error)
            else:
                waiting.append(read_survey_file(path))
        except ValueError as error:
            on_error(str(error))
        if len(waiting) == BATCH:
            yield from _gather(waiting)
            waiting = []
    yield from _gather(waiting)


def _gather(spectra):
    if spectra:
        objid = np.array([x.objid for x in spectra])
        flux = np.array([x.flux for x in spectra])
        yield Batch([x.path for x in spectra], np.zeros(len(spectra), int), objid, flux)


def _iterate_rows(path, on_error):
    n = count_rows(path)
    for start in range(0, n, BATCH):
        stop = min(start + BATCH, n)
        flux, objid, _ = read_rows(path, start, stop)
        not_finite, all_zero = find_bad_rows(flux)
        rows = np.arange(start, stop)
        for sentence in describe_bad_rows(rows[not_finite], rows[all_zero], path):
            on_error(sentence)
        good = ~(not_finite | all_zero)
        if good.any():
            yield Batch([path] * int(good.sum()), rows[good], objid[good], flux[good])


def describe_file(path):
    """Tell what is wrong with a file, and what it holds if nothing is.

    Parameters
    ----------
    path : Path
        A training file or a real survey file.

    Returns
    -------
    problems : list of str
        Empty for a good file.
    description : str
        Number and classes of its spectra; empty for a bad file.
    """
    try:
        if not is_training_file(path):
            return [], str(read_survey_file(path))
        if problems := check_file(path):
            return problems, ""
        numbers = np.bincount(read_labels(path), minlength=len(CLASSES))
    except ValueError as error:
        return [str(error)], ""
    counts = ", ".join(f"{n:,} {name}" for n, name in zip(numbers, CLASSES, strict=True))
    return [], f"{path}: {numbers.sum():,} spectra ({counts})"

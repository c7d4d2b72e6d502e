"""Files of any size, to look into one spectrum at a time (lesson 01, `spectra browse`)."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from spectra_helpers.data import SpectraSet
from spectra_helpers.files.file_check import is_training_file
from spectra_helpers.files.surveys import read_survey_files
from spectra_helpers.files.training_file import read_labels, read_spectra


@dataclass(frozen=True, eq=False)
class Source:
    """A training file, or the survey files of one folder.

    Parameters
    ----------
    label : ndarray, shape (n_spectra,)
        Class of each spectrum, -1 where it is not known.
    read : callable
        Takes a row, returns a `SpectraSet` of this one spectrum.
    """

    label: np.ndarray
    read: Callable[[int], SpectraSet]


def open_sources(paths):
    """Look into files without reading the spectra of training files.

    Parameters
    ----------
    paths : list of Path
        Training files and real survey files, in any mixture (see `inputs.expand_paths`).

    Returns
    -------
    dict of str to Source
        A name each: that of a training file, or of the folder of survey files and their number.

    Raises
    ------
    ValueError
        If a file is neither, or its labels are not those of a training file.
    """
    sources, folders = {}, {}
    for path in paths:
        if is_training_file(path):
            sources[_find_name(path.name, sources)] = _open_training_file(path)
        else:
            folders.setdefault(path.resolve().parent, []).append(path)
    for folder, files in folders.items():
        name = f"{folder.name} ({len(files)} survey file{'s' * (len(files) > 1)})"
        sources[_find_name(name, sources)] = _open_survey_files(files)
    return sources


def _find_name(name, taken):
    """Return the name, with a number where files of two folders have the same."""
    others = (f"{name} [{number}]" for number in range(2, len(taken) + 2))
    return next(x for x in (name, *others) if x not in taken)


def _open_training_file(path):
    return Source(read_labels(path), lambda row: read_spectra(path, rows=[row]))


def _open_survey_files(files):
    spectra = read_survey_files(files)  # one spectrum each: the class is known when it is read
    return Source(spectra.label, lambda row: spectra[[row]])

"""Training files: an image of n × 3000 spectra and a table of objid and label (lesson 01)."""

import os
from contextlib import contextmanager
from pathlib import Path

import numpy as np
from astropy.io import fits
from astropy.table import Table

from spectra_helpers.data import UNKNOWN, SpectraSet, join_truth
from spectra_helpers.files.file_check import (
    CHUNK,
    N_PIXELS,
    check_file,
    describe_bad_rows,
    find_bad_rows,
    find_label_problem,
    find_structure_problems,
    open_fits,
)
from spectra_helpers.files.output import compress_file, replace_when_done
from spectra_helpers.preprocess import check_flux

__all__ = [
    "check_file", "count_rows", "read_labels", "read_rows", "read_spectra",
    "require_training_name", "write_spectra",
]  # fmt: skip


def count_rows(path):
    """Return the number of spectra in a training file; `ValueError` if it is not one."""
    with _open_training_file(path) as hdus:
        return hdus[0].shape[0]


def read_labels(paths):
    """Read the labels of training files without their spectra.

    Parameters
    ----------
    paths : path or list of paths

    Returns
    -------
    ndarray, shape (n_spectra,), int64
        Labels of all files, one after the other.
    """
    return np.concatenate([_read_label(path) for path in _as_list(paths)])


def read_spectra(paths, rows=None):
    """Read training files as one set of spectra.

    Parameters
    ----------
    paths : path or list of paths
        Files in the published format: PRIMARY image of n × 3000 numbers, table with the columns
        objid and label, and optionally a table TRUTH.
    rows : slice, array of int or mask, optional
        Rows to read, counted through all files. Other rows are not read.

    Returns
    -------
    SpectraSet
        Flux as float32. The memory needed is that of the result and one chunk of 12 MB. `truth` is
        there when every file has a table TRUTH.

    Raises
    ------
    ValueError
        If a file is not a good training file, in the words of `check_file`.
    """
    paths = _as_list(paths)
    labels = [_read_label(path) for path in paths]
    starts = np.cumsum([0, *(len(label) for label in labels)])
    wanted = _choose_rows(starts[-1], rows)
    flux = np.empty((len(wanted), N_PIXELS), np.float32)
    objid = np.empty(len(wanted), np.int64)
    positions, truth = [], []
    for path, start, stop in zip(paths, starts, starts[1:], strict=False):
        here = np.flatnonzero((wanted >= start) & (wanted < stop))
        if here.size:
            in_file = wanted[here] - start
            with _open_training_file(path) as hdus:
                _fill_flux(flux, here, hdus[0], in_file, path)
                objid[here] = hdus[1].data["objid"][in_file]
                truth.append(_read_truth(hdus, in_file))
            positions.append(here)
    label = np.concatenate(labels)[wanted]
    truth = join_truth(truth)
    if truth is not None:
        truth = truth[np.argsort(np.concatenate(positions))]
    return SpectraSet(flux, label, objid, truth=truth, source=_name_source(paths))


def read_rows(path, start, stop):
    """Read rows of a training file as they are, good or bad, and whatever their label.

    Parameters
    ----------
    path : str or Path
    start, stop : int
        First row, and the row after the last.

    Returns
    -------
    flux : ndarray, shape (stop - start, 3000), float32
    objid, label : ndarray, shape (stop - start,), int64
    """
    with _open_training_file(path) as hdus:
        with np.errstate(over="ignore"):
            flux = hdus[0].section[start:stop].astype(np.float32)
        table = hdus[1].data[start:stop]
        return flux, table["objid"].astype(np.int64), table["label"].astype(np.int64)


def require_training_name(path):
    """Check, before long work, that we write what a name promises; `ValueError` if not."""
    if Path(path).suffix.lower() in (".bz2", ".xz", ".z", ".zip"):
        raise ValueError(
            f"{path} is a name for a way of compressing that we do not write: let it end in "
            ".fits or .fits.gz."
        )


def write_spectra(path, spectra):
    """Write a training file as published, and the table TRUTH where `spectra` has one.

    Parameters
    ----------
    path : str or Path
        Written under a temporary name and then renamed, so that nobody meets half a file. It is
        compressed if its name ends in .gz.
    spectra : SpectraSet
        Every spectrum needs a label.

    Raises
    ------
    ValueError
        If the grid is not the training grid, a label is missing, there are no spectra, or one has
        NaN, infinite values or nothing but zeros; if the name promises another way of compressing.
    """
    require_training_name(path)
    if not len(spectra) or spectra.flux.shape[1] != N_PIXELS:
        raise ValueError(f"A training file needs at least one spectrum of {N_PIXELS} pixels.")
    if np.any(spectra.label == UNKNOWN):
        raise ValueError("A training file needs a label for every spectrum: leave the others out.")
    check_flux(spectra.flux)
    with replace_when_done(path) as temporary:
        _write_image(temporary, spectra.flux)
        with fits.open(temporary, mode="append") as hdus:
            for table in _make_tables(spectra):
                hdus.append(table)
        if Path(path).suffix.lower() == ".gz":
            compress_file(temporary)


@contextmanager
def _open_training_file(path):
    with open_fits(path) as hdus:
        if problems := find_structure_problems(hdus, path):
            raise ValueError(" ".join(problems))
        yield hdus


def _read_label(path):
    with _open_training_file(path) as hdus:
        label = hdus[1].data["label"]
        if problem := find_label_problem(label, path):
            raise ValueError(problem)
        return label.astype(np.int64)


def _choose_rows(n, rows):
    try:
        return np.arange(n)[slice(None) if rows is None else rows]
    except IndexError as error:
        raise ValueError(f"There are {n:,} spectra, rows 0 to {n - 1}: {error}.") from error


def _fill_flux(flux, here, image, rows, path):
    """Fill `flux[here]` with the given rows of an image, reading one chunk of it at a time."""
    for start in range(rows.min(), rows.max() + 1, CHUNK):
        chunk = np.flatnonzero((rows >= start) & (rows < start + CHUNK))
        if not chunk.size:
            continue
        block = image.section[start : rows[chunk].max() + 1]
        block = block[rows[chunk] - start]
        nan, zero = find_bad_rows(block)
        if problems := describe_bad_rows(rows[chunk][nan], rows[chunk][zero], path):
            raise ValueError(" ".join(problems))
        flux[here[chunk]] = block


def _read_truth(hdus, rows):
    return Table.read(hdus["TRUTH"])[rows] if "TRUTH" in hdus else None


def _write_image(path, flux):
    header = fits.PrimaryHDU().header
    header["BITPIX"] = -64
    header["NAXIS"] = 2
    header.insert("NAXIS", ("NAXIS1", flux.shape[1]), after=True)
    header.insert("NAXIS1", ("NAXIS2", flux.shape[0]), after=True)
    image = fits.StreamingHDU(path, header)
    for start in range(0, len(flux), CHUNK):
        image.write(flux[start : start + CHUNK].astype(">f8"))
    image.close()


def _make_tables(spectra):
    columns = [
        fits.Column("objid", "K", array=spectra.objid),
        fits.Column("label", "K", array=spectra.label),
    ]
    tables = [fits.BinTableHDU.from_columns(columns)]
    if spectra.truth is not None:
        tables.append(fits.table_to_hdu(_keep_ascii(spectra.truth)))
        tables[-1].name = "TRUTH"
    return tables


def _keep_ascii(table):
    """Return the table with escapes for letters beyond ASCII, which FITS does not know."""
    words = [name for name in table.colnames if table[name].dtype.kind == "U"]
    table = table.copy()
    for name in words:
        table[name] = np.char.encode(table[name], "ascii", "backslashreplace")
    return table


def _name_source(paths):
    more = len(paths) - 1
    name = Path(paths[0]).name
    return name if not more else f"{name} and {more} more file{'s' if more > 1 else ''}"


def _as_list(paths):
    return [paths] if isinstance(paths, str | os.PathLike) else list(paths)

"""One way in for files: training files and files of surveys, in any mixture (lesson 01)."""

from dataclasses import dataclass
from functools import cached_property
from itertools import groupby
from pathlib import Path

import numpy as np
from astropy.table import Table
from tqdm import tqdm

from spectra_helpers.data import SpectraSet, join_truth
from spectra_helpers.files.fits_file import open_fits, require_whole
from spectra_helpers.files.layouts import LAYOUTS
from spectra_helpers.files.paths import expand_paths, tell
from spectra_helpers.files.repeats import join_objids
from spectra_helpers.files.spectra_file import find_layout
from spectra_helpers.files.training_check import CHUNK, N_PIXELS, BadRows

BATCH = 1000  # spectra of a batch: 12 MB


def open_spectra(names, on_error=None, labels=True):
    """Open files of spectra, whatever their layout, without reading training spectra yet.

    Parameters
    ----------
    names : str, Path or list of them
        Files, folders or patterns such as ``real/*.fits``.
    on_error : callable, optional
        Called with a sentence for each file or row that cannot be used, which is left out. Without
        it the sentence is raised.
    labels : bool
        Whether a training file with labels that mean nothing cannot be used.

    Returns
    -------
    Spectra

    Raises
    ------
    ValueError
        Without `on_error`, if a folder or pattern holds no file. What is wrong with the files
        themselves shows when they are needed first.

    Examples
    --------
    ``open_spectra("night.fits").read()`` reads all, ``.read([3, 5])`` two rows,
    ``.read(ivar=True)`` inverse variances beside the flux.
    """
    return Spectra(expand_paths(names, on_error), on_error, labels)


def read_spectra(names, rows=None, ivar=False):
    """Read spectra from files of any layout (lesson 01).

    Parameters
    ----------
    names : str, Path or list of them
        Files, folders or patterns; the lessons read training files.
    rows : slice, array of int or mask, optional
        Rows to read, counted through all files. Other rows of training files are not read.
    ivar : bool
        Whether to read inverse variances, too, where a file has them.

    Returns
    -------
    SpectraSet
        Flux as float32 on the grid of the lessons. `truth` is there when every file has one.

    Raises
    ------
    ValueError
        If a file cannot be read, or one of the rows is bad, in the words of ``spectra check``.
    """
    return open_spectra(names).read(rows, ivar)


def open_file(path):
    """Recognise one file.

    Parameters
    ----------
    path : str or Path

    Returns
    -------
    SpectraFile

    Raises
    ------
    ValueError
        If it has none of the `LAYOUTS`, or is not good enough to be read.
    """
    path = Path(path)
    with open_fits(path) as content:
        layout = find_layout(content, LAYOUTS)
        if layout is None:
            require_whole(content, path)
            known = "; ".join(f"{one.name}: {one.description}" for one in LAYOUTS)
            raise ValueError(f"{path} has none of the layouts that we know: {known}.")
        return layout.open(content, path)


@dataclass(frozen=True, eq=False)
class Batch:
    """Some spectra, each with its file and its row in it; `ivar` as in `SpectraSet`."""

    paths: list
    rows: np.ndarray
    objid: np.ndarray
    flux: np.ndarray
    ivar: np.ndarray | None = None


class Spectra:
    """Files of spectra, each recognised once, when it is needed first.

    Parameters
    ----------
    paths : list of Path
    on_error, labels
        As in `open_spectra`.

    Attributes
    ----------
    expected : int
        How many spectra there are, counting one for each file that is not recognised yet.
    """

    def __init__(self, paths, on_error=None, labels=True):
        self.paths, self.on_error, self.labels = paths, on_error, labels
        self.expected = len(paths)

    @cached_property
    def files(self):
        """The files that can be read, a `SpectraFile` each; `ValueError` if there is none."""
        alone = len(self.paths) == 1  # then what is wrong with it is the one error
        one_by_one = self._recognise(None if alone else self.on_error)
        files = list(tqdm(one_by_one, total=len(self.paths), unit="file", disable=None))
        if not files:
            raise ValueError("None of the files can be read: give training files or survey files.")
        return files

    @cached_property
    def label(self):
        """Labels of all spectra, shape (n_spectra,): 0 galaxy, 1 quasar, 2 star, -1 not known."""
        return np.concatenate([file.label for file in self.files])

    def __len__(self):
        return sum(len(file) for file in self.files)

    def only(self, files):
        """Return some of the `files` as `Spectra` of their own, where a bad row is an error."""
        some = Spectra([file.path for file in files])
        some.files = files
        return some

    def iterate_files(self):
        """Recognise the files one after the other and keep none of them.

        Returns
        -------
        iterator of SpectraFile
            Each file that can be read. What is wrong with the others is told once.
        """
        return self._recognise(self.on_error)

    def _recognise(self, on_error):
        self.expected = len(self.paths)
        for path in self.paths:
            try:
                file = open_file(path)
                if self.labels and file.label_problem:
                    raise ValueError(file.label_problem)
            except ValueError as error:
                tell(str(error), on_error)
                continue
            self.expected += len(file) - 1
            yield file

    def batches(self, ivar=False):
        """Read all spectra, some at a time: memory stays the same however many there are.

        Parameters
        ----------
        ivar : bool
            Whether to read inverse variances, too.

        Yields
        ------
        Batch
            About 1000 spectra, in the order of the files. Bad rows are left out. `ivar` is None
            where no file of the batch has it, and zero throughout a row that is not known.
        """
        parts, n = [], 0
        for part in self._iterate_good_rows(ivar):
            parts.append(part)
            n += len(part.rows)
            if n >= BATCH:
                yield _join_batches(parts)
                parts, n = [], 0
        if parts:
            yield _join_batches(parts)

    def _iterate_good_rows(self, ivar):
        for file in self.__dict__.get("files") or self.iterate_files():
            bad = BadRows(file.path, self.on_error)
            try:
                for start, flux, weight in _iterate_parts(file, ivar):
                    rows = np.arange(start, start + len(flux))
                    good = bad.find_good(rows, flux, weight)
                    if good.any():
                        rows, weight = rows[good], None if weight is None else weight[good]
                        paths = [file.path] * len(rows)
                        yield Batch(paths, rows, file.objid[rows], flux[good], weight)
            except ValueError as error:
                tell(str(error), self.on_error)
            bad.tell()

    def read(self, rows=None, ivar=False):
        """Read spectra as one set.

        Parameters
        ----------
        rows : slice, array of int or mask, optional
            Rows to read, counted through all files. Other rows of training files are not read.
        ivar : bool
            Whether to read inverse variances, too: they take as much memory as the flux.

        Returns
        -------
        SpectraSet
            The memory needed is that of the result and one chunk of 12 MB. With `on_error` bad rows
            are left out. `ivar` is None unless it is asked for and one of the files has it; rows
            of files without are zero throughout: not known. `objid` is that of the files, but for
            `join_objids`.

        Raises
        ------
        ValueError
            If a row is bad, or with `on_error`, if all of them are.
        """
        wanted = _choose_rows(len(self), rows)
        flux = np.empty((len(wanted), N_PIXELS), np.float32)
        some = ivar and any(file.has_ivar for file, *_ in _find_places(self.files, wanted))
        weight = np.zeros(flux.shape, np.float32) if some else None
        keep, truth = self._fill(flux, weight, wanted)
        if len(keep) and not keep.any():
            raise ValueError("None of the spectra can be used: see what is wrong with each.")
        objid = join_objids([file.objid for file in self.files])[wanted][keep]
        if not keep.all():
            flux = _close_gaps(flux, keep)
            weight = None if weight is None else _close_gaps(weight, keep)
        label, source = self.label[wanted][keep], _name_source(self.files)
        return SpectraSet(flux, label, objid, truth=truth, source=source, ivar=weight)

    def _fill(self, flux, ivar, wanted):
        """Read the wanted rows into `flux` and, if it is an array, into `ivar`.

        Returns
        -------
        keep : ndarray of bool
            Which rows are good.
        truth : Table or None
            What is known of these.
        """
        keep, parts, order = np.ones(len(wanted), bool), [], []
        for file, places, rows in _find_places(self.files, wanted):
            bad = BadRows(file.path, self.on_error)
            try:
                if ivar is not None and file.has_ivar:
                    file.read_ivar_into(ivar, places, rows)
                parts.append(file.read_into(flux, places, rows))
                order.extend(places)
                for start in range(0, len(places), CHUNK):
                    some = places[start : start + CHUNK]
                    weight = None if ivar is None else ivar[some]
                    keep[some] = bad.find_good(rows[start : start + CHUNK], flux[some], weight)
            except ValueError as error:
                keep[places] = False
                tell(str(error), self.on_error)
            bad.tell()
        truth = _join_truth(parts)
        if truth is not None:
            truth = truth[np.argsort(order)][keep[np.sort(order)]]
        return keep, truth


def _iterate_parts(file, ivar):
    """Yield first row, flux and inverse variance of a file's parts; None for what it has not."""
    if not (ivar and file.has_ivar):
        yield from ((start, flux, None) for start, flux in file.iterate_flux(BATCH))
        return
    parts = zip(file.iterate_flux(BATCH), file.iterate_ivar(BATCH), strict=True)
    yield from ((start, flux, weight) for (start, flux), weight in parts)


def _find_places(files, wanted):
    """Yield each file with the places of its spectra in `wanted` and their rows in the file."""
    order = np.argsort(wanted, kind="stable")
    starts = np.cumsum([0, *(len(file) for file in files)])
    ends = np.searchsorted(wanted[order], starts)
    for file, start, first, last in zip(files, starts, ends, ends[1:], strict=False):
        if last > first:
            places = order[first:last]
            yield file, places, wanted[places] - start


def _choose_rows(n, rows):
    try:
        return np.arange(n)[slice(None) if rows is None else rows]
    except IndexError as error:
        raise ValueError(f"There are {n:,} spectra, rows 0 to {n - 1}: {error}.") from error


def _close_gaps(flux, keep):
    """Move the rows to keep to the front, some at a time: a copy of all could be too large."""
    n = 0
    for start in range(0, len(flux), CHUNK):
        rows = flux[start : start + CHUNK][keep[start : start + CHUNK]]
        flux[n : n + len(rows)] = rows
        n += len(rows)
    return flux[:n]


def _join_truth(parts):
    """Join what files know of their spectra: a table each, or a dict a spectrum, or nothing."""
    tables = []
    for kind, group in groupby(parts, type):
        if kind is list:  # one table for thousands of survey files: a table each would be slow
            tables.append(Table(rows=[facts for some in group for facts in some]))
        else:
            tables.extend(group)
    return join_truth(tables)


def _join_batches(parts):
    if len(parts) == 1:
        return parts[0]
    arrays = {x: np.concatenate([getattr(b, x) for b in parts]) for x in ("rows", "objid", "flux")}
    ivar = None
    if any(b.ivar is not None for b in parts):
        rows = [np.zeros_like(b.flux) if b.ivar is None else b.ivar for b in parts]
        ivar = np.concatenate(rows)
    return Batch([path for b in parts for path in b.paths], **arrays, ivar=ivar)


def _name_source(files):
    training = [file.path.name for file in files if file.is_training]
    n_more, n_real = len(training) - 1, len(files) - len(training)
    names = []
    if training:
        more = f" and {n_more} more file{'s' * (n_more > 1)}" if n_more else ""
        names.append(training[0] + more)
    if n_real:
        names.append(f"{n_real} real survey file{'s' * (n_real > 1)}")
    return " and ".join(names)

"""Check flux, and work through many spectra in chunks, on all cores.

A function below `each_spectrum` is written for an array of shape (n_spectra, n_pixels), in NumPy,
and holds its formula and nothing else: the decorator sees to the rest.
"""

import inspect
import os
import threading
from concurrent.futures import ThreadPoolExecutor
from functools import wraps

import numpy as np
from sklearn.base import BaseEstimator, TransformerMixin
from sklearn.utils.validation import check_is_fitted

ROWS_AT_ONCE = 256  # 6 MB of float64; fewer rows cost more calls than the cache saves
_thread = threading.local()  # what this thread works at


def check_flux(flux, n_pixels=None):
    """Return `flux` as a float array of one or two dimensions, or say which row is bad.

    Parameters
    ----------
    flux : array, shape (n_pixels,) or (n_spectra, n_pixels)
    n_pixels : int, optional
        Number of pixels each spectrum must have.

    Returns
    -------
    ndarray
        `flux` itself when it is float32 or float64 already, else a float32 copy.

    Raises
    ------
    ValueError
        Wrong shape, NaN or infinite values, or a row that is zero everywhere.
    """
    flux = np.asarray(flux)
    if flux.dtype not in (np.float32, np.float64) or not flux.dtype.isnative:
        flux = flux.astype(np.float32)
    if flux.ndim not in (1, 2) or flux.size == 0:
        raise ValueError(
            f"Flux has shape {flux.shape}. Give one spectrum (n_pixels,) or several "
            "(n_spectra, n_pixels), at least one of them."
        )
    _check_width(flux, n_pixels)
    rows = np.atleast_2d(flux)
    energy = np.einsum("ij,ij->i", rows, rows)  # one fast pass tells which rows need a closer look
    odd = np.flatnonzero(~((energy > 0) & (energy < np.inf)))
    bad = odd[~np.isfinite(rows[odd]).all(axis=1)]
    if len(bad):
        raise ValueError(
            f"Row {bad[0]} holds NaN or infinite values ({len(bad)} such rows). Mask those pixels "
            "with zeros, which are bridged, or leave the rows out."
        )
    empty = odd[~rows[odd].any(axis=1)]
    if len(empty):
        raise ValueError(
            f"Row {empty[0]} is zero everywhere ({len(empty)} such rows): it cannot be scaled. "
            "Leave these rows out."
        )
    return flux


def _check_width(flux, n_pixels):
    if n_pixels is not None and flux.shape[-1] != n_pixels:
        raise ValueError(
            f"Each spectrum has {flux.shape[-1]} pixels, but {n_pixels} are needed. Put the "
            "spectra on the grid the model was made for (`spectra convert`)."
        )


def each_spectrum(*names):
    """Let a function treat each spectrum by itself: checked, in chunks, on all cores.

    Stand ``@each_spectrum`` above a function whose first argument is flux, or above a method of a
    step of a pipeline. Whoever calls it may give one spectrum (n_pixels,) or many (n_spectra,
    n_pixels); the function itself always gets a chunk of shape (n_spectra, n_pixels).

    - Bad flux is refused (`check_flux`). With an argument `wavelength`, or in a step that was
      fitted, each spectrum must have as many pixels.
    - A chunk is a copy in double precision, in which the square of no flux overflows; the result
      comes back in the precision of the flux.
    - Inside such a function another one takes the chunk as it is, since it was checked and copied.
    - NumPy releases the interpreter's lock inside its loops, so threads use every core.

    Parameters
    ----------
    *names : str
        Arguments that may be one value, or one value a spectrum: ``@each_spectrum("redshift")``.
        The function gets them as a column beside the flux, shape (n_spectra, 1).
    """
    if names and callable(names[0]):
        return _decorate(names[0], (), _apply_in_chunks)
    return lambda function: _decorate(function, names, _apply_in_chunks)


def all_spectra(*names):
    """Do what `each_spectrum` does, but hand over all spectra at once, as they are.

    For functions that draw random numbers, which must come in one order whatever the chunks. The
    flux keeps its precision, so that memory stays small, and cannot be written to.
    """
    if names and callable(names[0]):
        return _decorate(names[0], (), _apply_at_once)
    return lambda function: _decorate(function, names, _apply_at_once)


def _decorate(function, names, apply):
    signature = inspect.signature(function)
    first = next(name for name in signature.parameters if name != "self")

    @wraps(function)
    def treat(*args, **kwargs):
        given = signature.bind(*args, **kwargs)
        given.apply_defaults()
        given = given.arguments
        flux, n_pixels = given.pop(first), _count_pixels(given)
        inside = getattr(_thread, "has_chunk", False)
        if inside:
            _check_width(flux, n_pixels)
        else:
            flux = check_flux(flux, n_pixels)
        rows = np.atleast_2d(flux)
        columns = {name: _make_column(name, given.pop(name), rows) for name in names}

        def compute(chunk, part):
            some = {name: column[part].astype(chunk.dtype) for name, column in columns.items()}
            return function(**{first: chunk}, **some, **given)

        result = compute(rows, slice(None)) if inside else apply(compute, rows)
        return result if flux.ndim == 2 or "self" in given else result[0]

    return treat


def _count_pixels(given):
    """Return how many pixels the other arguments of a function ask for; None if none does."""
    if "self" in given:
        check_is_fitted(given["self"])
        return given["self"].n_features_in_
    return len(given["wavelength"]) if "wavelength" in given else None


def _make_column(name, value, rows):
    """Return one value, or one a spectrum, as a column beside the rows."""
    column = np.asarray(value, float).reshape(-1, 1)
    if len(column) not in (1, len(rows)):
        raise ValueError(
            f"{name} has {len(column)} values for {len(rows)} spectra: give one value for all, or "
            "one for each."
        )
    return np.broadcast_to(column, (len(rows), 1))


def _apply_in_chunks(compute, rows):
    def work(part):
        _thread.has_chunk = True
        try:
            return np.asarray(compute(rows[part].astype(np.float64), part), rows.dtype)
        finally:
            _thread.has_chunk = False

    def fill(start):
        part = slice(start, start + ROWS_AT_ONCE)
        out[part] = work(part)

    if len(rows) <= ROWS_AT_ONCE:
        return work(slice(None))
    out = np.empty((len(rows), *work(slice(1)).shape[1:]), rows.dtype)  # one row tells the shape
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        list(pool.map(fill, range(0, len(rows), ROWS_AT_ONCE)))
    return out


def _apply_at_once(compute, rows):
    view = rows.view()
    view.flags.writeable = False
    return np.asarray(compute(view, slice(None)), rows.dtype)


class SpectrumStep(TransformerMixin, BaseEstimator):
    """A step of a pipeline that treats each spectrum by itself.

    Nothing is learned from the training rows, so nothing can leak from the test rows. `transform`
    of such a step stands below `each_spectrum`.
    """

    def fit(self, X, y=None):
        """Remember the number of pixels; ValueError on bad rows."""
        self.n_features_in_ = check_flux(X).shape[-1]
        return self

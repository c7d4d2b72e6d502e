"""Check rows of flux and work through them in chunks, on all cores."""

import os
import threading
from concurrent.futures import ThreadPoolExecutor

import numpy as np

ROWS_AT_ONCE = 256  # 3 MB of float32: a chunk and its work arrays stay in the processor's cache
_memory = threading.local()


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
    if n_pixels is not None and flux.shape[-1] != n_pixels:
        raise ValueError(
            f"Each spectrum has {flux.shape[-1]} pixels, but {n_pixels} are needed. Put the "
            "spectra on the grid the model was made for (`spectra convert`)."
        )
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


def apply_to_rows(steps, flux):
    """Copy checked rows and let each step change the copy, chunk by chunk on all cores."""
    rows = np.atleast_2d(flux)
    out = np.empty(rows.shape, rows.dtype)

    def work(start):
        chunk = out[start : start + ROWS_AT_ONCE]
        chunk[...] = rows[start : start + ROWS_AT_ONCE]
        for step in steps:
            step(chunk)

    # NumPy releases the interpreter lock inside its loops, so threads use every core.
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        list(pool.map(work, range(0, len(rows), ROWS_AT_ONCE)))
    return out.reshape(flux.shape)


def borrow_array(name, shape, dtype):
    """Return work space that this thread uses again: fresh memory costs more than the sums."""
    array = getattr(_memory, name, None)
    if array is None or array.shape != shape or array.dtype != dtype:
        array = np.empty(shape, dtype)
        setattr(_memory, name, array)
    return array


def compute_median(values):
    """Return the median over the last axis; `numpy.median` without its checks, 5 times faster."""
    middle = values.shape[-1] // 2
    part = borrow_array("median", values.shape, values.dtype)
    part[...] = values
    part.partition(middle, axis=-1)
    if values.shape[-1] % 2:
        return part[..., middle].copy()
    return (part[..., :middle].max(axis=-1) + part[..., middle]) / 2

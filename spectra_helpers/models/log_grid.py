"""Spectra in even steps of log wavelength, along which a redshift is a shift (lessons 05 to 07)."""

from functools import lru_cache

import numpy as np

from spectra_helpers.data import WAVELENGTH


def make_log_edges(n_pixels):
    """Return edges of pixels of equal width in log wavelength, Å, shape (n_pixels + 1,).

    On them a redshift moves every feature by the same number of pixels (Tonry and Davis 1979).
    """
    return np.geomspace(WAVELENGTH[0], WAVELENGTH[-1], n_pixels + 1)


@lru_cache(maxsize=4)
def weigh_pixels(n_in, n_out):
    """Return how much of each log pixel each of `n_in` even pixels fills, shape (n_in, n_out)."""
    center = np.linspace(WAVELENGTH[0], WAVELENGTH[-1], n_in)
    half = (center[1] - center[0]) / 2
    edges = make_log_edges(n_out)
    high = np.minimum(center[:, None] + half, edges[1:])
    low = np.maximum(center[:, None] - half, edges[:-1])
    return (np.maximum(high - low, 0) / np.diff(edges)).astype(np.float32)


def rebin_to_log(flux, n_pixels):
    """Average flux of an even grid from 3900 to 9000 Å over log pixels.

    Parameters
    ----------
    flux : ndarray, shape (n_spectra, n_in)
    n_pixels : int

    Returns
    -------
    ndarray, shape (n_spectra, n_pixels), float32
        Log pixels are those of `make_log_edges`. Light is conserved: each even pixel gives to a
        log pixel the part that lies in it.
    """
    return flux.astype(np.float32, copy=False) @ weigh_pixels(flux.shape[1], n_pixels)


def estimate_log_noise(rows):
    """Return the standard deviation of each spectrum's noise, from log pixels two apart."""
    step = np.median(np.abs(rows[:, 2:] - rows[:, :-2]), axis=1)
    return step * (1.4826 / np.sqrt(2))

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


def measure_noise_curves(rows, n_blocks=16, misfit=0.1):
    """Return how uncertain each spectrum is in blocks of log pixels, shape (n_spectra, n_blocks).

    Parameters
    ----------
    rows : ndarray, shape (n_spectra, n_pixels)
        Flux in log pixels.
    n_blocks : int
    misfit : float
        No model of a spectrum is better than this part of its level: it is added to the noise, in
        squares, so that clean spectra are not judged by their cleanest pixels alone.

    Returns
    -------
    ndarray, shape (n_spectra, n_blocks)
        In units of the flux. A block with next to no noise was not measured (a gap that was
        bridged, an end that was filled): it is ten times as uncertain as the noisiest one.
    """
    length = rows.shape[1] // n_blocks
    blocks = rows[:, : n_blocks * length].reshape(len(rows), n_blocks, length)
    step = np.median(np.abs(blocks[:, :, 2:] - blocks[:, :, :-2]), axis=2)
    noise = step * (1.4826 / np.sqrt(2))
    level = np.abs(np.median(blocks, axis=2))
    known = noise > 0.05 * np.median(noise, axis=1, keepdims=True)
    curves = np.hypot(noise, misfit * level) + np.finfo(np.float32).tiny
    return np.where(known, curves, 10 * curves.max(axis=1, keepdims=True))

"""Smooth spectra by local polynomials, as Savitzky and Golay (1964) did (lesson 02)."""

import numpy as np
from scipy.ndimage import convolve1d
from scipy.signal import savgol_coeffs, savgol_filter

from spectra_helpers.preprocess.rows import apply_to_rows, check_flux


def fit_locally(flux, pixel, window, polyorder):
    """Fit a polynomial to the pixels of a window around `pixel`.

    Parameters
    ----------
    flux : ndarray, shape (n_pixels,)
    pixel : int
        The middle of the window; it has to fit into the spectrum.
    window : int
        Odd number of pixels.
    polyorder : int
        Degree of the polynomial.

    Returns
    -------
    pixels : ndarray of int, shape (window,)
        The pixels of the window.
    polynomial : numpy.polynomial.Polynomial
        Flux as a function of the pixel; its value at `pixel` is the smoothed flux there.
    """
    half = window // 2
    pixels = np.arange(pixel - half, pixel + half + 1)
    return pixels, np.polynomial.Polynomial.fit(pixels, flux[pixels], polyorder)


def smooth_savgol(flux, window=10, polyorder=3, center=True):
    """Smooth by a local polynomial (Savitzky and Golay 1964), all rows at once.

    Parameters
    ----------
    flux : array, shape (n_pixels,) or (n_spectra, n_pixels)
    window : int
        Pixels that each polynomial is fitted to. The recipe uses 10.
    polyorder : int
        Degree of the polynomial, below `window`.
    center : bool
        A window of even length has no middle pixel. SciPy evaluates the polynomial half-way
        between two pixels, so the spectrum moves by half a pixel; True evaluates it at the pixel
        instead. False keeps SciPy's shift, to show it (lesson 02). No effect on odd windows.

    Returns
    -------
    ndarray
        Smoothed flux, same shape and precision. The ends follow the first and last polynomial
        (SciPy's ``mode="interp"``).

    Raises
    ------
    ValueError
        Window longer than the spectrum or not longer than the order; NaN or all-zero rows.
    """
    flux = check_flux(flux)
    if not polyorder < window <= flux.shape[-1]:
        raise ValueError(
            f"A window of {window} pixels does not fit: it must be longer than the polynomial "
            f"order ({polyorder}) and no longer than the spectrum ({flux.shape[-1]} pixels)."
        )
    smooth = savgol_filter if window % 2 or not center else _smooth_even

    def step(rows):
        rows[...] = smooth(rows, window, polyorder)

    return apply_to_rows([step], flux)


def _smooth_even(rows, window, polyorder):
    weights = np.array(
        [savgol_coeffs(window, polyorder, pos=p, use="dot") for p in range(window)], rows.dtype
    )
    half = window // 2
    out = convolve1d(rows, weights[half][::-1], axis=-1, mode="nearest", origin=-1)
    out[:, :half] = rows[:, :window] @ weights[:half].T
    out[:, rows.shape[1] - half + 1 :] = rows[:, -window:] @ weights[half + 1 :].T
    return out

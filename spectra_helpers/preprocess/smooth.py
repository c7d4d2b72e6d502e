"""Smooth spectra by local polynomials, as Savitzky and Golay (1964) did (lesson 02)."""

import numpy as np
from scipy.ndimage import correlate1d
from scipy.signal import savgol_coeffs, savgol_filter

from spectra_helpers.preprocess.rows import each_spectrum


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


@each_spectrum
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
    if not polyorder < window <= flux.shape[1]:
        raise ValueError(
            f"A window of {window} pixels does not fit: it must be longer than the polynomial "
            f"order ({polyorder}) and no longer than the spectrum ({flux.shape[1]} pixels)."
        )
    if window % 2 or not center:
        return savgol_filter(flux, window, polyorder)
    # Row p: what each pixel of a window counts in the value of the polynomial at its pixel p.
    weights = np.array([savgol_coeffs(window, polyorder, pos=p, use="dot") for p in range(window)])
    half = window // 2
    smooth = correlate1d(flux, weights[half], axis=1)
    smooth[:, :half] = flux[:, :window] @ weights[:half].T
    smooth[:, flux.shape[1] - half + 1 :] = flux[:, -window:] @ weights[half + 1 :].T
    return smooth

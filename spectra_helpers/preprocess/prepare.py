"""Smooth spectra, and prepare them inside a pipeline: repair, smooth, normalize (lesson 02)."""

import numpy as np
from scipy.ndimage import convolve1d
from scipy.signal import savgol_coeffs, savgol_filter
from sklearn.base import BaseEstimator, TransformerMixin

from spectra_helpers.preprocess.normalize import SCALERS
from spectra_helpers.preprocess.repair import clip_rows
from spectra_helpers.preprocess.rows import apply_to_rows, check_flux


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


def _smooth_recipe(rows):
    rows[...] = _smooth_even(rows, 10, 3)


def _check_labels(y):
    known = np.unique(y)
    if known[0] < 0:
        raise ValueError("Some spectra have no label (-1): leave them out, or label them.")
    if len(known) < 2:
        raise ValueError(
            f"All spectra are of one class (label {known[0]}): give spectra of at least two."
        )


class SpectrumPreprocessor(TransformerMixin, BaseEstimator):
    """Repair, smooth and scale spectra inside a scikit-learn pipeline.

    Parameters
    ----------
    clip : bool
        Bridge dead pixels and replace spikes (`clip_spikes`).
    smooth : bool
        Savitzky-Golay with the recipe's window 10, order 3 (`smooth_savgol`).
    normalize : {"energy", "median", "continuum"}
        What each spectrum is divided by.

    Notes
    -----
    Every row is treated by itself, so nothing is learned from the training rows and nothing can
    leak from the test rows. Taught in lesson 02, used in every model.
    """

    def __init__(self, clip=True, smooth=False, normalize="energy"):
        self.clip = clip
        self.smooth = smooth
        self.normalize = normalize

    def fit(self, X, y=None):
        """Remember the number of pixels.

        ValueError on bad rows or an unknown `normalize`; and, since every model begins with this
        step, on labels no classifier can learn from.
        """
        if self.normalize not in SCALERS:
            raise ValueError(
                f"normalize={self.normalize!r} is unknown. Choose one of: {', '.join(SCALERS)}."
            )
        self.n_features_in_ = check_flux(X).shape[-1]
        if y is not None:
            _check_labels(y)
        return self

    def transform(self, X):
        """Return the prepared spectra, shape (n_spectra, n_pixels)."""
        steps = [clip_rows] * self.clip + [_smooth_recipe] * self.smooth
        steps.append(SCALERS[self.normalize])
        return apply_to_rows(steps, np.atleast_2d(check_flux(X, self.n_features_in_)))

"""Make spectra comparable: repair, smooth and scale them, a row at a time (lesson 02)."""

import numpy as np
from scipy.ndimage import convolve1d
from scipy.signal import savgol_coeffs, savgol_filter
from sklearn.base import BaseEstimator, TransformerMixin

from spectra_helpers.repair import bridge_zeros, find_spikes
from spectra_helpers.rows import apply_to_rows, borrow_array, check_flux, compute_median


def _sum_squares(rows):
    energy = np.einsum("ij,ij->i", rows, rows)
    unsafe = ~((energy > 1e-30) & (energy < 1e30))  # squares outside what float32 can hold
    if unsafe.any():
        energy = energy.astype(np.float64)
        energy[unsafe] = (rows[unsafe].astype(np.float64) ** 2).sum(axis=1)
    return energy


def _scale_energy(rows):
    rows /= np.sqrt(_sum_squares(rows))[:, None].astype(rows.dtype)


def _scale_median(rows):
    scale = compute_median(rows)
    rms = np.sqrt(_sum_squares(rows) / rows.shape[1])
    rows /= np.where(scale > 0.01 * rms, scale, rms)[:, None].astype(rows.dtype)


def _divide_continuum(rows, n_blocks=20):
    rows /= _estimate_continuum(rows, n_blocks)


def _estimate_continuum(flux, n_blocks=20):
    """Follow the broad shape of each spectrum: medians of blocks, joined by straight lines.

    Parameters
    ----------
    flux : ndarray, shape (n_spectra, n_pixels)
        Checked flux.
    n_blocks : int
        Blocks of equal length, about 255 Å each on the 3,000-pixel grid: wider than any narrow
        line, so that lines stay in the quotient.

    Returns
    -------
    ndarray, shape (n_spectra, n_pixels)
        The continuum, kept above a tenth of the row's typical absolute flux.
    """
    n, n_pixels = flux.shape
    most = n_pixels // 3  # a median needs some pixels
    if not 1 <= n_blocks <= most:
        raise ValueError(f"n_blocks={n_blocks}: {n_pixels:,} pixels take 1 to {most:,} blocks.")
    length = n_pixels // n_blocks
    knots = compute_median(flux[:, : length * n_blocks].reshape(n, n_blocks, length))
    floor = 0.1 * np.abs(knots).mean(axis=1, keepdims=True) + np.finfo(flux.dtype).tiny
    knots = np.maximum(knots, floor)
    out = borrow_array("continuum", flux.shape, flux.dtype)
    first = length // 2  # knots sit in the middle of their blocks
    out[:, :first] = knots[:, :1]
    ramp = (np.arange(length) / length).astype(flux.dtype)
    for k in range(n_blocks - 1):
        rise = (knots[:, k + 1] - knots[:, k])[:, None]
        out[:, first + k * length : first + (k + 1) * length] = knots[:, k, None] + rise * ramp
    out[:, first + (n_blocks - 1) * length :] = knots[:, -1:]
    return out


def energy_normalize(flux):
    """Divide each spectrum by its energy, the square root of the sum of its squares.

    Intensity mostly says how far away and how bright an object is; the shape says what it is.

    Parameters
    ----------
    flux : array, shape (n_pixels,) or (n_spectra, n_pixels)

    Returns
    -------
    ndarray
        Same shape and precision; the squares of each row sum to 1.

    Raises
    ------
    ValueError
        NaN, infinite or all-zero rows, wrong shape.

    Notes
    -----
    The published recipe's first step; taught in lesson 02.
    """
    return apply_to_rows([_scale_energy], check_flux(flux))


def median_normalize(flux):
    """Divide each spectrum by its median, which spikes and strong lines hardly move.

    Parameters and errors as in `energy_normalize`. A row whose median is not above a hundredth of
    its root mean square (noise without light) is divided by the root mean square instead, because
    dividing by a median near zero would blow it up. Taught in lesson 02.

    Returns
    -------
    ndarray
        Same shape and precision; each row has a median of 1.
    """
    return apply_to_rows([_scale_median], check_flux(flux))


def continuum_normalize(flux, n_blocks=20):
    """Divide each spectrum by its own continuum, so that only lines and bands are left.

    Parameters and errors as in `energy_normalize`; `n_blocks` as there.
    The slope of a spectrum is lost on purpose: dust and flux calibration change it. Lesson 02.

    Returns
    -------
    ndarray
        Same shape and precision, near 1 where there is no line.
    """
    return apply_to_rows([lambda rows: _divide_continuum(rows, n_blocks)], check_flux(flux))


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


def clip_spikes(flux, threshold=5.0, sharpness=0.8):
    """Bridge dead pixels and replace cosmic-ray spikes of one or two pixels.

    Parameters
    ----------
    flux : array, shape (n_pixels,) or (n_spectra, n_pixels)
    threshold : float
        How far, in units of the local noise, a pixel must stand out from both pixels two steps
        away.
    sharpness : float, 0 to 1
        Which part of the pixel's height above the continuum must vanish in a 5-pixel running
        median. A spike of one or two pixels loses nearly all of it. Of the [O III] lines of
        simulated galaxies fewer than one in 100 is changed at 0.8, several times as many at 0.6
        (measured in lesson 02). In two of three real SDSS galaxies 0.8 still cuts the peak of a
        narrow Hβ or [O III]; 0.9 does not, but misses a few per cent of the spikes of two pixels.

    Returns
    -------
    ndarray
        Same shape and precision; spikes replaced by the median of the 5 pixels around them.

    Notes
    -----
    The noise is 1.48 times the median absolute difference of pixels two steps apart, over the
    square root of 2, in blocks of 100 pixels: a few spikes do not change it. Same idea as the
    fine-structure test of van Dokkum (2001, PASP 113, 1420). Taught in lesson 02.
    """
    return apply_to_rows([lambda rows: _clip(rows, threshold, sharpness)], check_flux(flux))


def _clip(rows, threshold=5.0, sharpness=0.8):
    bridge_zeros(rows)
    index, value = find_spikes(rows, threshold, sharpness)
    rows.reshape(-1)[index] = value


def _smooth_recipe(rows):
    rows[...] = _smooth_even(rows, 10, 3)


SCALERS = {
    "energy": _scale_energy,
    "median": _scale_median,
    "continuum": _divide_continuum,
}


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
        steps = [_clip] * self.clip + [_smooth_recipe] * self.smooth + [SCALERS[self.normalize]]
        return apply_to_rows(steps, np.atleast_2d(check_flux(X, self.n_features_in_)))

"""What a trained model is sensitive to: noise, and pieces of the spectrum (lessons 06 and 07)."""

import numpy as np

from spectra_helpers.data import WAVELENGTH
from spectra_helpers.preprocess import BLOCK, check_flux, compute_median, measure_noise

BESIDE = 30  # pixels on either side of a hidden piece that give the level of the straight line


def _estimate_levels(rows):
    """Median flux and noise in blocks of 100 pixels, each shape (n_spectra, n_blocks)."""
    n_blocks = max(rows.shape[1] // BLOCK, 1)
    length = min(BLOCK, rows.shape[1])
    level = compute_median(rows[:, : n_blocks * length].reshape(len(rows), n_blocks, length))
    return level, measure_noise(rows)[:, :n_blocks]


def estimate_snr(flux):
    """Estimate the signal-to-noise ratio a pixel from the spectrum itself.

    Parameters
    ----------
    flux : array, shape (n_pixels,) or (n_spectra, n_pixels)

    Returns
    -------
    float or ndarray, shape (n_spectra,)
        Median over blocks of 100 pixels of median flux over noise (`repair.measure_noise`). Many
        narrow lines count as noise, so the SNR of cool stars is a lower limit.
    """
    rows = np.atleast_2d(check_flux(flux))
    level, noise = _estimate_levels(rows)
    ratio = np.median(level / np.maximum(noise, np.finfo(rows.dtype).tiny), axis=1)
    return ratio if np.ndim(flux) == 2 else ratio[0]


def degrade_to_snr(flux, snr, rng):
    """Add noise until the signal-to-noise ratio has fallen to `snr`.

    The added noise has the wavelength dependence of the noise that is there already, so a blue end
    that was worst stays worst. Dead pixels stay zero: they record no light and no noise.

    Parameters
    ----------
    flux : array, shape (n_pixels,) or (n_spectra, n_pixels)
    snr : float
        Wanted ratio, as `estimate_snr` measures it. Spectra below it stay as they are.
    rng : numpy.random.Generator or int

    Returns
    -------
    ndarray
        Noisier copy, same shape and precision.

    Raises
    ------
    ValueError
        `snr` not above zero; NaN or all-zero rows.
    """
    if not snr > 0:
        raise ValueError(f"SNR {snr} makes no sense: give a number above zero.")
    rows = np.atleast_2d(check_flux(flux))
    level, noise = _estimate_levels(rows)
    # A hundredth of the light at least: a noiseless spectrum has no noise to scale up.
    noise = np.maximum(noise, 0.01 * np.abs(level).mean(axis=1, keepdims=True))
    factor = np.maximum(np.median(level / noise, axis=1) / snr, 1)
    width = noise * np.sqrt(factor**2 - 1)[:, None]
    pixel_block = np.minimum(np.arange(rows.shape[1]) // BLOCK, width.shape[1] - 1)
    added = np.random.default_rng(rng).standard_normal(rows.shape, dtype=np.float32)
    added *= width[:, pixel_block] * (rows != 0)
    return (rows + added).astype(rows.dtype).reshape(np.shape(flux))


def _bridge_windows(rows, starts, width):
    """Copy all rows for each window and replace the window by a straight line."""
    n_pixels = rows.shape[1]
    copies = np.tile(rows, (len(starts), 1, 1))
    for copy, start in zip(copies, starts, strict=True):
        stop = min(start + width, n_pixels)
        sides = rows[:, max(start - BESIDE, 0) : start], rows[:, stop : stop + BESIDE]
        levels = [np.median(x, axis=1, keepdims=True) for x in sides if x.shape[1]]
        low, high = levels[0], levels[-1]
        part = (np.arange(stop - start) + 0.5) / (stop - start)
        copy[:, start:stop] = low + (high - low) * part
    return copies.reshape(-1, n_pixels)


def _check_windows(width, step, n_pixels):
    if not 1 <= width < n_pixels:
        raise ValueError(
            f"width={width} makes no sense: give 1 to {n_pixels - 1} pixels, so that something is "
            "left beside the window."
        )
    if not step >= 1:
        raise ValueError(f"step={step} makes no sense: give at least 1 pixel.")


def _find_columns(model, label, n_spectra):
    """Return which column of the model's probabilities belongs to each label."""
    label = np.atleast_1d(label)
    if label.shape != (n_spectra,):
        raise ValueError(f"Give one label for each of the {n_spectra} spectra, not {label.size}.")
    if not np.isin(label, model.classes_).all():
        raise ValueError(f"Some labels are none of the model's classes {list(model.classes_)}.")
    return np.searchsorted(model.classes_, label)


def occlusion_map(model, flux, label, width=60, step=30, wavelength=WAVELENGTH, max_rows=4096):
    """Hide one window after another and see how much probability of the true class is lost.

    Parameters
    ----------
    model : estimator
        Anything with predict_proba and classes_ that takes raw flux.
    flux : array, shape (n_spectra, n_pixels)
    label : array of int, shape (n_spectra,)
    width, step : int
        Width of the window and distance between windows, pixels of 1.7 Å. The window is
        replaced by a straight line between the medians of 30 pixels on either side: a line that
        stands beside the window does not tilt it.
    wavelength : ndarray, shape (n_pixels,)
    max_rows : int
        Spectra predicted in one call; bounds memory at 12 kB each.

    Returns
    -------
    center : ndarray, shape (n_windows,)
        Middle of each window, Å.
    lost : ndarray, shape (n_spectra, n_windows)
        Probability of the true class with the whole spectrum, minus that without the window.

    Raises
    ------
    ValueError
        `step` below 1; `width` below 1, or so large that no pixel is left; not one label for each
        spectrum, or one the model does not know; wrong number of pixels; NaN or all-zero rows.
    """
    rows = np.atleast_2d(check_flux(flux, len(wavelength)))
    _check_windows(width, step, rows.shape[1])
    column = _find_columns(model, label, len(rows))
    each = np.arange(len(rows))
    whole = model.predict_proba(rows)[each, column]
    starts = np.arange(0, rows.shape[1] - width // 2, step)
    at_once = max(max_rows // len(rows), 1)
    lost = []
    for first in range(0, len(starts), at_once):
        some = starts[first : first + at_once]
        proba = model.predict_proba(_bridge_windows(rows, some, width))
        hidden = proba.reshape(len(some), len(rows), -1)[:, each, column]
        lost.append(whole - hidden)
    middle = np.minimum(starts + (width - 1) / 2, rows.shape[1] - 1)
    center = np.interp(middle, np.arange(len(wavelength)), wavelength)
    return center, np.concatenate(lost).T

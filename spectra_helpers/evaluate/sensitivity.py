"""What a trained model is sensitive to: noise, and pieces of the spectrum (lessons 06 and 07)."""

import numpy as np

from spectra_helpers.data import WAVELENGTH
from spectra_helpers.preprocess import BLOCK, all_spectra, check_flux, each_spectrum, measure_noise

BESIDE = 30  # pixels on either side of a hidden piece that give the level of the straight line


@each_spectrum
def measure_level(flux):
    """Return the median flux in blocks of 100 pixels, those of `measure_noise`.

    Parameters
    ----------
    flux : array, shape (n_pixels,) or (n_spectra, n_pixels)

    Returns
    -------
    ndarray, shape (n_blocks,) or (n_spectra, n_blocks)
        Pixels at the red end that do not fill a block are left out.
    """
    length = min(BLOCK, flux.shape[1])
    n_blocks = flux.shape[1] // length
    return np.median(flux[:, : n_blocks * length].reshape(-1, n_blocks, length), axis=2)


@each_spectrum
def estimate_snr(flux):
    """Estimate the signal-to-noise ratio a pixel from the spectrum itself.

    Parameters
    ----------
    flux : array, shape (n_pixels,) or (n_spectra, n_pixels)

    Returns
    -------
    float or ndarray, shape (n_spectra,)
        Median over blocks of 100 pixels of `measure_level` over `preprocess.measure_noise`. Many
        narrow lines count as noise, so the SNR of cool stars is a lower limit.
    """
    level = measure_level(flux)
    noise = measure_noise(flux)[:, : level.shape[1]]
    # A spectrum without noise has a ratio of 10¹², which is as good as infinity.
    least = 1e-12 * np.abs(level).mean(axis=1, keepdims=True) + np.finfo(float).tiny
    return np.median(level / np.maximum(noise, least), axis=1)


@all_spectra
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
    level = measure_level(flux)
    noise = measure_noise(flux)[:, : level.shape[1]]
    # A hundredth of the light at least: a noiseless spectrum has no noise to scale up.
    noise = np.maximum(noise, 0.01 * np.abs(level).mean(axis=1, keepdims=True))
    factor = np.maximum(np.median(level / noise, axis=1) / snr, 1)
    width = noise * np.sqrt(factor**2 - 1)[:, None]
    block = np.minimum(np.arange(flux.shape[1]) // BLOCK, width.shape[1] - 1)
    added = np.random.default_rng(rng).standard_normal(flux.shape, dtype=np.float32)
    return np.where(flux == 0, 0, flux + width[:, block] * added)


def hide_windows(rows, starts, width):
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


def check_windows(width, step, n_pixels):
    """Raise a ValueError if windows of `width` pixels, `step` pixels apart, make no sense."""
    if not 1 <= width < n_pixels:
        raise ValueError(
            f"width={width} makes no sense: give 1 to {n_pixels - 1} pixels, so that something is "
            "left beside the window."
        )
    if not step >= 1:
        raise ValueError(f"step={step} makes no sense: give at least 1 pixel.")


def find_columns(model, label, n_spectra):
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
    check_windows(width, step, rows.shape[1])
    column = find_columns(model, label, len(rows))
    each = np.arange(len(rows))
    whole = model.predict_proba(rows)[each, column]
    starts = np.arange(0, rows.shape[1] - width // 2, step)
    at_once = max(max_rows // len(rows), 1)
    lost = []
    for first in range(0, len(starts), at_once):
        some = starts[first : first + at_once]
        proba = model.predict_proba(hide_windows(rows, some, width))
        hidden = proba.reshape(len(some), len(rows), -1)[:, each, column]
        lost.append(whole - hidden)
    middle = np.minimum(starts + (width - 1) / 2, rows.shape[1] - 1)
    center = np.interp(middle, np.arange(len(wavelength)), wavelength)
    return center, np.concatenate(lost).T

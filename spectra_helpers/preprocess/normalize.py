"""Scale spectra, a row at a time: by their energy, median or continuum (lesson 02)."""

import numpy as np

from spectra_helpers.preprocess.rows import apply_to_rows, borrow_array, check_flux, compute_median


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

    The slope of a spectrum is lost on purpose: dust and flux calibration change it. Lesson 02.

    Parameters
    ----------
    flux : array, shape (n_pixels,) or (n_spectra, n_pixels)
    n_blocks : int
        The continuum follows the medians of so many blocks of equal length. On the grid of 3,000
        pixels 20 blocks are about 255 Å each: wider than any narrow line, so that lines stay.

    Returns
    -------
    ndarray
        Same shape and precision, near 1 where there is no line.

    Raises
    ------
    ValueError
        Rows as in `energy_normalize`; blocks of fewer than 3 pixels.
    """
    return apply_to_rows([lambda rows: _divide_continuum(rows, n_blocks)], check_flux(flux))


SCALERS = {
    "energy": _scale_energy,
    "median": _scale_median,
    "continuum": _divide_continuum,
}

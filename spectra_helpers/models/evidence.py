"""Is there anything in a spectrum that a class could be read from? (lesson 07)"""

import numpy as np
from numpy.polynomial.legendre import legvander
from scipy.ndimage import binary_opening, uniform_filter1d

from spectra_helpers.models.log_grid import rebin_to_log
from spectra_helpers.preprocess import each_spectrum

N_PIXELS = 1024  # of log wavelength: 245 km/s each
N_BLOCKS = 16  # of them, each with a noise of its own
WIDTHS = (1, 2, 4, 8, 16, 32)  # log pixels: from a narrow line to a break or a band
DEGREE = 5  # of the smooth continuum
LEAST_NOISE = 0.005  # of the level: calibrations leave ripples
# Of 1,200 spectra of pure noise on a smooth continuum, SNR 1 to 30, 1 % reach 5.5; of 1,000 of the
# simulated deep survey 95 % are above.
LEAST_EVIDENCE = 5.5


@each_spectrum
def measure_evidence(flux):
    """Return by how many standard deviations the strongest feature leaves a smooth continuum.

    Parameters
    ----------
    flux : array, shape (n_pixels,) or (n_spectra, n_pixels)
        On an even grid from 3900 to 9000 Å.

    Returns
    -------
    float or ndarray, shape (n_spectra,)
        Lines, breaks and bands of 245 to 7,800 km/s are looked for, in emission and absorption.
        Below `LEAST_EVIDENCE` it may well be noise: whatever class a model names, it guesses.

    Notes
    -----
    The continuum is a polynomial of degree 5 in log wavelength, fitted with weights; the noise is
    that of neighbouring pixels, as the inverse variance is not always known. The largest of so many
    sums is near 4 in pure noise, by chance alone. Straight runs are pixels that were bridged or
    filled (`preprocess.bridge_zeros`): they say nothing.
    """
    flux = flux / np.abs(flux).max(axis=1, keepdims=True)  # in single precision squares overflow
    rows = rebin_to_log(flux, N_PIXELS)
    rows = rows / np.sqrt(np.mean(rows**2, axis=1, keepdims=True))
    known = rebin_to_log(~find_straight_runs(flux), N_PIXELS) > 0.9
    rest = subtract_smooth(rows, np.maximum(interpolate_noise(rows, known), LEAST_NOISE), known)
    sums = [np.sqrt(width) * uniform_filter1d(rest, width, axis=1) for width in WIDTHS]
    return np.max([np.abs(total).max(axis=1) for total in sums], axis=0)


def find_straight_runs(flux):
    """Find pixels that lie on a straight line with both neighbours, five or more in a row.

    Parameters
    ----------
    flux : ndarray, shape (n_spectra, n_pixels)

    Returns
    -------
    ndarray of bool, shape (n_spectra, n_pixels)
        Noise leaves no such runs: these pixels were bridged or filled.
    """
    bend = np.abs(np.diff(flux, 2, axis=1)) <= 8 * np.finfo(np.float32).eps * np.abs(flux[:, 1:-1])
    bend = np.pad(bend, ((0, 0), (1, 1)), mode="edge")
    return binary_opening(bend, np.ones((1, 5), bool))


def interpolate_noise(rows, known):
    """Return the noise of each pixel, between the middles of the blocks that it is measured in.

    Parameters
    ----------
    rows : ndarray, shape (n_spectra, n_pixels)
        Flux in log pixels.
    known : ndarray of bool
        Same shape; which of them were measured.

    Returns
    -------
    ndarray, shape (n_spectra, n_pixels)
    """
    step = np.abs(rows[:, 2:] - rows[:, :-2]) * (1.4826 / np.sqrt(2))
    step = np.where(known[:, 2:] & known[:, :-2], step, np.nan)
    step = np.pad(step, ((0, 0), (1, 1)), constant_values=np.nan)
    blocks = step.reshape(len(rows), N_BLOCKS, -1)
    pixels = (np.arange(N_PIXELS) + 0.5) * N_BLOCKS / N_PIXELS - 0.5
    noise = np.ones_like(rows)
    for row, steps in zip(noise, blocks, strict=True):
        told = np.flatnonzero(np.isfinite(steps).mean(axis=1) > 0.25)
        if len(told):
            row[:] = _smooth_curve(pixels, told, np.nanmedian(steps[told], axis=1))
    return noise


def _smooth_curve(pixels, blocks, noise):
    """Noise at the pixels: 62 steps tell it to a tenth only, so the blocks beside them help."""
    wide = np.log(np.maximum(noise, np.finfo(np.float32).tiny))
    wide = np.pad(wide, 2, mode="reflect", reflect_type="odd")  # it may rise steeply at an end
    smooth = np.convolve(wide, [0.25, 0.5, 0.25], mode="valid")
    return np.exp(np.interp(pixels, [blocks[0] - 1, *blocks, blocks[-1] + 1], smooth))


def subtract_smooth(rows, noise, known):
    """Return (flux - best polynomial) / noise, and 0 where the flux is not known.

    Parameters
    ----------
    rows, noise : ndarray, shape (n_spectra, n_pixels)
        Flux and its noise in log pixels.
    known : ndarray of bool
        Same shape; which of them were measured.

    Returns
    -------
    ndarray, shape (n_spectra, n_pixels)
    """
    powers = legvander(np.linspace(-1, 1, rows.shape[1]), DEGREE)
    weight = known / noise**2
    normal = np.einsum("np,pi,pj->nij", weight, powers, powers, optimize=True)
    light = (weight * rows) @ powers
    best = np.einsum("nij,nj->ni", np.linalg.pinv(normal, hermitian=True), light)
    return np.where(known, rows - best @ powers.T, 0) / noise

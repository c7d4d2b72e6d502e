"""Is there anything in a spectrum that a class could be read from? (lesson 07)"""

import numpy as np
from numpy.polynomial.legendre import legvander
from scipy.ndimage import uniform_filter1d

from spectra_helpers.models.log_grid import measure_noise_curves, rebin_to_log
from spectra_helpers.preprocess import each_spectrum

N_PIXELS = 1024  # of log wavelength: 245 km/s each
WIDTHS = (1, 2, 4, 8, 16, 32)  # log pixels: from a narrow line to a break or a band
DEGREE = 5  # of the smooth continuum
LEAST_NOISE = 0.005  # of the level: calibrations leave ripples
# Of 1,200 spectra of pure noise on a smooth continuum, SNR 1 to 30, 1 % reach 5.5; of the simulated
# deep survey 95 % are above.
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
    sums is near 4 in pure noise, by chance alone.
    """
    rows = rebin_to_log(flux, N_PIXELS)
    rows = rows / np.sqrt(np.mean(rows**2, axis=1, keepdims=True))
    rest = subtract_smooth(rows, np.maximum(interpolate_noise(rows), LEAST_NOISE))
    sums = [np.sqrt(width) * uniform_filter1d(rest, width, axis=1) for width in WIDTHS]
    return np.max([np.abs(total).max(axis=1) for total in sums], axis=0)


def interpolate_noise(rows):
    """Return the noise of each pixel, between the middles of the blocks that it is measured in.

    Parameters
    ----------
    rows : ndarray, shape (n_spectra, n_pixels)
        Flux in log pixels.

    Returns
    -------
    ndarray, shape (n_spectra, n_pixels)
    """
    curves = measure_noise_curves(rows, misfit=0.0)
    n_blocks = curves.shape[1]
    place = (np.arange(rows.shape[1]) + 0.5) * n_blocks / rows.shape[1] - 0.5
    left = np.clip(place.astype(int), 0, n_blocks - 2)
    part = np.clip(place - left, 0, 1)
    return curves[:, left] * (1 - part) + curves[:, left + 1] * part


def subtract_smooth(rows, noise):
    """Return (flux - best polynomial) / noise, shape (n_spectra, n_pixels).

    Parameters
    ----------
    rows, noise : ndarray, shape (n_spectra, n_pixels)
        Flux and its noise in log pixels.
    """
    powers = legvander(np.linspace(-1, 1, rows.shape[1]), DEGREE)
    weight = 1 / noise**2
    normal = np.einsum("np,pi,pj->nij", weight, powers, powers, optimize=True)
    light = (weight * rows) @ powers
    best = np.linalg.solve(normal, light[:, :, None])[:, :, 0]
    return (rows - best @ powers.T) / noise

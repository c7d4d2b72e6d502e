"""The pattern of lines and breaks that redshift does not change (lessons 05 and 06).

A redshift multiplies every wavelength, so it shifts a spectrum along the logarithm of wavelength;
and the modulus of a Fourier transform does not change under a shift. What is left says how broad
the features are and how they are spaced, not where they are.
"""

from functools import lru_cache

import numpy as np
from scipy.ndimage import uniform_filter1d

from spectra_helpers.data import WAVELENGTH

N_STEPS = 1024  # of log wavelength: 245 km/s each
CONTINUUM = 101  # steps of the running mean that is taken off, 8 % of the wavelength


@lru_cache(maxsize=2)
def pattern_matrix(n_pixels):
    """Return the matrix that makes a spectrum ready for the transform.

    Parameters
    ----------
    n_pixels : int
        Evenly spaced over the wavelengths of the series.

    Returns
    -------
    ndarray, shape (n_pixels, 1024), float32
        Mean flux in even steps of log wavelength, minus its running mean, faded out at both ends.
    """
    pixel = (WAVELENGTH[-1] - WAVELENGTH[0]) / (n_pixels - 1)
    starts = WAVELENGTH[0] + pixel * (np.arange(n_pixels) - 0.5)
    steps = np.geomspace(WAVELENGTH[0], WAVELENGTH[-1], N_STEPS + 1)
    reached = np.clip(steps - starts[:, None], 0, pixel)  # Å of each pixel below each step's edge
    means = (np.diff(reached) / np.diff(steps)).astype(np.float32)
    lines = means - uniform_filter1d(means, CONTINUUM)
    return lines * np.hanning(N_STEPS).astype(np.float32)


@lru_cache(maxsize=2)
def wave_matrix(n_pixels, n_frequencies):
    """Return `pattern_matrix` and the transform after it as one matrix, for the network.

    Returns
    -------
    ndarray, shape (n_pixels, 2 n_frequencies), float32
        Real parts of the lowest frequencies, then imaginary parts.
    """
    waves = np.fft.rfft(pattern_matrix(n_pixels))[:, 1 : n_frequencies + 1]
    return np.hstack([waves.real, waves.imag]).astype(np.float32)


def measure_pattern(flux, n_frequencies=256):
    """Return the logarithm of the modulus of the transform of each spectrum.

    Parameters
    ----------
    flux : ndarray, shape (n_spectra, n_pixels)
        On a compressed scale, root mean square near 1.
    n_frequencies : int
        The lowest that are kept: higher ones hold noise.

    Returns
    -------
    ndarray, shape (n_spectra, n_frequencies)
    """
    waves = np.fft.rfft(flux @ pattern_matrix(flux.shape[1]))[:, 1 : n_frequencies + 1]
    return np.log(np.abs(waves) + 0.01).astype(np.float32)

"""How deep a spectrum is, and how its noise depends on wavelength: one spectrograph of several."""

import math
from functools import lru_cache

import numpy as np
from scipy.ndimage import uniform_filter1d

from spectra_helpers.data import WAVELENGTH
from spectra_helpers.simulate.instrument import NOISE_LEVEL, NOISE_WAVELENGTH
from spectra_helpers.simulate.sky import sum_airglow

# SNR a pixel at 6000-6500 Å, of all classes alike: ln(SNR) is even from 1 to 30 in three spectra of
# four and from 10 to 200 in the fourth, so that bright objects are learned too. LAMOST, a survey to
# 18-19 mag, publishes hardly anything below 3 (Luo et al. 2015, RAA 15, 1095): what is fainter
# there gets 3.
FAINT_SHARE, FAINT_SNR, BRIGHT_SNR = 0.75, (1.0, 30.0), (10.0, 200.0)
LAMOST_FLOOR = 3.0
# An object whose class cannot be measured is observed longer, to SNR 30 at most: χ² of its features
# (0.01 for each of BOSS's 4,500 pixels: Bolton et al. 2012, AJ 144, 144), and the pixels (400 Å)
# of the running mean that is no feature.
LEAST_CHI2, SLOW, LONGEST_SNR = 45.0, 235, 30.0
SNR_WINDOW = slice(*np.searchsorted(WAVELENGTH, (6000, 6500)))

# Standard deviation of the noise of a faint object against wavelength, relative to 6250 Å, medians
# of 1/sqrt(inverse variance) between the sky lines, at `PROFILE_WAVELENGTH`. SDSS: four spectra of
# SDSS-I; BOSS: 28 spectra of SNR below 12. DESI: after the throughput of its three arms (Guy et al.
# 2023, AJ 165, 144, fig. 5): nearly even, worse below 4,300 Å and where the arms meet.
PROFILE_WAVELENGTH = (
    3900, 4000, 4100, 4200, 4400, 4600, 4800, 5000, 5300, 5500, 5650, 5780, 5900, 6000, 6250, 6500,
    7000, 7500, 7800, 8000, 8200, 8500, 8750, 9000,
)  # fmt: skip
PROFILES = {
    "SDSS": (
        2.9, 2.4, 2.2, 1.9, 1.7, 1.55, 1.4, 1.35, 1.3, 1.3, 1.3, 1.3, 1.25, 1.15, 1.0, 0.88, 0.84,
        0.85, 0.95, 1.0, 1.05, 1.15, 1.3, 1.5,
    ),
    "BOSS": (
        1.9, 1.85, 1.65, 1.5, 1.35, 1.2, 1.1, 1.05, 0.95, 0.95, 1.0, 1.05, 1.2, 1.15, 1.0, 0.78,
        0.68, 0.62, 0.85, 0.8, 0.73, 0.73, 0.68, 0.78,
    ),
    "DESI": (
        2.6, 2.3, 2.0, 1.8, 1.6, 1.45, 1.35, 1.25, 1.2, 1.25, 1.4, 1.7, 1.2, 1.05, 1.0, 0.95, 0.9,
        0.95, 0.9, 0.85, 0.85, 0.85, 0.85, 0.9,
    ),
}  # fmt: skip
# Share of each spectrograph; "even" is one that nobody here has seen.
SPECTROGRAPHS = {"LAMOST": 0.35, "SDSS": 0.15, "BOSS": 0.20, "DESI": 0.20, "even": 0.10}
LEAST_REFERENCE = 0.3  # of the mean flux: where hardly any light is at 6000-6500 Å

# Pipelines that resample or smooth leave noise that is correlated over a few pixels: FWHM, Å.
SMOOTHED_SHARE, SMOOTHING = 0.25, (2.5, 9.0)


@lru_cache(maxsize=1)
def _log_profiles():
    log = {
        name: np.interp(WAVELENGTH, PROFILE_WAVELENGTH, np.log(level))
        for name, level in PROFILES.items()
    }
    log["LAMOST"] = np.interp(WAVELENGTH, NOISE_WAVELENGTH, np.log(NOISE_LEVEL))
    log["even"] = np.zeros(len(WAVELENGTH))
    return {name: shape.astype(np.float32) for name, shape in log.items()}


@lru_cache(maxsize=1)
def _ripples():
    """Return slow waves along the spectrum, shape (6, 3000): no two spectrographs are alike."""
    x = np.linspace(0, 2 * np.pi, len(WAVELENGTH))
    waves = [f(k * x / 2) / k for k in (1, 2, 3) for f in (np.sin, np.cos)]
    return np.array(waves, np.float32)


def draw_deep_snr(spectrograph, rng):
    """Draw the signal-to-noise ratio a pixel at 6000-6500 Å: 1 to 200, the same for all classes."""
    low, high = FAINT_SNR if rng.random() < FAINT_SHARE else BRIGHT_SNR
    snr = math.exp(rng.uniform(math.log(low), math.log(high)))
    return max(snr, LAMOST_FLOOR) if spectrograph == "LAMOST" else snr


def draw_noise_level(flux, snr, spectrograph, rng):
    """Draw the standard deviation of the noise of each pixel, for a given median SNR.

    Parameters
    ----------
    flux : ndarray, shape (3000,)
        Noiseless spectrum.
    snr : float
        Median flux over sigma at 6000-6500 Å.
    spectrograph : str
        A key of `SPECTROGRAPHS`.
    rng : numpy.random.Generator

    Returns
    -------
    ndarray, shape (3000,)
    """
    mean = np.abs(flux).mean()
    reference = max(np.median(np.abs(flux[SNR_WINDOW])), LEAST_REFERENCE * mean)
    log_sky = np.float32(rng.uniform(0.6, 1.1)) * _log_profiles()[spectrograph]
    log_sky = log_sky + np.float32(0.1) * rng.standard_normal(6, dtype=np.float32) @ _ripples()
    # A faint object's noise is that of the sky, a bright one's that of its own light.
    own = snr / (snr + rng.uniform(5.0, 60.0))
    relative = np.clip(flux / reference, 0.02, 8)
    shape = np.exp(log_sky) * np.sqrt(1 - own + own * relative)
    shape *= np.sqrt(1 + np.float32(rng.uniform(0.02, 0.6)) * sum_airglow())
    return (reference / snr / np.median(shape[SNR_WINDOW]) * shape).astype(np.float32)


def find_snr_factor(flux, sigma):
    """Return by what factor a spectrum must be less noisy for its class to be measured at all.

    A survey publishes a class where something in the spectrum tells it. What tells is what remains
    without the slow changes: lines, breaks and bands. Their χ² must reach `LEAST_CHI2`, which is
    the difference between the best fits of two classes that BOSS asks for.

    Parameters
    ----------
    flux, sigma : ndarray, shape (3000,)
        Noiseless spectrum, and the standard deviation of its noise.

    Returns
    -------
    float
        1 where the class can be measured, above 1 elsewhere.
    """
    features = (flux - uniform_filter1d(flux, SLOW)) / sigma
    return max(math.sqrt(LEAST_CHI2 / max(float(features @ features), 1e-9)), 1.0)


def draw_noise_of(sigma, rng):
    """Draw noise of the given standard deviation, a little correlated as resampling leaves it."""
    white = rng.standard_normal(len(sigma) + 1, dtype=np.float32)
    return sigma * (0.8 * white[1:] + 0.6 * white[:-1])

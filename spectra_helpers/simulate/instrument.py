"""From a source's flux to what a LAMOST-like spectrograph delivers of it.

Every effect is drawn without knowing the class, so that no classifier can learn the class from the
instrument. The order is that of the light: dust, spectrograph, calibration, sky, detector.
"""

import math
from functools import lru_cache

import numpy as np
from astropy import units

from spectra_helpers.data import WAVELENGTH
from spectra_helpers.lines import ARM_JOIN
from spectra_helpers.simulate.grid import OBSERVED_WAVELENGTH, PADDING, STEP
from spectra_helpers.simulate.sky import draw_sky_residual, sum_airglow, sum_telluric

# Noise against wavelength, relative to 6250 Å: median of 1/sqrt(inverse variance) of 60 LAMOST DR1
# spectra (plate B6212, spectrograph 6), read at these wavelengths between the sky lines.
NOISE_WAVELENGTH = (
    3900, 3950, 4000, 4100, 4200, 4400, 4600, 4800, 5000, 5300, 5550, 5650, 5710, 5800, 5900, 6000,
    6250, 6500, 7000, 7500, 8000, 8500, 9000,
)  # fmt: skip
NOISE_LEVEL = (
    6.5, 5.4, 4.5, 3.6, 3.0, 2.4, 1.9, 1.65, 1.5, 1.4, 1.45, 1.8, 2.45, 1.6, 1.4, 1.2,
    1.0, 0.82, 0.68, 0.58, 0.55, 0.53, 0.58,
)  # fmt: skip

# Faintest signal-to-noise (at 6000-6500 Å, a pixel) and the lognormal (median, sigma) of each class
# in a survey limited to SNR > 10: galaxies and quasars crowd at the limit.
SNR_FLOOR = 10.0
SNR_OF_CLASS = ((25.0, 0.5), (26.0, 0.5), (35.0, 0.7))
CALIBRATION_ERRORS = np.array([0.06, 0.03, 0.018, 0.012, 0.025])  # ln: tilt, three bends, step
JOIN_PIXEL = int(np.searchsorted(WAVELENGTH, 5800.0))
BLUR_REACH = 5  # pixels: four sigma of the lowest resolution
FLAG_COSMIC, FLAG_DEAD = 1, 2  # bits of the truth table's `flags`


@lru_cache
def _extinction_curve():
    """A(λ) / E(B-V) of Galactic dust on the observed grid, R(V) = 3.1 (Gordon et al. 2023)."""
    from dust_extinction.parameter_averages import G23  # slow to import: only where it is used

    return (3.1 * G23(Rv=3.1)(OBSERVED_WAVELENGTH * units.AA)).astype("float32")


@lru_cache
def _log_noise_shape():
    return np.log(np.interp(WAVELENGTH, NOISE_WAVELENGTH, NOISE_LEVEL)).astype("float32")


def redden(flux, ebv):
    """Dim a spectrum by the dust of our Galaxy.

    Parameters
    ----------
    flux : ndarray, shape (len(OBSERVED_WAVELENGTH),)
        Flux per Å.
    ebv : float
        Colour excess E(B-V), mag.

    Returns
    -------
    ndarray, shape (len(OBSERVED_WAVELENGTH),)
    """
    return flux * np.exp(np.float32(-0.4 * np.log(10) * ebv) * _extinction_curve())


def _blur(flux, fwhm):
    """Convolve with a Gaussian of `fwhm` Å, which darkens the first and last pixels."""
    sigma = fwhm / math.sqrt(8 * math.log(2)) / STEP  # pixels
    profile = np.exp(-0.5 * (np.arange(-BLUR_REACH, BLUR_REACH + 1, dtype="float32") / sigma) ** 2)
    return np.convolve(flux, profile / profile.sum(), "same")


def blur_arms(flux, fwhm_blue, fwhm_red):
    """Blur a spectrum to the resolution of each arm; at 5700-5900 Å one passes into the other.

    Parameters
    ----------
    flux : ndarray, shape (len(OBSERVED_WAVELENGTH),)
    fwhm_blue, fwhm_red : float
        Full width at half maximum of a narrow line, Å.

    Returns
    -------
    ndarray, shape (len(OBSERVED_WAVELENGTH),)
    """
    start, stop = OBSERVED_WAVELENGTH.searchsorted(ARM_JOIN)
    blue, red = slice(stop + BLUR_REACH), slice(start - BLUR_REACH, None)
    blurred, other = np.empty_like(flux), np.empty_like(flux)
    blurred[blue] = _blur(flux[blue], fwhm_blue)
    other[red] = _blur(flux[red], fwhm_red)
    weight = (OBSERVED_WAVELENGTH[start:stop] - ARM_JOIN[0]) / (ARM_JOIN[1] - ARM_JOIN[0])
    blurred[start:stop] = (1 - weight) * blurred[start:stop] + weight * other[start:stop]
    blurred[stop:] = other[stop:]
    return blurred


@lru_cache
def _calibration_terms():
    """Shapes of calibration error: four bends, the step between the arms, the join's envelope."""
    x = (OBSERVED_WAVELENGTH - 6450.0) / 2550.0
    step = np.tanh((OBSERVED_WAVELENGTH - 5800.0) / 40.0)
    near = slice(*OBSERVED_WAVELENGTH.searchsorted((5200.0, 6400.0)))  # ten widths of the wiggle
    join = np.exp(-0.5 * ((OBSERVED_WAVELENGTH[near] - 5800.0) / 60.0) ** 2)
    shapes = np.vstack([np.polynomial.legendre.legvander(x, 4).T[1:], step])
    return shapes.astype("float32"), near, join


def draw_response(rng, corrected_share=0.4):
    """Draw a calibration error: tilt and bend, arm offset, wiggle at the join, telluric bands.

    Parameters
    ----------
    rng : numpy.random.Generator
    corrected_share : float
        How many spectra had the bands of the air corrected; what is left of them is small.

    Returns
    -------
    ndarray, shape (len(OBSERVED_WAVELENGTH),)
    """
    shapes, near, join = _calibration_terms()
    log_response = (CALIBRATION_ERRORS * rng.standard_normal(5)).astype("float32") @ shapes
    phase = 2 * np.pi * (OBSERVED_WAVELENGTH[near] / rng.uniform(60, 140) + rng.random())
    log_response[near] += rng.normal(0, 0.03) * join * np.sin(phase.astype("float32"))
    corrected = rng.random() < corrected_share
    depth = rng.normal(0, 0.15) if corrected else rng.lognormal(-0.1, 0.25)
    lost = np.minimum(np.maximum(np.float32(depth) * sum_telluric(), -0.5), 0.95)
    return np.exp(log_response) * (1 - lost)


def draw_snr(label, rng):
    """Draw the signal-to-noise ratio of a spectrum: lognormal, above the survey's limit.

    Parameters
    ----------
    label : int
        Class, 0 to 2.
    rng : numpy.random.Generator

    Returns
    -------
    float
        A pixel, at 6000-6500 Å; 10 to 300.
    """
    median, sigma = SNR_OF_CLASS[label]
    snr = 0.0
    while snr < SNR_FLOOR:
        snr = median * math.exp(sigma * rng.standard_normal())
    return min(snr, 300.0)


def draw_noise_level(flux, snr, plate):
    """Draw how noisy each pixel is, for a median `snr` at 6000-6500 Å.

    Parameters
    ----------
    flux : ndarray, shape (3000,)
        Noiseless spectrum.
    snr : float
        Median flux / sigma at 6000-6500 Å.
    plate : numpy.random.Generator
        Of the shape against wavelength.

    Returns
    -------
    sigma, airglow : ndarray, shape (3000,)
        The standard deviation between the lines of the sky, and by how much it is larger on them.
    """
    window = slice(*np.searchsorted(WAVELENGTH, (6000, 6500)))
    reference = np.median(np.abs(flux[window]))
    steepness = plate.uniform(0.3, 0.82)  # from a flat spectrograph to a steep one
    source_share = plate.uniform(0.1, 0.6)
    relative = np.minimum(np.maximum(flux / reference, 0.02), 8)
    sky = np.exp(steepness * _log_noise_shape())
    shape = sky * np.sqrt(1 - source_share + source_share * relative)
    sigma = reference / snr * shape / np.median(shape[window])
    return sigma, np.sqrt(1 + plate.uniform(0.05, 0.5) * sum_airglow())


def draw_noise_of(sigma, rng):
    """Draw noise of a given standard deviation in each pixel, shape (3000,).

    Half a pixel of correlation stands for the resampling of the survey's pipeline (the scatter of
    LAMOST pixels is 0.7 of what the variances say).
    """
    white = rng.standard_normal(len(WAVELENGTH) + 1, dtype=np.float32)
    return sigma * (0.8 * white[1:] + 0.6 * white[:-1])


def draw_survey_noise(flux, snr, rng, plate):
    """Draw the noise of the sky and the source, for a median `snr` at 6000-6500 Å.

    `augment.draw_noise` is another: as wide everywhere, its SNR that of the whole spectrum.

    Parameters
    ----------
    flux, snr, plate
        As in `draw_noise_level`.
    rng : numpy.random.Generator
        Of the noise.

    Returns
    -------
    noise, sigma : ndarray, shape (3000,)
        The noise, and its standard deviation between the lines of the sky.
    """
    sigma, airglow = draw_noise_level(flux, snr, plate)
    return draw_noise_of(sigma * airglow, rng), sigma


def add_defects(flux, sigma, rng):
    """Cosmic rays, single zero pixels and short dead runs, in place; returns the flags."""
    flags = 0
    for _ in range(rng.poisson(0.5)):
        start, width = rng.integers(0, len(flux) - 4), rng.integers(1, 4)
        flux[start : start + width] += sigma[start] * rng.lognormal(2.5, 0.7)
        flags |= FLAG_COSMIC
    dead = rng.poisson(0.6)
    if dead:
        flux[rng.integers(0, len(flux), dead)] = 0.0
        flags |= FLAG_DEAD
    if rng.random() < 0.06:
        start = rng.integers(0, len(flux) - 80)
        flux[start : start + rng.integers(3, 80)] = 0.0
        flags |= FLAG_DEAD
    if rng.random() < 0.03:  # the arms do not meet, as in several LAMOST DR1 spectra
        half = rng.integers(20, 130)
        flux[JOIN_PIXEL - half : JOIN_PIXEL + half] = 0.0
        flags |= FLAG_DEAD
    return flags


def observe(flux, label, rng, noiseless=False, plate=None, ivar=False):
    """Observe a noiseless source.

    Parameters
    ----------
    flux : ndarray, shape (len(OBSERVED_WAVELENGTH),)
        Flux per Å above the atmosphere and outside the Galaxy's dust, any scale.
    label : int
        Class; it decides the signal-to-noise alone.
    rng : numpy.random.Generator
    noiseless : bool
        Leave out noise, residuals of the sky and defects. The draws are the same, so this is the
        truth behind the spectrum that the same `rng` gives otherwise.
    plate : numpy.random.Generator, optional
        Of what the spectra of one plate share: resolution, response, shape of the noise, residual
        of the sky. A fresh one of the same seed for each spectrum; left out, each has its own.
    ivar : bool
        Tell the inverse variance of each pixel, as a survey's pipeline would: from the light that
        was counted, 0 where there was none. It knows nothing of badly subtracted lines of the sky,
        cosmic rays and wrong calibration, nor that neighbours share noise.

    Returns
    -------
    observed : ndarray, shape (3000,), float32
        What the survey's file would hold, in its raw flux units.
    facts : dict
        ``snr``, ``ebv``, ``flags``, and ``ivar`` if asked for.
    """
    plate = rng if plate is None else plate
    ebv = min(rng.exponential(0.06) if rng.random() < 0.92 else rng.exponential(0.35), 1.5)
    blurred = blur_arms(redden(flux, ebv), plate.uniform(2.3, 3.6), plate.uniform(2.6, 5.0))
    clean = (blurred * draw_response(plate))[PADDING:-PADDING]
    snr = draw_snr(label, rng)
    sigma, airglow = draw_noise_level(clean, snr, plate)
    noise = draw_noise_of(sigma * airglow, rng)
    observed = clean + noise + draw_sky_residual(sigma, plate)
    level = (
        60.0 * (snr / 25.0) ** 0.8 * rng.lognormal(0, 0.6)
    )  # raw units: from a few to about 1,000
    scale = level / np.median(np.abs(clean))
    flags = add_defects(observed, sigma, rng)
    facts = {"snr": snr, "ebv": ebv, "flags": flags}
    if ivar:
        facts["ivar"] = np.where(observed == 0, 0, (sigma * airglow * scale) ** -2.0)
    observed = clean if noiseless else observed
    return (observed * scale).astype("float32"), facts

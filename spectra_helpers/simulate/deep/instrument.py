"""From a source's flux to what one of several spectrographs delivers of it, good or bad.

As in the published survey every effect is drawn without knowing the class, but for the dust of our
Galaxy: only stars lie behind that of the Galactic plane.
"""

import math
from functools import lru_cache

import numpy as np

from spectra_helpers.data import WAVELENGTH
from spectra_helpers.simulate.deep.joins import draw_deep_response
from spectra_helpers.simulate.deep.noise import (
    LONGEST_SNR,
    SMOOTHED_SHARE,
    SMOOTHING,
    SPECTROGRAPHS,
    draw_deep_snr,
    draw_noise_level,
    draw_noise_of,
    find_snr_factor,
)
from spectra_helpers.simulate.deep.sky import draw_foreign_light, neighbour_stars
from spectra_helpers.simulate.grid import OBSERVED_WAVELENGTH, PADDING, STEP
from spectra_helpers.simulate.instrument import add_defects, blur_arms, redden
from spectra_helpers.simulate.kinds import draw_kind
from spectra_helpers.simulate.sky import draw_sky_residual

STAR = 2
# E(B-V) of stars: a quarter lie in the Galactic plane, where LAMOST's anticentre has 0.3 to 1
# (Yuan et al. 2015, MNRAS 448, 855); elsewhere the mean is 0.05 (Schlafly & Finkbeiner 2011).
PLANE_SHARE, PLANE_EBV, HIGH_LATITUDE_EBV, LARGEST_EBV = 0.25, 0.4, 0.05, 1.5
# Diffuse interstellar bands and sodium: vacuum Å, FWHM (Å), equivalent width (Å) at E(B-V) = 1
# (Jenniskens & Desert 1994, A&AS 106, 39; Friedman et al. 2011, ApJ 727, 33). Na D saturates
# (Poznanski et al. 2012, MNRAS 426, 1465): 1.3 Å is reached near E(B-V) = 0.7.
BANDS = (
    (4429.3, 18.0, 2.2), (5782.2, 2.1, 0.55), (5798.7, 1.0, 0.19), (6285.4, 4.5, 1.2),
    (6615.5, 1.0, 0.23), (8623.0, 4.3, 0.35),
)  # fmt: skip
SODIUM, SODIUM_WIDTH = ((5891.58, 0.75), (5897.56, 0.55)), 1.0

# Two objects in one fibre: the second, a star of the field, takes up to a third of the light.
BLEND_SHARE, LARGEST_BLEND = 0.03, 0.35
# An end that was not observed, or not kept, is filled with the nearest flux: 2dF, FORS2 and others
# begin at 3,700 to 4,700 Å or end at 7,500 to 8,900 Å.
SHORT_SHARE, BLUE_ENDS, RED_ENDS = 0.12, (3920.0, 4700.0), (7600.0, 8980.0)
# Where a detector ends the response is small and badly known: ln of the factor there, and the
# pixels over which it fades, as FORS2's red ends show.
RUNAWAY_SHARE, RUNAWAY_SIZE, RUNAWAY_REACH = 0.4, 0.8, (10.0, 80.0)
FLAG_SHORT, FLAG_BLEND = 8, 32  # bits of the truth table's `flags`


@lru_cache(maxsize=1)
def _bands():
    """Optical depth of the diffuse bands at E(B-V) = 1, and of saturated Na D, float32."""
    sodium = [(centre, SODIUM_WIDTH, width) for centre, width in SODIUM]
    return np.array([_sum_lines(BANDS), _sum_lines(sodium)], np.float32)


def _sum_lines(lines):
    total = np.zeros(len(OBSERVED_WAVELENGTH))
    for centre, fwhm, width in lines:
        sigma = max(fwhm / 2.355, STEP / 2)  # narrower ones would fall between two pixels
        profile = np.exp(-0.5 * ((OBSERVED_WAVELENGTH - centre) / sigma) ** 2)
        total += width / (sigma * math.sqrt(2 * math.pi)) * profile
    return total


def _draw_dust(label, rng):
    plane = label == STAR and rng.random() < PLANE_SHARE
    return min(rng.exponential(PLANE_EBV if plane else HIGH_LATITUDE_EBV), LARGEST_EBV)


def _absorb_by_dust(flux, ebv, rng):
    """Dim a spectrum by the dust of our Galaxy, with its bands and sodium lines."""
    bands, sodium = _bands()
    scatter = math.exp(0.2 * rng.standard_normal())
    depth = np.float32(ebv * scatter) * bands + np.float32(1 - math.exp(-ebv / 0.3)) * sodium
    return redden(flux, ebv) * np.exp(-depth)


def _spoil_light(flux, spectrograph, rng):
    """Blur, miscalibrate, and blend with a second object; returns the flux and its flags."""
    flux = blur_arms(flux, rng.uniform(2.0, 4.0), rng.uniform(2.3, 5.0))
    response, flags = draw_deep_response(spectrograph, rng)
    flux = (flux * response)[PADDING:-PADDING]
    if rng.random() < BLEND_SHARE:
        star = neighbour_stars()[rng.integers(len(neighbour_stars()))]
        share = rng.uniform(0.05, LARGEST_BLEND)
        flux = (1 - share) * flux + np.float32(share * np.abs(flux).mean()) * star
        flags |= FLAG_BLEND
    return flux, flags


def _smooth(flux, fwhm):
    """Convolve with a Gaussian of `fwhm` Å, each end continued flat."""
    sigma = fwhm / 2.355 / STEP
    reach = math.ceil(3 * sigma)
    profile = np.exp(-0.5 * (np.arange(-reach, reach + 1, dtype=np.float32) / sigma) ** 2)
    return np.convolve(np.pad(flux, reach, "edge"), profile / profile.sum(), "valid")


def _shorten(flux, rng):
    """Fill the blue end, the red end or both with the nearest flux, in place; returns the flag."""
    if rng.random() > SHORT_SHARE:
        return 0
    which = rng.integers(3)
    if which != 1:
        _fill_start(flux, WAVELENGTH.searchsorted(rng.uniform(*BLUE_ENDS)), rng)
    if which != 0:
        n_filled = len(flux) - WAVELENGTH.searchsorted(rng.uniform(*RED_ENDS))
        _fill_start(flux[::-1], n_filled, rng)
    return FLAG_SHORT


def _fill_start(flux, n_filled, rng):
    """Fill the first pixels, in place; in some spectra the light fades or soars before that."""
    if rng.random() < RUNAWAY_SHARE:
        reach = rng.uniform(*RUNAWAY_REACH)
        near = slice(n_filled, n_filled + int(4 * reach))
        distance = np.arange(near.stop - near.start) / reach
        flux[near] *= np.exp(rng.normal(0, RUNAWAY_SIZE) * np.exp(-distance))
    flux[:n_filled] = flux[n_filled : n_filled + rng.integers(1, 30)].mean()


def observe(flux, label, rng, noiseless=False):
    """Observe a noiseless source with one of several spectrographs.

    Parameters
    ----------
    flux : ndarray, shape (len(OBSERVED_WAVELENGTH),)
        Flux per Å above the atmosphere and outside the Galaxy's dust, any scale.
    label : int
        Class; it decides whether the object can lie behind much dust.
    rng : numpy.random.Generator
    noiseless : bool
        As in `instrument.observe`.

    Returns
    -------
    observed : ndarray, shape (3000,), float32
    facts : dict
        ``snr`` (a pixel, 6000-6500 Å), ``ebv`` (mag), ``flags`` and ``spectrograph``.
    """
    ebv = _draw_dust(label, rng)
    spectrograph = draw_kind(rng, SPECTROGRAPHS)
    clean, flags = _spoil_light(_absorb_by_dust(flux, ebv, rng), spectrograph, rng)
    snr = draw_deep_snr(spectrograph, rng)
    sigma = draw_noise_level(clean, snr, spectrograph, rng)
    longer = min(find_snr_factor(clean, sigma), max(LONGEST_SNR / snr, 1.0))
    snr, sigma = snr * longer, sigma / np.float32(longer)
    observed = clean + draw_noise_of(sigma, rng) + draw_sky_residual(sigma, rng)
    observed += draw_foreign_light(sigma, clean, rng)
    flags |= add_defects(observed, sigma, rng)
    if rng.random() < SMOOTHED_SHARE:
        observed = _smooth(observed, rng.uniform(*SMOOTHING))
    flags |= _shorten(observed, rng)
    level = 60.0 * (snr / 25.0) ** 0.8 * rng.lognormal(0, 0.6)  # raw units, as published
    scale = level / np.median(np.abs(clean), axis=-1)
    observed = clean if noiseless else observed
    facts = {"snr": snr, "ebv": ebv, "flags": flags, "spectrograph": spectrograph}
    return (observed * scale).astype("float32"), facts

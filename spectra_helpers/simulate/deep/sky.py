"""Light that is not the object's: sky left over, the Moon, lamps of cities, neighbours on the chip.

Amplitudes are drawn in units of the noise, because a faint spectrum is one whose sky was bright
against it.
"""

from functools import lru_cache

import numpy as np

from spectra_helpers.data import WAVELENGTH
from spectra_helpers.simulate.frame import rebin_frame, slice_rest
from spectra_helpers.simulate.grid import PADDING
from spectra_helpers.simulate.stars import star_flux

# Lamps of cities, vacuum Å and strength: mercury, and the wide sodium of high-pressure lamps with
# its dark core (Osterbrock et al. 1976, PASP 88, 349; Luginbuhl et al. 2009, PASP 121, 185).
MERCURY = ((4047.7, 0.4), (4359.6, 1.0), (5462.3, 1.0), (5771.2, 0.3), (5792.3, 0.3))
LAMP_FWHM = 4.0  # Å
SODIUM = (5893.5, 90.0, 12.0)  # centre, width of the hump and of its core, Å
# How often each kind of light is left, and how much of it: median of the noise of one pixel.
# LAMOST subtracts the sky to 3-5 % (Bai et al. 2017, RAA 17, 91), SDSS to 1 % (Stoughton et al.
# 2002); the continuum left is as large as the noise of a pixel where the object is that faint.
CONTINUUM_SHARE, CONTINUUM_SIZE = 0.5, 0.35
MOON_SHARE, MOON_SIZE = 0.15, 0.5  # LAMOST observes in bright nights too
CITY_SHARE, CITY_SIZE = 0.10, 3.0
# A bright star on the next fibre spills up to a per cent of its light (Luo et al. 2015, RAA 15,
# 1095), which may be a tenth of a faint object's.
NEIGHBOUR_SHARE, NEIGHBOUR_SIZE = 0.06, 0.05
NEIGHBOUR_TEMPERATURES = (3600, 4500, 5200, 5800, 6300, 7500, 9500, 14000)  # K


@lru_cache(maxsize=1)
def neighbour_stars():
    """Return spectra of bright neighbours, mean 1, shape (n_stars, 3000), float32."""
    flux = np.array([
        rebin_frame(slice_rest(star_flux(teff), 0.0))[PADDING:-PADDING]
        for teff in NEIGHBOUR_TEMPERATURES
    ])  # fmt: skip
    return (flux / flux.mean(axis=1, keepdims=True)).astype(np.float32)


@lru_cache(maxsize=1)
def _moonlight():
    """Return sunlight that the Moon and the air have scattered: bluer than the Sun, mean 1."""
    sun = neighbour_stars()[NEIGHBOUR_TEMPERATURES.index(5800)]
    light = sun * (WAVELENGTH / 6000.0) ** -1.5  # Krisciunas & Schaefer (1991, PASP 103, 1033)
    return (light / light.mean()).astype(np.float32)


@lru_cache(maxsize=1)
def _city_light():
    """Return the shapes of mercury and of sodium light, each 1 at its top, shape (2, 3000)."""
    sigma = LAMP_FWHM / 2.355
    mercury = sum(s * np.exp(-0.5 * ((WAVELENGTH - w) / sigma) ** 2) for w, s in MERCURY)
    centre, hump, core = SODIUM
    offset = WAVELENGTH - centre
    sodium = np.exp(-0.5 * (offset * 2.355 / hump) ** 2)
    sodium -= 0.7 * np.exp(-0.5 * (offset * 2.355 / core) ** 2)
    return np.array([mercury, sodium], np.float32)


def draw_foreign_light(sigma, clean, rng):
    """Draw light that a pipeline has left in a spectrum, or taken out too much of.

    Parameters
    ----------
    sigma : ndarray, shape (3000,)
        Standard deviation of the noise, in units of flux.
    clean : ndarray, shape (3000,)
        The object's own light.
    rng : numpy.random.Generator

    Returns
    -------
    ndarray, shape (3000,)
        In the same units; sky continuum and moonlight of either sign, lamps and neighbours above 0.
    """
    pixel = np.float32(np.median(sigma))
    light = np.zeros(len(sigma), np.float32)
    if rng.random() < CONTINUUM_SHARE:
        light += pixel * _draw_continuum(rng)
    if rng.random() < MOON_SHARE:
        light += np.float32(pixel * MOON_SIZE * rng.standard_normal()) * _moonlight()
    if rng.random() < CITY_SHARE:
        strength = np.float32(pixel * CITY_SIZE * rng.exponential(size=2) * (0.7, 0.15))
        light += strength @ _city_light()
    if rng.random() < NEIGHBOUR_SHARE:
        star = neighbour_stars()[rng.integers(len(NEIGHBOUR_TEMPERATURES))]
        light += np.float32(rng.exponential(NEIGHBOUR_SIZE) * np.abs(clean).mean()) * star
    return light


def _draw_continuum(rng):
    """Draw a smooth remainder of the sky's continuum, other in each arm, in units of the noise."""
    x = np.linspace(-1, 1, len(WAVELENGTH), dtype=np.float32)
    level, slope, step = CONTINUUM_SIZE * rng.standard_normal(3) * rng.exponential(1.0)
    arm = np.tanh((WAVELENGTH - 5850.0) / 60.0).astype(np.float32)
    return np.float32(level) + np.float32(0.5 * slope) * x + np.float32(0.5 * step) * arm

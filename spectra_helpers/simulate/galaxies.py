"""Galaxies: starlight of all ages, dust, interstellar absorption and nebular emission lines."""

from functools import lru_cache

import numpy as np

from spectra_helpers.simulate.dust import calzetti_curve, rest_calzetti
from spectra_helpers.simulate.frame import (
    FRAME_START,
    FRAME_WAVELENGTH,
    N_FRAME,
    PIXEL_VELOCITY,
    SPEED_OF_LIGHT,
    blur,
    gaussian_transform,
    place_lines,
    rebin_frame,
    slice_rest,
)
from spectra_helpers.simulate.galaxy_traits import draw_galaxy
from spectra_helpers.simulate.grid import LOG_STEP, REST_WAVELENGTH
from spectra_helpers.simulate.nebula import LINES
from spectra_helpers.simulate.nebula import WAVELENGTH as LINE_WAVELENGTH
from spectra_helpers.simulate.populations import render_population

# Features that the mixed stars show too weakly, or that rise with [α/Fe] in massive galaxies:
# vacuum Å, sigma (Å), ln depth in an old population, and ln depth added for [α/Fe] = 1 dex. From
# the Lick indices of old populations (Maraston et al. 2020) and their responses (Thomas et al.
# 2003, MNRAS 339, 897).
FEATURES = (
    (2538.0, 12.0, 0.25, 0.00), (2609.0, 10.0, 0.30, 0.00), (2757.0, 10.0, 0.12, 0.00),
    (2799.0, 9.0, 0.25, 0.10), (2852.0, 5.0, 0.20, 0.00), (2881.0, 8.0, 0.08, 0.00),
    (2966.0, 8.0, 0.10, 0.00), (3020.0, 10.0, 0.15, 0.00), (3060.0, 12.0, 0.15, 0.00),
    (3095.0, 8.0, 0.10, 0.00), (3181.0, 8.0, 0.06, 0.00), (3238.0, 12.0, 0.12, 0.00),
    (3305.0, 8.0, 0.06, 0.00), (3362.0, 12.0, 0.14, 0.06), (3441.0, 9.0, 0.12, 0.00),
    (3490.0, 8.0, 0.08, 0.00), (3525.0, 7.0, 0.06, 0.00), (3581.0, 8.0, 0.15, 0.00),
    (4160.0, 16.0, 0.00, 0.06), (4305.0, 9.0, 0.04, 0.03), (4384.0, 8.0, 0.03, -0.03),
    (4532.0, 12.0, 0.02, 0.00), (4668.0, 18.0, 0.01, 0.03), (5173.0, 10.0, 0.00, 0.14),
    (5271.0, 8.0, 0.05, -0.03), (5335.0, 7.0, 0.05, -0.03), (5407.0, 6.0, 0.02, -0.02),
    (5894.5, 5.0, 0.05, 0.12), (8191.0, 8.0, 0.01, 0.04),
)  # fmt: skip

# Breaks of old populations in the ultraviolet: vacuum Å and step in ln flux (Spinrad et al. 1997,
# ApJ 484, 581: B(2640) near 1.8, B(2900) near 1.4).
BREAKS = ((2641.0, 0.5), (2901.0, 0.3), (3000.0, 0.1), (3645.0, 0.1))

# Interstellar gas: vacuum Å and equivalent width (Å) of a star-forming galaxy; ultraviolet from
# DESI-like emission-line galaxies at z = 0.6-1.2 (Zhu et al. 2015, ApJ 815, 48), Ca II and Na I
# from dusty disks (Chen et al. 2010, AJ 140, 445).
INTERSTELLAR = np.array([
    (1670.79, 1.8), (1854.72, 0.8), (1862.79, 0.6), (2026.1, 0.4), (2344.21, 1.6), (2374.46, 1.2),
    (2382.76, 1.9), (2586.65, 1.7), (2600.17, 2.1), (2796.35, 2.2), (2803.53, 1.9), (2852.96, 0.7),
    (3934.78, 0.3), (3969.59, 0.2), (5891.58, 0.5), (5897.56, 0.4),
])  # fmt: skip

# A narrower line would ring on the frame; a resolution of R = 1800 (70 km/s) hides the difference.
NARROWEST = 0.75 * PIXEL_VELOCITY  # km/s


def simulate_galaxy(rng):
    """Simulate one galaxy, free of noise and of the instrument's blur.

    Parameters
    ----------
    rng : numpy.random.Generator

    Returns
    -------
    flux : ndarray, shape (len(OBSERVED_WAVELENGTH),)
        Flux density per Å; its median is 1.
    facts : dict
        `z` and `subtype`.
    """
    return make_galaxy(draw_galaxy(rng))


def make_galaxy(traits):
    """Render a galaxy of given traits; flux and facts as `simulate_galaxy` gives them."""
    flux = render_galaxy(traits)
    return flux / np.median(flux), {name: traits[name] for name in ("z", "subtype")}


@lru_cache(maxsize=1)
def _feature_depths():
    """Optical depth of `FEATURES` and `BREAKS`: what is missing, and what [α/Fe] adds."""
    depths = np.zeros((2, len(REST_WAVELENGTH)), np.float32)
    for wavelength, step in BREAKS:
        offset = REST_WAVELENGTH - wavelength
        shape = np.tanh(offset / 4) * np.exp(-np.abs(offset) / 90)
        depths[0] -= (step / 2 * shape).astype(np.float32)
    for wavelength, sigma, missing, added in FEATURES:
        shape = np.exp(-(((REST_WAVELENGTH - wavelength) / sigma) ** 2) / 2)
        depths += np.outer([missing, added], shape).astype(np.float32)
    return depths


def render_galaxy(traits):
    """Render a galaxy's spectrum on the observed grid.

    Parameters
    ----------
    traits : dict
        From `galaxy_traits.draw_galaxy`: `z`, `stars` and `feh` (population), `old` (share of light
        from stars older than 1 Gyr), `enhancement` ([α/Fe]), `ebv_stars`, `ebv_gas`, `sigma_stars`,
        `sigma_gas` and `gas_velocity` (km/s), `lines` (fluxes), `interstellar` and `outflow`
        (km/s). With `young_blue` (0 to 1), which only the deep survey sets, young light is bluer
        and the gas has a continuum (`_young_excess`, `_nebular_continuum`).

    Returns
    -------
    ndarray, shape (len(OBSERVED_WAVELENGTH),)
        1 near 5500 Å at rest before dust.
    """
    z = traits["z"]
    light = render_population(traits["stars"], traits["feh"], z)
    missing, added = slice_rest(_feature_depths(), z)
    depth = np.float32(traits["old"] * 10 ** (0.3 * min(traits["feh"], 0))) * missing
    depth = depth + np.float32(traits["old"] * traits["enhancement"]) * added
    depth += np.float32(0.4 * np.log(10) * traits["ebv_stars"]) * slice_rest(rest_calzetti(), z)
    light = light * np.exp(-depth)
    if "young_blue" in traits:
        light = light * np.exp(np.float32(traits["young_blue"]) * slice_rest(_young_excess(), z))
        light += _nebular_continuum(traits)
    if traits["nucleus"]:
        light = (1 - traits["nucleus"]) * light
        light += np.float32(traits["nucleus"]) * (FRAME_WAVELENGTH / (5500 * (1 + z))) ** -1.5
    return rebin_frame(
        blur(
            (light, gaussian_transform(traits["sigma_stars"])),
            (_gas(traits, light), gaussian_transform(max(traits["sigma_gas"], NARROWEST))),
        )
    )


@lru_cache(maxsize=1)
def _young_excess():
    """Return what young light has more in the ultraviolet than our tables give it, in ln.

    The tables' hot stars have a Balmer jump of 3.1 (f_ν at 4050 Å over 3500 Å; 9,500 K) where Vega
    has 2.6, and fall by 1.9 from 3500 to 2750 Å where Vega falls by 1.5 (Bohlin 2014, AJ 147, 127).
    In galaxies that form stars this makes a break that the real ones do not have.
    """
    x = np.log(REST_WAVELENGTH)
    excess = np.interp(
        x, np.log([1500, 2000, 2750, 3500, 3700, 3900]), [0.45, 0.45, 0.4, 0.2, 0.2, 0]
    )
    return excess.astype(np.float32)


# Of gas at 10^4 K, flux per Å over that of Hβ: the Balmer continuum at its edge (from its ratio to
# H11, Liu et al. 2001, MNRAS 327, 141) and the Paschen and two-photon continua redward of it
# (Osterbrock & Ferland 2006, chapter 4).
BALMER_PER_HBETA, PASCHEN_PER_HBETA, BALMER_EDGE = 0.0045, 0.0010, 3647.0


H_BETA = list(LINES).index("Hβ")


@lru_cache(maxsize=1)
def _nebular_shape():
    """Return the continuum of ionized gas at 10^4 K for an Hβ flux of 1, float32."""
    x = REST_WAVELENGTH
    falling = (
        np.exp(-1.43878e8 / 1e4 * np.maximum(1 / x - 1 / BALMER_EDGE, 0)) * (BALMER_EDGE / x) ** 2
    )
    merged = 1 / (1 + np.exp(np.clip((x - 3700.0) / 20.0, -50, 50)))  # the high lines run into it
    return (BALMER_PER_HBETA * falling * merged + PASCHEN_PER_HBETA).astype(np.float32)


def _nebular_continuum(traits):
    """Return the continuum of the gas that shines in Hβ, dimmed by the gas's dust, on the frame."""
    h_beta = np.float32(traits["lines"][H_BETA])
    dust = np.float32(0.4 * np.log(10) * traits["ebv_gas"]) * slice_rest(
        rest_calzetti(), traits["z"]
    )
    return h_beta * slice_rest(_nebular_shape(), traits["z"]) * np.exp(-dust)


def _gas(traits, light):
    """Emission lines, dimmed by the gas's own dust, and interstellar absorption, on the frame."""
    z = traits["z"]
    emission = traits["lines"] * _dim_gas(traits["ebv_gas"]) * (1 + z)
    wavelength = INTERSTELLAR[:, 0]
    pixel = ((np.log(wavelength * (1 + z)) - FRAME_START) / LOG_STEP).astype(int)
    absorbed = INTERSTELLAR[:, 1] * traits["interstellar"] * (1 + z)
    # Na I comes from dust-shielded gas: its width follows the dust.
    absorbed = absorbed * np.where(wavelength > 3900, min(2 * traits["ebv_stars"], 1.0) + 0.1, 1.0)
    # A line blurred to sigma_gas takes at most nine tenths of the light at its centre.
    deepest = 0.9 * np.sqrt(2 * np.pi) * traits["sigma_gas"] / SPEED_OF_LIGHT * wavelength * (1 + z)
    absorbed = np.minimum(absorbed, deepest) * light[np.clip(pixel, 0, N_FRAME - 1)]
    velocity = np.concatenate([
        np.full(len(emission), traits["gas_velocity"]),
        np.full(len(absorbed), traits["gas_velocity"] + traits["outflow"]),
    ])  # fmt: skip
    return place_lines(
        np.concatenate([LINE_WAVELENGTH, wavelength]),
        np.concatenate([emission, -absorbed]),
        z,
        velocity,
    )


_line_dust = calzetti_curve(LINE_WAVELENGTH)


def _dim_gas(ebv):
    return 10 ** (-0.4 * ebv * _line_dust)

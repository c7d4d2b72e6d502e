"""Stellar populations: which stars give a galaxy's light at each age and metallicity."""

from functools import lru_cache

import numpy as np

from spectra_helpers.simulate.frame import slice_rest
from spectra_helpers.simulate.grid import REST_WAVELENGTH
from spectra_helpers.simulate.stars import star_flux

# Age (Gyr) | M/L_V | share of the light at 5500 Å by temperature (K) and kind: d dwarf, s subgiant,
# g giant. Turn-off temperatures: Bressan et al. (2012, MNRAS 427, 127); light of evolved stars and
# M/L_V: Maraston (2005, MNRAS 362, 799, figs 3 and 13). The shares were then adjusted until colours
# and line indices agree with the empirical populations of Maraston et al. (2020, MNRAS 496, 2962).
POPULATION_TABLE = """
0.003 0.04  30000d:.50 20000d:.45 12000d:.05
0.01  0.06  30000d:.40 20000d:.33 9000d:.10  3600g:.17
0.03  0.10  20000d:.50 12000d:.20 9000d:.14 3900g:.16
0.1   0.17  15000d:.32 11000d:.25 9000d:.18 4200g:.17 4500g:.08
0.3   0.35  11000d:.28 9000d:.30 7500d:.08 4200g:.08 4500g:.20 4900g:.06
1.0   0.75  8500d:.18 7500d:.20 6600d:.20 5500d:.05 4200g:.08 4500g:.17 4900g:.12
3.0   1.9   6600d:.18 6000d:.28 5200d:.06 4900s:.11 4500g:.17 4200g:.11 3900g:.07 3500g:.02
9.0   4.5   6000d:.14 5500d:.24 4800d:.08 4900s:.13 4500g:.18 4200g:.09 3900g:.10 3500g:.04
14.0  6.5   5700d:.16 5300d:.18 4800d:.08 4900s:.13 4500g:.19 4200g:.10 3900g:.11 3500g:.05
"""
GRAVITY = {"d": 4.4, "s": 3.2, "g": 1.8}
METALLICITIES = (-2.0, -1.3, -0.7, -0.3, 0.0, 0.35)
COOLER_BY_METALS = 0.04  # d ln Teff / d[Fe/H] of turn-off and giant branch (Bressan et al. 2012)
HOT_OLD_STAR = "20000d"  # stands for the ultraviolet upturn (Brown et al. 2003)
BLUE_HORIZONTAL_BRANCH = "9000d"


@lru_cache(maxsize=1)
def light_table():
    """Return ages (Gyr), M/L_V, star names, and shares of light, shape (n_ages, n_stars)."""
    rows = [line.split() for line in POPULATION_TABLE.strip().splitlines()]
    shares = [dict(item.split(":") for item in row[2:]) for row in rows]
    stars = sorted({name for row in shares for name in row}, key=lambda n: (n[-1], float(n[:-1])))
    table = np.array([[float(row.get(star, 0)) for star in stars] for row in shares])
    ages, mass_to_light = np.array([row[:2] for row in rows], dtype=float).T
    return ages, mass_to_light, stars, table / table.sum(axis=1, keepdims=True)


@lru_cache(maxsize=1)
def _star_basis():
    """Spectra of all stars at all metallicities: (n_metallicities, n_stars, n_rest), float32."""
    stars = light_table()[2]
    basis = np.empty((len(METALLICITIES), len(stars), len(REST_WAVELENGTH)), np.float32)
    for i, feh in enumerate(METALLICITIES):
        for j, star in enumerate(stars):
            teff = float(star[:-1])
            shift = np.exp(-COOLER_BY_METALS * feh) if teff < 9000 else 1.0
            basis[i, j] = star_flux(teff * shift, GRAVITY[star[-1]], feh)
    return basis


def mix_stars(age_light, feh, rng=None, scatter=0.25):
    """Return the shares of light of all stars in a mixture of ages.

    Parameters
    ----------
    age_light : ndarray, shape (n_ages,)
        Light at 5500 Å from each age of `light_table`.
    feh : float
        Metallicity [Fe/H].
    rng : numpy.random.Generator, optional
        With it each star's share scatters: real populations differ in their initial mass function,
        element ratios and evolved stars, and no two models agree (Conroy et al. 2009).
    scatter : float
        Of ln(share).

    Returns
    -------
    ndarray, shape (n_stars,)
    """
    _, _, stars, table = light_table()
    shares = age_light @ table
    old = age_light[-3:].sum()
    if feh < -0.8:
        shares[stars.index(BLUE_HORIZONTAL_BRANCH)] += 0.08 * old * min(-0.8 - feh, 1)
    if rng is not None:
        shares = shares * np.exp(scatter * rng.normal(size=len(shares)))
        shares[stars.index(HOT_OLD_STAR)] += old * 10 ** rng.uniform(-4.0, -2.5)
    return shares / shares.sum()


def render_population(shares, feh, z):
    """Spectrum of a population on the observer's logarithmic frame, before any blur.

    Parameters
    ----------
    shares : ndarray, shape (n_stars,)
        From `mix_stars`.
    feh : float
        [Fe/H], -2 to 0.35; between the nodes spectra are mixed.
    z : float
        Redshift.

    Returns
    -------
    ndarray, shape (N_FRAME,), float32
        Flux per Å, 1 near 5500 Å at rest.
    """
    position = np.interp(feh, METALLICITIES, np.arange(len(METALLICITIES)))
    low = min(int(position), len(METALLICITIES) - 2)
    basis, shares = _star_basis(), shares.astype(np.float32)
    poor = shares @ slice_rest(basis[low], z)
    rich = shares @ slice_rest(basis[low + 1], z)
    return poor + np.float32(position - low) * (rich - poor)


def draw_old_light(rng):
    """Draw the light by age of a passive galaxy: mean age 3 to 14 Gyr, a little younger light."""
    ages = light_table()[0]
    centre, width = rng.uniform(np.log(3.0), np.log(14.0)), rng.uniform(0.2, 0.6)
    light = np.exp(-(((np.log(ages) - centre) / width) ** 2) / 2)
    return light / light.sum()


def draw_forming_light(rng, now):
    """Draw the light by age of a galaxy that still forms stars.

    Parameters
    ----------
    rng : numpy.random.Generator
    now : float
        Star formation rate of the last 0.1 Gyr over its mean of all time.

    Returns
    -------
    ndarray, shape (n_ages,)
        Star formation that changes smoothly from old to new, with a scatter of 0.25 dex an age
        (bursts and pauses), through M/L_V to light; adds up to 1.
    """
    ages, mass_to_light, _, _ = light_table()
    edges = np.concatenate([[0.0], np.sqrt(ages[1:] * ages[:-1]), [13.0]])
    onset = rng.uniform(np.log(0.3), np.log(3.0))  # when the rate turned to what it is now
    recent = 1 / (1 + np.exp((np.log(ages) - onset) / 0.5))
    rate = np.exp(np.log(now) * recent) * 10 ** (0.25 * rng.normal(size=len(ages)))
    light = rate * np.diff(edges) / mass_to_light
    return light / light.sum()

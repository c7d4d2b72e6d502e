"""Which stars a LAMOST-like survey meets: mostly F, G, K, with rare ones in small known shares."""

from functools import lru_cache

import numpy as np

from spectra_helpers.simulate import rare_stars
from spectra_helpers.simulate.frame import N_FRAME, find_rest, rebin_frame, slice_rest
from spectra_helpers.simulate.kinds import draw_kind
from spectra_helpers.simulate.stars import log_star_flux

# Share of each group. Normal types after the LAMOST DR9 low-resolution catalogue (A 6, F 30, G 46,
# K 14, M 8 %), flattened a little towards hot and cool stars; rare types are over-represented about
# five times, so that a few thousand spectra hold some of each.
SHARES = {
    "OB": 0.018, "A": 0.080, "F": 0.257, "G": 0.297, "K": 0.205, "M": 0.110,
    "white dwarf": 0.012, "carbon": 0.004, "cataclysmic": 0.003, "emission": 0.006,
    "subdwarf": 0.004, "binary": 0.004,
}  # fmt: skip
# Effective temperature limits of the MK types, K (Pecaut & Mamajek 2013, ApJS 208, 9)
TEMPERATURES = {
    "OB": (10200, 34000), "A": (7400, 10200), "F": (5950, 7400), "G": (5300, 5950),
    "K": (3900, 5300), "M": (2850, 3900),
}  # fmt: skip
# Of each type, K, from the same table: in these groups types are not spaced evenly
HOT_TYPES = {
    "O9": 33300, "B0": 31400, "B1": 26000, "B2": 20600, "B3": 17000, "B4": 16400, "B5": 15700,
    "B6": 14500, "B7": 14000, "B8": 12500, "B9": 10700,
}  # fmt: skip
COOL_TYPES = {
    "M0": 3850, "M1": 3660, "M2": 3560, "M3": 3430, "M4": 3210, "M5": 3060, "M6": 2810,
}  # fmt: skip
GIANT_SHARE = {"G": 0.15, "K": 0.55, "M": 0.25}  # of a magnitude-limited survey
RARE = {
    "white dwarf": rare_stars.make_white_dwarf,
    "carbon": rare_stars.make_carbon_star,
    "cataclysmic": rare_stars.make_cataclysmic,
    "emission": rare_stars.make_emission_star,
    "subdwarf": rare_stars.make_subdwarf,
    "binary": rare_stars.make_binary,
}
HALO_SHARE = 0.1  # of stars near the Sun as LAMOST sees them
SPEED_OF_LIGHT = 299792.458  # km/s
N_REGIONS = 12  # along the spectrum, each with a scatter of its own


def simulate_star(rng):
    """Draw one star and render it at its radial velocity.

    Parameters
    ----------
    rng : numpy.random.Generator

    Returns
    -------
    flux : ndarray, shape (len(OBSERVED_WAVELENGTH),)
        Noiseless flux per Å, before extinction and instrument.
    facts : dict
        ``z`` (radial velocity / c) and ``subtype``.
    """
    return render_star(SHARES, RARE, HALO_SHARE, rng)


def render_star(shares, rare, halo, rng):
    """Draw a star of a population and render it, as `simulate_star` does.

    Parameters
    ----------
    shares : dict of str to float
        Share of each group; those that are not in `rare` are groups of `TEMPERATURES`.
    rare : dict of str to function
        Takes `rng`; returns flux on `REST_WAVELENGTH` and a subtype.
    halo : float
        Share of halo stars: fast ones, and (drawn apart) those poor in metals.
    rng : numpy.random.Generator
    """
    group = draw_kind(rng, shares)
    velocity = rng.normal(0, 120 if rng.random() < halo else 40)  # halo or disc, km/s
    z = velocity / SPEED_OF_LIGHT
    if group in rare:
        flux, subtype = rare[group](rng)
        part = slice_rest(flux, z)
    else:
        part, subtype = _render_normal(group, z, halo, rng)
    return rebin_frame(part), {"z": z, "subtype": subtype}


def _render_normal(group, z, halo, rng):
    low, high = TEMPERATURES[group]
    teff = np.exp(rng.uniform(np.log(low), np.log(high)))
    giant = rng.random() < GIANT_SHARE.get(group, 0.0)
    logg = rng.uniform(0.8, 3.3) if giant else rng.normal(4.4, 0.25)
    feh = np.clip(
        rng.normal(-0.2, 0.3) if rng.random() < 1 - halo else rng.uniform(-2.5, -0.6), -2.5, 0.4
    )
    where = find_rest(z)
    flux = np.exp(log_star_flux(teff, logg, feh, where) + _draw_scatter(where, teff, rng))
    return flux, f"{name_type(group, teff)}{'III' if giant else 'V'}"


def name_type(group, teff):
    """Return the MK type of a star of a group of `TEMPERATURES`, such as ``"G2"``."""
    types = {"OB": HOT_TYPES, "M": COOL_TYPES}.get(group)
    if types is None:
        low, high = TEMPERATURES[group]
        return f"{group}{int(np.clip(10 * (high - teff) / (high - low), 0, 9))}"
    return min(types, key=lambda name: abs(np.log(types[name] / teff)))


def _draw_scatter(where, teff, rng):
    """Mix in a star some 6 % hotter or cooler, region by region: abundance scatter and spots.

    Returns what this adds to the logarithm of the flux.
    """
    hotter = min(max(teff * rng.normal(1, 0.06), 2850), 36000)
    difference = log_star_flux(hotter, where=where) - log_star_flux(teff, where=where)
    return rng.uniform(0, 0.5, N_REGIONS).astype(np.float32) @ _regions() * difference


@lru_cache(maxsize=1)
def _regions():
    """Weight of each region along the frame: triangles that overlap, shape (N_REGIONS, N_FRAME)."""
    position = np.linspace(0, N_REGIONS - 1, N_FRAME)
    far = np.abs(position - np.arange(N_REGIONS)[:, None])
    return np.maximum(1 - far, 0).astype(np.float32)

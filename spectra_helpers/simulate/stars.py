"""Model stars: a continuum and absorption features that follow temperature, gravity, metallicity.

The two tables hold measured facts, not spectra. ``tables/star_continuum.csv`` gives the natural log
of the continuum at 28 wavelengths, ``tables/star_features.csv`` the optical depth of 330 lines and
blends (Balmer and Paschen series, Ca II, Mg b, Na D, Fe I, TiO, CaH, CN ...), both at 17 dwarf (d)
and 6 giant (g) temperatures. They were fitted to the MILES library (Sánchez-Blázquez et al. 2006,
MNRAS 371, 703; parameters by Cenarro et al. 2007, MNRAS 374, 664) and, redward of 7300 Å, STELIB
(Le Borgne et al. 2003, A&A 402, 433); the libraries' own 2.5 Å resolution has been taken out.
The column ``metallicity`` is d log10(optical depth) / d[Fe/H].
"""

from bisect import bisect
from functools import lru_cache
from importlib.resources import files

import numpy as np
from astropy.table import Table
from scipy.constants import c, h, k

from spectra_helpers.simulate.grid import REST_WAVELENGTH

TABLE_RANGE = (3550.0, 9300.0)  # Å, what the libraries cover
METALLICITIES = (-2.5, -1.5, -0.8, -0.3, 0.0, 0.4)
DWARF_GRAVITY, GIANT_GRAVITY = 4.4, 1.8  # log g (cgs) that the d and g columns stand for

# Ultraviolet blanketing: ln(flux) against a Planck curve of the same temperature, both set equal at
# 3550 Å. The 5500 K column is the Sun (Thuillier et al. 2003, Solar Phys. 214, 1) against 5777 K;
# the others follow the trend of Kurucz (1993) model atmospheres, rounded.
UV_WAVELENGTHS = (1500.0, 2000.0, 2400.0, 2640.0, 2900.0, 3200.0, 3550.0)
UV_BLANKETING = {
    4000: (-4.0, -3.0, -2.2, -1.4, -0.6, -0.10, 0.0),
    5500: (-3.5, -2.4, -1.7, -1.0, -0.45, -0.12, 0.0),
    6500: (-2.8, -1.6, -1.0, -0.6, -0.30, -0.08, 0.0),
    8000: (-1.5, -0.9, -0.5, -0.3, -0.12, -0.03, 0.0),
    10000: (-0.5, -0.4, -0.25, -0.15, -0.08, 0.0, 0.0),
    30000: (-0.12, -0.1, -0.08, -0.05, -0.03, 0.0, 0.0),
}
# Strong ultraviolet lines, vacuum Å (Morton 2003, ApJS 149, 205), with FWHM (Å), depth at 6000 K
UV_LINES = (
    (2344.2, 5, 0.7), (2374.5, 5, 0.6), (2382.8, 5, 0.8), (2586.7, 5, 0.7), (2600.2, 5, 0.8),
    (2796.4, 6, 1.6), (2803.5, 6, 1.5), (2853.0, 6, 1.0), (3094.0, 8, 0.3), (3360.0, 10, 0.2),
)  # fmt: skip


def planck(wavelength, teff):
    """Planck's law per Å (arbitrary scale) at `wavelength` (Å) for temperature `teff` (K)."""
    x = h * c / (wavelength * 1e-10 * k * teff)
    return (5500.0 / wavelength) ** 5 / np.expm1(x)


@lru_cache
def _load_table(name):
    with (files(__package__) / "tables" / f"{name}.csv").open("rb") as file:
        return Table.read(file, format="ascii.csv")


@lru_cache
def _list_nodes(family):
    names = [n for n in _load_table("star_features").colnames if n[0] == family and n[1].isdigit()]
    return names, [float(np.log(float(n[1:]))) for n in names]


@lru_cache
def _covered():
    return slice(*np.searchsorted(REST_WAVELENGTH, TABLE_RANGE))


@lru_cache
def _build_profiles():
    """Shape of every feature on the covered grid: (n_features, n_covered), float32."""
    table, x = _load_table("star_features"), REST_WAVELENGTH[_covered()]
    center, width = np.asarray(table["wavelength"])[:, None], np.asarray(table["fwhm"])[:, None]
    squared = np.square(((x - center) / (width / 2)).astype("float32"))
    lorentz = np.asarray(table["profile"]) == "lorentz"
    squared[lorentz] = 1 / (1 + squared[lorentz])
    squared[~lorentz] = np.exp(np.float32(-np.log(2)) * squared[~lorentz])
    return squared


@lru_cache
def _build_nodes():
    """Log flux of every node: {name: array of shape (n_metallicities, n_rest)}."""
    names = [name for family in "dg" for name in _list_nodes(family)[0]]
    log_flux = _render_tables(names)
    blue, red = _continue_ends(names, log_flux)
    whole = np.concatenate([blue, log_flux, red], axis=2).astype("float32")
    whole -= np.median(whole[:, :, _visual()], axis=2, keepdims=True)
    return dict(zip(names, whole, strict=True))


def _render_tables(names):
    """Subtract features from the continua: shape (n_names, n_metallicities, n_covered)."""
    from scipy.interpolate import CubicSpline  # slow to import: only where it is used

    lines, continuum = _load_table("star_features"), _load_table("star_continuum")
    feh = np.array(METALLICITIES)
    level = np.array([continuum[n] for n in names])[:, None]
    level = level + np.asarray(continuum["metallicity"]) * np.maximum(feh, -2)[:, None]
    smooth = CubicSpline(continuum["wavelength"], level, axis=2, bc_type="natural")
    weaker = 10 ** (np.asarray(lines["metallicity"]) * feh[:, None])
    depth = np.array([lines[n] for n in names])[:, None] / 1000 * weaker
    return smooth(REST_WAVELENGTH[_covered()]) - depth.astype("float32") @ _build_profiles()


def _continue_ends(names, log_flux):
    """Continue log spectra into the ultraviolet, and to the red end of the rest grid."""
    where, metals = _covered(), 10 ** (0.3 * np.array(METALLICITIES))[:, None]
    blue, red = REST_WAVELENGTH[: where.start], REST_WAVELENGTH[where.stop :]
    lines = sum(
        depth * np.exp(-4 * np.log(2) * ((blue - w) / fwhm) ** 2) for w, fwhm, depth in UV_LINES
    )
    temperatures, columns = np.log(list(UV_BLANKETING)), np.array(list(UV_BLANKETING.values())).T
    ends = [], []
    for name, row in zip(names, log_flux, strict=True):
        teff = float(name[1:])
        blanketing = [np.interp(np.log(teff), temperatures, column) for column in columns]
        cool = np.clip((9500 - teff) / 3500, 0.05, 1)
        absorption = np.interp(blue, UV_WAVELENGTHS, blanketing) - cool * lines
        shape = np.log(planck(blue, teff) / planck(TABLE_RANGE[0], teff))
        ends[0].append(np.median(row[:, :300], axis=1)[:, None] + shape + metals * absorption)
        shape = np.log(planck(red, teff) / planck(TABLE_RANGE[1], teff))
        ends[1].append(np.median(row[:, -40:], axis=1)[:, None] + shape)
    return np.array(ends[0]), np.array(ends[1])


def _bracket(value, nodes):
    i = min(max(bisect(nodes, value) - 1, 0), len(nodes) - 2)
    return i, min(max((value - nodes[i]) / (nodes[i + 1] - nodes[i]), 0.0), 1.0)


def _interpolate(family, teff, feh, where):
    names, log_teff = _list_nodes(family)
    i, a = _bracket(np.log(teff), log_teff)
    j, b = _bracket(feh, METALLICITIES)
    weights = np.float32([(1 - a) * (1 - b), (1 - a) * b, a * (1 - b), a * b])
    nodes = _build_nodes()
    cool, hot = nodes[names[i]][:, where], nodes[names[i + 1]][:, where]
    return (
        weights[0] * cool[j]
        + weights[1] * cool[j + 1]
        + weights[2] * hot[j]
        + weights[3] * hot[j + 1]
    )


def star_flux(teff, logg=DWARF_GRAVITY, feh=0.0, where=slice(None)):
    """Noiseless spectrum of a star at rest, before any instrument.

    Parameters
    ----------
    teff : float
        Effective temperature, K, 2800 to 40000 (the ends of the tables are held beyond them).
    logg : float
        Log surface gravity (cgs). Between 1.8 and 4.4 the giant and dwarf tables are mixed; hotter
        than 5800 K only the dwarf table exists.
    feh : float
        Metallicity [Fe/H], -2.5 to +0.4.
    where : slice
        Part of `REST_WAVELENGTH` to compute.

    Returns
    -------
    ndarray, shape (len(REST_WAVELENGTH[where]),), float32
        Flux per Å, 1 near 5500 Å. Taught in lesson 01.
    """
    return np.exp(log_star_flux(teff, logg, feh, where))


def log_star_flux(teff, logg=DWARF_GRAVITY, feh=0.0, where=slice(None)):
    """Return the natural logarithm of `star_flux`.

    Parameters
    ----------
    teff, logg, feh, where
        As in `star_flux`.

    Returns
    -------
    ndarray, shape (len(REST_WAVELENGTH[where]),), float32
    """
    log_flux = _interpolate("d", teff, feh, where)
    giant = min(max((DWARF_GRAVITY - logg) / (DWARF_GRAVITY - GIANT_GRAVITY), 0), 1)
    giant = np.float32(giant * min(max((5800 - teff) / 600, 0), 1))
    if giant > 0:
        log_flux = (1 - giant) * log_flux + giant * _interpolate("g", teff, feh, where)
    return log_flux


@lru_cache
def _visual():
    return slice(*np.searchsorted(REST_WAVELENGTH, (5450.0, 5550.0)))

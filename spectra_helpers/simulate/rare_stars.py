"""The rare stars: white dwarfs, carbon stars, emission-line and cataclysmic stars, hot subdwarfs.

Each function takes a `numpy.random.Generator` and returns ``(flux, subtype)``: flux per Å on
`REST_WAVELENGTH`, 1 near 5500 Å. They are few on the sky, but they are what a classifier trained on
normal stars mistakes for a quasar.
"""

import numpy as np

from spectra_helpers.lines import air_to_vacuum
from spectra_helpers.simulate.grid import REST_WAVELENGTH
from spectra_helpers.simulate.kinds import draw_kind
from spectra_helpers.simulate.stars import planck, star_flux

# Vacuum Å from the Rydberg formula for hydrogen, n = 3 ... 10 to 2
BALMER = tuple(1e10 / (1.0967758e7 * (1 / 4 - 1 / n**2)) for n in range(3, 11))
HELIUM_I = tuple(
    air_to_vacuum((3888.6, 4026.2, 4471.5, 4713.1, 4921.9, 5015.7, 5875.6, 6678.2, 7065.2))
)
HELIUM_II = tuple(air_to_vacuum((4199.8, 4541.6, 4685.7, 5411.5)))
CALCIUM_II = tuple(air_to_vacuum((3933.7, 3968.5)))
# Heads of the C2 Swan bands and the red CN system, degraded to the blue and to the red: (Å, depth)
# (Barnbaum, Stone & Keenan 1996, ApJS 105, 419)
SWAN_HEADS = ((4382, 0.4), (4737, 1.0), (5165, 1.2), (5636, 0.8), (6191, 0.3))
CN_HEADS = (
    (5730, 0.25), (6206, 0.3), (6332, 0.3), (6952, 0.4), (7088, 0.45), (7259, 0.45), (7876, 0.6),
    (8067, 0.6), (9141, 0.6),
)  # fmt: skip


def _lorentz(centers, fwhm, strengths):
    x = REST_WAVELENGTH
    lines = zip(centers, fwhm, strengths, strict=True)
    return sum(s / (1 + ((x - w) / (f / 2)) ** 2) for w, f, s in lines)


def _gauss(centers, sigma_velocity, strengths):
    x, total = REST_WAVELENGTH, np.zeros(len(REST_WAVELENGTH))
    for w, s in zip(centers, strengths, strict=True):
        where = slice(*np.searchsorted(x, (w * (1 - 0.08), w * (1 + 0.08))))
        total[where] += s * np.exp(-0.5 * ((x[where] / w - 1) * 299792.458 / sigma_velocity) ** 2)
    return total


def _blackbody(teff):
    return planck(REST_WAVELENGTH, teff) / planck(5500.0, teff)


def make_white_dwarf(rng):
    """Make a white dwarf: DA (hydrogen), DB (helium), DC (none), DZ (metals) or DQ (carbon).

    Shares and temperatures after Kleinman et al. (2013, ApJS 204, 5); Balmer depth peaks near
    12000 K and widths of 40-120 Å are the pressure broadening of log g = 8.
    """
    kind = draw_kind(rng, {"DA": 0.80, "DB": 0.08, "DC": 0.06, "DZ": 0.03, "DQ": 0.03})
    low, high = {"DA": (6500, 50000), "DB": (12000, 30000)}.get(kind, (5500, 11000))
    teff = np.exp(rng.uniform(np.log(low), np.log(high)))
    optical_depth = np.zeros(len(REST_WAVELENGTH))
    if kind == "DA":
        peak = 1.3 * np.exp(-((np.log(teff / 12500) / 0.75) ** 2)) + 0.1
        n = np.arange(len(BALMER))
        width = rng.uniform(45, 90) * np.array([0.8, 0.95, 1, 0.95, 0.75, 0.6, 0.5, 0.4])
        optical_depth = _lorentz(BALMER, width, peak * 0.97**n * rng.uniform(0.85, 1.15))
    elif kind == "DB":
        depth = rng.uniform(0.2, 0.8) * np.array([0.8, 0.9, 1.2, 0.5, 0.6, 0.5, 0.8, 0.5, 0.4])
        optical_depth = _lorentz(HELIUM_I, np.full(9, rng.uniform(25, 60)), depth)
    elif kind == "DZ":
        optical_depth = _lorentz(
            CALCIUM_II, np.full(2, rng.uniform(10, 60)), rng.uniform(0.5, 3, 2)
        )
    elif kind == "DQ":
        optical_depth = rng.uniform(0.2, 0.8) * _bands(SWAN_HEADS, -130)
    return _blackbody(teff) * np.exp(-optical_depth), kind


def _bands(heads, decay):
    """Sum the depth of bands: sharp at the head, fading over `decay` Å (< 0: to the blue)."""
    x = REST_WAVELENGTH[:, None]
    center, depth = np.array(heads, float).T
    distance = (x - center) / decay
    return np.where(distance > 0, depth * np.exp(-np.clip(distance, 0, 50)), 0.0).sum(axis=1)


def make_carbon_star(rng):
    """Make a cool giant with C2 Swan bands and the red CN system in place of TiO."""
    teff = rng.uniform(3700, 5000)
    strength = rng.uniform(0.4, 1.3)
    flux = star_flux(max(teff, 4300), 1.8, rng.uniform(-1, 0)) * planck(REST_WAVELENGTH, teff)
    flux /= planck(REST_WAVELENGTH, max(teff, 4300))
    flux = flux * np.exp(-strength * (_bands(SWAN_HEADS, -110) + 0.9 * _bands(CN_HEADS, 90)))
    return flux, "C"


def make_cataclysmic(rng):
    """Make an accretion disc: a blue power law with broad Balmer, He I and He II emission.

    Strengths span those of Szkody et al. (2011, AJ 142, 181): Hα EW 10-150 Å, flat decrement.
    """
    slope = rng.uniform(-2.6, -0.3)
    continuum = (REST_WAVELENGTH / 5500.0) ** slope
    sigma = rng.uniform(350, 1000)
    peak = rng.lognormal(np.log(1.2), 0.7)
    lines = _gauss(BALMER, sigma, peak * np.linspace(1.2, 0.4, len(BALMER)))
    lines += _gauss(HELIUM_I, sigma, peak * rng.uniform(0.1, 0.35, len(HELIUM_I)))
    lines += _gauss(HELIUM_II, sigma, peak * rng.uniform(0, 0.4) * np.array([0.1, 0.15, 1, 0.2]))
    secondary = rng.uniform(0, 0.5) * star_flux(rng.uniform(3200, 4200), 4.6)
    return continuum * (1 + lines) + secondary, "CV"


def make_emission_star(rng):
    """Make a Be, T Tauri or flaring M star: a normal star with narrow Balmer emission."""
    kind = draw_kind(rng, {"Be": 0.25, "TTau": 0.25, "dMe": 0.5})
    low, high = {"Be": (11000, 28000), "TTau": (3600, 5200), "dMe": (2900, 3700)}[kind]
    flux = star_flux(rng.uniform(low, high), 4.3)
    equivalent_width = rng.lognormal(np.log(8), 0.8)
    sigma = rng.uniform(40, 180)
    decrement = np.array([1, 0.45, 0.3, 0.22, 0.15, 0.1, 0.08, 0.06])
    peak = equivalent_width / (np.sqrt(2 * np.pi) * sigma / 299792.458 * BALMER[0])
    lines = _gauss(BALMER, sigma, peak * decrement)
    if kind == "TTau":
        lines += _gauss(CALCIUM_II, sigma, peak * rng.uniform(0.2, 0.8, 2))
    return flux * (1 + lines), kind


def make_subdwarf(rng):
    """Make a hot subdwarf (sdB, sdO): hot, with Balmer and helium lines in absorption."""
    teff = rng.uniform(22000, 45000)
    kind = "sdO" if teff > 38000 else "sdB"
    hydrogen = rng.uniform(0.2, 0.6) * np.linspace(0.9, 1.1, len(BALMER))
    depth = _lorentz(BALMER, np.full(len(BALMER), rng.uniform(12, 25)), hydrogen)
    depth += _lorentz(HELIUM_I, np.full(9, 6.0), rng.uniform(0, 0.35) * np.ones(9))
    if kind == "sdO":
        depth += _lorentz(HELIUM_II, np.full(4, 9.0), rng.uniform(0.1, 0.4) * np.ones(4))
    return _blackbody(teff) * np.exp(-depth), kind


def make_binary(rng):
    """Make a white dwarf and an M dwarf in one (Rebassa-Mansergas et al. 2010, MNRAS 402, 620)."""
    white, _ = make_white_dwarf(rng)
    cool = star_flux(rng.uniform(2900, 3800), 4.8)
    ratio = rng.lognormal(0.0, 0.8)
    flux = white + ratio * cool
    if rng.random() < 0.4:
        flux = flux * (1 + _gauss(BALMER[:2], 80, rng.uniform(0.3, 1.5, 2)))
    return flux, "WD+M"

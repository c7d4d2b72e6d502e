"""Stars of deep surveys: halo stars, white dwarfs, the coolest dwarfs, nebulae."""

import numpy as np

from spectra_helpers.simulate import rare_stars
from spectra_helpers.simulate.grid import REST_WAVELENGTH
from spectra_helpers.simulate.star_population import RARE, render_star
from spectra_helpers.simulate.stars import planck, star_flux

# Share of each group: SDSS's and DESI's faint stars are F and G dwarfs of the halo, M dwarfs and
# white dwarfs (Yanny et al. 2009, AJ 137, 4377; Cooper et al. 2023, ApJ 947, 37). Rare kinds are
# over-represented, so that a few thousand spectra hold some of each.
SHARES = {
    "OB": 0.020, "A": 0.090, "F": 0.245, "G": 0.205, "K": 0.185, "M": 0.120, "ultracool": 0.025,
    "white dwarf": 0.045, "carbon": 0.006, "cataclysmic": 0.006, "emission": 0.010,
    "subdwarf": 0.012, "binary": 0.010, "planetary nebula": 0.006, "nebular": 0.015,
}  # fmt: skip
HALO_SHARE = 0.35  # of the stars at 15 to 20 mag (Yanny et al. 2009)

# M7 to L5 (Kirkpatrick et al. 1999, ApJ 519, 802, and their tables of features), vacuum Å and
# depths: atoms as lines with pressure wings (FWHM, Å), molecules as bands that fade to the red (Å).
COOL_LINES = (
    (7667.0, 60.0, 2.0), (7701.1, 60.0, 2.0), (8185.5, 14.0, 0.5), (8197.1, 14.0, 0.6),
    (7802.4, 12.0, 0.5), (7949.8, 12.0, 0.5), (8523.5, 12.0, 0.5),
)  # fmt: skip
COOL_BANDS = ((7053.0, 0.9, 90.0), (7334.0, 0.7, 60.0), (7851.0, 0.6, 90.0), (8432.0, 0.6, 60.0))
HYDRIDE_BANDS = ((8611.0, 0.7, 60.0), (8692.0, 0.5, 80.0), (6750.0, 0.4, 40.0))

# Narrow lines of ionized gas over Hβ, vacuum Å: a planetary nebula of high excitation and an H II
# region (Osterbrock & Ferland 2006, tables 2.1 and 11.1; Kwitter & Henry 2001, ApJ 562, 804).
GAS_LINES = np.array([
    3869.86, 3890.15, 3968.58, 4102.89, 4341.68, 4364.44, 4472.73, 4687.02, 4862.68, 4960.30,
    5008.24, 5877.25, 6302.05, 6549.85, 6564.61, 6585.27, 6680.00, 6718.29, 6732.67, 7067.20,
    7137.77,
])  # fmt: skip
PLANETARY = np.array([
    0.9, 0.20, 0.28, 0.26, 0.47, 0.12, 0.05, 0.30, 1.0, 3.7, 11.0, 0.15, 0.10, 0.35, 2.9, 1.0, 0.04,
    0.08, 0.10, 0.06, 0.20,
])  # fmt: skip
H_II_REGION = np.array([
    0.10, 0.16, 0.05, 0.25, 0.46, 0.01, 0.04, 0.0, 1.0, 0.7, 2.0, 0.12, 0.03, 0.30, 2.9, 0.9, 0.035,
    0.35, 0.27, 0.03, 0.10,
])  # fmt: skip
PLANETARY_SIGMA, NEBULA_SIGMA = 20.0, 25.0  # km/s: far below the spectrograph's resolution
BALMER_EDGE = 3647.0


def simulate_star(rng):
    """Simulate one star of a deep survey; returns what `star_population.simulate_star` does."""
    flux, facts = render_star(SHARES, ALL_RARE, HALO_SHARE, rng)
    return flux, {"label": 2, "host": 0.0, **facts}


def make_ultracool(rng):
    """Make an M7 to L5 dwarf, 2,900 to 1,700 K: red, with wide K I, alkali lines and hydrides."""
    teff = rng.uniform(1700.0, 2900.0)
    cool = np.clip((2900 - teff) / 900, 0, 1)  # 0 at M7, 1 at L0 and later
    x = REST_WAVELENGTH
    flux = star_flux(2900.0, 5.0) * planck(x, teff) / planck(x, 2900.0)
    flux = flux * (x / 8000.0) ** (2.5 + cool)  # f(8800) over f(6550): 4-5 at M7, 8 and more at L
    flux /= np.interp(5500.0, x, flux)
    depth = sum(
        (0.3 + cool) * strength / (1 + ((x - centre) / (fwhm / 2)) ** 2)
        for centre, fwhm, strength in COOL_LINES
    )
    # TiO and VO condense into dust in L dwarfs; CrH and FeH then stand out.
    oxides, hydrides = max(1 - 1.2 * max(cool - 0.4, 0), 0), cool
    depth = depth + oxides * _sum_bands(COOL_BANDS) + hydrides * _sum_bands(HYDRIDE_BANDS)
    return flux * np.exp(-depth), _name_ultracool(teff)


def _name_ultracool(teff):
    """Name the type: 2,650 K is M7, 2,250 K L0, 1,700 K L5 (Stephens et al. 2009, ApJ 702, 154)."""
    number = int(np.interp(-teff, (-2900, -2650, -2250, -1700), (6, 7, 10, 15)))
    return f"M{number}V" if number < 10 else f"L{number - 10}"


def _sum_bands(bands):
    total = np.zeros(len(REST_WAVELENGTH))
    for head, depth, fade in bands:
        beyond = REST_WAVELENGTH - head
        total += np.where(beyond > 0, depth * np.exp(-np.maximum(beyond, 0) / fade), 0.0)
    return total


def make_planetary_nebula(rng):
    """Make a planetary nebula: narrow lines on the faint light of a hot star."""
    scatter = np.exp(0.25 * rng.normal(size=len(PLANETARY)))
    strength = rng.lognormal(np.log(100.0), 1.0)  # equivalent width of Hβ, Å
    hot = planck(REST_WAVELENGTH, 60000.0) / planck(5500.0, 60000.0)
    return hot + _draw_gas(strength * PLANETARY * scatter, PLANETARY_SIGMA), "PN"


def make_nebular(rng):
    """Make a star behind which a nebula was not subtracted: H II lines at the star's velocity."""
    teff = np.exp(rng.uniform(np.log(4000), np.log(28000)))
    scatter = np.exp(0.2 * rng.normal(size=len(H_II_REGION)))
    strength = rng.lognormal(np.log(3.0), 0.9)  # equivalent width of Hβ, Å
    flux = star_flux(teff, 4.2) + _draw_gas(strength * H_II_REGION * scatter, NEBULA_SIGMA)
    return flux, "nebular"


def _draw_gas(area, sigma):
    """Put lines of the given areas (Å of a continuum of 1) on the rest grid."""
    total, x = np.zeros(len(REST_WAVELENGTH)), REST_WAVELENGTH
    sigma = max(sigma, 45.0)  # a narrower line would fall between two pixels of the grid
    for centre, strength in zip(GAS_LINES, area, strict=True):
        width = centre * sigma / 299792.458
        near = slice(*np.searchsorted(x, (centre - 6 * width, centre + 6 * width)))
        profile = np.exp(-0.5 * ((x[near] - centre) / width) ** 2)
        total[near] += strength * profile / (width * np.sqrt(2 * np.pi))
    return total


def make_white_dwarf(rng):
    """Make a white dwarf, in DAs with the jump of merged Balmer lines below 3,900 Å.

    The jump is largest near 12,000 K (Bergeron et al. 1992, ApJ 394, 228). One in sixteen is
    featureless (DC): it stays a star by its label, though no line says so.
    """
    flux, kind = rare_stars.make_white_dwarf(rng)
    return (flux * _balmer_jump(rng.uniform(0.15, 0.5)) if kind == "DA" else flux), kind


def make_subdwarf(rng):
    """Make a hot subdwarf with its Balmer jump (Heber 2016, PASP 128, 082001)."""
    flux, kind = rare_stars.make_subdwarf(rng)
    return (flux * _balmer_jump(rng.uniform(0.05, 0.3)) if kind == "sdB" else flux), kind


def _balmer_jump(depth):
    """Factor of a jump of `depth` (in ln) whose lines merge between 3,647 and 3,900 Å."""
    x = np.clip((3900.0 - REST_WAVELENGTH) / (3900.0 - BALMER_EDGE), 0, 1)
    return np.exp(-depth * x)


ALL_RARE = RARE | {
    "ultracool": make_ultracool,
    "white dwarf": make_white_dwarf,
    "subdwarf": make_subdwarf,
    "planetary nebula": make_planetary_nebula,
    "nebular": make_nebular,
}

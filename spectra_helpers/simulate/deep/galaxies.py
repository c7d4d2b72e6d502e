"""Galaxies of deep surveys: emission-line galaxies to z = 1.6, red ones to z = 1.15."""

import numpy as np

from spectra_helpers.simulate.galaxies import make_galaxy
from spectra_helpers.simulate.galaxy_traits import draw_traits
from spectra_helpers.simulate.kinds import draw_kind
from spectra_helpers.simulate.populations import mix_stars

# Share of each range of redshift, its ends and the exponents of the beta distribution within it.
# Near: the galaxies of SDSS, LAMOST and the bright survey of DESI (Hahn et al. 2023, AJ 165, 253:
# median 0.2). Middle: luminous red galaxies of BOSS and DESI (Dawson et al. 2013, AJ 145, 10; Zhou
# et al. 2023, AJ 165, 58: 0.4-1.0) and the blue ones of VIPERS and zCOSMOS (Guzzo et al. 2014, A&A
# 566, A108: 0.4-1.2). Far: DESI's emission-line galaxies (Raichoor et al. 2023, AJ 165, 126:
# 0.6-1.6, most at 0.8-1.2). From 1.41 on [O II] has left the window: no line is left.
REDSHIFT_RANGES = {
    "near": (0.40, 0.0005, 0.40, 1.4, 2.8),
    "middle": (0.33, 0.25, 1.05, 1.6, 1.8),
    "far": (0.27, 0.60, 1.60, 1.5, 2.2),
}

# Shares of each kind. Middle: a half is red, as in BOSS and DESI's targets. Far: DESI takes one red
# galaxy for three emission-line galaxies; post-starbursts rise with redshift (Wild et al. 2016,
# MNRAS 463, 832); rare kinds are more frequent than on the sky, so that they are learned.
KINDS = {
    "near": {
        "passive": 0.27, "star-forming": 0.36, "composite": 0.08, "LINER": 0.06, "Seyfert 2": 0.05,
        "starburst": 0.06, "compact dwarf": 0.06, "post-starburst": 0.03, "dusty": 0.03,
    },
    "middle": {
        "passive": 0.40, "star-forming": 0.28, "composite": 0.04, "LINER": 0.03, "Seyfert 2": 0.04,
        "starburst": 0.07, "compact dwarf": 0.03, "post-starburst": 0.05, "dusty": 0.02,
        "emission-line": 0.04,
    },
    "far": {
        "passive": 0.20, "star-forming": 0.16, "emission-line": 0.50, "compact dwarf": 0.05,
        "post-starburst": 0.05, "Seyfert 2": 0.03, "composite": 0.01,
    },
}  # fmt: skip
REDDEST = 1.15  # the 4000 Å break of a red galaxy leaves the window at 1.25

# Dispersion of the gas, km/s, in units of what the published survey draws (median 95). DEEP2: 30 to
# 120, median 60 at z = 1 (Weiner et al. 2006, ApJ 653, 1027); compact dwarfs 20 to 45 (Terlevich &
# Melnick 1981, MNRAS 195, 839).
NARROWER = {"emission-line": 0.65, "compact dwarf": 0.75, "Seyfert 2": 0.9, "LINER": 0.9}
NARROWER_OTHERS = 0.75

# Equivalent widths of emission-line galaxies against those of the published survey: the rest
# equivalent width of [O II] has its median near 50 Å, 90 % between 15 and 150 Å (DEEP2 and DESI:
# Comparat et al. 2016, A&A 592, A121; Raichoor et al. 2023).
STRONGER_LINES = (0.40, 0.45)  # mean and scatter of ln

# Share of light added from stars of up to 30 Myr (the shares at 3, 10 and 30 Myr), least and most:
# faint galaxies form stars in bursts, and their Balmer break (f_ν at 4050 Å over 3500 Å) is 1.2 to
# 1.8 (Zhu et al. 2015, ApJ 815, 48, fig. 5; Guseva et al. 2006, ApJ 644, 890, for dwarfs).
YOUNG = np.array([0.4, 0.35, 0.25, 0, 0, 0, 0, 0, 0])
YOUNGER = {
    "emission-line": (0.2, 0.7), "compact dwarf": (0.2, 0.7), "starburst": (0.1, 0.5),
    "star-forming": (0.0, 0.3),
}  # fmt: skip


def simulate_galaxy(rng):
    """Simulate one galaxy of a deep survey; returns what `galaxies.simulate_galaxy` does."""
    where = draw_kind(rng, {name: row[0] for name, row in REDSHIFT_RANGES.items()})
    _, low, high, *shape = REDSHIFT_RANGES[where]
    kind = draw_kind(rng, KINDS[where])
    high = min(high, REDDEST) if kind == "passive" else high
    flux, facts = make_galaxy(_draw_traits(low + (high - low) * rng.beta(*shape), kind, rng))
    return flux, {"label": 0, "host": 1.0, **facts}


def _draw_traits(z, kind, rng):
    """Draw the traits of a galaxy, with the narrow gas and the strong lines of faint ones."""
    traits = draw_traits(z, kind, rng)
    traits["sigma_gas"] *= NARROWER.get(kind, NARROWER_OTHERS)
    if kind in YOUNGER:
        share = rng.uniform(*YOUNGER[kind])
        traits["stars"] = (1 - share) * traits["stars"] + share * mix_stars(YOUNG, traits["feh"])
        traits["old"] *= 1 - share
        traits["lines"] = traits["lines"] * (
            1 + 2 * share
        )  # more young light, more gas that shines
    traits["young_blue"] = 1.0 - traits["old"]
    if kind == "emission-line":
        traits["lines"] = traits["lines"] * np.exp(rng.normal(*STRONGER_LINES))
    return traits

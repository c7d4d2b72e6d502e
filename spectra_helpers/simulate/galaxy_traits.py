"""What kind of galaxy: redshift, star formation, metals, dust, lines and motions."""

import numpy as np

from spectra_helpers.simulate import nebula
from spectra_helpers.simulate.kinds import draw_kind
from spectra_helpers.simulate.populations import (
    draw_forming_light,
    draw_old_light,
    light_table,
    mix_stars,
)

# Three ranges of redshift: share, lowest, highest. LAMOST's galaxies lie at 0.02-0.3 (Zhao et al.
# 2012, RAA 12, 723); the tails are there so that what is learned holds for BOSS (0.3-0.8, Dawson et
# al. 2013) and DESI (0.8-1.6, Raichoor et al. 2023), whose galaxies are red and passive or emit [O
# II].
REDSHIFT_RANGES = {
    "near": (0.85, 0.004, 0.35),
    "middle": (0.10, 0.3, 0.8),
    "far": (0.05, 0.8, 1.6),
}

# Shares of each kind within each range. Near: the SDSS main sample (Brinchmann et al. 2004, MNRAS
# 351, 1151; Schawinski et al. 2007), with rare kinds (blue compact dwarfs, post-starbursts, edge-on
# dusty ones) several times their number so that they are learned. Middle: BOSS and DESI luminous
# red galaxies (Thomas et al. 2013, MNRAS 431, 1383). Far: DESI red galaxies and emission-line
# galaxies.
KINDS = {
    "near": {
        "passive": 0.33, "star-forming": 0.36, "composite": 0.08, "LINER": 0.06, "Seyfert 2": 0.04,
        "starburst": 0.05, "compact dwarf": 0.03, "post-starburst": 0.02, "dusty": 0.03,
    },
    "middle": {
        "passive": 0.58, "star-forming": 0.18, "composite": 0.04, "LINER": 0.05, "Seyfert 2": 0.03,
        "starburst": 0.05, "compact dwarf": 0.03, "post-starburst": 0.03, "dusty": 0.01,
    },
    "far": {
        "passive": 0.35, "star-forming": 0.15, "emission-line": 0.42, "compact dwarf": 0.03,
        "post-starburst": 0.02, "Seyfert 2": 0.02, "composite": 0.01,
    },
}  # fmt: skip

# log10(present star formation over its mean of all time), mean and sigma (Brinchmann et al. 2004).
FORMATION = {
    "star-forming": (-0.30, 0.45), "composite": (-0.9, 0.40), "LINER": (-2.0, 0.5),
    "dusty": (-0.4, 0.4), "Seyfert 2": (-0.9, 0.5), "starburst": (0.2, 0.35),
    "emission-line": (0.45, 0.30), "compact dwarf": (0.9, 0.45),
}  # fmt: skip

# Stellar mass against the mean, in standard deviations of 0.5 dex; the same surveys.
MASS_OFFSET = {"passive": 0.5, "compact dwarf": -2.2, "emission-line": -0.5}

# Equivalent width of Hα (Å) that light of stars up to 10 Myr makes: F(Hα) over the 5500 Å light of
# these stars. A constant star formation of 10 Gyr gives 4 % such light and EW(Hα) near 30-40 Å
# (Kennicutt 1998, ARA&A 36, 189; Leitherer et al. 1999, ApJS 123, 3).
HALPHA_PER_YOUNG_LIGHT = 900.0


def draw_galaxy(rng):
    """Draw the traits of one galaxy; see `galaxies.render_galaxy` for what each does.

    Mass drives most: massive galaxies are richer in metals, broader in their motions (Faber &
    Jackson 1976) and their gas lies further along the star-forming sequence (Tremonti et al. 2004).
    """
    return draw_traits(*_draw_redshift_and_kind(rng), rng)


def draw_traits(z, kind, rng):
    """Draw the traits of one galaxy of a given redshift and kind, as `draw_galaxy`."""
    mass = rng.normal() + MASS_OFFSET.get(kind, 0.0)
    light, feh = _draw_stars(kind, mass, rng)
    traits = {
        "z": z,
        "subtype": kind,
        "feh": feh,
        "stars": mix_stars(light, feh, rng),
        "old": light[-3:].sum(),
        # 160 km/s at the mass of the Milky Way's bulge; 60 to 350 in SDSS (Bernardi et al. 2003).
        "sigma_stars": np.clip(10 ** (2.2 + 0.13 * mass + 0.08 * rng.normal()), 50, 370),
        "enhancement": 0.25 + 0.12 * mass + 0.2 * rng.normal(),
        "lines": np.zeros(len(nebula.WAVELENGTH)),
        "sigma_gas": 100.0,
        "gas_velocity": 40 * rng.normal(),
        # Some hidden nuclei show a little scattered light (Cid Fernandes et al. 2001): share at
        # 5500 Å.
        "nucleus": rng.uniform(0.0, 0.25) if kind == "Seyfert 2" and rng.uniform() < 0.4 else 0.0,
    }
    traits |= _draw_dust(kind, mass, rng) | _draw_absorption(kind, z, rng)
    if kind != "passive" or rng.uniform() < 0.35:
        traits |= _draw_gas(kind, mass, light, rng)
    return traits


def _draw_redshift_and_kind(rng):
    where = draw_kind(rng, {name: share for name, (share, _, _) in REDSHIFT_RANGES.items()})
    _, low, high = REDSHIFT_RANGES[where]
    kind = draw_kind(rng, KINDS[where])
    if where == "near":
        z = low + (high - low) * rng.beta(1.7, 3.6)  # median near 0.1
        z = low + 0.6 * (z - low) if kind in ("compact dwarf", "dusty") else z
    elif where == "middle":
        z = low + (high - low) * rng.beta(1.5, 2.0)  # BOSS peaks at 0.5
    else:
        z = low + (1.15 - low if kind == "passive" else high - low) * rng.beta(1.1, 1.6)
    return z, kind


def _draw_stars(kind, mass, rng):
    """Light by age, and metallicity (Gallazzi et al. 2005, MNRAS 362, 41: rises with mass)."""
    if kind == "passive":
        light = draw_old_light(rng)
    elif kind == "post-starburst":
        light = _draw_post_starburst(rng)
    else:
        light = draw_forming_light(rng, 10 ** rng.normal(*FORMATION[kind]))
    feh = np.clip(-0.12 + 0.17 * mass + 0.15 * rng.normal(), -1.9, 0.35)
    return light, feh


def _draw_post_starburst(rng):
    """Old light and a burst 0.1-1 Gyr ago that has ended (Dressler & Gunn 1983, ApJ 270, 7)."""
    ages = light_table()[0]
    burst = np.exp(-((np.log(ages / rng.uniform(0.15, 1.0)) / 0.6) ** 2) / 2) * (ages > 0.05)
    share = rng.uniform(0.35, 0.9)
    return share * burst / burst.sum() + (1 - share) * draw_old_light(rng)


def _draw_dust(kind, mass, rng):
    """E(B-V) of the stars and, larger, of the gas (Calzetti et al. 2000: 0.44 of the gas's)."""
    mean = {"passive": 0.03, "post-starburst": 0.06, "LINER": 0.06, "compact dwarf": 0.04}.get(
        kind, 0.15
    )
    stars = min(rng.gamma(1.5, mean / 1.5) * np.exp(np.clip(0.25 * mass, -0.6, 0.5)), 0.8)
    if kind == "dusty":
        stars = rng.uniform(0.3, 0.8)
    return {"ebv_stars": stars, "ebv_gas": stars / np.clip(rng.normal(0.50, 0.12), 0.3, 1.0)}


def _draw_absorption(kind, z, rng):
    """Interstellar absorption: factors on the equivalent widths of `galaxies.INTERSTELLAR`."""
    gas_rich = kind not in ("passive", "LINER", "post-starburst")
    strength = rng.lognormal(-0.2, 0.5) if gas_rich else 0.2 * rng.lognormal(0.0, 0.5)
    if kind == "compact dwarf":
        strength *= 0.3
    return {"interstellar": strength, "outflow": -rng.uniform(0, 300) if gas_rich else 0.0}


def _draw_gas(kind, mass, light, rng):
    """Line fluxes (for a continuum of 1 at 5500 Å, before dust) and widths."""
    young = HALPHA_PER_YOUNG_LIGHT * light[:2].sum() * 10 ** (0.2 * rng.normal())
    metals = np.clip(0.83 + 0.18 * mass + 0.1 * rng.normal(), 0.0, 1.02)
    hardness = {"compact dwarf": 0.08, "emission-line": 0.15, "starburst": 0.05}.get(kind, 0.0)
    forming = nebula.draw_star_forming(rng, metals, hardness) / 2.86 * young
    nucleus = np.zeros_like(forming)
    if kind in ("LINER", "passive"):
        # Old stars and weak nuclei: EW(Hα) 0.3-6 Å (Cid Fernandes et al. 2011, MNRAS 413, 1687).
        width = 10 ** rng.normal(0.45, 0.25) if kind == "LINER" else 10 ** rng.normal(-0.1, 0.3)
        nucleus = nebula.draw_active(rng, "LINER") / 2.86 * width
    if kind in ("Seyfert 2", "composite"):
        # Hα of the nucleus: 3 to 60 Å in Seyferts; below the stars' own in composites.
        width = (
            10 ** rng.normal(1.15, 0.35) if kind == "Seyfert 2" else young * rng.uniform(0.1, 0.5)
        )
        nucleus = (
            nebula.draw_active(rng, "Seyfert" if rng.uniform() < 0.8 else "LINER") / 2.86 * width
        )
        forming = forming * (rng.uniform(0.0, 0.4) if kind == "Seyfert 2" else 1.0)
    sigma = {"compact dwarf": 45.0, "Seyfert 2": 170.0, "LINER": 180.0, "passive": 170.0}.get(
        kind, 95.0
    )
    return {
        "lines": forming + nucleus,
        "sigma_gas": sigma * np.exp(0.25 * rng.normal() + 0.12 * mass),
    }

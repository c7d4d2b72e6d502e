"""What kind of quasar: redshift, luminosity, slopes, line strengths and how they correlate."""

import numpy as np

from spectra_helpers.simulate.kinds import draw_kind

# Shares of each kind. Weak-line quasars: Diamond-Stanic et al. (2009); featureless blazars: Plotkin
# et al. (2010); narrow-line Seyfert 1: Zhou et al. (2006); low-redshift Seyferts as in LAMOST (Jin
# et al. 2023, ApJS 265, 25).
KINDS = {
    "typical": 0.905,
    "seyfert": 0.035,
    "narrow-line": 0.03,
    "weak-line": 0.015,
    "blazar": 0.015,
}

# Redshifts: LAMOST's and SDSS's quasars peak near 1.5, BOSS's at 2.2-3.5, with tails to 0.05 and
# 4.5 (Jin et al. 2023; Pâris et al. 2018, A&A 613, A51): share, mean, sigma, lowest, highest.
REDSHIFT_MIXTURE = (
    (0.15, 0.5, 0.25, 0.08, 1.0),
    (0.635, 1.4, 0.55, 0.30, 2.6),
    (0.175, 2.6, 0.45, 2.0, 3.6),
    (0.04, 3.7, 0.40, 3.2, 4.5),
)

BAL_SHARE = {"high": 0.11, "low": 0.015, "iron": 0.005}  # Trump et al. (2006, ApJS 165, 1)
# Below these redshifts the troughs of C IV, Mg II and Fe II lie blueward of 3900 Å: nobody would
# name the quasar after them.
BAL_SEEN_FROM = {"high": 1.6, "low": 0.45, "iron": 0.55}


def draw_quasar(rng):
    """Draw the traits of one quasar; see `render_quasar` for what each does.

    Strengths hang together as in nature: luminosity drives the Baldwin effect and the share of host
    light; Eigenvector 1 (Boroson & Green 1992, ApJS 80, 109) makes Fe II strong where [O III] is
    weak and Hβ narrow, and C IV weak and blueshifted (Richards et al. 2011, AJ 141, 167).
    """
    kind = draw_kind(rng, KINDS)
    return draw_traits(kind, draw_redshift(kind, rng), rng)


def draw_traits(kind, z, rng, fainter=0.0):
    """Draw the traits of one quasar of a given kind and redshift, as `draw_quasar`.

    `fainter` is how much deeper the survey reaches, in dex of luminosity.
    """
    # Mean of a survey limited near 19-20 mag; ln(L / 10^45.5 erg/s) at 5100 Å. Seyferts reach
    # 10^42.
    # BOSS and DESI go a magnitude or two deeper (Myers et al. 2015, ApJS 221, 27).
    log_l = 45.4 + 2.3 * np.log10(z) + 0.45 * rng.normal() - rng.exponential(0.3) * (z > 0.4)
    log_l -= fainter
    host = _draw_host_fraction(log_l, kind, rng)
    traits = {
        "z": z,
        "subtype": kind,
        "ln_l": np.log(10) * (max(log_l, 42.5) - 45.5),
        "e1": rng.normal() + (1.2 if kind == "narrow-line" else 0.0),
        "host_fraction": host,
        "ebv": _draw_reddening(kind, rng),
        "absorption": None,
    }
    traits |= _draw_continuum(kind, rng) | _draw_strengths(traits, kind, rng)
    if kind in ("typical", "weak-line") and rng.uniform() < sum(BAL_SHARE.values()):
        traits["absorption"] = draw_kind(rng, BAL_SHARE)
        if z > BAL_SEEN_FROM[traits["absorption"]]:
            traits["subtype"] = f"BAL {traits['absorption']}"
        traits["ebv"] += rng.exponential(0.05)  # outflows are redder (Reichard et al. 2003)
    return traits


def draw_redshift(kind, rng, mixture=REDSHIFT_MIXTURE):
    """Draw the redshift of a quasar: `mixture` holds rows as `REDSHIFT_MIXTURE` does."""
    if kind == "seyfert":
        return 0.02 + 0.38 * rng.beta(1.3, 2.5)
    if kind == "narrow-line":
        return 0.03 + 0.77 * rng.beta(1.5, 2.0)  # Zhou et al. (2006): z < 0.8
    _, mean, sigma, low, high = draw_kind(rng, {row: row[0] for row in mixture})
    z = rng.normal(mean, sigma)
    while not low < z < high:
        z = rng.normal(mean, sigma)
    return z


def _draw_host_fraction(log_l, kind, rng):
    """Share of host light at 5100 Å: a galaxy of 10^43.7 erg/s (0.35 dex; Shen et al. 2011).

    Above 0.75 a survey would call the object a galaxy.
    """
    if kind == "blazar" and rng.uniform() < 0.5:
        return rng.uniform(0.0, 0.6)
    host = 10 ** (43.7 + 0.35 * rng.normal())
    return min(host / (host + 10**log_l), 0.75 - 0.3 * rng.uniform())


def _draw_reddening(kind, rng):
    """E(B-V) of the quasar's own dust: most have little, some 6 % are red (Hopkins et al. 2004)."""
    if kind in ("seyfert", "narrow-line") and rng.uniform() < 0.5:
        return rng.exponential(0.15)  # Seyferts 1.5 and 1.8
    return rng.exponential(0.03) if rng.uniform() < 0.94 else rng.uniform(0.1, 0.5)


def _draw_continuum(kind, rng):
    """Draw slopes of f_λ: blue (α_ν = -0.44), past 4661 Å, and below Lyα; and a slow ripple.

    Vanden Berk et al. (2001): α_λ = -1.54, then 0.42 in the composite, where hosts add to it;
    single luminous quasars turn less (Richards et al. 2006). Scatter 0.3 (Krawczyk et al. 2015).
    Below 1200 Å: Telfer et al. (2002), α_ν = -1.7. Blazars: Plotkin et al. (2010).
    """
    blue = -1.56 + 0.33 * rng.normal()
    red = blue + max(0.75 + 0.6 * rng.normal(), -0.3)
    if kind == "blazar":
        blue = -1.0 + 0.6 * rng.normal()
        red = blue + 0.1 * rng.normal()
    ultraviolet = max(blue, -0.3 + 0.5 * rng.normal())
    return {"slopes": (ultraviolet, blue, red), "ripple": 0.03 * rng.normal(size=8)}


def _draw_strengths(traits, kind, rng):
    """Draw equivalent widths (as ln factors), widths (km/s) and shifts of the lines."""
    e1, ln_l = traits["e1"], traits["ln_l"]
    # FWHM of Hβ: median 4200 km/s, 0.17 dex (Shen et al. 2011); narrow below 2000 for NLS1.
    fwhm = np.clip(10 ** (3.62 - 0.08 * e1 + 0.15 * rng.normal()), 1200, 14000)
    if kind == "narrow-line":
        fwhm = rng.uniform(800, 2000)
    dim = {"weak-line": np.log(rng.uniform(0.03, 0.25)), "blazar": np.log(rng.uniform(0.001, 0.03))}
    strength = dim.get(kind, 0.30 * rng.normal())
    blueshift = max(700 + 500 * e1 + 450 * rng.normal(), -400)
    return {
        "strength": strength,
        "fwhm": fwhm,
        "fwhm_high": np.clip(
            4600 * 10 ** (0.12 * rng.normal()) * (fwhm / 4200) ** 0.3, 1200, 14000
        ),
        "blueshift": blueshift,
        # Share and breadth of the wings; C IV and its like are cuspier (Richards et al. 2011).
        "wings": (rng.uniform(0.1, 0.65), rng.uniform(2.0, 3.2)),
        "skew": 0.15 * rng.normal(),
        # [O III] 5008: median 13 Å (Vanden Berk et al. 2001), more in Seyferts, 0.35 dex (Shen et
        # al. 2011).
        "oxygen": 10 ** (1.15 - 0.25 * e1 - 0.07 * ln_l + 0.30 * rng.normal())
        * np.exp(min(strength, 0)),
        # Optical Fe II 4434-4684 over Hβ: median 0.5 (Shen & Ho 2014, Nature 513, 210).
        "iron": 0.5 * 10 ** (0.22 * e1 + 0.15 * rng.normal()),
        # Ultraviolet Fe II 2100-3500 Å: 130 Å (Dietrich et al. 2003, ApJ 596, 817: three to five
        # times Mg II).
        "iron_uv": 130 * 10 ** (0.07 * e1 + 0.17 * rng.normal()),
        "balmer": np.exp(0.4 * rng.normal()),
        "narrow_fwhm": 10 ** (2.60 + 0.12 * rng.normal()),  # 400 km/s (Shen et al. 2011)
    }

"""Nebular lines of galaxies: fluxes over Hβ along the sequences of the BPT diagram."""

import numpy as np

# Vacuum Å, converted from the air values of the NIST Atomic Spectra Database. The order is that of
# the arrays below.
LINES = {
    "[Ne V]": 3426.85,
    "[O II]a": 3727.09,
    "[O II]b": 3729.88,
    "H10": 3798.98,
    "H9": 3836.47,
    "[Ne III]": 3869.86,
    "H8": 3890.15,
    "[Ne III]b": 3968.58,
    "Hε": 3971.20,
    "[S II]4070": 4070.0,
    "Hδ": 4102.89,
    "Hγ": 4341.68,
    "[O III]4363": 4364.44,
    "He I 4471": 4472.73,
    "He II 4686": 4687.02,
    "Hβ": 4862.68,
    "[O III]a": 4960.30,
    "[O III]": 5008.24,
    "[N I]": 5200.53,
    "[N II]5755": 5756.19,
    "He I 5876": 5877.25,
    "[O I]": 6302.05,
    "[O I]b": 6365.54,
    "[N II]a": 6549.85,
    "Hα": 6564.61,
    "[N II]": 6585.27,
    "He I 6678": 6680.00,
    "[S II]a": 6718.29,
    "[S II]b": 6732.67,
    "He I 7065": 7067.20,
    "[Ar III]": 7137.77,
    "[O II]7320": 7322.0,
    "[O II]7330": 7332.2,
    "[S III]": 9071.1,
}
WAVELENGTH = np.array(list(LINES.values()))
_INDEX = {name: i for i, name in enumerate(LINES)}

# Case B at 10^4 K and 100 atoms/cm3, relative to Hβ (Osterbrock & Ferland 2006, table 4.4), and the
# He I lines of normal helium (their table 4.6).
RECOMBINATION = {
    "Hα": 2.86, "Hβ": 1.0, "Hγ": 0.468, "Hδ": 0.259, "Hε": 0.159, "H8": 0.105, "H9": 0.0731,
    "H10": 0.0530, "He I 4471": 0.040, "He I 5876": 0.115, "He I 6678": 0.032, "He I 7065": 0.025,
}  # fmt: skip

# Active nuclei in the BPT plane: mean and sigma of log [N II]/Hα and log [O III]/Hβ, then of log
# [S II]/Hα and log [O I]/Hα (Kewley et al. 2006, MNRAS 372, 961, figs 1 and 4).
ACTIVE = {
    "Seyfert": ((-0.05, 0.13), (0.80, 0.17), (-0.20, 0.12), (-0.90, 0.15)),
    "LINER": ((0.08, 0.15), (0.35, 0.15), (0.03, 0.12), (-0.65, 0.15)),
}


def kewley_line(log_n2):
    """Return log [O III]/Hβ of the limit of star formation (Kewley et al. 2001, eq. 5)."""
    return 0.61 / (log_n2 - 0.47) + 1.19


def star_forming_locus(log_n2):
    """Return median log [O III]/Hβ of star-forming galaxies (Kewley et al. 2013, eq. 3)."""
    return 0.61 / (log_n2 + 0.08) + 1.1


def draw_star_forming(rng, metals, hardness=0.0):
    """Draw line fluxes, Hβ = 1, of gas lit by young stars.

    Parameters
    ----------
    rng : numpy.random.Generator
    metals : float
        0 for the poorest gas (12 + log O/H about 7.6), 1 for the richest (9.1). It moves a galaxy
        along the star-forming sequence from log [N II]/Hα = -1.9 to -0.35.
    hardness : float
        Added to log [O III]/Hβ: green peas and galaxies at z > 1 lie above the local sequence
        (Steidel et al. 2014, ApJ 795, 165).

    Returns
    -------
    ndarray, shape (n_lines,)
        In the order of `LINES`; no dust.
    """
    log_n2 = np.clip(-1.9 + 1.55 * metals + 0.06 * rng.normal(), -2.2, -0.33)
    log_o3 = star_forming_locus(log_n2) + 0.10 * rng.normal() + hardness
    log_o3 = min(log_o3, kewley_line(log_n2) - 0.02)
    # [O II]/Hβ peaks at half-solar metals (Kewley, Geller & Jansen 2004, AJ 127, 2002, fig. 2); [S
    # II]/Hα and [O I]/Hα: Kewley et al. (2006, fig. 1).
    log_o2 = 0.50 - 0.55 * (log_n2 + 0.85) ** 2 + 0.10 * rng.normal()
    log_s2 = -0.42 - 0.55 * (log_n2 + 0.60) ** 2 + 0.08 * rng.normal()
    log_o1 = -1.55 - 0.20 * (log_n2 + 0.60) ** 2 + 0.15 * rng.normal()
    return _assemble(rng, log_n2, log_o3, log_o2, log_s2, log_o1, 0.0, warm=-1.7 - 1.3 * metals)


def draw_active(rng, kind):
    """Draw line fluxes, Hβ = 1, of gas lit by an active nucleus.

    Parameters
    ----------
    rng : numpy.random.Generator
    kind : {"Seyfert", "LINER"}

    Returns
    -------
    ndarray, shape (n_lines,)
        In the order of `LINES`; no dust.
    """
    log_n2, log_o3, log_s2, log_o1 = (rng.normal(*row) for row in ACTIVE[kind])
    # [O II]/[O III]: 0.3 in Seyferts, 1-3 in LINERs (Heckman 1980; Kewley et al. 2006, fig. 5).
    log_o2 = log_o3 - 0.35 if kind == "Seyfert" else 0.65
    hard = rng.uniform(0.08, 0.35) if kind == "Seyfert" else 0.03
    log_o2 += 0.2 * rng.normal()
    return _assemble(rng, log_n2, log_o3, log_o2, log_s2, log_o1, hard, warm=-1.9)


def _assemble(rng, log_n2, log_o3, log_o2, log_s2, log_o1, hard, warm):
    """Fill the array of fluxes; `hard` = He II/Hβ, `warm` = log [O III] 4363/5008."""
    flux = np.zeros(len(LINES))
    for name, value in RECOMBINATION.items():
        flux[_INDEX[name]] = value
    n2, o3, o2 = 2.86 * 10**log_n2, 10**log_o3, 10**log_o2
    s2, o1 = 2.86 * 10**log_s2, 2.86 * 10**log_o1
    # Low density: the redder [O II] line and the bluer [S II] line are the stronger ones.
    density = rng.uniform(0.50, 0.60)
    neon = o3 * 10 ** (-1.10 + 0.10 * rng.normal())  # [Ne III]/[O III] is near constant: 0.08
    for name, value in {
        "[Ne V]": 0.5 * hard, "He II 4686": hard, "[O II]a": (1 - density) * o2,
        "[O II]b": density * o2, "[Ne III]": neon, "[Ne III]b": 0.30 * neon,
        "[S II]4070": 0.07 * s2, "[O III]4363": o3 * 10 ** (warm + 0.1 * rng.normal()),
        "[O III]a": o3 / 2.98, "[O III]": o3, "[N I]": 0.25 * o1, "[N II]5755": 0.012 * n2,
        "[O I]": o1, "[O I]b": o1 / 3.0, "[N II]a": n2 / 3.05, "[N II]": n2,
        "[S II]a": density * s2, "[S II]b": (1 - density) * s2,
        "[Ar III]": 0.09 * 10 ** (0.1 * rng.normal()), "[O II]7320": 0.013 * o2,
        "[O II]7330": 0.011 * o2, "[S III]": 0.3 * 10 ** (0.15 * rng.normal()),
    }.items():  # fmt: skip
        flux[_INDEX[name]] = value
    return flux

"""Gas of quasars: broad lines, iron, Balmer continuum and narrow lines, on the observer's frame."""

from functools import lru_cache

import numpy as np

from spectra_helpers.simulate import quasar_lines
from spectra_helpers.simulate.frame import (
    blur,
    gaussian_transform,
    lorentzian_transform,
    place_lines,
)

BALMER_EDGE = 3647.05  # vacuum Å
LINE_SCATTER = 0.30  # of ln EW from line to line (Shen et al. 2011, ApJS 194, 45)
# Real iron has more lines than our table: below 1500 km/s ours would stand apart.
NARROWEST_IRON = 1500.0


@lru_cache(maxsize=1)
def broad_table():
    """Return the broad lines as arrays: name, vacuum Å, width (Å), broadness, zone, slope."""
    name, wave, width, broadness, zone, slope = quasar_lines.read_columns(
        quasar_lines.BROAD_TABLE, 5
    )
    numbers = [np.array(column, dtype=float) for column in (wave, width, broadness, slope)]
    return np.array(name), numbers[0], numbers[1], numbers[2], np.array(zone), numbers[3]


@lru_cache(maxsize=1)
def narrow_table():
    """Return the narrow lines as arrays: vacuum Å, flux over [O III], scatter (dex)."""
    return np.array(quasar_lines.read_columns(quasar_lines.NARROW_TABLE, 3)[1:], dtype=float)


@lru_cache(maxsize=1)
def _broad_groups():
    """Which broad lines are of highly ionized gas; which are Balmer lines, that vary together."""
    name, zone = broad_table()[0], broad_table()[4]
    return zone == "high", np.isin(name, ("Ha", "Hb", "Hg", "Hd"))


def draw_broad_lines(traits, rng):
    """Draw the broad lines of one quasar: dict of arrays, a value a line.

    Parameters
    ----------
    traits : dict
        Of the quasar, with ``under``: its continuum beneath each line.
    rng : numpy.random.Generator

    Returns
    -------
    dict
        ``wavelength`` (rest, vacuum Å), ``flux``, ``velocity`` (km/s), ``zone``, ``broadness``.
        Each line comes in two parts, shifted against one another, which makes its profile lopsided.
    """
    _, wave, width, broadness, zone, slope = broad_table()
    high, balmer = _broad_groups()
    scatter = LINE_SCATTER * rng.normal(size=len(wave))
    scatter[balmer] = LINE_SCATTER * rng.normal() + 0.1 * rng.normal(size=balmer.sum())
    # C IV and its like weaken along Eigenvector 1 (Richards et al. 2011, AJ 141, 167).
    ln_width = np.log(width) + slope * traits["ln_l"] + traits["strength"] + scatter
    flux = np.exp(ln_width - 0.2 * traits["e1"] * high) * traits["under"]
    velocity = -traits["blueshift"] * (high + 0.4 * (zone == "mid"))
    offset = traits["skew"] * traits["fwhm"] - 0.6 * traits["blueshift"] * high
    return {
        "wavelength": np.tile(wave, 2),
        "flux": np.concatenate([0.65 * flux, 0.35 * flux]),
        "velocity": np.concatenate([velocity, velocity + offset]),
        "zone": np.tile(np.where(high, "high", "low"), 2),
        "broadness": np.tile(broadness, 2),
    }


def draw_iron_and_balmer(traits, h_beta):
    """Fe II and the high Balmer lines, as `draw_broad_lines`, given the flux of Hβ."""
    optical, strength = quasar_lines.iron_optical()
    ultraviolet, strength_uv = quasar_lines.iron_ultraviolet()
    balmer, ratio = quasar_lines.high_balmer_series()
    flux_uv = traits["at"][2600] * traits["iron_uv"] * np.exp(min(traits["strength"], 0.0))
    n_iron, n_balmer = len(optical) + len(ultraviolet), len(balmer)
    return {
        "wavelength": np.concatenate([optical, ultraviolet, balmer]),
        "flux": np.concatenate([
            strength * h_beta * traits["iron"],
            strength_uv * flux_uv,
            ratio * h_beta * traits["balmer"],
        ]),
        "velocity": np.zeros(n_iron + n_balmer),
        "zone": np.repeat(["iron", "low"], [n_iron, n_balmer]),
        # Fe II is narrower than Hβ (Hu et al. 2008, ApJ 687, 78).
        "broadness": np.repeat([0.75, 1.0], [n_iron, n_balmer]),
    }  # fmt: skip


def render_broad_gas(traits, rng):
    """Render broad lines and iron on the frame.

    Returns
    -------
    lines : ndarray, shape (N_FRAME,), or 0.0 when no line lies on the frame
    edge : float
        Balmer continuum at its edge: the high Balmer lines run into it.
    """
    lines = draw_broad_lines(traits, rng)
    h_beta = lines["flux"][lines["wavelength"] == 4862.68].sum()
    more = draw_iron_and_balmer(traits, h_beta)
    edge = more["flux"][-1] / (more["wavelength"][-2] - more["wavelength"][-1])
    lines = {key: np.concatenate([lines[key], more[key]]) for key in lines}
    observed = lines["wavelength"] * (1 + traits["z"])
    near = (observed > 3400) & (observed < 9900)
    lines = {key: values[near] for key, values in lines.items()}
    pairs = [
        _render_group(traits, lines, zone, broadness)
        for zone, broadness in sorted(set(zip(lines["zone"], lines["broadness"], strict=True)))
    ]
    return (blur(*pairs) if pairs else 0.0), edge


def _render_group(traits, lines, zone, broadness):
    """Place the lines that share a profile; return them with the transform of that profile."""
    rows = (lines["zone"] == zone) & (lines["broadness"] == broadness)
    fwhm = traits["fwhm_high" if zone == "high" else "fwhm"] * broadness
    fwhm = max(fwhm, NARROWEST_IRON) if zone == "iron" else fwhm
    flux = lines["flux"][rows] * (1 + traits["z"])
    placed = place_lines(lines["wavelength"][rows], flux, traits["z"], lines["velocity"][rows])
    return placed, _broad_profile(fwhm, *traits["wings"])


def _broad_profile(fwhm, share, breadth):
    """Transform of a core and wings; Lorentzian where narrow (Sulentic et al. 2002)."""
    core = gaussian_transform(fwhm / 2.355)
    skirt = gaussian_transform(breadth * fwhm / 2.355)
    lorentzian = np.float32(min(max((4000 - fwhm) / 2500, 0), 1))
    if lorentzian:
        skirt = (1 - lorentzian) * skirt + lorentzian * lorentzian_transform(fwhm)
    return core + np.float32(share) * (skirt - core)


def balmer_continuum(wavelength, temperature=15000.0, depth=1.0):
    """Balmer continuum of partly opaque gas (Grandi 1982, ApJ 255, 25); 1 at its edge."""
    planck = 1 / (wavelength**5 * np.expm1(1.43878e8 / (wavelength * temperature)))
    light = planck * -np.expm1(-depth * (wavelength / BALMER_EDGE) ** 3)
    return light / np.interp(BALMER_EDGE, wavelength, light)


def render_narrow_gas(traits, rng):
    """Narrow lines, and the blue wing of [O III] that outflows make, on the frame."""
    wave, ratio, scatter = narrow_table()
    ratio = ratio * 10 ** (scatter * rng.normal(size=len(ratio)))
    flux = ratio * traits["oxygen"] * traits["at"][5008] * (1 + traits["z"])
    wing = rng.uniform(0, 0.5) * (flux * np.isin(wave, (4960.30, 5008.24, 3426.85)))
    sigma = traits["narrow_fwhm"] / 2.355
    return blur(
        (place_lines(wave, flux - wing, traits["z"]), gaussian_transform(sigma)),
        (place_lines(wave, wing, traits["z"], -1.2 * sigma), gaussian_transform(2.4 * sigma)),
    )

"""Quasars: power-law light, broad and narrow lines, iron, host galaxy, outflows and forest."""

from functools import lru_cache

import numpy as np

from spectra_helpers.simulate import absorbers, quasar_lines
from spectra_helpers.simulate.dust import smc_extinction
from spectra_helpers.simulate.frame import (
    FRAME_WAVELENGTH,
    blur,
    gaussian_transform,
    lorentzian_transform,
    place_lines,
    rebin_frame,
)
from spectra_helpers.simulate.populations import (
    draw_forming_light,
    draw_old_light,
    mix_stars,
    render_population,
)
from spectra_helpers.simulate.quasar_traits import draw_quasar

KNOTS = np.exp(np.linspace(np.log(600.0), np.log(12000.0), 220))  # rest Å, for all that is smooth
BALMER_EDGE = 3647.05  # vacuum Å


def simulate_quasar(rng):
    """Simulate one quasar, free of noise and of the instrument's blur.

    Parameters
    ----------
    rng : numpy.random.Generator

    Returns
    -------
    flux : ndarray, shape (len(OBSERVED_WAVELENGTH),)
        Flux density per Å; its median is 1.
    facts : dict
        `z` and `subtype`.
    """
    traits = draw_quasar(rng)
    flux = render_quasar(traits, rng)
    facts = {name: traits[name] for name in ("z", "subtype")}
    return flux / np.median(flux), facts


@lru_cache(maxsize=1)
def _tables():
    name, wave, width, broadness, zone, slope = quasar_lines.read_columns(
        quasar_lines.BROAD_TABLE, 5
    )
    broad = [np.array(column, dtype=float) for column in (wave, width, broadness, slope)]
    narrow = quasar_lines.read_columns(quasar_lines.NARROW_TABLE, 3)[1:]
    return broad, np.array(zone), np.array(narrow, dtype=float), np.array(name)


def continuum_at(wavelength, slopes, ripple):
    """Evaluate the quasar's own smooth light at rest wavelengths; 1 at 3000 Å before the ripple."""
    ultraviolet, blue, red = slopes
    x = np.log(np.asarray(wavelength) / 3000)
    turn_red, turn_uv, soft = np.log(4661 / 3000), np.log(1150 / 3000), 0.10
    slow = blue * x + (red - blue) * soft * np.logaddexp(0, (x - turn_red) / soft)
    slow += (blue - ultraviolet) * soft * np.logaddexp(0, (turn_uv - x) / soft)
    phase = np.outer(np.arange(1, 5), x)
    return np.exp(slow + ripple[:4] @ np.sin(2 * phase) + ripple[4:] @ np.cos(2 * phase))


def render_quasar(traits, rng):
    """Render a quasar's spectrum on the observed grid (arbitrary scale).

    Parameters
    ----------
    traits : dict
        From `draw_quasar`.
    rng : numpy.random.Generator
        For what is a matter of chance on the way: host, line-to-line scatter, absorbers, forest.

    Returns
    -------
    ndarray, shape (len(OBSERVED_WAVELENGTH),)
    """
    z = traits["z"]
    traits = traits | _sample_continuum(traits)
    core = _nucleus(traits, rng)
    if traits["absorption"]:
        core *= absorbers.broad_absorption(z, traits["absorption"], rng)
    if traits["ebv"] > 0.003:
        core *= _at_frame(smc_extinction(KNOTS, traits["ebv"]), z)
    core += _narrow_lines(traits, rng)
    if traits["host_fraction"] > 0.01 and z < 1.2:
        core += _host_light(traits, rng)
    metals = absorbers.metal_absorbers(z, rng)
    core = core if metals is None else core * metals
    if absorbers.LYMAN_ALPHA * (1 + z) > FRAME_WAVELENGTH[0]:
        core *= absorbers.forest_transmission(z, rng) * absorbers.hydrogen_absorbers(z, rng)
    return rebin_frame(core)


def _sample_continuum(traits):
    """Evaluate the continuum once: at the knots, under each broad line, and at three pivots."""
    wave = _tables()[0][0]
    points = np.concatenate([KNOTS, wave, [2600.0, 5008.24, 5100.0]])
    light = continuum_at(points, traits["slopes"], traits["ripple"])
    n = len(KNOTS)
    pivots = dict(zip((2600, 5008, 5100), light[-3:], strict=True))
    return {"smooth": light[:n], "under": light[n : n + len(wave)], "at": pivots}


def _at_frame(values_at_knots, z):
    return np.interp(FRAME_WAVELENGTH / (1 + z), KNOTS, values_at_knots)


def _nucleus(traits, rng):
    """Continuum, broad lines, iron and Balmer continuum of the quasar itself, on the frame."""
    z = traits["z"]
    groups = _broad_lines(traits, rng)
    edge = _add_iron_and_balmer(groups, traits)
    balmer = edge * _balmer_continuum(KNOTS)
    light = _at_frame(traits["smooth"], z)
    light += np.where(BALMER_EDGE * (1 + z) > FRAME_WAVELENGTH, _at_frame(balmer, z), 0)
    pairs = []
    for (zone, broadness), (wavelength, flux, velocity) in groups.items():
        lines = place_lines(
            np.concatenate(wavelength), np.concatenate(flux) * (1 + z), z, np.concatenate(velocity)
        )
        if lines.any():
            fwhm = traits["fwhm_high" if zone == "high" else "fwhm"] * broadness
            # Real iron has more lines than our table: below 1500 km/s they would stand apart.
            fwhm = max(fwhm, 1500) if zone == "iron" else fwhm
            pairs.append((lines, _broad_profile(fwhm, traits["wings"])))
    return light + blur(*pairs) if pairs else light


def _broad_profile(fwhm, wings):
    """Transform of a core and wings; Lorentzian where narrow (Sulentic et al. 2002)."""
    core = gaussian_transform(fwhm / 2.355)
    lorentzian = float(np.clip((4000 - fwhm) / 2500, 0, 1))
    skirt = gaussian_transform(2.2 * fwhm / 2.355)
    if lorentzian:
        skirt = (1 - lorentzian) * skirt + lorentzian * lorentzian_transform(fwhm)
    return (1 - wings) * core + wings * skirt


def _broad_lines(traits, rng):
    """Group broad lines by profile: {(zone, broadness): lists of wavelength, flux, velocity}."""
    (wave, width, broadness, slope), zone, _, _ = _tables()
    ln_width = (
        np.log(width)
        + slope * traits["ln_l"]
        + traits["strength"]
        + 0.2 * rng.normal(size=len(wave))
    )
    high = zone == "high"
    # C IV and its like weaken along Eigenvector 1 (Richards et al. 2011); scatter of single lines
    # 0.2.
    ln_width = ln_width - 0.2 * traits["e1"] * high
    flux = np.exp(ln_width) * traits["under"]
    shift = -traits["blueshift"] * (high + 0.4 * (zone == "mid"))
    groups = {}
    for key in sorted(set(zip(zone == "high", broadness, strict=True))):
        rows = (high == key[0]) & (broadness == key[1])
        # A second, shifted part of each line makes the profile lopsided.
        offset = traits["skew"] * traits["fwhm"] - 0.6 * traits["blueshift"] * key[0]
        groups["high" if key[0] else "low", float(key[1])] = (
            [wave[rows], wave[rows]],
            [0.65 * flux[rows], 0.35 * flux[rows]],
            [shift[rows], shift[rows] + offset],
        )
    return groups


def _add_iron_and_balmer(groups, traits):
    """Add Fe II and high Balmer lines to the groups; return the Balmer continuum at its edge."""
    h_beta = sum(
        f[wave_of == 4862.68].sum() for wave_of, f in zip(*groups["low", 1.0][:2], strict=True)
    )
    optical, strength = quasar_lines.iron_optical()
    ultraviolet, strength_uv = quasar_lines.iron_ultraviolet()
    balmer, ratio = quasar_lines.high_balmer_series()
    ratio = ratio * h_beta * traits["balmer"]
    dim = np.exp(min(traits["strength"], 0.0))
    groups["iron", 0.75] = ([], [], [])  # Fe II is narrower than Hβ (Hu et al. 2008, ApJ 687, 78)
    for group, wavelength, flux in (
        (("iron", 0.75), optical, strength * h_beta * traits["iron"]),
        (("iron", 0.75), ultraviolet, strength_uv * traits["at"][2600] * traits["iron_uv"] * dim),
        (("low", 1.0), balmer, ratio),
    ):
        for column, values in zip(
            groups[group], (wavelength, flux, np.zeros(len(flux))), strict=True
        ):
            column.append(values)
    # The blended lines run into the continuum: the last line's flux over the gap to its neighbour.
    return ratio[-1] / (balmer[-2] - balmer[-1])


def _balmer_continuum(wavelength, temperature=15000.0, depth=1.0):
    """Balmer continuum of partly opaque gas (Grandi 1982, ApJ 255, 25); 1 at its edge."""
    planck = 1 / (wavelength**5 * np.expm1(1.43878e8 / (wavelength * temperature)))
    light = planck * -np.expm1(-depth * (wavelength / BALMER_EDGE) ** 3)
    return light / np.interp(BALMER_EDGE, wavelength, light)


def _narrow_lines(traits, rng):
    """Narrow lines, and the blue wing of [O III] that outflows make, on the frame."""
    _, _, (wave, ratio, scatter), _ = _tables()
    ratio = ratio * 10 ** (scatter * rng.normal(size=len(ratio)))
    flux = ratio * traits["oxygen"] * traits["at"][5008] * (1 + traits["z"])
    wing = rng.uniform(0, 0.5) * (flux * np.isin(wave, (4960.30, 5008.24, 3426.85)))
    sigma = traits["narrow_fwhm"] / 2.355
    return blur(
        (place_lines(wave, flux - wing, traits["z"]), gaussian_transform(sigma)),
        (place_lines(wave, wing, traits["z"], -1.2 * sigma), gaussian_transform(2.4 * sigma)),
    )


def _host_light(traits, rng):
    """Stars of the host galaxy on the frame, scaled to their share at 5100 Å."""
    old = rng.uniform() < 0.4
    light = draw_old_light(rng) if old else draw_forming_light(rng, 10 ** rng.normal(-0.7, 0.5))
    feh = np.clip(rng.normal(-0.05, 0.2), -1.0, 0.35)
    stars = render_population(mix_stars(light, feh, rng), feh, traits["z"])
    stars = blur((stars, gaussian_transform(rng.uniform(90.0, 280.0))))
    return stars * traits["at"][5100] * traits["host_fraction"] / (1 - traits["host_fraction"])

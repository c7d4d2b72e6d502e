"""Quasars: power-law light, broad and narrow lines, iron, host galaxy, outflows and forest."""

import numpy as np
from scipy.special import ndtr

from spectra_helpers.simulate import absorbers
from spectra_helpers.simulate.dust import smc_extinction
from spectra_helpers.simulate.frame import (
    FRAME_WAVELENGTH,
    SPEED_OF_LIGHT,
    blur,
    gaussian_transform,
    rebin_frame,
)
from spectra_helpers.simulate.populations import (
    draw_forming_light,
    draw_old_light,
    mix_stars,
    render_population,
)
from spectra_helpers.simulate.quasar_gas import (
    BALMER_EDGE,
    balmer_continuum,
    broad_table,
    render_broad_gas,
    render_narrow_gas,
)
from spectra_helpers.simulate.quasar_traits import draw_quasar

KNOTS = np.exp(np.linspace(np.log(600.0), np.log(12000.0), 220))  # rest Å, for all that is smooth
BALMER_LIGHT = balmer_continuum(KNOTS)
BLUE = (4200.0, 4800.0)  # observed Å, where a survey sees whether a galaxy or its nucleus shines
_blue = slice(*FRAME_WAVELENGTH.searchsorted(BLUE))


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
    return render_with_host(traits, rng)[0]


def render_with_host(traits, rng):
    """Render a quasar as `render_quasar`; tell also its host's share of the light at `BLUE`."""
    z, host = traits["z"], 0.0
    traits = traits | _sample_continuum(traits)
    core = _nucleus(traits, rng)
    if traits["absorption"]:
        core *= absorbers.broad_absorption(z, traits["absorption"], rng)
    if traits["ebv"] > 0.003:
        core *= _at_frame(smc_extinction(KNOTS, traits["ebv"]), z)
    core += render_narrow_gas(traits, rng)
    if traits["host_fraction"] > 0.01 and z < 1.2:
        stars = _host_light(traits, rng)
        core += stars
        host = float(stars[_blue].sum() / core[_blue].sum())
    metals = absorbers.metal_absorbers(z, rng)
    core = core if metals is None else core * metals
    if absorbers.LYMAN_ALPHA * (1 + z) > FRAME_WAVELENGTH[0]:
        core *= absorbers.forest_transmission(z, rng) * absorbers.hydrogen_absorbers(z, rng)
    return rebin_frame(core), host


def _sample_continuum(traits):
    """Evaluate the continuum once: at the knots, under each broad line, and at three pivots."""
    wave = broad_table()[1]
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
    lines, edge = render_broad_gas(traits, rng)
    light = _at_frame(traits["smooth"], z) + lines
    # Motion smears the Balmer edge as it smears the lines that pile up before it.
    offset = np.log(FRAME_WAVELENGTH / (BALMER_EDGE * (1 + z)))
    step = ndtr(-offset * SPEED_OF_LIGHT * 2.355 / traits["fwhm"])
    return light + edge * step * _at_frame(BALMER_LIGHT, z)


def _host_light(traits, rng):
    """Stars of the host galaxy on the frame, scaled to their share at 5100 Å."""
    old = rng.uniform() < 0.4
    light = draw_old_light(rng) if old else draw_forming_light(rng, 10 ** rng.normal(-0.7, 0.5))
    feh = np.clip(rng.normal(-0.05, 0.2), -1.0, 0.35)
    stars = render_population(mix_stars(light, feh, rng), feh, traits["z"])
    stars = blur((stars, gaussian_transform(rng.uniform(90.0, 280.0))))
    return stars * traits["at"][5100] * traits["host_fraction"] / (1 - traits["host_fraction"])
